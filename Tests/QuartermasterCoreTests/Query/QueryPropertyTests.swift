import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Fills a store with random records of ``propertySchema``.
struct PropertyData {
  var random: SeededNumbers

  private mutating func maybe(_ value: Value, null: Int = 30) -> Value {
    random.chance(null) ? .null : value
  }

  private mutating func int() -> Value {
    .int(random.pick([0, 1, 2, 3, 7, 50, -1, -5, .max, .min, .max - 1]))
  }

  private mutating func maybeOne(_ ids: [String]) -> Value {
    let id = random.pick(ids)
    return maybe(.string(id))
  }

  private mutating func bool() -> Value { .bool(random.chance(50)) }

  private mutating func money(_ scale: Int) -> Value {
    .decimal(ExactDecimal(coefficient: units(), scale: scale))
  }

  private mutating func units() -> Int128 {
    Int128(random.pick([0, 1, 100, 125, 150, -1, -125, 12_500, 15_000, Int64.max, Int64.min]))
  }

  private mutating func text() -> Value { .string(random.pick(QueryGenerator.words)) }

  private mutating func instant() -> Value {
    .timestamp(
      Timestamp(
        milliseconds: random.pick([
          1_767_225_600_000, 1_767_225_600_001, 0, -1, -62_135_596_800_000,
        ])))
  }

  private mutating func span() -> Value {
    TimeSpan(milliseconds: random.pick([0, 3_600_000, 3_600_001, -1, 9_223_372_036_854]))
      .map(Value.duration) ?? .null
  }

  private mutating func number() -> Value {
    .double(random.pick([0, 1.5, -1e300, 0.1, 1e22, .infinity, 3]))
  }

  /// Inserts zones, items and badges.
  mutating func fill(_ store: Store) throws(Refusal) {
    try store.begin()
    store.startOperation(now: Timestamp(milliseconds: 1_767_225_600_000))
    let zones = (0..<(1 + random.below(4))).map { "z\($0)" }
    for id in zones {
      try insert(
        store, "Zone", id, ["name": maybe(text()), "rank": int(), "fee": maybe(money(2))])
    }
    var items: [String] = []
    // Ids that are no sequence: key order is their bytes'.
    let pool = [
      "é", "e\u{301}", "B", "a", "b", "10", "9", "z", "Z", "\u{FFFF}", "😀", "aa", "ab", "1", "0",
    ]
    for id in pool.shuffled(using: &random).prefix(random.below(pool.count + 1)) {
      let parent = items.isEmpty ? Value.null : maybeOne(items)
      try insert(
        store, "Item", id,
        [
          "zone": maybeOne(zones), "home": .string(random.pick(zones)),
          "parent": parent, "text": maybe(text()), "label": text(), "n": maybe(int()), "m": int(),
          "small": .int(Int64(random.below(101))),
          "price": maybe(money(2)),
          "cost": money(2),
          "rate": money(4),
          "flag": .bool(random.chance(50)), "mark": maybe(bool()),
          "day": maybe(instant()), "since": instant(), "wait": maybe(span()), "length": span(),
          "ratio": number(), "share": maybe(number()),
        ])
      items.append(id)
    }
    for item in items where random.chance(50) {
      try insert(
        store, "Badge", "badge-" + item,
        ["item": .string(item), "code": maybe(text()), "level": .int(Int64(random.below(5)))])
    }
    try store.commit()
  }

  private mutating func insert(
    _ store: Store, _ name: String, _ id: String, _ values: [String: Value]
  )
    throws(Refusal)
  {
    guard let definition = store.schema[name] else { return }
    let row = store.emptyRow(definition.recordType)
    row.values[ClassDefinition.createdAtSlot] = instant()
    row.values[ClassDefinition.updatedAtSlot] = instant()
    for field in definition.fields {
      if let slot = field.slot, let value = values[field.name] { row.values[slot] = value }
    }
    _ = try store.insert(store.record(definition.recordType, id), row, isNew: false)
  }
}

/// What an evaluation gave, in a form that tells all differences.
func outcome(_ program: Program, _ frame: Frame) -> String {
  do throws(EvaluationError) { return shown(try program.root.eval(frame)) } catch {
    return "error \(error.code): \(error.message)"
  }
}

/// A value with its type, its scale and the ids of its records.
func shown(_ value: Value) -> String {
  switch value {
  case .record(let record): "\(record.type.name)/\(record.id.utf8.map { $0 })"
  case .list(let items): "[" + items.map(shown).joined(separator: ", ") + "]"
  case .string(let text): "string \(text.utf8.map { $0 })"
  case .decimal(let number): "decimal \(number)"
  default: "\(value)"
  }
}

@Suite struct QueryPropertyTests {
  @Test(arguments: 1...20)
  func `a query gives what the same expression gives in memory`(seed: Int) throws {
    var bench = try QueryBench(propertySchema)
    bench.checksNull = false
    bench.declareProperty()
    var generator = QueryGenerator(seed: UInt64(seed))
    var data = PropertyData(random: SeededNumbers(seed: UInt64(seed) &* 7919))
    var counts = (whole: 0, narrowed: 0, memory: 0, errors: 0)
    /// The next one with types that fit.
    func expression() -> (String, CheckedExpr) {
      while true {
        let text = generator.expression()
        if let checked = try? bench.environment.checked(ExprSource(text)) { return (text, checked) }
      }
    }
    for _ in 0..<4 {
      let store = try Store.open(nil, schema: bench.schema)
      try store.perform { store throws(Refusal) in try data.fill(store) }
      for _ in 0..<40 {
        let (text, checked) = expression()
        var layout = bench.layout
        let plain = bench.environment.plan(checked, layout: &layout)
        let pushed = bench.environment.plan(checked, layout: &layout, queries: bench.planner)
        let held = bench.environment.plan(
          checked, layout: &layout, queries: SQLQueryPlanner(bench.schema))
        let queries = bench.planner.queries(in: checked)
        counts.whole += queries.contains { !$0.isNarrowed } ? 1 : 0
        counts.narrowed += queries.contains { $0.isNarrowed } ? 1 : 0
        counts.memory += queries.isEmpty ? 1 : 0
        try store.perform { store throws(Refusal) in
          let frame = Frame(layout, host: store)
          func set() throws(Refusal) {
            let items = try store.records(of: bench.schema.classes[1])
            let zones = try store.records(of: bench.schema.classes[0])
            frame.records[0] = items.isEmpty ? nil : generator.random.pick(items)
            frame.records[1] =
              items.isEmpty || generator.random.chance(40) ? nil : generator.random.pick(items)
            frame.records[2] = generator.random.pick(zones)
            frame.slots[0] = .string(generator.random.pick(QueryGenerator.words))
            frame.slots[1] = .int(generator.random.pick([0, 1, 2, -1, 7, .max, .min]))
            frame.slots[2] = .decimal(
              ExactDecimal(
                coefficient: generator.random.pick([0, 125, 1255, -1, .max]),
                scale: generator.random.pick([0, 2, 3, 30])))
            frame.slots[3] = .timestamp(
              Timestamp("2026-01-01T00:00:00.0005Z") ?? Timestamp(milliseconds: 0))
            frame.slots[4] = .duration(
              TimeSpan(
                nanoseconds: generator.random.pick([
                  0, 3_600_000_000_000, 3_600_000_000_500, -500_000, .max, .min,
                ])))
            frame.slots[6] = .list(
              (0..<generator.random.below(4)).map { _ in
                .string(generator.random.pick(QueryGenerator.words))
              })
            frame.slots[5] = .double(generator.random.pick([0, -0.0, 1.5, .nan, .infinity, 0.1]))
          }
          try set()
          if generator.random.chance(50) { store.forgetAll() }
          let expected = outcome(plain, frame)
          if generator.random.chance(50) { store.forgetAll() }
          let found = outcome(pushed, frame)
          let near = outcome(held, frame)
          if near != expected {
            Issue.record("\(text)\n  in memory: \(expected)\n  over held relations: \(near)")
          }
          if expected.hasPrefix("error") { counts.errors += 1 }
          if expected != found {
            Issue.record(
              "\(text)\n  in memory: \(expected)\n  as a query: \(found)\n  \(queries.map { ($0.isNarrowed ? "narrowed " : "") + $0.sql })"
            )
          }
        }
      }
      try store.close()
    }
    print("seed \(seed): \(counts)")
  }
}
