import QuartermasterCEL

/// Finds pairs of rules that start together and whose order matters, without one following the other.
///
/// Two rules start together when one change can wake both. Their order matters when both write a field without
/// reading it, or when one reads what the other writes.
struct RivalFinder {
  /// A pair whose order matters.
  struct Rival {
    let diagnostic: Diagnostic
  }

  private let footprints: [RuleFootprint]
  private let closures: [String: Set<String>]
  /// For each rule what must hold of the record for it to run, as far as that is told by constants.
  private let demands: [Demands]
  /// At most this many pairs are reported; whoever has more has one mistake, not hundreds.
  private static let maximumReports = 100

  init(_ footprints: [RuleFootprint], closures: [String: Set<String>]) {
    self.footprints = footprints
    self.closures = closures
    demands = footprints.map { Demands($0.rule) }
  }

  /// Returns the pairs, in the order of the files.
  func find() -> [Rival] {
    var groups: [Int: [Int]] = [:]
    for (place, footprint) in footprints.enumerated() {
      guard footprint.rule.syntax.phase == .after, let trigger = footprint.rule.recordTrigger,
        !trigger.isTimed
      else { continue }
      groups[trigger.subject.index, default: []].append(place)
    }
    var pairs: Set<Pair> = []
    for (_, members) in groups.sorted(by: { $0.key < $1.key }) {
      collect(members, into: &pairs)
      if pairs.count >= Self.maximumReports { break }
    }
    return pairs.sorted { ($0.second, $0.first) < ($1.second, $1.first) }
      .prefix(Self.maximumReports).map { rival($0) }
  }

  private struct Pair: Hashable {
    let first: Int
    let second: Int
    let field: CheckedExpr.FieldUse
    /// Whether both write it; else one reads it.
    let isConflict: Bool

    func hash(into hasher: inout Hasher) {
      hasher.combine(first)
      hasher.combine(second)
    }
    // One message for a pair of rules is enough.
    static func == (a: Pair, b: Pair) -> Bool { a.first == b.first && a.second == b.second }
  }

  private func collect(_ members: [Int], into pairs: inout Set<Pair>) {
    var blind: [CheckedExpr.FieldUse: [Int]] = [:]
    var writers: [CheckedExpr.FieldUse: [Int]] = [:]
    var readers: [CheckedExpr.FieldUse: [Int]] = [:]
    for place in members {
      for field in Set(footprints[place].blindWrites.map(\.field)) {
        blind[field, default: []].append(place)
      }
      for field in footprints[place].writes { writers[field, default: []].append(place) }
      for field in footprints[place].reads { readers[field, default: []].append(place) }
    }
    for (field, places) in writers.sorted(by: { Self.precedes($0.key, $1.key) }) {
      guard let others = readers[field] else { continue }
      meet(places, others, on: field) { a, b in
        if a != b {
          pairs.insert(
            Pair(first: min(a, b), second: max(a, b), field: field, isConflict: false))
        }
        return pairs.count < Self.maximumReports
      }
    }
    for (field, places) in blind.sorted(by: { Self.precedes($0.key, $1.key) }) {
      // Ten thousand rules that write one and the same value need not be looked at two by two.
      if haveOneValue(places, field) { continue }
      meet(places, places, on: field) { a, b in
        if a < b, disagree(a, b, on: field) {
          pairs.insert(Pair(first: a, second: b, field: field, isConflict: true))
        }
        return pairs.count < Self.maximumReports
      }
    }
  }

  private static func precedes(_ a: CheckedExpr.FieldUse, _ b: CheckedExpr.FieldUse) -> Bool {
    (a.className, a.field) < (b.className, b.field)
  }

  /// Calls a closure for each two rules that may start together and of which none follows the other, until it says
  /// that it has enough.
  ///
  /// Rules that demand different constants of one field never meet, so they are looked for in buckets: ten thousand
  /// rules for ten thousand categories are ten thousand buckets.
  private func meet(
    _ first: [Int], _ second: [Int], on field: CheckedExpr.FieldUse, _ body: (Int, Int) -> Bool
  ) {
    let key = Demands.commonKey(of: second.map { demands[$0] })
    var buckets: [String: [Int]] = [:]
    var open: [Int] = []
    for place in second {
      if let key, let text = demands[place].constants[key] {
        buckets[text, default: []].append(place)
      } else {
        open.append(place)
      }
    }
    for a in first {
      let near: [Int]
      if let key, let text = demands[a].constants[key] {
        near = (buckets[text] ?? []) + open
      } else {
        near = second
      }
      for b in near where mayMeet(a, b) { if !body(a, b) { return } }
    }
  }

  private func mayMeet(_ a: Int, _ b: Int) -> Bool {
    guard a != b, let x = footprints[a].rule.recordTrigger,
      let y = footprints[b].rule.recordTrigger, !x.kinds.isDisjoint(with: y.kinds)
    else { return false }
    let (name, other) = (footprints[a].rule.name, footprints[b].rule.name)
    if closures[name]?.contains(other) == true || closures[other]?.contains(name) == true {
      return false
    }
    return demands[a].agree(with: demands[b], of: x.subject.name) { field in
      footprints[a].writes.contains(field) || footprints[b].writes.contains(field)
    }
  }

  /// Whether all rules write one value to a field.
  private func haveOneValue(_ places: [Int], _ field: CheckedExpr.FieldUse) -> Bool {
    var value: Value?
    for place in places {
      for write in footprints[place].blindWrites where write.field == field {
        guard let constant = write.constant, value.map({ Value.equal($0, constant) }) ?? true
        else { return false }
        value = constant
      }
    }
    return true
  }

  private func disagree(_ a: Int, _ b: Int, on field: CheckedExpr.FieldUse) -> Bool {
    let mine = footprints[a].blindWrites.filter { $0.field == field }
    let theirs = footprints[b].blindWrites.filter { $0.field == field }
    return mine.contains { x in
      theirs.contains { y in
        guard let one = x.constant, let two = y.constant else { return true }
        return !Value.equal(one, two)
      }
    }
  }

  private func rival(_ pair: Pair) -> Rival {
    let (a, b) = (footprints[pair.first].rule, footprints[pair.second].rule)
    let field = "\(pair.field.className).\(pair.field.field)"
    let occasion = occasion(a, b)
    let span = b.recordTrigger?.span ?? b.syntax.span
    return Rival(
      diagnostic: pair.isConflict
        ? .mayConflict(a.name, b.name, occasion, field, at: span)
        : .mayNotCommute(a.name, b.name, occasion, field, at: span))
  }

  /// `when Order becomes paid`, `when Order changes`.
  private func occasion(_ a: CheckedRule, _ b: CheckedRule) -> String {
    guard let x = a.recordTrigger, let y = b.recordTrigger else { return "" }
    let name = x.subject.name
    if let status = status(x), status == self.status(y) { return "when \(name) becomes \(status)" }
    let kinds = x.kinds.intersection(y.kinds)
    if kinds == .created { return "when \(name) is created" }
    if kinds == .deleted { return "when \(name) is deleted" }
    if let fields = x.fields, let others = y.fields,
      let field = fields.first(where: { mine in others.contains { $0.index == mine.index } })
    {
      return "when \(name).\(field.name) changes"
    }
    return "when \(name) changes"
  }

  /// The status in `order.status == "paid"`.
  private func status(_ trigger: CheckedTrigger.Record) -> String? {
    guard let becomes = trigger.becomes, let (function, arguments) = becomes.root.operation,
      function == "_==_", let field = becomes.ownField(arguments[0], of: trigger.subject.variable),
      trigger.subject[field]?.flow != nil,
      case .literal(.string(let text), _) = arguments[1].kind
    else { return nil }
    return text
  }
}

/// What a rule demands of the fields of its record in so many words: `order.status == "paid"`.
struct Demands {
  /// The texts of the constants, by field and where the demand stands: of the edge, or of the conditions.
  private(set) var constants: [String: String] = [:]

  private static let edge = "becomes "
  private static let condition = "when "

  init(_ rule: CheckedRule) {
    guard let trigger = rule.recordTrigger else { return }
    if let becomes = trigger.becomes {
      read(becomes, [trigger.subject.variable], Self.edge, trigger.subject)
    }
    guard let subject = rule.subject else { return }
    for condition in rule.conditions {
      read(condition, subject.currentNames, Self.condition, trigger.subject)
    }
  }

  private mutating func read(
    _ checked: CheckedExpr, _ names: Set<String>, _ prefix: String, _ subject: ClassDefinition
  ) {
    for part in checked.root.operands(of: "_&&_") {
      guard let equality = OwnEquality(part, in: checked, names: names, subject) else { continue }
      guard let text = try? equality.value.printed() else { continue }
      constants[prefix + equality.field.name] = text
    }
  }

  /// Whether one record can meet both, while certain fields may change in between.
  ///
  /// Edges are judged as the round begins, all on the same row. Conditions are judged when a firing's turn comes, so
  /// a field that one of the two changes says nothing.
  func agree(
    with other: Demands, of className: String, mayChange: (CheckedExpr.FieldUse) -> Bool
  ) -> Bool {
    for (key, text) in constants {
      guard let theirs = other.constants[key], theirs != text else { continue }
      if key.hasPrefix(Self.edge) { return false }
      let field = String(key.dropFirst(Self.condition.count))
      if !mayChange(CheckedExpr.FieldUse(className: className, field: field)) { return false }
    }
    return true
  }

  /// The demand that most of some rules make.
  static func commonKey(of all: [Demands]) -> String? {
    var counts: [String: Int] = [:]
    for demands in all { for key in demands.constants.keys { counts[key, default: 0] += 1 } }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}

/// `record.field == constant`, either way round.
struct OwnEquality {
  let field: FieldDefinition
  let value: Value

  /// Reads a part of a condition; nil when it is something else.
  init?(
    _ part: Expr, in checked: CheckedExpr, names: Set<String>, _ subject: ClassDefinition
  ) {
    guard let (function, arguments) = part.operation, function == "_==_", arguments.count == 2
    else { return nil }
    for (side, other) in [(0, 1), (1, 0)] {
      guard case .select(let select) = arguments[side].kind, !select.isOptional,
        let name = select.operand.plainName, names.contains(name),
        case .field? = checked.references[arguments[side].id],
        let field = subject[select.field],
        let value = Self.constant(arguments[other], checked)
      else { continue }
      self.field = field
      self.value = value
      return
    }
    return nil
  }

  private static func constant(_ expr: Expr, _ checked: CheckedExpr) -> Value? {
    if case .constant(let value)? = checked.references[expr.id] { return value }
    if case .literal(let value, _) = expr.kind { return value }
    return nil
  }
}

extension Diagnostic {
  static func mayNotCommute(
    _ first: String, _ second: String, _ occasion: String, _ field: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .warning, "rules/order",
      "\(first) and \(second) both start \(occasion), and one reads what the other writes (\(field)); add `follows:` to say which goes first",
      at: span)
  }

  static func mayConflict(
    _ first: String, _ second: String, _ occasion: String, _ field: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .warning, "rules/order",
      "\(first) and \(second) both start \(occasion), and both may set \(field), to different values: that undoes the operation; add `follows:` to say which goes last",
      at: span)
  }
}
