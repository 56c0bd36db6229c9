import QuartermasterCEL

@testable import QuartermasterCore

/// A class with a fact of each kind that the schema can state of a field.
let conditionSchema = """
  domain: test
  classes:
    Part:
      name: {type: String, required: true}
      rank: {type: Integer, min: 1, max: 5, default: 1}
      stock: {sum: things.count}
      parts: {count: things}
    Thing:
      status:
        type: String
        default: new
        flow: {new: [open], open: [shut], shut: []}
      kind: {type: String, in: [a, b, c]}
      count: {type: Integer, min: 0, default: 0}
      level: {type: Integer, min: 1, max: 5, default: 3}
      free: {type: Integer}
      cost: {type: Decimal, scale: 2, min: 0, default: 0}
      limit: {type: Decimal, scale: 2}
      flag: {type: Boolean, default: false}
      mark: {type: Boolean}
      ratio: {type: Number, default: 0}
      word: {type: String}
      part: {type: Part, inverse: things}
      home: {type: Part, required: true, inverse: residents}
      gap: {computed: thing.count - thing.level}
      twice: {computed: thing.count + thing.count}
      isLow: {computed: thing.level <= 2}
      isBroken: {computed: thing.count < 0}
      worth: {computed: thing.cost * thing.level}
  """

/// Makes conditions over a `thing`, and rows that the schema allows.
struct ConditionGenerator {
  var random: SeededNumbers
  /// The names of the records that conditions read.
  var names = ["thing"]

  // MARK: Conditions

  mutating func condition(depth: Int = 2) -> String {
    guard depth > 0 else { return atom() }
    switch random.below(10) {
    case 0: return "(\(condition(depth: depth - 1)) || \(condition(depth: depth - 1)))"
    case 1: return "!(\(condition(depth: depth - 1)))"
    case 2:
      return
        "(\(condition(depth: 0)) ? \(condition(depth: depth - 1)) : \(condition(depth: depth - 1)))"
    case 3:
      return
        "(\(condition(depth: depth - 1)) && \(condition(depth: depth - 1)) || \(condition(depth: 0)))"
    default: return atom()
    }
  }

  private mutating func record() -> String { random.pick(names) }

  private mutating func field(_ fields: [String]) -> String { record() + "." + random.pick(fields) }

  private mutating func integer() -> String {
    switch random.below(8) {
    case 0: return "\(random.below(9) - 2)"
    case 1: return "\(field(["count", "level", "free"])) + \(random.below(4))"
    case 2: return "\(field(["count", "level"])) - \(field(["count", "level"]))"
    case 3: return field(["home.rank", "home.stock", "home.parts"])
    case 4: return "\(field(["home"])).things.size()"
    case 5: return "(\(atom()) ? \(field(["level"])) : \(random.below(6)))"
    default: return field(["count", "level", "free", "gap", "twice"])
    }
  }

  private mutating func money() -> String {
    random.chance(30)
      ? random.pick(["0", "1.5", "-1", "2"]) : field(["cost", "limit", "worth"])
  }

  private mutating func atom() -> String {
    let comparison = random.pick(["==", "!=", "<", "<=", ">", ">="])
    let equality = random.pick(["==", "!="])
    switch random.below(14) {
    case 0, 1, 2, 3: return "\(integer()) \(comparison) \(integer())"
    case 4, 5:
      return "\(field(["status"])) \(equality) \"\(random.pick(["new", "open", "shut"]))\""
    case 6:
      let list = random.pick(["[\"new\", \"open\"]", "[\"shut\"]", "[\"new\", \"open\", \"shut\"]"])
      return "\(field(["status"])) in \(list)"
    case 7: return "\(field(["kind"])) \(equality) \"\(random.pick(["a", "b"]))\""
    case 8:
      let name = field(["free", "limit", "kind", "part", "home", "count", "word", "mark"])
      return random.chance(20) ? "has(\(name))" : "\(name) \(equality) null"
    case 9: return field(["flag", "isLow", "isBroken"])
    case 10: return "\(field(["cost"])) \(comparison) \(money())"
    case 11: return "\(field(["ratio"])) \(comparison) \(random.pick(["0.0", "1.5"]))"
    case 12: return "\(field(["part"])) \(equality) \(field(["home", "part"]))"
    default:
      let inner = "t.\(random.pick(["count", "level"])) \(comparison) \(random.below(7) - 1)"
      let macro = random.pick(["exists", "all"])
      return "\(field(["home"])).things.\(macro)(t, \(inner))"
    }
  }

  // MARK: Rows

  /// Inserts parts and things, all as the schema allows.
  mutating func fill(_ store: Store) throws(Refusal) {
    try store.begin()
    store.startOperation(now: Timestamp(milliseconds: 1_767_225_600_000))
    for place in 0..<3 {
      try insert(
        store, "Part", "p\(place)",
        ["name": .string("part"), "rank": .int(Int64(1 + random.below(5)))])
    }
    for place in 0..<60 {
      let part: Value = random.chance(40) ? .null : .string("p\(random.below(3))")
      try insert(
        store, "Thing", "t\(place)",
        [
          "status": .string(random.pick(["new", "open", "shut"])),
          "kind": random.chance(30) ? .null : .string(random.pick(["a", "b", "c"])),
          "count": .int(Int64(random.pick([0, 0, 1, 2, 3, 7]))),
          "level": .int(Int64(1 + random.below(5))),
          "free": random.chance(30) ? .null : .int(Int64(random.below(9) - 3)),
          "cost": .decimal(ExactDecimal(coefficient: Int128(random.pick([0, 1, 150])), scale: 2)),
          "limit": random.chance(30)
            ? .null : .decimal(ExactDecimal(coefficient: Int128(random.below(300)), scale: 2)),
          "flag": .bool(random.chance(50)),
          "mark": random.chance(30) ? .null : .bool(random.chance(50)),
          "ratio": .double(random.pick([0, -1, 1.5, 2])),
          "word": random.chance(30) ? .null : .string(random.pick(["", "a", "bc"])),
          "part": part, "home": .string("p\(random.below(3))"),
        ])
    }
    try store.commit()
  }

  private func insert(
    _ store: Store, _ name: String, _ id: String, _ values: [String: Value]
  ) throws(Refusal) {
    guard let definition = store.schema[name] else { return }
    let row = store.emptyRow(definition.recordType)
    for slot in [ClassDefinition.createdAtSlot, ClassDefinition.updatedAtSlot] {
      row.values[slot] = .timestamp(Timestamp(milliseconds: 1_767_225_600_000))
    }
    for field in definition.fields {
      guard let slot = field.slot else { continue }
      if case .rollUp = field.kind { row.values[slot] = .int(0) }
      if let value = values[field.name] { row.values[slot] = value }
    }
    _ = try store.insert(store.record(definition.recordType, id), row, isNew: true)
  }
}
