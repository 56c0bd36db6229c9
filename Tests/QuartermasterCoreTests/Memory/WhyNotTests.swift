import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// `why-not` at each of its gates.
struct WhyNotTests {
  private static let rules = """
    - rule: low
      trigger:
        saved: Part
        becomes: part.stock <= part.least
      action:
        - notify: managers
          message: low

    - rule: filled
      trigger:
        changed: Part.stock
      when:
        - new.stock > old.stock
        - part.stock > 20
        - Box.exists(b, b.isOpen)
      action:
        - notify: managers
          message: filled

    - rule: empty-for-long
      trigger:
        saved: Part
        becomes: part.stock == 0
        for: 2h
      action:
        - notify: managers
          message: still empty

    - rule: expired
      trigger:
        saved: Part
        due: part.expires
      action:
        - notify: managers
          message: expired

    - rule: told-once
      trigger:
        changed: Part.stock
      when: part.stock == 13
      action:
        - notify: managers
          once: part.objectId
          message: thirteen

    - rule: careless
      trigger:
        changed: Part.price
      failure: skip
      action:
        - create: Tag
          text: same

    - rule: asleep
      enabled: false
      trigger:
        changed: Part
      action:
        - notify: managers
          message: never

    - rule: gone
      trigger:
        deleted: Part
      action:
        - notify: managers
          message: gone

    - rule: daily
      trigger:
        every: day
      when: Part.exists(p, p.stock > 1000)
      action:
        - notify: managers
          message: much

    - rule: audited
      trigger:
        signal: audit
      action:
        - notify: managers
          message: audit

    - rule: never-negative
      trigger:
        changed: Part.stock
      phase: before
      when: part.stock < 0
      action:
        - reject: less than nothing

    - rule: boxed
      trigger:
        changed: Box
      action:
        - notify: managers
          message: box

    """

  private func shop(_ fields: [String: Value] = ["stock": .int(30)]) throws -> MemoryShop {
    let shop = try MemoryShop(Self.rules)
    try shop.create("Part", "bolt", fields)
    return shop
  }

  @Test func `not loaded: a name that no rule set has`() throws {
    guard case .unknownRule(let hint) = try shop().whyNot("lwo").gate else {
      Issue.record("another gate")
      return
    }
    #expect(hint == "low")
  }

  @Test func `disabled: its file, or somebody, switches it off`() throws {
    let shop = try shop()
    guard case .disabled(let place) = try shop.whyNot("asleep").gate else {
      Issue.record("another gate")
      return
    }
    #expect(place.hasPrefix("rules/parts.yaml:"))
    try shop.engine.turn("low", isOn: false, by: "ann")
    try shop.set("bolt", ["stock": .int(1)])
    guard case .switchedOff(let off) = try shop.whyNot("low").gate else {
      Issue.record("another gate")
      return
    }
    #expect(off.by == "ann")
    try shop.engine.turn("low", isOn: true, by: "ann")
    guard case .wasOff = try shop.whyNot("low").gate else {
      Issue.record("the edge came while the rule was off")
      return
    }
  }

  @Test func `class not written, another class, another kind of change`() throws {
    let shop = try shop()
    guard case .otherClass("Box") = try shop.whyNot("boxed").gate else {
      Issue.record("another gate")
      return
    }
    guard case .kind = try shop.whyNot("gone").gate else {
      Issue.record("it was never deleted")
      return
    }
    guard case .neverWritten = try shop.whyNot("low", "Part/nut").gate else {
      Issue.record("there is no nut")
      return
    }
  }

  @Test func `value unchanged: the trigger's fields stayed as they were`() throws {
    let shop = try shop()
    try shop.set("bolt", ["name": .string("screw")])
    // The record was made with a price, but that is no change.
    guard case .unchanged(let fields) = try shop.whyNot("careless").gate else {
      Issue.record("another gate")
      return
    }
    #expect(fields == ["price"])
  }

  @Test func `becomes is false now, with its values`() throws {
    let shop = try shop()
    guard case .isFalse(let edge) = try shop.whyNot("low").gate else {
      Issue.record("another gate")
      return
    }
    #expect(edge.operands.map(\.text) == ["part.stock", "part.least"])
    #expect(edge.operands.map(\.value) == ["30", "5"])
    #expect(edge.isExact)
  }

  @Test func `becomes was true already: the change that made it so fired it`() throws {
    let shop = try shop()
    try shop.set("bolt", ["stock": .int(4)])
    let row = try #require(try shop.journal().last).row
    try shop.set("bolt", ["stock": .int(3)])
    let answer = try shop.whyNot("low")
    guard case .fired = answer.gate else {
      Issue.record("another gate: \(answer.gate)")
      return
    }
    #expect(answer.entry?.row == row)
    #expect(answer.firings.map(\.row) == [row])
  }

  @Test func `becomes was true before the rule was there`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-whynot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let shop = try MemoryShop("", path: folder.path + "/data.sqlite")
    try shop.create("Part", "bolt", ["stock": .int(2)])
    try shop.reopen(Self.rules)
    guard case .notInForce = try shop.whyNot("low").gate else {
      Issue.record("another gate")
      return
    }
    // And when it has gone again, the answer says since when.
    try shop.reopen("")
    guard case .removed(let set, _) = try shop.whyNot("low").gate else {
      Issue.record("another gate")
      return
    }
    #expect(set == 2)
  }

  @Test func `an item of when is false, with the values of then`() throws {
    let shop = try shop()
    try shop.set("bolt", ["stock": .int(25)])
    try shop.set("bolt", ["name": .string("screw")])
    var answer = try shop.whyNot("filled")
    guard case .conditionFalse(let item) = answer.gate else {
      Issue.record("another gate")
      return
    }
    #expect(item.label == "when 1")
    #expect(item.operands.map(\.value) == ["25", "30"])
    #expect(item.isExact)
    try shop.set("bolt", ["stock": .int(10)])
    try shop.set("bolt", ["stock": .int(15)])
    answer = try shop.whyNot("filled")
    guard case .conditionFalse(let second) = answer.gate else {
      Issue.record("another gate")
      return
    }
    #expect(second.label == "when 2")
    #expect(second.operands.map(\.value) == ["15"])
    try shop.set("bolt", ["stock": .int(40)])
    guard case .conditionFalse(let query) = try shop.whyNot("filled").gate else {
      Issue.record("another gate")
      return
    }
    #expect(query.label == "when 3")
    #expect(!query.isExact, "other records are judged as they are now")
    try shop.create("Box", "a", ["isOpen": .bool(true)])
    guard case .open(let judged) = try shop.whyNot("filled").gate else {
      Issue.record("now nothing stops it")
      return
    }
    #expect(judged.map(\.label) == ["when 3"])
  }

  @Test func `the timer waits, and then it fired`() throws {
    let shop = try shop()
    try shop.set("bolt", ["stock": .int(0)])
    guard case .waits(let due, let since) = try shop.whyNot("empty-for-long").gate else {
      Issue.record("another gate")
      return
    }
    #expect(since == MemoryShop.start)
    #expect(due.milliseconds - since.milliseconds == 7_200_000)
    try shop.wait("3h")
    let answer = try shop.whyNot("empty-for-long")
    guard case .fired = answer.gate else {
      Issue.record("another gate: \(answer.gate)")
      return
    }
    #expect(answer.entry?.at == due)
    try shop.set("bolt", ["stock": .int(9)])
    guard case .isFalse = try shop.whyNot("empty-for-long").gate else {
      Issue.record("it is not empty any more")
      return
    }
    guard case .noInstant = try shop.whyNot("expired").gate else {
      Issue.record("it has no date")
      return
    }
  }

  @Test func `the once-key was seen`() throws {
    let shop = try shop()
    try shop.set("bolt", ["stock": .int(13)])
    guard case .fired = try shop.whyNot("told-once").gate else {
      Issue.record("the first time")
      return
    }
    try shop.set("bolt", ["stock": .int(14)])
    try shop.wait("1h")
    try shop.set("bolt", ["stock": .int(13)])
    guard case .onceSeen(let notes) = try shop.whyNot("told-once").gate else {
      Issue.record("the second time")
      return
    }
    #expect(notes == ["not done again, the once-key \"bolt\" was seen at 2026-03-02T09:00:00Z"])
    #expect(try shop.number("SELECT count(*) FROM Message WHERE rule = 'told-once'") == 1)
  }

  @Test func `skipped and refused operations are an answer too`() throws {
    let shop = try shop()
    try shop.create("Tag", "t", ["text": .string("same")])
    try shop.set("bolt", ["price": .decimal(try #require(ExactDecimal("2.00")))])
    guard case .skipped(let message) = try shop.whyNot("careless").gate else {
      Issue.record("another gate")
      return
    }
    #expect(message.contains("there already (t)"))
    #expect(throws: Refusal.self) {
      try shop.engine.write { db in
        try db.set("Part", id: "bolt", ["name": .string("nut")])
        try db.set("Part", id: "bolt", ["stock": .int(-1)])
      }
    }
    let answer = try shop.whyNot("filled")
    #expect(answer.refused.map(\.message) == ["less than nothing"])
    #expect(answer.refused.map(\.rule) == ["never-negative"])
  }

  @Test func `rules that no record wakes say what does`() throws {
    let shop = try shop()
    guard case .notByRecord(let trigger, let next, let stopped) = try shop.whyNot("daily").gate
    else {
      Issue.record("another gate")
      return
    }
    #expect(trigger == "every day at 00:00")
    #expect(next == Timestamp("2026-03-03T00:00:00Z"))
    #expect(stopped?.label == "when")
    guard case .notByRecord("signal audit", nil, nil) = try shop.whyNot("audited").gate else {
      Issue.record("another gate")
      return
    }
  }

  @Test func `a load without rules woke nothing`() throws {
    let shop = try shop()
    try shop.engine.perform { interpreter throws(Refusal) in
      try interpreter.runWithoutRules { () throws(Refusal) in
        let definition = try interpreter.definition("Part")
        let record = interpreter.store.record(definition.recordType, "bolt")
        _ = try interpreter.store.isThere(record)
        let field = try field("stock", of: definition)
        try interpreter.writer.set(record, values: [(field, .value(.int(1)))], rules: false)
      }
    }
    guard case .withoutRules = try shop.whyNot("low").gate else {
      Issue.record("another gate")
      return
    }
  }
}

private func field(_ name: String, of definition: ClassDefinition) throws(Refusal)
  -> FieldDefinition
{
  if let field = definition[name] { return field }
  throw Refusal(.error, "no field \(name)")
}
