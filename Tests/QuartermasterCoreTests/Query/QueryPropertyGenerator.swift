import QuartermasterCEL

/// A schema with a field of each kind, nullable and not, and pointers of each kind.
let propertySchema = """
  domain: test
  classes:
    Zone:
      name: {type: String}
      rank: {type: Integer, required: true}
      fee: {type: Decimal, scale: 2}
    Item:
      zone: {type: Zone, inverse: items}
      home: {type: Zone, required: true, inverse: residents}
      parent: {type: Item, inverse: children}
      text: {type: String}
      label: {type: String, required: true}
      n: {type: Integer}
      m: {type: Integer, required: true}
      small: {type: Integer, min: 0, max: 100, default: 0}
      price: {type: Decimal, scale: 2}
      cost: {type: Decimal, scale: 2, required: true}
      rate: {type: Decimal, scale: 4, required: true}
      flag: {type: Boolean, default: false}
      mark: {type: Boolean}
      day: {type: Date}
      since: {type: Date, required: true}
      wait: {type: Duration}
      length: {type: Duration, required: true}
      ratio: {type: Number, required: true}
      share: {type: Number}
      gap: {computed: item.small - 50}
      index: [[label], [m], [flag, m], [text]]
    Badge:
      item: {type: Item, required: true, unique: true, inverse: badge}
      code: {type: String}
      level: {type: Integer, required: true}
  """

/// Numbers that are the same for the same seed, on every machine.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}

/// Makes expressions over the classes of ``propertySchema``.
///
/// Their variables: `p` is an item, `q` an item or null, `z` a zone, and `word`, `number`, `money`, `when`, `span`,
/// `part` values. Unguarded nulls are wanted: errors, and their absorption, are half of what is tested.
struct QueryGenerator {
  var random: SeededNumbers
  private var names = 0

  init(seed: UInt64) { random = SeededNumbers(seed: seed) }

  private enum Kind: CaseIterable { case text, int, decimal2, decimal4, bool, date, span, double }

  private static let fields: [Kind: [String]] = [
    .text: ["text", "label", "objectId", "home.name", "zone.name", "badge.code", "parent.text"],
    .int: [
      "n", "m", "small", "gap", "home.rank", "zone.rank", "badge.level", "parent.m",
      "parent.home.rank", "parent.parent.n",
    ],
    .decimal2: ["price", "cost", "home.fee", "zone.fee", "parent.cost"],
    .decimal4: ["rate", "parent.rate"],
    .bool: ["flag", "mark", "parent.flag"],
    .date: ["day", "since", "createdAt", "home.createdAt"],
    .span: ["wait", "length"],
    .double: ["ratio", "share"],
  ]

  private mutating func kind() -> Kind { random.pick(Kind.allCases) }

  private mutating func variable() -> String {
    names += 1
    return "x\(names)"
  }

  // MARK: Values

  private mutating func field(_ v: String, _ kind: Kind) -> String {
    v + "." + random.pick(Self.fields[kind] ?? [])
  }

  static let words = [
    "", "\u{0}", "a\u{0}b", "\n", "a", "A", "ab", "abc", "b", "é", "e\u{301}", "ü", "z", "\u{FFFF}",
    "😀", "a'b",
  ]

  mutating func literal(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out.unicodeScalars.append("\\") }
      if scalar.value < 32 {
        out += "\\u00\(scalar.value < 16 ? "0" : "1")\(String(scalar.value & 15, radix: 16))"
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private mutating func constant(_ kind: Kind) -> String {
    switch kind {
    case .text: return literal(random.pick(Self.words))
    case .int:
      return random.pick(["0", "1", "-1", "7", "50", "9223372036854775807", "-9223372036854775808"])
    case .decimal2, .decimal4:
      return random.pick([
        "0.0", "1.5", "1.25", "1.255", "-0.01", "100.0", "decimal('1.00001')",
        "92233720368547758.07", "decimal('99999999999999999999999')",
      ])
    case .bool: return random.pick(["true", "false"])
    case .date:
      return random.pick([
        "timestamp('2026-01-01T00:00:00Z')", "timestamp('2026-01-01T00:00:00.0005Z')",
        "timestamp('0001-01-01T00:00:00Z')",
      ])
    case .span:
      return random.pick([
        "duration('1h')", "duration('1h0.0000005s')", "duration('-1ms')", "days(3)",
      ])
    case .double: return random.pick(["0.0", "1.5", "-1e300", "0.1", "1e22"])
    }
  }

  private mutating func parameter(_ kind: Kind) -> String {
    switch kind {
    case .text: return random.pick(["word", "p.label", "p.text", "p.zone.name", "word + 'b'"])
    case .int:
      return random.pick([
        "number", "p.m", "p.n", "q.m", "p.zone.rank", "number / p.small", "p.m + 1",
        "p.children.size()",
      ])
    case .decimal2, .decimal4:
      return random.pick(["money", "p.cost", "p.rate", "p.price", "p.zone.fee"])
    case .bool: return random.pick(["p.flag", "p.mark", "q == null", "p.m > number"])
    case .date: return random.pick(["when", "p.since", "p.day", "when - days(1)"])
    case .span: return random.pick(["span", "p.length", "p.wait"])
    case .double: return random.pick(["part", "p.ratio", "p.share"])
    }
  }

  private mutating func value(_ v: String, _ kind: Kind) -> String {
    switch random.below(10) {
    case 0..<4: constant(kind)
    case 4..<7: parameter(kind)
    case 7..<9: field(v, kind)
    default: kind == .int ? "(\(field(v, .int)) + \(constant(.int)))" : field(v, kind)
    }
  }

  private mutating func record(_ v: String, zone: Bool) -> String {
    zone
      ? random.pick([
        "z", "p.zone", "p.home", "q.zone", v + ".home", v + ".zone", v + ".parent.zone",
      ])
      : random.pick(["p", "q", "p.parent", v, v + ".parent", v + ".parent.parent"])
  }

  // MARK: Conditions

  /// Returns a condition on the item `v`.
  mutating func condition(_ v: String, depth: Int) -> String {
    if depth > 0, random.chance(65) {
      let a = condition(v, depth: depth - 1)
      switch random.below(12) {
      case 0..<5: return "(\(a) && \(condition(v, depth: depth - 1)))"
      case 5..<9: return "(\(a) || \(condition(v, depth: depth - 1)))"
      case 9..<11: return "!(\(a))"
      default:
        return "(\(a) ? \(condition(v, depth: depth - 1)) : \(condition(v, depth: depth - 1)))"
      }
    }
    return atom(v, depth: depth)
  }

  private mutating func atom(_ v: String, depth: Int) -> String {
    switch random.below(36) {
    case 31..<34:
      // Both sides may be null.
      let (a, b) = random.pick([
        ("text", "p.text"), ("zone", "p.zone"), ("parent", "q"), ("price", "p.price"), ("n", "p.n"),
        ("zone", "q.zone"), ("day", "p.day"), ("text", "\(v).zone.name"), ("parent.text", "p.text"),
        ("parent.n", "p.n"), ("zone", "\(v).parent.zone"), ("wait", "p.wait"),
      ])
      return "\(v).\(a) \(random.pick(["==", "!="])) \(b)"
    case 34..<36:
      let word = random.chance(50) ? constant(.text) : parameter(.text)
      return "\(v).\(random.pick(["label", "text", "home.name"])).startsWith(\(word))"
    case 28..<31: return arithmetic(v)
    case 0..<7:
      let kind = kind()
      let field = field(v, kind)
      if kind == .bool, random.chance(50) { return field }
      let sign = random.pick(["==", "!=", "<", "<=", ">", ">="])
      let other = value(v, kind)
      return random.chance(80) ? "\(field) \(sign) \(other)" : "\(other) \(sign) \(field)"
    case 7..<10:
      // Guarded, as the checker asks for.
      let kind = kind()
      let name = random.pick(Self.fields[kind] ?? [])
      let steps = name.split(separator: ".")
      let guards = steps.indices.map {
        v + "." + steps[...$0].joined(separator: ".") + " != null"
      }
      let tail =
        kind == .bool
        ? "\(v).\(name)" : "\(v).\(name) \(random.pick(["<", ">=", "=="])) \(value(v, kind))"
      return "(" + (guards + [tail]).joined(separator: " && ") + ")"
    case 10..<12:
      let path = random.pick([
        "zone", "text", "n", "price", "badge", "parent", "zone.name", "parent.zone", "day",
      ])
      return "\(v).\(path) \(random.pick(["==", "!="])) null"
    case 12..<15:
      let zone = random.chance(50)
      return "\(record(v, zone: zone)) \(random.pick(["==", "!="])) \(record(v, zone: zone))"
    case 15 where random.chance(50):
      return random.pick([
        "\(v).label in [word, p.label, 'a']", "\(v).label in words",
        "\(v).m in p.children.map(c, c.m)",
        "\(v).home in z.items.map(i, i.zone)", "\(v).home in [z, p.home]", "\(v) in p.children",
        "\(v).home in z.items.filter(i, i.zone != null).map(i, i.home)",
        "\(v).cost in Item.map(i, i.price)", "\(v).cost in p.children.map(c, c.rate)",
        "\(v).objectId in words", "\(v).text in words", "\(v).zone in z.items.map(i, i.zone)",
        "\(v).zone in p.children.map(i, i.zone)", "\(v).n in p.children.map(c, c.n)",
      ])
    case 15:
      let kind = random.pick([Kind.text, .int, .decimal2])
      let items = (0..<random.below(4)).map { _ in
        random.chance(70) ? constant(kind) : parameter(kind)
      }
      return "\(field(v, kind)) in [\(items.joined(separator: ", "))]"
    case 16..<18:
      let method = random.pick(["startsWith", "contains", "endsWith"])
      return
        "\(field(v, .text)).\(method)(\(random.chance(60) ? constant(.text) : parameter(.text)))"
    case 18:
      return
        "has(\(v).\(random.pick(["text", "zone", "children", "badge", "zone.fee", "parent.children"])))"
    case 19..<23:
      let x = variable()
      let source = random.pick([
        v + ".children", v + ".children", v + ".parent.children", "p.children", "Item",
      ])
      let macro = random.pick(["exists", "all", "exists_one"])
      let join = source == "Item" ? "\(x).parent == \(v) && " : ""
      return "\(source).\(macro)(\(x), \(join)\(condition(x, depth: max(depth - 1, 0))))"
    case 23..<25:
      let x = variable()
      let filter = random.chance(50) ? ".filter(\(x), \(condition(x, depth: 0)))" : ""
      let sign = random.pick([">", "==", "<=", "!=", ">="])
      return
        "\(v).children\(filter).size() \(sign) \(random.chance(70) ? "\(random.below(3))" : "p.small")"
    case 25:
      return "\(v).m \(random.pick(["/", "%", "*", "-"])) \(field(v, .int)) > \(constant(.int))"
    case 26:
      return
        "Badge.exists(b\(names), b\(names).item == \(v) && b\(names).level > \(random.below(5)))"
    default: return parameter(.bool)
    }
  }

  private mutating func arithmetic(_ v: String) -> String {
    let sign = random.pick(["==", "!=", "<", "<=", ">", ">="])
    switch random.below(5) {
    case 0..<2:
      let a = field(v, .int)
      let b = random.pick([
        field(v, .int), constant(.int), parameter(.int), "(\(v).small * \(v).gap)",
      ])
      return "(\(a) \(random.pick(["+", "-", "*"])) \(b)) \(sign) \(value(v, .int))"
    case 2:
      let kind = random.pick([Kind.decimal2, .decimal4])
      let a = field(v, kind)
      let b = random.pick([field(v, kind), constant(kind), parameter(kind), "\(v).small"])
      return "\(a) \(random.pick(["+", "-", "*"])) \(b) \(sign) \(value(v, kind))"
    case 3:
      let other = random.pick([parameter(.span), constant(.span), field(v, .span)])
      return "\(field(v, .date)) \(random.pick(["+", "-"])) \(other) \(sign) \(value(v, .date))"
    default:
      return "\(parameter(.date)) - \(field(v, .date)) \(sign) \(value(v, .span))"
    }
  }

  // MARK: Chains

  /// Returns an expression over items: a deep one, or a plain one, in which nothing covers a difference.
  mutating func expression() -> String {
    if random.chance(50) { return deepExpression() }
    let x = variable()
    let source = random.pick(["Item", "Item", "p.children", "z.items", "q.children"])
    switch random.below(8) {
    case 0..<3: return "\(source).filter(\(x), \(atom(x, depth: 1)))"
    case 3: return "\(source).filter(\(x), !(\(atom(x, depth: 1))))"
    case 4: return "\(source).\(random.pick(["exists", "all"]))(\(x), \(condition(x, depth: 1)))"
    case 5:
      let keys = ["flag", "small", "label", "m", "home.rank", "since", "cost", "text"]
      let first = random.pick(keys)
      let sign = first == "m" || first == "cost" || first == "small" ? random.pick(["", "-"]) : ""
      let second = random.chance(50) ? ".sortBy(\(x), \(x).\(random.pick(keys)))" : ""
      let end = random.pick(["", ".last()", ".first()", ".slice(number, 3)", ".map(y, y.label)"])
      return "\(source)\(second).sortBy(\(x), \(sign)\(x).\(first))\(end)"
    case 6:
      let field = random.pick(["m", "m", "small", "cost", "length", "rate", "ratio"])
      let filter = random.chance(40) ? ".filter(\(x), \(atom(x, depth: 0)))" : ""
      return
        "\(source)\(filter).map(\(x), \(x).\(field)).\(random.pick(["sum()", "sum()", "avg()", "avg(2)", "min()"]))"
    default: return projected(source, x)
    }
  }

  private mutating func deepExpression() -> String {
    var text = random.pick([
      "Item", "Item", "Item", "p.children", "z.items", "z.residents", "q.children",
    ])
    var isSliced = false
    while random.chance(55) {
      let x = variable()
      switch random.below(6) {
      case 0..<4: text += ".filter(\(x), \(condition(x, depth: 2)))"
      case 4:
        let kind = random.pick([Kind.text, .int, .decimal2, .date, .span, .double])
        let sign =
          kind == .int || kind == .decimal2 || kind == .double ? random.pick(["", "-"]) : ""
        text += ".sortBy(\(x), \(sign)\(field(x, kind)))"
      default:
        if isSliced { continue }
        isSliced = true
        text +=
          ".slice(\(random.pick(["0", "1", "-1", "number"])), \(random.pick(["2", "5", "p.small", "0"])))"
      }
    }
    let x = variable()
    switch random.below(12) {
    case 0: return text + ".size()"
    case 1: return "size(\(text))"
    case 2: return text + random.pick([".first()", ".last()"])
    case 3..<7:
      return text + "." + random.pick(["exists", "all", "exists_one"])
        + "(\(x), \(condition(x, depth: 2)))"
    case 7..<10: return projected(text, x)
    case 10: return text + ".filter(\(x), \(condition(x, depth: 3)))"
    default: return text + ".map(\(x), \(x).\(random.pick(["zone", "home", "objectId", "badge"])))"
    }
  }

  private mutating func projected(_ text: String, _ x: String) -> String {
    let kind = kind()
    let filter = random.chance(25) ? condition(x, depth: 1) + ", " : ""
    let mapped = text + ".map(\(x), \(filter)\(field(x, kind)))"
    let isNumber = kind == .int || kind == .decimal2 || kind == .decimal4
    switch random.below(isNumber ? 9 : kind == .bool ? 3 : 5) {
    case 0: return mapped
    case 1: return mapped + ".distinct()" + random.pick(["", ".size()", ".first()"])
    case 2: return mapped + random.pick([".first()", ".last()", ".size()", ".slice(1, 3)"])
    case 3..<5: return mapped + random.pick([".min()", ".max()"])
    case 5..<7: return mapped + ".sum()"
    case 7: return mapped + ".avg(\(random.pick(["2", "0", "p.small", "-1"])))"
    default: return mapped + ".avg()"
    }
  }
}
