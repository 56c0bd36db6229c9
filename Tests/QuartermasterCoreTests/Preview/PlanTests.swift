import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What `plan` says of each kind of rule, and that it leaves nothing behind.
final class PlanTests {
  /// The folders of the test, which go with their shops.
  private var shops: [TestShop] = []

  /// Reading and writing rules on the classes of ``PreviewShop``.
  private func shop(_ rules: String) throws -> (shop: TestShop, engine: Engine) {
    let shop = try TestShop(PreviewShop.classes)
    shops.append(shop)
    let engine = try PreviewShop.open(shop, rules)
    return (shop, engine)
  }

  /// Loads a record past the rules, as an import without rules does.
  private func load(_ engine: Engine, _ body: (Interpreter) throws(Refusal) -> Void) throws {
    try engine.perform { interpreter throws(Refusal) in
      try interpreter.runWithoutRules { () throws(Refusal) in try body(interpreter) }
    }
  }

  private func create(
    _ engine: Engine, _ className: String, _ id: String, _ fields: [String: Value] = [:]
  ) throws {
    try load(engine) { interpreter throws(Refusal) in
      let definition = try interpreter.definition(className)
      _ = try interpreter.writer.create(
        definition, id: id, values: try interpreter.hostInputs(fields, definition), rules: false)
    }
  }

  @Test func `the records that satisfy a rule are listed with what it would do`() throws {
    let (shop, engine) = try shop("")
    for (id, stock) in [("bolt", 5), ("nut", 50), ("pin", 2)] {
      try create(engine, "Item", id, ["stock": .int(Int64(stock))])
    }
    let before = try wholeFile(shop.path)
    let plan = try engine.plan(rule: "reorder")
    #expect(plan.matching == 2)
    #expect(plan.off == nil)
    guard case .records(of: "Item") = plan.subject else { throw Wrong("\(plan.subject)") }
    #expect(plan.effects.map(\.record) == ["Item/bolt", "Item/pin"])
    let outcome = try #require(plan.effects[0].outcomes.first)
    #expect(outcome.firings.map(\.rule) == ["reorder", "count-orders"])
    #expect(
      outcome.changes.map { "\($0.kind) \($0.className) \($0.rules)" } == [
        "created Order [\"reorder\"]", "changed Item [\"count-orders\"]",
      ])
    #expect(outcome.changes[0].fields.contains { $0.name == "number" && "\($0.new)" == "\"O-1\"" })
    #expect(outcome.messages.map(\.message) == ["bolt is low"])
    #expect(outcome.calls.map(\.name) == ["weigh"])
    #expect(outcome.calls.first?.arguments.map(\.name) == ["item"])
    // The second one comes after the first: its number is the next.
    #expect(
      try #require(plan.effects[1].outcomes.first).changes[0].fields
        .contains { $0.name == "number" && "\($0.new)" == "\"O-2\"" })
    #expect(try wholeFile(shop.path) == before)
    // And the engine goes on as if nothing had been: the same numbers, rows and ids.
    let again = try engine.plan(rule: "reorder")
    #expect(again.effects.map(\.summary) == plan.effects.map(\.summary))
    let made = try engine.write { db in try db.create("Order", ["item": .string("bolt")]) }
    #expect(
      made.changes.first?.fields.first { $0.name == "number" }.map { "\($0.new)" } == "\"O-1\"")
    #expect(try engine.field("Item", "bolt", "orders") == "1")
  }

  @Test func `what is refused is told, and the others are planned`() throws {
    let (shop, engine) = try shop("")
    try create(engine, "Item", "bolt", ["stock": .int(5), "locked": .bool(true)])
    try create(engine, "Item", "pin", ["stock": .int(5)])
    let before = try wholeFile(shop.path)
    let plan = try engine.plan(rule: "reorder")
    #expect(plan.effects.map(\.summary) == ["refused reject: bolt is locked", "done"])
    #expect(try wholeFile(shop.path) == before)
    #expect(try engine.refusals().isEmpty)
  }

  @Test func `no more records are tried than were asked for, and all are counted`() throws {
    let (_, engine) = try shop("")
    for number in 1...7 { try create(engine, "Item", "i\(number)", ["stock": .int(1)]) }
    let plan = try engine.plan(rule: "reorder", limit: 2)
    #expect(plan.matching == 7)
    #expect(plan.effects.map(\.record) == ["Item/i1", "Item/i2"])
    #expect(try engine.plan(rule: "reorder", limit: 0).effects.isEmpty)
  }

  @Test func `a schedule says what it would do now`() throws {
    let (shop, engine) = try shop("")
    try create(engine, "Item", "bolt", ["stock": .int(50)])
    let before = try wholeFile(shop.path)
    let plan = try engine.plan(rule: "nightly")
    guard case .schedule = plan.subject else { throw Wrong("\(plan.subject)") }
    #expect(plan.matching == 1)
    #expect(plan.effects.map(\.record) == [nil])
    #expect(plan.effects[0].outcomes.flatMap(\.changes).map(\.className) == ["Item"])
    #expect(try wholeFile(shop.path) == before)
  }

  @Test func `a signal says what it needs`() throws {
    let (_, engine) = try shop("")
    let plan = try engine.plan(rule: "counted")
    guard case .signal(let name, let payload) = plan.subject else { throw Wrong("\(plan.subject)") }
    #expect(name == "count-day")
    #expect(
      payload.map { "\($0.name) \($0.type)" } == ["item Item", "stock Integer"])
    #expect(plan.matching == 0)
    #expect(plan.effects.isEmpty)
  }

  @Test func `what is gone satisfies nothing`() throws {
    let (_, engine) = try shop("")
    try create(engine, "Item", "bolt", ["stock": .int(1)])
    let plan = try engine.plan(rule: "mourn")
    guard case .deletion(of: "Item") = plan.subject else { throw Wrong("\(plan.subject)") }
    #expect(plan.effects.isEmpty)
  }

  @Test func `a before rule says what it would do to records that are written as they are`() throws
  {
    let (shop, engine) = try shop("")
    try create(engine, "Item", "bolt", ["stock": .int(-1)])
    try create(engine, "Item", "nut", ["stock": .int(2000)])
    try create(engine, "Item", "pin", ["stock": .int(1)])
    let before = try wholeFile(shop.path)
    let plan = try engine.plan(rule: "no-negative")
    #expect(plan.isBefore)
    #expect(plan.effects.map(\.summary) == ["refused reject: bolt cannot have -1"])
    let capped = try engine.plan(rule: "cap")
    #expect(capped.effects.map(\.record) == ["Item/nut"])
    #expect(
      capped.effects[0].outcomes.flatMap(\.changes).flatMap(\.fields)
        .map { "\($0.name) \($0.old) \($0.new)" } == ["stock 2000 1000"])
    #expect(try wholeFile(shop.path) == before)
    #expect(try engine.field("Item", "nut", "stock") == "2000")
  }

  @Test func `a later rule is planned with what it does`() throws {
    let (_, engine) = try shop("")
    try create(engine, "Order", "o", ["status": .string("done")])
    let plan = try engine.plan(rule: "thank")
    #expect(plan.effects.map(\.summary) == ["done"])
    #expect(plan.effects[0].outcomes.flatMap(\.messages).map(\.message) == ["thanks"])
  }

  @Test func `actions that fail alone are told as such`() throws {
    let (_, engine) = try shop(
      """
      - rule: risky
        failure: skip
        trigger: {saved: Item, becomes: item.stock < 10}
        action: [{set: item, code: "${null}x${string(1 / item.stock)}"}]
      """)
    try create(engine, "Item", "bolt", ["stock": .int(0)])
    let plan = try engine.plan(rule: "risky")
    let firing = try #require(plan.effects.first?.outcomes.first?.firings.first)
    #expect(firing.skipped?.contains("division by zero") == true)
  }

  @Test func `records whose timers wait are counted apart`() throws {
    let (shop, engine) = try shop("")
    try create(engine, "Order", "old", ["status": .string("open")])
    try engine.write { db in try db.create("Order", id: "new", ["status": .string("open")]) }
    let before = try wholeFile(shop.path)
    let plan = try engine.plan(rule: "chase")
    #expect(plan.matching == 1)
    #expect(plan.effects.map(\.record) == ["Order/old"])
    #expect(plan.waitingCount == 1)
    #expect(plan.waiting.first?.record == "Order/new")
    #expect(plan.waiting.first?.due.description == "2026-03-03T09:00:00Z")
    #expect(try wholeFile(shop.path) == before)
  }

  @Test func `an instant that passed is caught up with, one to come is not`() throws {
    let (_, engine) = try shop("")
    try create(engine, "Order", "past", ["due": .timestamp(try instant("2026-03-01T00:00:00Z"))])
    try create(engine, "Order", "ahead", ["due": .timestamp(try instant("2026-04-01T00:00:00Z"))])
    try create(engine, "Order", "none")
    try engine.write { db in
      try db.create("Order", id: "fired", ["due": .timestamp(try instant("2026-03-01T00:00:00Z"))])
    }
    let plan = try engine.plan(rule: "overdue")
    #expect(plan.effects.map(\.record) == ["Order/past"])
    #expect(plan.comingCount == 1)
    #expect(plan.firedBefore == 1)
    #expect(plan.waitingCount == 0)
  }

  @Test func `rules that compare versions say that nothing changes`() throws {
    let (_, engine) = try shop(
      """
      - rule: rise
        trigger: {changed: Item.stock}
        when: new.stock > old.stock
        action: [{set: item, code: up}]
      """)
    try create(engine, "Item", "bolt", ["stock": .int(3)])
    let plan = try engine.plan(rule: "rise")
    #expect(plan.matching == 0)
    #expect(plan.comparesVersions)
    #expect(try !engine.plan(rule: "reorder").comparesVersions)
  }

  @Test func `records that cannot be judged are told, and do not hide the others`() throws {
    let (_, engine) = try shop(
      """
      - rule: ratio
        trigger: {saved: Item, becomes: 100 / item.stock > 10}
        action: [{set: item, code: few}]
      """)
    try create(engine, "Item", "bolt", ["stock": .int(0)])
    try create(engine, "Item", "nut", ["stock": .int(5)])
    let plan = try engine.plan(rule: "ratio")
    #expect(plan.matching == 1)
    #expect(plan.unjudged.map(\.record) == ["Item/bolt"])
    #expect(plan.unjudged.first?.message.contains("division by zero") == true)
  }

  @Test func `a rule that is off is planned as if it were on, and stays off`() throws {
    let (shop, engine) = try shop(
      """
      - rule: asleep
        enabled: false
        trigger: {saved: Item, becomes: item.stock < 10}
        action: [{set: item, code: low}]
      """)
    try create(engine, "Item", "bolt", ["stock": .int(5)])
    try engine.turn("reorder", isOn: false, by: "ann")
    let before = try wholeFile(shop.path)
    let byFile = try engine.plan(rule: "asleep")
    #expect(byFile.off == "its file switches it off (`enabled: false`)")
    #expect(byFile.effects.map(\.summary) == ["done"])
    let bySwitch = try engine.plan(rule: "reorder")
    #expect(bySwitch.off?.hasPrefix("ann switched it off on 2026-03-02") == true)
    #expect(bySwitch.effects.map(\.summary) == ["done"])
    #expect(try wholeFile(shop.path) == before)
    try engine.write { db in try db.set("Item", id: "bolt", ["stock": .int(50)]) }
    let outcome = try engine.write { db in try db.set("Item", id: "bolt", ["stock": .int(4)]) }
    #expect(outcome.firings.isEmpty)
  }

  @Test func `a rule that is not there is named, with the one that was meant`() throws {
    let (_, engine) = try shop("")
    for (name, message) in [
      ("reoder", "there is no rule reoder; did you mean reorder?"),
      ("something-else", "there is no rule something-else"),
    ] {
      do {
        _ = try engine.plan(rule: name)
        Issue.record("\(name) was planned")
      } catch let refusal as Refusal { #expect(refusal.message == message) }
    }
  }

  @Test func `an engine in memory is planned on as well`() throws {
    let schema = try schema(PreviewShop.classes)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(TestShop.start)
    configuration.settings.groups = ["buyers": .addresses([])]
    let rules = try LoadedRules(
      files: [SourceFile(name: "rules.yaml", text: PreviewShop.rules)], schema: schema,
      settings: configuration.settings)
    let engine = try Engine(path: nil, schema: schema, rules: rules, configuration: configuration)
    try create(engine, "Item", "bolt", ["stock": .int(5)])
    #expect(try engine.plan(rule: "reorder").effects.map(\.summary) == ["done"])
    #expect(try engine.answer("Order.size()") == "0")
    #expect(try engine.answer("Message.size()") == "0")
  }

  private func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }
}

/// A test that met what it does not expect.
struct Wrong: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// Classes and rules of every kind, for tests of plans and catch-ups.
enum PreviewShop {
  /// Opens an engine on the rules below and more.
  static func open(_ shop: TestShop, _ more: String = "") throws -> Engine {
    var configuration = Engine.Configuration()
    configuration.clock = .manual(TestShop.start)
    configuration.settings.groups = ["buyers": .addresses(["ann@example.com"])]
    let files = shop.files(rules + more)
    do {
      return try Engine(
        path: shop.path, schema: shop.schema,
        rules: try LoadedRules(
          files: files, schema: shop.schema, settings: configuration.settings),
        configuration: configuration)
    } catch let list as DiagnosticList {
      Issue.record("\(DiagnosticRenderer().render(list))")
      throw list
    }
  }

  static let classes = """
    domain: test
    classes:
      User:
        username: {type: String, required: true}
      Item:
        code: {type: String, default: none}
        stock: {type: Integer, default: 0}
        locked: {type: Boolean, default: false}
        orders: {type: Integer, default: 0}
      Order:
        number: {type: String, unique: true, sequence: "O-%d"}
        item: {type: Item}
        status: {type: String, default: open, flow: {open: [done], done: []}}
        due: {type: Date}
        chased: {type: Integer, default: 0}
    signals:
      count-day: {item: Item, stock: Integer}
    calls:
      weigh: {arguments: {item: Item}}
    """

  static let rules = """
    - rule: reorder
      trigger: {saved: Item, becomes: item.stock < 10}
      when: item.stock >= 0
      action:
        - create: Order
          item: item
        - notify: buyers
          message: ${item.objectId} is low
        - call: weigh
          item: item
    - rule: count-orders
      trigger: {created: Order}
      when: order.item != null
      action:
        - set: order.item
          orders: order.item.orders + 1
    - rule: refuse-locked
      trigger: {created: Order}
      when: order.item != null && order.item.locked
      action: [{reject: "${order.item.objectId} is locked"}]
      follows: count-orders
    - rule: nightly
      trigger: {every: day, at: "02:00"}
      action:
        - set: item
          each: item in Item.filter(i, i.code == "none")
          code: seen
    - rule: counted
      trigger: {signal: count-day}
      action: [{notify: buyers, message: counted}]
    - rule: mourn
      trigger: {deleted: Item}
      action: [{notify: buyers, message: gone}]
    - rule: no-negative
      phase: before
      trigger: {saved: Item}
      when: item.stock < 0
      action: [{reject: "${item.objectId} cannot have ${item.stock}"}]
    - rule: cap
      phase: before
      trigger: {saved: Item}
      when: item.stock > 1000
      action: [{set: item, stock: "1000"}]
    - rule: thank
      phase: later
      trigger: {saved: Order, becomes: order.status == "done"}
      action: [{notify: buyers, message: thanks}]
    - rule: chase
      trigger: {saved: Order, becomes: order.status == "open", for: 24h, repeat: 12h}
      action: [{set: order, chased: order.chased + 1}]
    - rule: overdue
      trigger: {saved: Order, due: order.due}
      action: [{set: order, chased: "100"}]

    """
}

extension RulePlan.Effect {
  /// What the firing does; none when it was refused or passed over.
  var outcomes: [Outcome] { if case .done(let outcomes) = result { outcomes } else { [] } }

  /// How it ends, in a word or two.
  var summary: String {
    switch result {
    case .done: "done"
    case .refused(let refusal): "refused \(refusal.reason.rawValue): \(refusal.message)"
    case .passed(let why): "passed: \(why)"
    }
  }
}
