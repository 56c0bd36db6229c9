internal import QuartermasterCEL

extension QueryTranslator {
  /// A number computed of columns, in units of its type.
  struct Arithmetic {
    var value: RowValue
    /// What it can be: where this is within 64 bits nothing can overflow.
    let range: ClosedRange<Int128>
  }

  private static let whole = Int128(Int64.min)...Int128(Int64.max)
  /// The instants and spans that the language has, in milliseconds.
  private static let instants: ClosedRange<Int128> = -62_135_596_800_000...253_402_300_799_999
  private static let spans: ClosedRange<Int128> = -9_223_372_036_854...9_223_372_036_854

  /// Translates `+ - *` of integers, decimals of one scale, instants and spans.
  ///
  /// Where SQLite's integers overflow it goes on with real numbers, and the language has an error, or, with decimals,
  /// a larger number. What the schema's least and greatest values cannot exclude is a doubt, so that the rows in
  /// question are looked at in memory.
  func arithmetic(_ expr: Expr, _ known: Set<ColumnKey>) -> Arithmetic? {
    guard case .call(let call) = expr.kind, call.target == nil, call.arguments.count == 2 else {
      return nil
    }
    guard call.function == "_+_" || call.function == "_-_" || call.function == "_*_" else {
      return nil
    }
    let (left, right) = (call.arguments[0], call.arguments[1])
    let a: Arithmetic
    let b: Arithmetic
    // A side without a column takes the scale of the other.
    if dependsOnRow(left) {
      guard let first = part(left, known),
        let second = dependsOnRow(right)
          ? part(right, known) : fixed(right, beside: first.value.type)
      else { return nil }
      (a, b) = (first, second)
    } else {
      guard let second = part(right, known), let first = fixed(left, beside: second.value.type)
      else { return nil }
      (a, b) = (first, second)
    }
    return combined(call.function, a, b)
  }

  private func part(_ expr: Expr, _ known: Set<ColumnKey>) -> Arithmetic? {
    guard let column = path(expr)?.column else { return arithmetic(expr, known) }
    let value = RowValue(
      operand: .key(column.key), type: column.type, isNullable: false,
      failures: failures(of: column, isOrdered: true, known))
    guard let range = range(column.type) else { return nil }
    func bound(_ value: Value?) -> Int128? { value.flatMap { UnitCount($0, column.type)?.floor } }
    let least = max(range.lowerBound, bound(column.minimum) ?? range.lowerBound)
    let greatest = min(range.upperBound, bound(column.maximum) ?? range.upperBound)
    return Arithmetic(value: value, range: least...max(least, greatest))
  }

  private func range(_ type: ColumnType) -> ClosedRange<Int128>? {
    switch type {
    case .integer, .decimal: Self.whole
    case .instant: Self.instants
    case .span: Self.spans
    case .text, .real, .boolean, .pointer, .opaque: nil
    }
  }

  /// A constant or a parameter, in the units that it has beside a column.
  private func fixed(_ expr: Expr, beside neighbour: ColumnType) -> Arithmetic? {
    let type: ColumnType
    switch (self.type(of: expr), neighbour) {
    case (.int, _): type = .integer
    case (.decimal, .decimal): type = neighbour
    case (.timestamp, _): type = .instant
    case (.duration, _): type = .span
    default: return nil
    }
    guard let range = range(type) else { return nil }
    if let value = constant(expr) {
      guard let units = UnitCount(value, type)?.rounded(.exact), let stored = Int64(exactly: units)
      else { return nil }
      let row = RowValue(operand: .integer(stored), type: type, isNullable: false, failures: [])
      return Arithmetic(value: row, range: units...units)
    }
    let operand = bind(parameter(expr), .units(type, .exact), allowsNull: false)
    let row = RowValue(operand: operand, type: type, isNullable: false, failures: [])
    return Arithmetic(value: row, range: range)
  }

  private func combined(_ function: String, _ a: Arithmetic, _ b: Arithmetic) -> Arithmetic? {
    let type: ColumnType
    switch (function, a.value.type, b.value.type) {
    case (_, .integer, .integer): type = .integer
    case ("_+_", .decimal(let x), .decimal(let y)), ("_-_", .decimal(let x), .decimal(let y)):
      if x != y { return nil }
      type = .decimal(x)
    case ("_*_", .decimal(let x), .decimal(let y)):
      if x + y > 18 { return nil }
      type = .decimal(x + y)
    case ("_*_", .decimal(let x), .integer), ("_*_", .integer, .decimal(let x)):
      type = .decimal(x)
    case ("_+_", .instant, .span), ("_+_", .span, .instant), ("_-_", .instant, .span):
      type = .instant
    case ("_-_", .instant, .instant), ("_+_", .span, .span), ("_-_", .span, .span): type = .span
    default: return nil
    }
    guard let allowed = range(type), let range = Self.range(function, a.range, b.range) else {
      return nil
    }
    let sign = function.filter { $0 != "_" }
    let operand = QueryOperand.operation(a.value.operand, sign, b.value.operand)
    var value = RowValue(
      operand: operand, type: type, isNullable: false,
      failures: a.value.failures + b.value.failures, doubts: a.value.doubts + b.value.doubts)
    if allowed.contains(range.lowerBound), allowed.contains(range.upperBound) {
      return Arithmetic(value: value, range: range)
    }
    switch type {
    case .instant, .span:
      value.doubts.append(.compare(operand, .less, .integer(Int64(allowed.lowerBound))))
      value.doubts.append(.compare(operand, .greater, .integer(Int64(allowed.upperBound))))
    default: value.doubts.append(.compare(.typeName(operand), .notEqual, .text("integer")))
    }
    return Arithmetic(value: value, range: allowed)
  }

  private static func range(
    _ function: String, _ a: ClosedRange<Int128>, _ b: ClosedRange<Int128>
  ) -> ClosedRange<Int128>? {
    switch function {
    case "_+_": return a.lowerBound + b.lowerBound...a.upperBound + b.upperBound
    case "_-_": return a.lowerBound - b.upperBound...a.upperBound - b.lowerBound
    default:
      // All bounds have 64 bits, so that a product has at most 127.
      let products = [
        a.lowerBound * b.lowerBound, a.lowerBound * b.upperBound, a.upperBound * b.lowerBound,
        a.upperBound * b.upperBound,
      ]
      guard let least = products.min(), let greatest = products.max() else { return nil }
      return least...greatest
    }
  }
}
