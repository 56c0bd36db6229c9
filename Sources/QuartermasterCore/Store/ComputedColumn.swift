internal import QuartermasterCEL

/// The column of a computed field: a VIRTUAL generated column with the formula as SQL.
///
/// Only formulas get one that SQL says exactly as the language does: own fields, literals, `+ - *`, comparisons,
/// logic, `?:`, `round`, `in` a list of
/// literals. The others are computed in memory, and queries cannot push them down.
package struct ComputedColumn: Sendable {
  /// The formula.
  package let sql: String
  /// How its values stand in the column.
  package let codec: ColumnCodec
  /// What must hold in every row, so that the column never differs from the formula: SQLite turns an integer that
  /// overflows into a real number, where the language has an error.
  let checks: [String]

  /// Returns the columns of a class by place in ``ClassDefinition/fields``.
  static func columns(of definition: ClassDefinition) -> [Int: ComputedColumn] {
    var columns: [Int: ComputedColumn] = [:]
    // A formula may read computed fields after it; a pass that finds nothing new is the last.
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for field in definition.fields {
        guard case .computed(let checked) = field.kind, columns[field.index] == nil else {
          continue
        }
        var emitter = ColumnEmitter(definition, checked, computed: columns)
        guard let term = emitter.term(checked.root), let sql = emitter.fitted(term, to: field.type)
        else { continue }
        columns[field.index] = ComputedColumn(
          sql: sql, codec: ColumnCodec(field.type), checks: emitter.checks)
        isGrowing = true
      }
    }
    return columns
  }
}

/// Writes a checked formula over one row as SQL.
struct ColumnEmitter {
  /// What kind of value a piece of SQL gives.
  enum Kind: Equatable {
    case null, integer, real, boolean, text, date, duration
    case decimal(scale: Int)
    case pointer
  }

  /// A piece of SQL, safe to stand as an operand.
  struct Term {
    let sql: String
    let kind: Kind
  }

  private let definition: ClassDefinition
  private let checked: CheckedExpr
  private let computed: [Int: ComputedColumn]
  /// Conditions under which the SQL means what the formula means.
  private(set) var checks: [String] = []

  init(_ definition: ClassDefinition, _ checked: CheckedExpr, computed: [Int: ComputedColumn]) {
    self.definition = definition
    self.checked = checked
    self.computed = computed
  }

  /// Returns an expression as SQL, or nil when SQL cannot say it exactly.
  mutating func term(_ expr: Expr) -> Term? {
    if case .constant(let value)? = checked.references[expr.id] { return constant(value) }
    switch expr.kind {
    case .literal(let value, _): return constant(value)
    case .select(let select): return column(select)
    case .call(let call): return self.call(call)
    case .name, .list, .map, .has, .comprehension, .bind: return nil
    }
  }

  /// Returns a term brought to the type of a field, or nil when it is of another one.
  mutating func fitted(_ term: Term, to type: FieldType) -> String? {
    switch (type, term.kind) {
    case (.integer, .integer), (.number, .real), (.boolean, .boolean), (.string, .text),
      (.date, .date), (.duration, .duration):
      return term.sql
    case (.decimal(let scale), .decimal), (.decimal(let scale), .integer):
      return rescaled(term, to: scale)?.sql
    default: return nil
    }
  }

  // MARK: Leaves

  private func constant(_ value: Value) -> Term? {
    switch value {
    case .null: return Term(sql: "NULL", kind: .null)
    case .bool(let flag): return Term(sql: flag ? "1" : "0", kind: .boolean)
    case .int(let number):
      // The least integer is no literal of SQL: it reads a minus and a number that is too large.
      return number == .min ? nil : Term(sql: Self.number(number), kind: .integer)
    case .double(let number):
      // SQLite 3.40 does not always read the nearest double; it does where few binary digits follow the point.
      let scaled = number * 1024
      guard scaled.rounded() == scaled, scaled.magnitude < 9e15 else { return nil }
      let text = "\(number)"
      return Term(sql: number.sign == .minus ? "(\(text))" : text, kind: .real)
    case .decimal(let number):
      guard let units = Int64(exactly: number.coefficient), units != .min else { return nil }
      return Term(sql: Self.number(units), kind: .decimal(scale: number.scale))
    case .string(let text):
      guard !text.utf8.contains(0) else { return nil }
      let doubled = text.split(separator: "'", omittingEmptySubsequences: false)
      return Term(sql: "'" + doubled.joined(separator: "''") + "'", kind: .text)
    case .timestamp(let instant):
      guard instant.nanoseconds % 1_000_000 == 0 else { return nil }
      return Term(sql: Self.number(instant.milliseconds), kind: .date)
    case .duration(let span):
      guard span.nanoseconds % 1_000_000 == 0 else { return nil }
      return Term(sql: Self.number(span.milliseconds), kind: .duration)
    default: return nil
    }
  }

  private static func number(_ value: Int64) -> String { value < 0 ? "(\(value))" : "\(value)" }

  private func column(_ select: Expr.Select) -> Term? {
    guard case .name = select.operand.kind, !select.isOptional,
      case .variable? = checked.references[select.operand.id],
      checked.types[select.operand.id].nonNull == .record(definition.name)
    else { return nil }
    switch select.field {
    case "objectId": return Term(sql: "\"objectId\"", kind: .text)
    case "createdAt", "updatedAt": return Term(sql: "\"\(select.field)\"", kind: .date)
    default: break
    }
    guard let field = definition[select.field],
      field.slot != nil || computed[field.index] != nil, let kind = Self.kind(of: field.type)
    else { return nil }
    return Term(sql: ClassTable.quoted(field.name), kind: kind)
  }

  private static func kind(of type: FieldType) -> Kind? {
    switch type {
    case .string: .text
    case .integer: .integer
    case .number: .real
    case .decimal(let scale): .decimal(scale: scale)
    case .boolean: .boolean
    case .date: .date
    case .duration: .duration
    case .pointer: .pointer
    case .array, .object, .geoPoint: nil
    }
  }

  // MARK: Operators

  private mutating func call(_ call: Expr.Call) -> Term? {
    guard call.target == nil else { return nil }
    if call.function == "@in" { return membership(call.arguments) }
    if call.function == "round" { return rounded(call.arguments) }
    if let constant = Self.time(call) { return self.constant(constant) }
    var terms: [Term] = []
    for argument in call.arguments {
      guard let term = term(argument) else { return nil }
      terms.append(term)
    }
    switch (call.function, terms.count) {
    case ("_+_", 2), ("_-_", 2), ("_*_", 2):
      return arithmetic(call.function, terms[0], terms[1])
    case ("-_", 1): return negation(terms[0])
    case ("_==_", 2), ("_!=_", 2), ("_<_", 2), ("_<=_", 2), ("_>_", 2), ("_>=_", 2):
      return comparison(call.function, terms[0], terms[1])
    case ("_&&_", 2) where terms.allSatisfy { $0.kind == .boolean }:
      return Term(sql: "(\(terms[0].sql) AND \(terms[1].sql))", kind: .boolean)
    case ("_||_", 2) where terms.allSatisfy { $0.kind == .boolean }:
      return Term(sql: "(\(terms[0].sql) OR \(terms[1].sql))", kind: .boolean)
    case ("!_", 1) where terms[0].kind == .boolean:
      return Term(sql: "(NOT \(terms[0].sql))", kind: .boolean)
    case ("_?:_", 3) where terms[0].kind == .boolean:
      guard let (a, b) = unified(terms[1], terms[2]) else { return nil }
      return Term(
        sql: "(CASE WHEN \(terms[0].sql) THEN \(a.sql) ELSE \(b.sql) END)",
        kind: a.kind == .null ? b.kind : a.kind)
    default: return nil
    }
  }

  /// Returns the time that a call such as `duration("1h")` or `days(3)` makes of a literal.
  private static func time(_ call: Expr.Call) -> Value? {
    guard call.arguments.count == 1, case .literal(let value, _) = call.arguments[0].kind else {
      return nil
    }
    func span(_ milliseconds: Int64, _ count: Int64) -> Value? {
      let (product, over) = milliseconds.multipliedReportingOverflow(by: count)
      return over ? nil : TimeSpan(milliseconds: product).map(Value.duration)
    }
    switch (call.function, value) {
    case ("timestamp", .string(let text)): return Timestamp(text).map(Value.timestamp)
    case ("duration", .string(let text)):
      return TimeSpan(text, allowsDays: false).map(Value.duration)
    case ("minutes", .int(let count)): return span(60_000, count)
    case ("hours", .int(let count)): return span(3_600_000, count)
    case ("days", .int(let count)): return span(86_400_000, count)
    default: return nil
    }
  }

  private mutating func arithmetic(_ function: String, _ a: Term, _ b: Term) -> Term? {
    let sign = function == "_+_" ? "+" : function == "_-_" ? "-" : "*"
    switch (a.kind, b.kind, sign) {
    case (.integer, .integer, _): return whole(sign, a, b, .integer)
    case (.real, .real, _): return Term(sql: "(\(a.sql) \(sign) \(b.sql))", kind: .real)
    case (.text, .text, "+"): return Term(sql: "(\(a.sql) || \(b.sql))", kind: .text)
    case (.date, .duration, "+"), (.duration, .date, "+"), (.date, .duration, "-"):
      return whole(sign, a, b, .date)
    case (.duration, .duration, "+"), (.duration, .duration, "-"), (.date, .date, "-"):
      return whole(sign, a, b, .duration)
    case (.decimal(let x), .decimal(let y), "*"): return whole(sign, a, b, .decimal(scale: x + y))
    case (.decimal(let x), .integer, "*"), (.integer, .decimal(let x), "*"):
      return whole(sign, a, b, .decimal(scale: x))
    case (.decimal, .decimal, _), (.decimal, .integer, _), (.integer, .decimal, _):
      guard let (a, b) = unified(a, b) else { return nil }
      return whole(sign, a, b, a.kind)
    default: return nil
    }
  }

  /// Writes `round(x, places)`: SQL divides integers toward zero, so half a unit is added away from it before.
  private mutating func rounded(_ arguments: [Expr]) -> Term? {
    guard arguments.count == 2, let term = term(arguments[0]), case .decimal(let scale) = term.kind,
      case .literal(.int(let literal), _) = arguments[1].kind, let places = Int(exactly: literal),
      (0...18).contains(places)
    else { return nil }
    if places >= scale { return rescaled(term, to: places) }
    guard scale - places <= 18 else { return nil }
    let unit = "1" + String(repeating: "0", count: scale - places)
    let half = "5" + String(repeating: "0", count: scale - places - 1)
    let sum = "(\(term.sql) + CASE WHEN \(term.sql) < 0 THEN -\(half) ELSE \(half) END)"
    checks.append("typeof(\(sum)) <> 'real'")
    return Term(sql: "(\(sum) / \(unit))", kind: .decimal(scale: places))
  }

  /// Writes an operation on integers, and asks that its result is one and in the range of its kind.
  private mutating func whole(_ sign: String, _ a: Term, _ b: Term, _ kind: Kind) -> Term {
    let sql = "(\(a.sql) \(sign) \(b.sql))"
    switch kind {
    // The instants and spans that the language has, in milliseconds.
    case .date: checks.append("\(sql) BETWEEN -62135596800000 AND 253402300799999")
    case .duration: checks.append("\(sql) BETWEEN -9223372036854 AND 9223372036854")
    default: checks.append("typeof(\(sql)) <> 'real'")
    }
    return Term(sql: sql, kind: kind)
  }

  private mutating func negation(_ term: Term) -> Term? {
    switch term.kind {
    case .integer, .decimal, .duration:
      return whole("-", Term(sql: "0", kind: term.kind), term, term.kind)
    case .real: return Term(sql: "(-\(term.sql))", kind: .real)
    default: return nil
    }
  }

  private mutating func comparison(_ function: String, _ a: Term, _ b: Term) -> Term? {
    guard let (a, b) = unified(a, b) else { return nil }
    switch function {
    // IS, not =: null equals null in the language.
    case "_==_": return Term(sql: "(\(a.sql) IS \(b.sql))", kind: .boolean)
    case "_!=_": return Term(sql: "(\(a.sql) IS NOT \(b.sql))", kind: .boolean)
    default:
      if a.kind == .pointer || a.kind == .null || b.kind == .null { return nil }
      let sign = function.filter { $0 != "_" }
      return Term(sql: "(\(a.sql) \(sign) \(b.sql))", kind: .boolean)
    }
  }

  private mutating func membership(_ arguments: [Expr]) -> Term? {
    guard arguments.count == 2, let item = term(arguments[0]),
      case .list(let elements) = arguments[1].kind, elements.allSatisfy({ !$0.isOptional })
    else { return nil }
    var parts: [String] = []
    for element in elements {
      guard let value = term(element.value), let part = comparison("_==_", item, value) else {
        return nil
      }
      parts.append(part.sql)
    }
    return Term(sql: parts.isEmpty ? "0" : "(\(parts.joined(separator: " OR ")))", kind: .boolean)
  }

  /// Returns two terms of one kind, decimals at the larger scale; nil when they do not meet.
  private mutating func unified(_ a: Term, _ b: Term) -> (Term, Term)? {
    if a.kind == b.kind || a.kind == .null || b.kind == .null { return (a, b) }
    switch (a.kind, b.kind) {
    case (.decimal(let x), .decimal(let y)):
      guard let a = rescaled(a, to: max(x, y)), let b = rescaled(b, to: max(x, y)) else {
        return nil
      }
      return (a, b)
    case (.decimal(let scale), .integer): return rescaled(b, to: scale).map { (a, $0) }
    case (.integer, .decimal(let scale)): return rescaled(a, to: scale).map { ($0, b) }
    default: return nil
    }
  }

  /// Returns an integer or a decimal at a scale that is not smaller than its own.
  private mutating func rescaled(_ term: Term, to scale: Int) -> Term? {
    let from: Int
    switch term.kind {
    case .integer: from = 0
    case .decimal(let scale): from = scale
    default: return nil
    }
    if from == scale { return Term(sql: term.sql, kind: .decimal(scale: scale)) }
    guard scale > from, scale - from <= 18 else { return nil }
    let power = "1" + String(repeating: "0", count: scale - from)
    return whole("*", term, Term(sql: power, kind: .integer), .decimal(scale: scale))
  }
}
