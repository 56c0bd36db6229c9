internal import QuartermasterCEL

extension QueryTranslator {
  /// A value of each row, as SQL: a column, or what is computed of columns.
  struct RowValue {
    let operand: QueryOperand
    let type: ColumnType
    /// Whether it may be null, without being an error.
    let isNullable: Bool
    /// Where one of these is null there is no value, but an error.
    let failures: [ColumnKey]
    /// Where one of these holds the value is not what the language computes: an overflow.
    var doubts: [QueryCondition] = []
  }

  /// A side of a comparison.
  private enum Term {
    case constant(Value)
    case parameter(Int, CELType)
    case row(RowValue)
    /// The size of a relation.
    case count(Count)
  }

  /// Translates a comparison; `same` and `notSame` are chosen here, never asked for.
  func comparison(
    _ left: Expr, _ comparison: QueryCondition.Comparison, _ right: Expr,
    _ known: Set<ColumnKey>
  ) -> Truth {
    if isNull(right) { return nullComparison(left, comparison, known) }
    if isNull(left) { return nullComparison(right, comparison, known) }
    guard let a = term(left, comparison, known), let b = term(right, comparison, known) else {
      return .unknown
    }
    switch (a, b) {
    case (.row(let x), .row(let y)): return rows(x, comparison, y)
    case (.row(let x), .constant(let y)): return constant(x, comparison, y)
    case (.constant(let x), .row(let y)): return constant(y, comparison.mirrored, x)
    case (.row(let x), .parameter(let y, let type)): return parameter(x, comparison, y, type)
    case (.parameter(let x, let type), .row(let y)):
      return parameter(y, comparison.mirrored, x, type)
    case (.count(let count), .constant(let value)): return size(count, comparison, value)
    case (.constant(let value), .count(let count)): return size(count, comparison.mirrored, value)
    case (.count(let count), .parameter(let place, let type)):
      return size(count, comparison, place, type)
    case (.parameter(let place, let type), .count(let count)):
      return size(count, comparison.mirrored, place, type)
    default: return .unknown
    }
  }

  private func term(
    _ expr: Expr, _ comparison: QueryCondition.Comparison, _ known: Set<ColumnKey>
  ) -> Term? {
    if let value = constant(expr) { return .constant(value) }
    if !dependsOnRow(expr) { return .parameter(parameter(expr), type(of: expr)) }
    if let column = path(expr)?.column {
      return .row(
        RowValue(
          operand: .key(column.key), type: column.type, isNullable: isNullable(column, known),
          failures: failures(of: column, isOrdered: comparison.isOrder, known)))
    }
    return arithmetic(expr, known).map { .row($0.value) } ?? count(expr, known).map(Term.count)
  }

  /// `x == null`: SQL says it with IS.
  private func nullComparison(
    _ expr: Expr, _ comparison: QueryCondition.Comparison, _ known: Set<ColumnKey>
  ) -> Truth {
    guard comparison == .equal || comparison == .notEqual, let column = path(expr)?.column else {
      return .unknown
    }
    return presence(of: column, isNull: comparison == .equal, known)
  }

  /// Whether a column is null, or whether it is not.
  func presence(of column: QueryColumn, isNull: Bool, _ known: Set<ColumnKey>) -> Truth {
    let condition: QueryCondition =
      isNullable(column, known)
      ? .compare(.key(column.key), isNull ? .same : .notSame, .null) : .constant(!isNull)
    return .guarded(condition, by: failures(of: column, isOrdered: false, known))
  }

  private func isNullable(_ column: QueryColumn, _ known: Set<ColumnKey>) -> Bool {
    column.isNullable && !known.contains(column.key)
  }

  /// Chooses the form of `==` and `!=` that is right where a side is null.
  private func form(_ comparison: QueryCondition.Comparison, _ a: Bool, _ b: Bool)
    -> QueryCondition.Comparison
  {
    switch comparison {
    case .equal: a && b ? .same : .equal
    case .notEqual: a || b ? .notSame : .notEqual
    default: comparison
    }
  }

  private func rows(
    _ a: RowValue, _ comparison: QueryCondition.Comparison, _ b: RowValue
  ) -> Truth {
    // Different scales do not compare as stored; JSON texts of equal lists may differ.
    guard a.type == b.type, a.type != .opaque else { return .unknown }
    if comparison.isOrder, case .pointer = a.type { return .unknown }
    let form = form(comparison, a.isNullable, b.isNullable)
    return .guarded(
      .compare(a.operand, form, b.operand), by: a.failures + b.failures,
      doubts: a.doubts + b.doubts)
  }

  private func constant(
    _ row: RowValue, _ comparison: QueryCondition.Comparison, _ value: Value
  ) -> Truth {
    let form = form(comparison, row.isNullable, false)
    let condition: QueryCondition
    switch (row.type, value) {
    case (.text, .string(let text)): condition = .compare(row.operand, form, .text(text))
    case (.real, .double(let number)) where !number.isNaN:
      condition = .compare(row.operand, form, .real(number))
    default:
      guard let units = UnitCount(value, row.type) else { return .unknown }
      condition = unitComparison(row.operand, comparison, form, units)
    }
    return .guarded(condition, by: row.failures, doubts: row.doubts)
  }

  /// Compares a column with a number of its units that may lie between two of them, or beyond what it can hold.
  private func unitComparison(
    _ operand: QueryOperand, _ comparison: QueryCondition.Comparison,
    _ form: QueryCondition.Comparison, _ units: UnitCount
  ) -> QueryCondition {
    guard let bound = units.rounded(UnitRounding(for: comparison)) else {
      return .constant(comparison == .notEqual)
    }
    if let stored = Int64(exactly: bound) { return .compare(operand, form, .integer(stored)) }
    switch comparison {
    case .less, .lessOrEqual: return .constant(bound > 0)
    case .greater, .greaterOrEqual: return .constant(bound < 0)
    default: return .constant(comparison == .notEqual)
    }
  }

  private func parameter(
    _ row: RowValue, _ comparison: QueryCondition.Comparison, _ place: Int, _ type: CELType
  ) -> Truth {
    let conversion: QueryBinding.Conversion
    switch (row.type, type.nonNull) {
    case (.text, .string): conversion = .text
    case (.real, .double): conversion = .real
    case (.boolean, .bool), (.integer, .int), (.decimal, .decimal), (.instant, .timestamp),
      (.span, .duration), (.integer, .decimal), (.decimal, .int):
      conversion = .units(row.type, UnitRounding(for: comparison))
    case (.pointer(let target), .record(let name)):
      guard !comparison.isOrder, schema.classes[target].name == name else { return .unknown }
      conversion = .id(target)
    default: return .unknown
    }
    var form = form(comparison, row.isNullable, type.acceptsNull)
    // A price with more digits than the column has equals none in it. Where the column is never null, `= NULL` is true
    // nowhere and `IS NOT NULL` everywhere, as it should be.
    let allowsNone = form == .equal || (form != .same && !row.isNullable)
    if allowsNone, form == .notEqual { form = .notSame }
    let operand = bind(
      place, conversion, allowsNull: type.acceptsNull && !comparison.isOrder,
      allowsNone: allowsNone)
    return .guarded(
      .compare(row.operand, form, operand), by: row.failures, doubts: row.doubts)
  }

  // MARK: Sizes

  private func size(
    _ count: Count, _ comparison: QueryCondition.Comparison, _ value: Value
  ) -> Truth {
    guard let units = UnitCount(value, .integer) else { return .unknown }
    let condition: QueryCondition
    switch (comparison, units.rounded(UnitRounding(for: comparison))) {
    case (.greater, 0), (.greaterOrEqual, 1), (.notEqual, 0):
      condition = .exists(count.select, isNegated: false)
    case (.less, 1), (.lessOrEqual, 0), (.equal, 0):
      condition = .exists(count.select, isNegated: true)
    default:
      condition = unitComparison(.count(count.select), comparison, comparison, units)
    }
    return .guarded(condition, by: count.failures)
  }

  private func size(
    _ count: Count, _ comparison: QueryCondition.Comparison, _ place: Int, _ type: CELType
  ) -> Truth {
    guard type == .int else { return .unknown }
    let operand = bind(place, .units(.integer, .exact), allowsNull: false)
    return .guarded(.compare(.count(count.select), comparison, operand), by: count.failures)
  }
}

extension QueryCondition.Comparison {
  /// Whether it asks for an order, which null has none in.
  var isOrder: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .equal, .notEqual, .same, .notSame: false
    }
  }

  /// The comparison that holds where this one does not.
  var inverse: Self {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    case .same: .notSame
    case .notSame: .same
    }
  }

  /// The comparison with the sides exchanged.
  var mirrored: Self {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual, .same, .notSame: self
    }
  }
}
