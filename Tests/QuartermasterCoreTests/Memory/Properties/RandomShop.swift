import QuartermasterCEL

@testable import QuartermasterCore

/// A random project for the properties of the journal: rules on parts and boxes, and a stream of changes.
struct RandomShop {
  static let schema = """
    domain: random
    classes:
      Box:
        level: {type: Integer, default: 0}
        state: {type: String, in: [new, open, done], default: new}
        load: {sum: parts.n}
        busy: {count: parts, where: part.state == "open"}
        gap: {computed: box.load - box.level}
      Part:
        n: {type: Integer, default: 0}
        m: {type: Integer, default: 3}
        state: {type: String, in: [new, open, done], default: new}
        price: {type: Decimal, scale: 2, default: "1.50"}
        ripe: {type: Date}
        box: {type: Box, inverse: parts, onDelete: clear}
        diff: {computed: part.n - part.m}
      Log:
        text: {type: String, required: true}
        n: {type: Integer, default: 0}
      Tag:
        text: {type: String, required: true, unique: true}
    signals:
      audit: {amount: Integer}
    """

  /// The rules, each an item of a rule file.
  private(set) var rules: [String] = []
  /// The changes, as lines of a stream.
  private(set) var lines: [String] = []
  private var random: SplitMix

  init(seed: UInt64) {
    random = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    for number in 0..<(3 + pick(5)) { rules.append(rule("rule-\(number)")) }
    rules += Self.timed
    makeLines()
  }

  /// The rule file.
  var text: String { rules.joined(separator: "\n") }

  /// A generator of numbers that is the same everywhere.
  struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  mutating func pick<T>(_ items: [T]) -> T { items[pick(items.count)] }

  // MARK: Rules

  /// Rules that wait for their time.
  private static let timed = [
    """
    - rule: still-open
      trigger:
        saved: Part
        becomes: part.state == "open"
        for: 2h
        repeat: 3h
      action:
        - create: Log
          text: open
    """,
    """
    - rule: ripe
      trigger:
        saved: Part
        due: part.ripe
      action:
        - set: part
          m: part.m + 1
    """,
    """
    - rule: nightly
      trigger:
        every: day
        at: "02:00"
      action:
        - create: Log
          text: night
    """,
  ]

  private mutating func rule(_ name: String) -> String {
    let isPart = pick(3) > 0
    let record = isPart ? "part" : "box"
    let event = pick(["changed", "changed", "saved", "created"])
    let fields = isPart ? ["n", "m", "state", "diff", "box"] : ["level", "load", "busy", "gap"]
    let subject = (isPart ? "Part" : "Box") + (pick(3) == 0 ? "." + pick(fields) : "")
    var text = "- rule: \(name)\n  trigger:\n    \(event): \(subject)\n"
    if pick(2) == 0 { text += "    becomes: \(condition(record, isPart))\n" }
    if pick(3) == 0 { text += "  failure: skip\n" }
    var conditions: [String] = []
    if pick(2) == 0 { conditions.append(condition(pick([record, "new"]), isPart)) }
    if event == "changed", pick(2) == 0 {
      let field = isPart ? pick(["n", "m", "diff"]) : pick(["level", "load", "gap"])
      conditions.append("new.\(field) \(pick(["!=", ">", "<="])) old.\(field)")
    }
    if pick(5) == 0 { conditions.append("Log.size() < 40") }
    if !conditions.isEmpty {
      text += "  when:\n" + conditions.map { "    - \($0)\n" }.joined()
    }
    text += "  action:\n"
    for _ in 0..<(1 + pick(2)) { text += action(record, isPart) }
    return text
  }

  private mutating func condition(_ record: String, _ isPart: Bool) -> String {
    let limit = pick(16)
    let choices =
      isPart
      ? [
        "\(record).n > \(limit)", "\(record).diff <= \(limit - 8)", "\(record).state == \"open\"",
        "\(record).n < \(limit) && \(record).state != \"done\"", "\(record).price > 1.75",
        "\(record).m != 3 || \(record).n == \(limit)",
      ]
      : [
        "\(record).load > \(limit)", "\(record).gap <= \(limit)", "\(record).busy > 0",
        "\(record).level < \(limit) || \(record).busy == 2",
      ]
    return pick(choices)
  }

  private mutating func action(_ record: String, _ isPart: Bool) -> String {
    let number = pick(8)
    if isPart {
      return pick([
        "    - set: part\n      when: part.m < 9\n      m: part.m + 1\n",
        "    - set: part\n      state: done\n",
        "    - create: Log\n      n: part.n\n      text: part\n",
        "    - set: part\n      n: part.n - part.n / 2\n",
        "    - set: part.box\n      when: part.box != null\n      level: \(number)\n",
        "    - create: Tag\n      text: tag ${part.n}\n",
        "    - create: Part\n      when: Part.size() < 30\n      n: \(number)\n      box: part.box\n",
      ])
    }
    return pick([
      "    - set: box\n      when: box.level < 9\n      level: box.level + 1\n",
      "    - set: p\n      each: p in box.parts\n      when: p.m < 6\n      m: p.m + 1\n",
      "    - create: Log\n      n: box.load\n      text: box\n",
      "    - signal: audit\n      amount: box.load\n",
      "    - set: box\n      state: \(number < 4 ? "open" : "done")\n",
    ])
  }

  // MARK: Changes

  private mutating func makeLines() {
    var parts: [String] = []
    var boxes: [String] = []
    var minutes = 0
    for number in 0..<60 {
      var at = ""
      if pick(8) == 0 {
        minutes += pick([1, 45, 200, 900])
        let instant = Timestamp(
          milliseconds: MemoryShop.start.milliseconds + Int64(minutes) * 60_000)
        at = #","at":"\#(instant)""#
      }
      switch pick(10) {
      case 0, 1:
        parts.append("p\(number)")
        lines.append(line("create", "Part", "p\(number)", partFields(boxes), at))
      case 2:
        boxes.append("b\(number)")
        lines.append(line("create", "Box", "b\(number)", "", at))
      case 3 where !parts.isEmpty && pick(2) == 0:
        let place = pick(parts.count)
        lines.append(line("delete", "Part", parts[place], nil, at))
        if pick(2) == 0 { parts.remove(at: place) }
      case 4 where !boxes.isEmpty:
        lines.append(line("set", "Box", pick(boxes), "\"level\":\(pick(12))", at))
      case 5 where pick(3) == 0:
        lines.append(#"{"op":"signal","name":"audit","fields":{"amount":\#(pick(9))}\#(at)}"#)
      default:
        if parts.isEmpty {
          parts.append("p\(number)")
          lines.append(line("create", "Part", "p\(number)", partFields(boxes), at))
        } else {
          lines.append(line("set", "Part", pick(parts), partFields(boxes), at))
        }
      }
    }
  }

  private func line(
    _ op: String, _ className: String, _ id: String, _ fields: String?, _ at: String
  ) -> String {
    let given = fields.map { #","fields":{\#($0)}"# } ?? ""
    return #"{"op":"\#(op)","class":"\#(className)","id":"\#(id)"\#(given)\#(at)}"#
  }

  private mutating func partFields(_ boxes: [String]) -> String {
    var fields = ["\"n\":\(pick(20))"]
    if pick(3) == 0 { fields.append("\"state\":\"\(pick(["new", "open", "done"]))\"") }
    if pick(4) == 0 { fields.append("\"price\":\"\(pick(["0.99", "1.80", "2.50"]))\"") }
    if pick(4) == 0, !boxes.isEmpty {
      fields.append(
        #""box":{"__type":"Pointer","className":"Box","objectId":"\#(pick(boxes))"}"#)
    }
    if pick(8) == 0 {
      let instant = Timestamp(
        milliseconds: MemoryShop.start.milliseconds + Int64(pick(4000)) * 60_000)
      fields.append(#""ripe":{"__type":"Date","iso":"\#(instant)"}"#)
    }
    return fields.joined(separator: ",")
  }
}
