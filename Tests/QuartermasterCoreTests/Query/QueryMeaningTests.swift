import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Where SQL and the language part ways, one by one. Over five items:
///
/// | id | zone | parent | text | label | n | m |
/// |---|---|---|---|---|---|---|
/// | a | z1 | | | a | | 9223372036854775807 |
/// | b | | a | é | ab | 1 | 1 |
/// | c | z2 | b | é, in two code points | b | 2 | -5 |
/// | d | z1 | c | | | | -9223372036854775808 |
/// | e | z2 | b | aB | U+D7FF | 5 | 7 |
@Suite struct QueryMeaningTests {
  private static let rows: [(id: String, values: [String: Value])] = [
    ("a", ["zone": .string("z1"), "label": .string("a"), "m": .int(.max)]),
    (
      "b",
      [
        "parent": .string("a"), "text": .string("\u{E9}"), "label": .string("ab"), "n": .int(1),
        "m": .int(1),
      ]
    ),
    (
      "c",
      [
        "zone": .string("z2"), "parent": .string("b"), "text": .string("e\u{301}"),
        "label": .string("b"), "n": .int(2), "m": .int(-5),
      ]
    ),
    (
      "d",
      ["zone": .string("z1"), "parent": .string("c"), "label": .string(""), "m": .int(.min)]
    ),
    (
      "e",
      [
        "zone": .string("z2"), "parent": .string("b"), "text": .string("aB"),
        "label": .string("\u{D7FF}x"), "n": .int(5), "m": .int(7),
      ]
    ),
  ]

  private static func fill(_ store: Store) throws(Refusal) {
    func insert(_ name: String, _ id: String, _ values: [String: Value]) throws(Refusal) {
      guard let definition = store.schema[name] else { return }
      let row = store.emptyRow(definition.recordType)
      for slot in 0..<2 { row.values[slot] = .timestamp(Timestamp(milliseconds: 0)) }
      for field in definition.fields {
        if let slot = field.slot { row.values[slot] = values[field.name] ?? field.defaultValue }
      }
      _ = try store.insert(store.record(definition.recordType, id), row, isNew: false)
    }
    try store.begin()
    store.startOperation(now: Timestamp(milliseconds: 0))
    for id in ["z1", "z2"] {
      let name = id == "z1" ? Value.null : .string("zone")
      try insert("Zone", id, ["rank": .int(1), "name": name])
    }
    let others: [String: Value] = [
      "home": .string("z1"), "cost": .decimal(ExactDecimal(coefficient: 125, scale: 2)),
      "rate": .decimal(ExactDecimal(coefficient: 12_500, scale: 4)),
      "since": .timestamp(Timestamp(milliseconds: 1000)), "ratio": .double(1.5),
      "length": .duration(TimeSpan(nanoseconds: -1_000_000)),
    ]
    for row in rows { try insert("Item", row.id, row.values.merging(others) { own, _ in own }) }
    try store.commit()
  }

  /// How much of an expression SQL does.
  enum Push { case whole, narrowed, memory }

  @Test(arguments: [
    // A null is equal to a null, and different from everything else.
    ("Item.filter(x, x.text == p.text)", Push.whole), ("Item.filter(x, x.text != p.text)", .whole),
    ("Item.filter(x, x.zone == q.zone)", .whole), ("Item.filter(x, !(x.text == 'aB'))", .whole),
    ("Item.filter(x, x.text in [null, 'aB'])", .whole),
    ("Item.filter(x, !(x.text in ['aB']))", .whole),
    // A null is no element of SQL's lists.
    ("Item.filter(x, x.zone in Item.map(y, y.zone))", .memory),
    ("Item.filter(x, x.zone != null && x.zone in Item.map(y, y.zone))", .whole),
    ("Item.filter(x, !(x.label in words))", .whole),
    // What is not there has no order, and no fields.
    ("Item.filter(x, x.n > 1)", .narrowed), ("Item.filter(x, x.n != null && x.n > 1)", .whole),
    ("Item.filter(x, x.n > 1 && x.n != null)", .whole),
    ("Item.filter(x, x.n == null || x.n > 1)", .whole),
    ("Item.filter(x, x.parent.label == 'a')", .narrowed),
    ("Item.exists(x, x.parent.label == 'a')", .narrowed),
    ("Item.all(x, x.parent.label != 'zz')", .narrowed),
    ("Item.filter(x, x.parent != null && x.parent.label == 'a')", .whole),
    ("Item.filter(x, x.zone != null && x.zone.name == null)", .whole),
    ("Item.filter(x, x.n > 1).filter(y, y.label == 'nothing')", .narrowed),
    ("Item.sortBy(x, x.n)", .memory),
    ("Item.filter(x, x.n != null).sortBy(x, x.n)", .whole),
    // The error of a parameter counts only where nothing decides beside it.
    ("Item.exists(x, x.label == 'zz' && x.m == q.zone.rank)", .whole),
    ("Item.exists(x, x.label == 'ab' && x.m == q.zone.rank)", .whole),
    ("Item.filter(x, x.label in ['zz'] && x.m == 1 / number)", .whole),
    ("q.children.filter(x, x.label in [])", .whole), ("q.children.size()", .whole),
    ("Item.filter(x, x.parent.label in [])", .narrowed),
    // Texts compare by their bytes, prefixes with capitals.
    ("Item.filter(x, x.text != null && x.text == '\u{E9}')", .whole),
    ("Item.filter(x, x.label.startsWith('a'))", .whole),
    ("Item.filter(x, x.text != null && x.text.startsWith('ab'))", .whole),
    ("Item.filter(x, x.label.startsWith('\u{D7FF}'))", .whole),
    ("Item.filter(x, x.label.startsWith(word))", .whole),
    ("Item.filter(x, !x.label.startsWith('a'))", .whole),
    ("Item.filter(x, x.label.contains('b')).size()", .whole),
    ("Item.sortBy(x, x.label).map(x, x.label)", .whole), ("Item.map(x, x.text).distinct()", .whole),
    // Integers end: an error in the language, a real number in SQLite.
    ("Item.sortBy(x, -x.m)", .whole), ("Item.filter(x, x.m > -9).sortBy(x, -x.m)", .whole),
    ("Item.map(x, x.m).sum()", .whole), ("Item.filter(x, x.m < 9).map(x, x.m).sum()", .whole),
    ("Item.filter(x, x.label != 'a').map(x, x.m).sum()", .whole),
    ("Item.filter(x, x.m + 1 > 0)", .narrowed),
    ("Item.filter(x, x.small - x.small * 2 > 0)", .whole),
    ("Item.filter(x, x.label == 'zz').map(x, x.m).sum()", .whole),
    ("Item.filter(x, x.label == 'zz').map(x, x.m).avg()", .whole),
    ("Item.filter(x, x.m < 9 && x.m > -9).map(x, x.m).avg(3)", .whole),
    // Numbers between two units of a column.
    ("Item.filter(x, x.cost < money)", .whole), ("Item.filter(x, x.cost >= money)", .whole),
    ("Item.filter(x, x.cost <= 1.255)", .whole), ("Item.filter(x, x.cost == 1.255)", .whole),
    ("Item.filter(x, x.cost != money)", .whole), ("Item.filter(x, x.cost == x.rate)", .memory),
    ("Item.filter(x, x.since < when)", .whole), ("Item.filter(x, x.since >= when)", .whole),
    ("Item.filter(x, x.length > span)", .whole), ("Item.filter(x, x.length <= span)", .whole),
    ("Item.filter(x, x.ratio != part)", .whole), ("Item.filter(x, x.ratio < part)", .whole),
    // Positions are moved into the list.
    ("Item.slice(-3, 2)", .whole), ("Item.slice(3, 1)", .whole), ("Item.slice(number, 99)", .whole),
    ("Item.slice(1, 9).first()", .whole), ("Item.slice(1, 3).size()", .whole),
    // Around and inside sub-queries.
    ("Item.filter(x, x.children.all(c, c.n > 0))", .narrowed),
    ("Item.filter(x, !x.children.exists(c, c.parent.text != 'a'))", .narrowed),
    ("Item.filter(x, x.children.exists_one(c, c.m > 0))", .whole),
    ("Item.filter(x, x.children.size() == 2)", .whole),
    ("Item.filter(x, x.badge == null && has(x.children))", .whole),
    ("Item.filter(x, x.children.exists(c, c.label == 'ab'))", .whole),
  ])
  func `a query means what the expression means`(text: String, push: Push) throws {
    var bench = try QueryBench(propertySchema)
    bench.checksNull = false
    bench.declareProperty()
    let checked = try bench.check(text)
    let queries = bench.planner.queries(in: checked)
    let outer = QueryCompiler.compile(checked.root, in: checked, bench.schema, bench.tables)
    // A narrowed step inside a chain counts as narrowed; an inner query of a parameter does not.
    let found: Push =
      outer.map { $0.query.isNarrowed ? .narrowed : .whole }
      ?? (text.hasPrefix("Item.filter(x, x.n > 1).filter") && !queries.isEmpty
        ? .narrowed : .memory)
    #expect(found == push, "\(queries.map(\.sql))")
    var layout = bench.layout
    let plain = bench.environment.plan(checked, layout: &layout)
    let pushed = bench.environment.plan(checked, layout: &layout, queries: bench.planner)
    let store = try Store.open(nil, schema: bench.schema)
    try store.perform { store throws(Refusal) in
      try Self.fill(store)
      let frame = Frame(layout, host: store)
      frame.records[0] = store.record(bench.schema.classes[1].recordType, "a")
      frame.slots[0] = .string("a")
      frame.slots[1] = .int(0)
      frame.slots[2] = .decimal(ExactDecimal(coefficient: 1_255, scale: 3))
      frame.slots[3] = Timestamp(seconds: 1, nanoseconds: 1).map(Value.timestamp) ?? .null
      frame.slots[4] = .duration(TimeSpan(nanoseconds: -1_000_001))
      frame.slots[5] = .double(.nan)
      frame.slots[6] = .list([.string("a"), .string("\u{0}"), .string("\"\n")])
      #expect(outcome(pushed, frame) == outcome(plain, frame), "\(queries.map(\.sql))")
    }
    try store.close()
  }

  @Test func `the end of a prefix`() {
    #expect(QueryBinding.prefixEnd("a") == "b")
    #expect(QueryBinding.prefixEnd("a\u{10FFFF}") == "b")
    #expect(QueryBinding.prefixEnd("\u{D7FF}") == "\u{E000}")
    #expect(QueryBinding.prefixEnd("\u{10FFFF}") == nil)
    #expect(QueryBinding.prefixEnd("") == nil)
  }

  @Test func `a list becomes JSON without what no column holds`() {
    func json(_ items: [Value], _ conversion: QueryBinding.Conversion) -> StoredValue? {
      QueryBinding(parameter: 0, conversion: .list(conversion), allowsNull: false)
        .stored(.list(items))
    }
    #expect(json([.string("a\"\\\n")], .text) == .text("[\"a\\\"\\\\\\u000a\"]"))
    #expect(json([.string("\u{0}")], .text) == nil)
    let half = Value.decimal(ExactDecimal(coefficient: 5, scale: 1))
    #expect(
      json([half, .null, .decimal(ExactDecimal(2))], .units(.decimal(0), .exact)) == .text("[2]"))
  }
}
