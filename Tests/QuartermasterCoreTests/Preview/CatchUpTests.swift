import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules that are fired on purpose: one operation each, in somebody's name.
final class CatchUpTests {
  /// The folders of the test, which go with their shops.
  private var shops: [TestShop] = []

  private func shop(_ rules: String = "") throws -> (shop: TestShop, engine: Engine) {
    let shop = try TestShop(PreviewShop.classes)
    shops.append(shop)
    let engine = try PreviewShop.open(shop, rules)
    return (shop, engine)
  }

  private func create(
    _ engine: Engine, _ className: String, _ id: String, _ fields: [String: Value] = [:]
  ) throws {
    try engine.perform { interpreter throws(Refusal) in
      try interpreter.runWithoutRules { () throws(Refusal) in
        let definition = try interpreter.definition(className)
        _ = try interpreter.writer.create(
          definition, id: id, values: try interpreter.hostInputs(fields, definition), rules: false)
      }
    }
  }

  @Test func `each record has an operation of its own, and the journal says whose`() throws {
    let (_, engine) = try shop()
    for id in ["bolt", "nut", "pin"] { try create(engine, "Item", id, ["stock": .int(5)]) }
    try create(engine, "Item", "full", ["stock": .int(500)])
    var steps: [String] = []
    let report = try engine.catchUp(rule: "reorder", by: "ann smith") {
      steps.append("\($0.done)/\($0.total) \($0.effect.record ?? "")")
    }
    #expect(report.matching == 3)
    #expect(report.fired == 3)
    #expect(report.refusedCount == 0)
    #expect(steps == ["1/3 Item/bolt", "2/3 Item/nut", "3/3 Item/pin"])
    #expect(try engine.answer("Order.size()") == "3")
    let journal = try engine.journal().suffix(3)
    #expect(
      journal.map(\.origin)
        == Array(repeating: .catchUp(rule: "reorder", by: "ann smith"), count: 3))
    #expect(journal.map { $0.firings.first?.record } == ["Item/bolt", "Item/nut", "Item/pin"])
    #expect(report.rows == (journal.first?.row ?? 0)...(journal.last?.row ?? 0))
    // Done once, it is done: nothing keeps the rule from firing again but its own conditions.
    #expect(try engine.catchUp(rule: "reorder", by: "ann").fired == 3)
  }

  @Test func `what is refused is listed, and the rest goes on`() throws {
    let (_, engine) = try shop()
    for id in ["bolt", "nut", "pin"] {
      try create(engine, "Item", id, ["stock": .int(5), "locked": .bool(id == "nut")])
    }
    let report = try engine.catchUp(rule: "reorder", by: "ann")
    #expect(report.fired == 2)
    #expect(report.refusedCount == 1)
    #expect(report.refused.map(\.record) == ["Item/nut"])
    #expect(report.refused.map(\.refusal.message) == ["nut is locked"])
    #expect(
      try engine.answer("Order.map(o, o.item != null, o.item.objectId)") == "[\"bolt\", \"pin\"]")
    #expect(try engine.refusals() == ["reject refuse-locked: nut is locked"])
  }

  @Test func `a record that no longer satisfies the rule when its turn comes is passed over`()
    throws
  {
    let (_, engine) = try shop(
      """
      - rule: first-only
        trigger: {saved: Item, becomes: item.stock < 10}
        action:
          - set: other
            each: other in Item.filter(i, i.code == "none")
            stock: 99
      """)
    for id in ["bolt", "nut"] { try create(engine, "Item", id, ["stock": .int(5)]) }
    let report = try engine.catchUp(rule: "first-only", by: "ann")
    #expect(report.matching == 2)
    #expect(report.fired == 1)
    #expect(report.passed == 1)
    #expect(try engine.answer("Item.map(i, i.stock)") == "[99, 99]")
  }

  @Test func `somebody may act in it, and rules see who`() throws {
    let (_, engine) = try shop(
      """
      - rule: who
        trigger: {saved: Item, becomes: item.stock < 10}
        when: actor != null
        action: [{set: item, code: "${actor.username}"}]
      """)
    try create(engine, "User", "ann", ["username": .string("ann")])
    try create(engine, "Item", "bolt", ["stock": .int(5)])
    #expect(try engine.catchUp(rule: "who", by: "cron").matching == 0)
    let report = try engine.catchUp(rule: "who", by: "cron", actor: ("User", "ann"))
    #expect(report.fired == 1)
    #expect(try engine.field("Item", "bolt", "code") == "\"ann\"")
    let entry = try #require(try engine.journal().last)
    #expect(entry.actor == "User/ann")
    #expect(entry.origin == .catchUp(rule: "who", by: "cron"))
  }

  @Test func `a schedule runs once, and its next turn stays`() throws {
    let (_, engine) = try shop()
    try create(engine, "Item", "bolt", ["stock": .int(50)])
    let next = try engine.perform { interpreter throws(Refusal) in try interpreter.nextInstant() }
    let report = try engine.catchUp(rule: "nightly", by: "ann")
    #expect(report.matching == 1)
    #expect(report.fired == 1)
    #expect(try engine.field("Item", "bolt", "code") == "\"seen\"")
    #expect(
      try engine.perform { interpreter throws(Refusal) in try interpreter.nextInstant() } == next)
  }

  @Test func `timers that wait are left alone; one that repeats goes on from now`() throws {
    let (_, engine) = try shop()
    try create(engine, "Order", "old")
    try engine.write { db in try db.create("Order", id: "new", [:]) }
    let report = try engine.catchUp(rule: "chase", by: "ann")
    #expect(report.matching == 1)
    #expect(report.waiting == 1)
    #expect(try engine.field("Order", "old", "chased") == "1")
    #expect(try engine.field("Order", "new", "chased") == "0")
    // 09:00, and every twelve hours from there.
    try engine.advance(to: try #require(Timestamp("2026-03-02T20:59:00Z")))
    #expect(try engine.field("Order", "old", "chased") == "1")
    try engine.advance(to: try #require(Timestamp("2026-03-02T21:00:00Z")))
    #expect(try engine.field("Order", "old", "chased") == "2")
    try engine.advance(to: try #require(Timestamp("2026-03-03T09:00:00Z")))
    #expect(try engine.field("Order", "old", "chased") == "3")
    #expect(try engine.field("Order", "new", "chased") == "1")
    // Both wait now.
    #expect(try engine.catchUp(rule: "chase", by: "ann").matching == 0)
  }

  @Test func `an instant that was missed fires once`() throws {
    let (_, engine) = try shop()
    let past = try #require(Timestamp("2026-03-01T00:00:00Z"))
    try create(engine, "Order", "past", ["due": .timestamp(past)])
    #expect(try engine.catchUp(rule: "overdue", by: "ann").fired == 1)
    #expect(try engine.field("Order", "past", "chased") == "100")
    #expect(try engine.catchUp(rule: "overdue", by: "ann").matching == 0)
    // The same instant again is no news; another one is.
    try engine.write { db in try db.set("Order", id: "past", ["chased": .int(0)]) }
    #expect(try engine.field("Order", "past", "chased") == "0")
    try engine.write { db in
      try db.set(
        "Order", id: "past",
        ["due": .timestamp(past.adding(TimeSpan(nanoseconds: 1_000_000_000)) ?? past)])
    }
    #expect(try engine.field("Order", "past", "chased") == "100")
  }

  @Test func `a refused catch-up leaves the timer as it was`() throws {
    let (_, engine) = try shop(
      """
      - rule: stubborn
        trigger: {saved: Order, due: order.due}
        when: order.item == null
        action: [{reject: no}]
      """)
    let past = try #require(Timestamp("2026-03-01T00:00:00Z"))
    try create(engine, "Order", "past", ["due": .timestamp(past)])
    #expect(try engine.catchUp(rule: "stubborn", by: "ann").refusedCount == 1)
    #expect(try engine.catchUp(rule: "stubborn", by: "ann").refusedCount == 1)
  }

  @Test func `later rules that a catch-up wakes run after it`() throws {
    let (_, engine) = try shop(
      """
      - rule: finish
        trigger: {saved: Order, becomes: order.chased > 3}
        action: [{advance: order, to: done}]
      """)
    try create(engine, "Order", "o", ["chased": .int(5)])
    #expect(try engine.catchUp(rule: "finish", by: "ann").fired == 1)
    #expect(try engine.answer("Message.map(m, m.message)") == "[\"thanks\"]")
  }

  @Test func `what cannot be caught up with says why`() throws {
    let (shop, engine) = try shop(
      """
      - rule: asleep
        enabled: false
        trigger: {saved: Item}
        action: [{set: item, code: low}]
      """)
    try engine.turn("reorder", isOn: false, by: "ann")
    let before = try wholeFile(shop.path)
    let cases = [
      (
        "counted",
        "counted waits for the signal count-day: raise it, there is nothing to catch up with"
      ),
      ("mourn", "mourn waits for records of Item to be deleted: what is gone satisfies no rule"),
      (
        "cap",
        "cap is a before rule: it acts on records of Item as they are written; write them again, and it acts"
      ),
      (
        "asleep",
        "asleep is off: its file switches it off (`enabled: false`); switch it on first, or look at what it would do with `plan`"
      ),
      ("chas", "there is no rule chas; did you mean chase?"),
    ]
    for (rule, message) in cases {
      do {
        try engine.catchUp(rule: rule, by: "ann")
        Issue.record("\(rule) was caught up with")
      } catch let refusal as Refusal { #expect(refusal.message == message) }
    }
    do {
      try engine.catchUp(rule: "reorder", by: "ann")
      Issue.record("a rule that is off was caught up with")
    } catch let refusal as Refusal {
      #expect(
        refusal.message.hasPrefix("reorder is off: ann switched it off on 2026-03-02T09:00:00Z"))
    }
    #expect(try wholeFile(shop.path) == before)
  }

  @Test func `the file is whole after it`() throws {
    let (shop, engine) = try shop()
    try create(engine, "Order", "old")
    try create(engine, "Item", "bolt", ["stock": .int(5)])
    try engine.catchUp(rule: "chase", by: "ann")
    try engine.catchUp(rule: "reorder", by: "ann")
    try engine.catchUp(rule: "overdue", by: "ann")
    try engine.close()
    var options = Doctor.Options()
    options.settings.groups = ["buyers": .addresses(["ann@example.com"])]
    options.now = TestShop.start
    let found = try Doctor.examine(shop.path, schema: shop.schema, options: options)
    #expect(found.problems.map(\.text).isEmpty, "\(found.problems.map(\.text))")
  }
}
