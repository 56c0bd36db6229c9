internal import QuartermasterCEL

/// Chooses between forms of a condition that mean the same, where SQLite does not find the better one by itself.
enum QueryShaping {
  /// Turns `EXISTS (… WHERE l."order" = o."objectId" AND …)` into `o."objectId" IN (SELECT l."order" …)` where an index
  /// leads to the rows of the sub-query and none to those of the query: SQLite would try each row of the query.
  static func shaped(_ conditions: [QueryCondition], of scope: TableScope) -> [QueryCondition] {
    if conditions.contains(where: { isLookUp($0, in: scope) }) { return conditions }
    return conditions.map { condition in
      guard case .exists(let select, isNegated: false) = condition,
        let (key, column, rest) = link(select, to: scope),
        rest.contains(where: { isSearch($0, in: select.scope) })
      else { return condition }
      return .isAmong(key, column, SubSelect(scope: select.scope, conditions: rest))
    }
  }

  /// Finds the one condition that ties a sub-query to the rows of the query around it; nil when others do, too.
  private static func link(_ select: SubSelect, to outer: TableScope)
    -> (key: ColumnKey, column: ColumnKey, rest: [QueryCondition])?
  {
    let parts = select.conditions.flatMap(\.conjuncts)
    for (place, part) in parts.enumerated() {
      guard case .compare(.key(let a), .equal, .key(let b)) = part else { continue }
      let (inner, key) = a.alias == select.scope.alias ? (a, b) : (b, a)
      guard inner.alias == select.scope.alias, key.alias == outer.alias, key.name == "objectId"
      else { continue }
      var rest = parts
      rest.remove(at: place)
      var aliases: Set<String> = []
      for condition in rest { SQLText.collect(condition, into: &aliases) }
      for join in select.scope.joins { aliases.remove(join.alias) }
      aliases.remove(select.scope.alias)
      return aliases.isEmpty ? (key, inner, rest) : nil
    }
    return nil
  }

  /// Whether an index leads to the few rows that a condition is true for.
  private static func isLookUp(_ condition: QueryCondition, in scope: TableScope) -> Bool {
    guard case .compare(let left, let comparison, let right) = condition else { return false }
    guard comparison == .equal || comparison == .same else { return false }
    return isIndexed(left, right, in: scope) || isIndexed(right, left, in: scope)
  }

  /// Whether an index leads to the rows that a condition is true for, many or few.
  private static func isSearch(_ condition: QueryCondition, in scope: TableScope) -> Bool {
    switch condition {
    case .compare(let left, let comparison, let right):
      if comparison == .notEqual || comparison == .notSame { return false }
      return isIndexed(left, right, in: scope) || isIndexed(right, left, in: scope)
    case .or(let parts): return parts.allSatisfy { isSearch($0, in: scope) }
    case .constant, .and, .exists, .isAmong: return false
    }
  }

  private static func isIndexed(
    _ operand: QueryOperand, _ other: QueryOperand, in scope: TableScope
  ) -> Bool {
    guard case .key(let key) = operand else { return false }
    switch other {
    case .integer, .real, .text, .binding: break
    default: return false
    }
    if key.alias == scope.alias { return begins(key.name, in: scope.definition) }
    let join = scope.joins.first { $0.alias == key.alias }
    return join.map { begins(key.name, in: $0.definition) } ?? false
  }

  /// Whether an index of a class begins with a column.
  private static func begins(_ name: String, in definition: ClassDefinition) -> Bool {
    if name == "objectId" { return true }
    guard let field = definition[name] else { return false }
    return field.isUnique || field.target != nil
      || (definition.indexes + definition.uniqueKeys).contains { $0.first == field.index }
  }
}
