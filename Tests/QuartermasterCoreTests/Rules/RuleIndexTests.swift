import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct RuleIndexTests {
  private static let schema: Schema = {
    let text = """
      domain: index
      classes:
        Item:
          category: {type: String}
          kind: {type: String, default: a, in: [a, b, c]}
          n: {type: Integer, default: 0}
          m: {type: Integer}
          flag: {type: Boolean, default: false}
          gap: {computed: item.n - 3}
        Log:
          text: {type: String, required: true}
      verbs:
        poke: {target: Item}
      """
    do { return try Schema.load(SourceFile(name: "schema.yaml", text: text)).schema } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func rules(_ text: String) throws -> [CompiledRule] {
    let options = RuleCheckOptions(checksNull: false, checksLoops: false, checksOrder: false)
    let loaded = load(text, schema: Self.schema, options: options)
    #expect(!loaded.diagnostics.contains { $0.severity == .error }, "\(loaded.lines)\n\(text)")
    return try #require(loaded.rules).rules
  }

  private func rule(
    _ name: String, _ trigger: String, when: String = "", phase: String = "after",
    action: String = "{create: Log, text: x}"
  ) -> String {
    "- rule: \(name)\n  phase: \(phase)\n  trigger: {\(trigger)}\n"
      + (when.isEmpty ? "" : "  when: \(when)\n") + "  action: \(action)\n"
  }

  private static let item = schema.classes[0]

  private func row(_ values: [String: Value]) -> Row {
    let row = Row.nulls(Self.item.recordType.slotCount)
    for field in Self.item.fields {
      guard let slot = field.slot else { continue }
      row.values[slot] = values[field.name] ?? field.defaultValue
    }
    return row
  }

  private func change(old: [String: Value]?, new: [String: Value]?) -> Change {
    let record = Record(type: Self.item.recordType, id: "x")
    return Change(record: record, old: old.map(row), new: new.map(row))
  }

  private func names(
    _ rules: [CompiledRule], _ change: Change, phase: CompiledRule.Phase = .after
  ) -> [String] {
    var found: [Int] = []
    RuleIndex(rules: rules, schema: Self.schema).candidates(for: change, phase: phase, into: &found)
    return found.map { rules[$0].name }
  }

  @Test func `class, kind, fields and constants decide`() throws {
    let made = try rules(
      rule("any", "saved: Item") + rule("gone", "deleted: Item") + rule("n", "changed: Item.n")
        + rule("gap", "changed: Item.gap")
        + rule("edge", "saved: Item, becomes: 'item.category == \"c1\" && item.n > 3'")
        + rule("first", "saved: Item", when: "item.category == \"c2\" && 10 / item.n > 1")
        + rule("second", "saved: Item", when: "[item.n > 3, '\"c2\" == item.category']")
        + rule("late", "saved: Item", when: "[10 / item.n > 1, item.category == \"c3\"]")
        + rule("some", "saved: Item", when: "(item.kind in [\"a\", \"b\"])")
        + rule("other", "created: Log"))
    let of = { (old: [String: Value]?, new: [String: Value]?) in
      names(made, change(old: old, new: new))
    }
    #expect(of(nil, ["category": .string("c1"), "kind": .string("c")]) == ["any", "edge", "late"])
    #expect(of(nil, ["category": .string("c2")]) == ["any", "first", "second", "late", "some"])
    #expect(of(["n": .int(1)], ["n": .int(2)]) == ["any", "n", "gap", "late", "some"])
    #expect(of(["n": .int(1)], nil) == ["gone"])
  }

  @Test func `a condition on a field that a rule writes is not trusted`() throws {
    let wanted = rule("wanted", "saved: Item", when: "item.category == \"c2\"")
    let fixed = rule("fixed", "saved: Item", when: "new.category == \"c2\"")
    let edge = rule("edge", "saved: Item, becomes: item.category == \"c2\"")
    let writer = rule("writer", "saved: Item.n", action: "{set: item, category: c2}")
    let host = rule("host", "created: Item", action: "{poke: item}")
    let moved = change(old: ["flag": .bool(true)], new: ["flag": .bool(false)])
    #expect(names(try rules(wanted + fixed + edge), moved) == [])
    #expect(names(try rules(wanted + fixed + edge + writer), moved) == ["wanted"])
    #expect(names(try rules(wanted + fixed + edge + host), moved) == ["wanted"])
    // A later rule's conditions are judged when it runs.
    let later = try rules(
      rule("wanted", "saved: Item", when: "item.category == \"c2\"", phase: "later")
        + rule("fixed", "saved: Item", when: "new.category == \"c2\"", phase: "later"))
    #expect(names(later, moved, phase: .later) == ["wanted"])
  }

  @Test func `an edge that can fail hides nothing behind it`() throws {
    let made = try rules(
      rule("safe", "saved: Item, becomes: item.n > 2", when: "item.category == \"c2\"")
        + rule("risky", "saved: Item, becomes: 10 / item.n > 2", when: "item.category == \"c2\""))
    #expect(names(made, change(old: nil, new: [:])) == ["risky"])
  }

  @Test func `timers start and stop by the constant that was or is`() throws {
    let made = try rules(
      rule("open", "saved: Item, becomes: item.kind == \"b\", for: 1h")
        + rule("always", "saved: Item.n, becomes: item.n > 3, for: 1h"))
    let index = RuleIndex(rules: made, schema: Self.schema)
    let of = { (old: [String: Value]?, new: [String: Value]?) -> [String] in
      var found: [Int] = []
      index.timedCandidates(for: change(old: old, new: new), into: &found)
      return found.map { made[$0].name }
    }
    #expect(of(nil, ["kind": .string("a")]) == ["always"])
    #expect(of(["kind": .string("a")], ["kind": .string("b")]) == ["open", "always"])
    #expect(
      of(["kind": .string("b")], ["kind": .string("b"), "n": .int(1)]) == ["open", "always"])
    #expect(of(["kind": .string("b")], nil) == ["open", "always"])
    #expect(names(made, change(old: nil, new: ["kind": .string("b")])) == [])
  }

  // MARK: Against the scan of all rules

  /// A generator of numbers that gives the same ones each time.
  private struct Draw: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func pick<T>(_ items: [T]) -> T {
      items[Int.random(in: 0..<items.count, using: &self)]
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
  }

  private func condition(_ draw: inout Draw, _ name: String) -> String {
    let part = { (draw: inout Draw) -> String in
      switch draw.pick([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9]) {
      case 0: "\(name).category == \"c\(draw.pick([1, 2, 3]))\""
      case 1: "\(name).kind in [\"\(draw.pick(["a", "b"]))\", \"c\"]"
      case 2: "\(name).n == \(draw.pick([0, 1, 2]))"
      case 3: "\(name).flag == true"
      case 4: "10 / \(name).n > 1"
      case 5: "\(name).m > 1"
      case 6: "\(name).n > 0 || \(name).category == \"c1\""
      case 8: "\(name).n \(draw.pick(["<", "<=", ">", ">="])) \(draw.pick([0, 1, 2, 3]))"
      case 9: "\(draw.pick([0, 1, 2])) \(draw.pick(["<", "<="])) \(name).m"
      default: "\(name).gap == \(draw.pick([-3, -2]))"
      }
    }
    return (0..<draw.pick([1, 1, 2, 3])).map { _ in part(&draw) }.joined(separator: " && ")
  }

  private func randomRule(_ draw: inout Draw, _ number: Int, phase: String) -> String {
    let event = draw.pick(["created", "changed", "changed", "saved", "saved", "deleted"])
    let fields =
      event == "deleted" || draw.chance(50)
      ? "Item" : draw.pick(["Item.n", "Item.category", "[Item.gap, Item.flag]", "Item.m"])
    var trigger = "\(event): \(fields)"
    if event != "deleted", draw.chance(40) { trigger += ", becomes: '\(condition(&draw, "item"))'" }
    let name = { (draw: inout Draw) in
      event == "deleted" ? "old" : draw.pick(["item", "item", "new"])
    }
    let items = (0..<draw.pick([0, 1, 1, 2])).map { _ in
      "'" + condition(&draw, name(&draw)) + "'"
    }
    var action = phase == "before" ? "{reject: no}" : "{create: Log, text: x}"
    if event != "deleted", draw.chance(15) {
      action =
        "{set: item, \(draw.pick(["category: c1", "n: item.n + 1", "flag: true", "kind: b"]))}"
    }
    return rule(
      "r\(number)", trigger, when: items.isEmpty ? "" : "[\(items.joined(separator: ", "))]",
      phase: phase, action: action)
  }

  private func randomValues(_ draw: inout Draw) -> [String: Value] {
    [
      "category": draw.pick([.string("c1"), .string("c2"), .string("c3"), .null]),
      "kind": draw.pick([.string("a"), .string("b"), .string("c")]),
      "n": draw.pick([.int(0), .int(1), .int(2)]), "m": draw.pick([.null, .int(1), .int(2)]),
      "flag": .bool(draw.chance(50)),
    ]
  }

  /// Whether a rule fires, or fails, on a change while its record looks like `live`.
  private func fires(_ rule: CompiledRule, _ change: Change, live: Row?) -> Bool {
    guard case .record(let trigger) = rule.trigger else { return false }
    switch change.kind {
    case .created: if !trigger.kinds.contains(.created) { return false }
    case .changed: if !trigger.kinds.contains(.changed) { return false }
    case .deleted: if !trigger.kinds.contains(.deleted) { return false }
    }
    if let fields = trigger.fields {
      let differs = fields.contains { place in
        let field = Self.item.fields[place]
        // The one computed field is n - 3.
        let slot = field.slot ?? Self.item["n"]?.slot ?? 0
        return change.differs(slot: slot)
      }
      if !differs { return false }
    }
    func holds(_ row: Row) throws(EvaluationError) -> Bool {
      guard let becomes = trigger.becomes else { return true }
      let frame = Frame(becomes.program.layout)
      frame.records[0] = Record(type: Self.item.recordType, id: "x", pinned: row)
      return try becomes.program.root.evalBool(frame)
    }
    if trigger.becomes != nil, let new = change.new {
      do { if try !holds(new) { return false } } catch { return true }
      if let old = change.old, (try? holds(old)) == true { return false }
    }
    let frame = Frame(rule.layout)
    let pinned = { (row: Row?) in
      row.map { Record(type: Self.item.recordType, id: "x", pinned: $0) }
    }
    if let place = rule.names.record { frame.records[place] = pinned(live) }
    if let place = rule.names.old { frame.records[place] = pinned(change.old) }
    if let place = rule.names.new { frame.records[place] = pinned(change.new) }
    for condition in rule.conditions {
      do { if try !condition.program.root.evalBool(frame) { return false } } catch { return true }
    }
    return true
  }

  @Test(arguments: 0..<60) func `no rule that fires or fails is missed`(seed: Int) throws {
    var draw = Draw(state: UInt64(seed))
    let phase = draw.pick(["before", "after", "after"])
    let text = (0..<12).map { randomRule(&draw, $0, phase: phase) }.joined()
    let made = try rules(text)
    let index = RuleIndex(rules: made, schema: Self.schema)
    let writes = RuleWrites(made, schema: Self.schema)
    let written = phase == "before" ? writes.beforeSlots[0] : writes.afterSlots[0]
    var fired = 0
    var named = 0
    for _ in 0..<100 {
      let old = draw.chance(70) ? row(randomValues(&draw)) : nil
      let new = old == nil || draw.chance(80) ? row(randomValues(&draw)) : nil
      let record = Record(type: Self.item.recordType, id: "x")
      let asked = Change(record: record, old: old, new: new)
      var found: [Int] = []
      index.candidates(for: asked, phase: phase == "before" ? .before : .after, into: &found)
      #expect(found == found.sorted())
      named += found.count
      // What rules write may be different when a rule's turn comes.
      let other = row(randomValues(&draw))
      let live = new.map { Row.copy($0) }
      if let live { for slot in written { live.values[slot] = other.values[slot] } }
      // A before rule is judged on the row as it then is, an after rule on the change as the round began.
      let judged = phase == "before" ? Change(record: record, old: old, new: live) : asked
      for rule in made where fires(rule, judged, live: live) {
        fired += 1
        #expect(found.contains(rule.index), "\(rule.name) of\n\(text)")
      }
    }
    #expect(named <= 100 * made.count)
    _ = fired
  }

  @Test func `rules are found by the bound that a number keeps, or crosses`() throws {
    let made = try rules(
      rule("low", "saved: Item", when: "item.n < 5")
        + rule("high", "saved: Item", when: "item.n >= 5")
        + rule("band", "saved: Item", when: "2 < item.n && item.n <= 4")
        + rule("falls", "saved: Item, becomes: item.n < 5")
        + rule("rises", "saved: Item, becomes: item.n > 4")
        + rule("part", "saved: Item, becomes: 'item.n < 5 && item.flag'")
        + rule("open", "saved: Item", when: "item.m > 1"))
    let of = { (old: Int64?, new: Int64) in
      names(
        made,
        change(
          old: old.map { ["n": .int($0), "m": .int(0)] }, new: ["n": .int(new), "m": .int(0)]))
    }
    #expect(of(nil, 3) == ["low", "band", "falls", "part"])
    #expect(of(7, 3) == ["low", "band", "falls", "part"])
    #expect(of(1, 3) == ["low", "band", "part"])
    #expect(of(1, 9) == ["high", "rises"])
    #expect(of(8, 9) == ["high"])
    // A bound is named with its own value, on either side: the condition decides.
    #expect(of(5, 5) == ["low", "high", "falls", "part"])
    // What is no number fails, and that must come to light.
    #expect(
      names(made, change(old: nil, new: ["n": .int(9), "m": .null])) == ["high", "rises", "open"])
  }

  @Test func `ten thousand bounds of which a change crosses two are two candidates`() throws {
    let made = try rules(
      (1...10_000).map { rule("r\($0)", "saved: Item, becomes: item.n < \($0)") }.joined())
    var found: [Int] = []
    RuleIndex(rules: made, schema: Self.schema).candidates(
      for: change(old: ["n": .int(78)], new: ["n": .int(77)]), phase: .after, into: &found)
    #expect(found.map { made[$0].name } == ["r77", "r78"])
  }

  @Test func `ten thousand rules for ten thousand categories are one candidate each`() throws {
    let text = (1...10_000).map { number in
      rule(
        "r\(number)", "saved: Item", when: "item.category == \"c\(number)\" && item.n < \(number)")
    }.joined()
    let made = try rules(text)
    #expect(made.count == 10_000)
    let index = RuleIndex(rules: made, schema: Self.schema)
    var found: [Int] = []
    index.candidates(
      for: change(old: nil, new: ["category": .string("c77")]), phase: .after, into: &found)
    #expect(found == [76])
  }
}
