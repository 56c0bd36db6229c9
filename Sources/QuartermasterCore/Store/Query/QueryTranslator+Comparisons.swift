internal import QuartermasterCEL

extension QueryTranslator {
  /// A side of a comparison.
  private enum Term {
    case constant(Value)
    case parameter(Int, CELType)
    case column(QueryColumn)
    /// The size of a relation.
    case count(Count)
  }

  /// Translates a comparison. `same` and `notSame` are chosen here, never asked for.
  func comparison(
    _ left: Expr, _ comparison: QueryCondition.Comparison, _ right: Expr,
    _ known: Set<ColumnKey>
  ) -> Truth {
    if isNull(right) { return nullComparison(left, comparison, known) }
    if isNull(left) { return nullComparison(right, comparison, known) }
    guard let a = term(left, known), let b = term(right, known) else { return .unknown }
    switch (a, b) {
    case (.column(let x), .column(let y)): return columns(x, comparison, y, known)
    case (.column(let x), .constant(let y)): return constant(x, comparison, y, known)
    case (.constant(let x), .column(let y)): return constant(y, comparison.mirrored, x, known)
    case (.column(let x), .parameter(let y, let type)):
      return parameter(x, comparison, y, type, known)
    case (.parameter(let x, let type), .column(let y)):
      return parameter(y, comparison.mirrored, x, type, known)
    case (.count(let count), .constant(let value)): return size(count, comparison, value)
    case (.constant(let value), .count(let count)): return size(count, comparison.mirrored, value)
    case (.count(let count), .parameter(let place, let type)):
      return size(count, comparison, place, type)
    case (.parameter(let place, let type), .count(let count)):
      return size(count, comparison.mirrored, place, type)
    default: return .unknown
    }
  }

  private func term(_ expr: Expr, _ known: Set<ColumnKey>) -> Term? {
    if let value = constant(expr) { return .constant(value) }
    if !dependsOnRow(expr) { return .parameter(parameter(expr), type(of: expr)) }
    if let path = path(expr) { return .column(path.column) }
    return count(expr, known).map(Term.count)
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

  private func columns(
    _ a: QueryColumn, _ comparison: QueryCondition.Comparison, _ b: QueryColumn,
    _ known: Set<ColumnKey>
  ) -> Truth {
    // Different scales do not compare as stored; JSON texts of equal lists may differ.
    guard a.type == b.type, a.type != .opaque else { return .unknown }
    let isOrdered = comparison.isOrder
    if isOrdered, case .pointer = a.type { return .unknown }
    let form = form(comparison, isNullable(a, known), isNullable(b, known))
    let fails =
      failures(of: a, isOrdered: isOrdered, known) + failures(of: b, isOrdered: isOrdered, known)
    return .guarded(.compare(.key(a.key), form, .key(b.key)), by: fails)
  }

  private func constant(
    _ column: QueryColumn, _ comparison: QueryCondition.Comparison, _ value: Value,
    _ known: Set<ColumnKey>
  ) -> Truth {
    let fails = failures(of: column, isOrdered: comparison.isOrder, known)
    let key = QueryOperand.key(column.key)
    let form = form(comparison, isNullable(column, known), false)
    switch (column.type, value) {
    case (.text, .string(let text)):
      return .guarded(.compare(key, form, .text(text)), by: fails)
    case (.real, .double(let number)) where !number.isNaN:
      return .guarded(.compare(key, form, .real(number)), by: fails)
    default:
      guard let units = UnitCount(value, column.type) else { return .unknown }
      return .guarded(unitComparison(key, comparison, form, units), by: fails)
    }
  }

  /// Compares a column with a number of its units that may lie between two of them, or beyond what it can hold.
  private func unitComparison(
    _ key: QueryOperand, _ comparison: QueryCondition.Comparison,
    _ form: QueryCondition.Comparison, _ units: UnitCount
  ) -> QueryCondition {
    guard let bound = units.rounded(UnitRounding(for: comparison)) else {
      return .constant(comparison == .notEqual)
    }
    if let stored = Int64(exactly: bound) { return .compare(key, form, .integer(stored)) }
    switch comparison {
    case .less, .lessOrEqual: return .constant(bound > 0)
    case .greater, .greaterOrEqual: return .constant(bound < 0)
    default: return .constant(comparison == .notEqual)
    }
  }

  private func parameter(
    _ column: QueryColumn, _ comparison: QueryCondition.Comparison, _ place: Int, _ type: CELType,
    _ known: Set<ColumnKey>
  ) -> Truth {
    let conversion: QueryBinding.Conversion
    switch (column.type, type.nonNull) {
    case (.text, .string): conversion = .text
    case (.real, .double): conversion = .real
    case (.boolean, .bool), (.integer, .int), (.decimal, .decimal), (.instant, .timestamp),
      (.span, .duration), (.integer, .decimal), (.decimal, .int):
      conversion = .units(column.type, UnitRounding(for: comparison))
    case (.pointer(let target), .record(let name)):
      guard !comparison.isOrder, schema.classes[target].name == name else { return .unknown }
      conversion = .id(target)
    default: return .unknown
    }
    let isOrdered = comparison.isOrder
    let operand = bind(place, conversion, allowsNull: type.acceptsNull && !isOrdered)
    let form = form(comparison, isNullable(column, known), type.acceptsNull)
    return .guarded(
      .compare(.key(column.key), form, operand),
      by: failures(of: column, isOrdered: isOrdered, known))
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
}
