internal import QuartermasterCEL

/// Chooses between forms of a condition that mean the same, where SQLite does not find the better one by itself: it
/// has no statistics, and takes a status for as good a key as a pointer.
struct QueryShaping {
  private let scope: TableScope
  private let conditions: [QueryCondition]
  private let reaches: [Reach]

  init(_ conditions: [QueryCondition], of scope: TableScope) {
    self.scope = scope
    self.conditions = conditions.flatMap(\.conjuncts)
    reaches = self.conditions.map { Self.reach($0, in: scope) }
  }

  /// The conditions in the form in which they are written.
  var shaped: [QueryCondition] {
    let best = reaches.max() ?? .none
    guard best == .few, let first = reaches.firstIndex(of: .few) else {
      return conditions.map { lookedUp($0, beyond: best) }
    }
    // The owner of a relation, or the first key: what else an index could serve is only compared.
    return conditions.enumerated().map { place, condition in
      place == first ? condition : plain(condition, beside: conditions[first], isOwner: first == 0)
    }
  }

  /// Whether an index leads to a range of rows, which does not come in the order of the key.
  ///
  /// SQLite would rather read the whole table in that order.
  var isRange: Bool {
    zip(conditions, reaches).allSatisfy { condition, reach in
      guard reach != .none, case .compare(_, let comparison, _) = condition else {
        return reach == .none
      }
      return comparison.isOrder
    } && reaches.contains(.part)
  }

  /// Turns `EXISTS (… WHERE l."order" = o."objectId" AND …)` into `o."objectId" IN (SELECT l."order" …)` where an index
  /// leads further to the rows of the sub-query than to those of the query: SQLite would try each row of the query.
  private func lookedUp(_ condition: QueryCondition, beyond own: Reach) -> QueryCondition {
    guard case .exists(let select, isNegated: false) = condition,
      let (key, column, rest) = Self.link(select, to: scope),
      rest.map({ Self.reach($0, in: select.scope) }).max() ?? .none > own
    else { return condition }
    return .isAmong(key, column, SubSelect(scope: select.scope, conditions: rest))
  }

  /// Takes a comparison out of the choice of an index, unless it is a second column of the one that serves the first.
  private func plain(
    _ condition: QueryCondition, beside first: QueryCondition, isOwner: Bool
  ) -> QueryCondition {
    guard case .compare(.key(let key), let comparison, let other) = condition,
      case .compare(.key(let served), _, _) = first
    else { return condition }
    let reach = Self.reach(condition, in: scope)
    guard reach == .part || (reach == .few && isOwner), key.alias == scope.alias,
      served.alias == scope.alias, key.name != "objectId",
      let field = scope.definition[key.name], !field.isUnique,
      let leading = scope.definition[served.name]
    else { return condition }
    let isSecond = (scope.definition.indexes + scope.definition.uniqueKeys).contains {
      $0.first == leading.index && $0.contains(field.index)
    }
    return isSecond ? condition : .compare(.unindexed(.key(key)), comparison, other)
  }

  /// How far an index helps to find the rows that a condition is true for.
  private enum Reach: Int, Comparable {
    /// Not at all.
    case none
    /// To a part of the table: a range, a flag, a status.
    case part
    /// To a few rows.
    case few

    static func < (a: Reach, b: Reach) -> Bool { a.rawValue < b.rawValue }
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

  private static func reach(_ condition: QueryCondition, in scope: TableScope) -> Reach {
    switch condition {
    case .compare(let left, let comparison, let right):
      let found = max(reach(left, right, in: scope), reach(right, left, in: scope))
      switch comparison {
      case .equal, .same: return found
      case .less, .lessOrEqual, .greater, .greaterOrEqual: return min(found, .part)
      case .notEqual, .notSame: return .none
      }
    case .or(let parts): return parts.map { reach($0, in: scope) }.min() ?? .none
    case .isListed(let key, let list, isNegated: false): return reach(.key(key), list, in: scope)
    case .constant, .and, .exists, .isAmong, .isListed, .grants: return .none
    }
  }

  private static func reach(
    _ operand: QueryOperand, _ other: QueryOperand, in scope: TableScope
  ) -> Reach {
    guard case .key(let key) = operand else { return .none }
    switch other {
    case .integer, .real, .text, .binding: break
    case .null: if key.alias != scope.alias { return .none }
    // A column of the query around a sub-query does not change while the sub-query runs.
    case .key(let outer):
      if outer.alias == scope.alias || scope.joins.contains(where: { $0.alias == outer.alias }) {
        return .none
      }
    default: return .none
    }
    if key.alias == scope.alias { return reach(key.name, in: scope.definition) }
    let join = scope.joins.first { $0.alias == key.alias }
    return join.map { reach(key.name, in: $0.definition) } ?? .none
  }

  /// What an index of a class does that begins with a column.
  private static func reach(_ name: String, in definition: ClassDefinition) -> Reach {
    if name == "objectId" { return .few }
    guard let field = definition[name] else { return .none }
    if field.isUnique || field.target != nil { return .few }
    guard (definition.indexes + definition.uniqueKeys).contains(where: { $0.first == field.index })
    else { return .none }
    return field.type == .boolean || field.flow != nil || field.allowed != nil ? .part : .few
  }
}
