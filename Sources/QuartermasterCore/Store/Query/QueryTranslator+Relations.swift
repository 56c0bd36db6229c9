internal import QuartermasterCEL

extension QueryTranslator {
  /// The number of rows of a sub-query.
  struct Count {
    let select: SubSelect
    /// Where one of these is null there is no number, but an error.
    let failures: [ColumnKey]
  }

  /// A source of rows that a chain begins with.
  struct OpenSource {
    let scope: TableScope
    /// The pointer's column equals the owner's id; nil for a whole class.
    let anchor: QueryCondition?
    /// Where one of these is null there is no owner, but an error.
    let failures: [ColumnKey]

    /// What a macro variable over it stands for.
    var row: RowReference {
      RowReference(
        alias: scope.alias, definition: scope.definition, isNullable: false, path: [])
    }
  }

  /// Opens a SELECT over the source of a chain; nil when its owner is no path and no parameter.
  func open(_ source: QueryChain.Source, named name: String, _ known: Set<ColumnKey>)
    -> OpenSource?
  {
    switch source {
    case .collection(let definition):
      return OpenSource(
        scope: openScope(definition, named: name), anchor: nil, failures: [])
    case .related(let owner, let relation):
      guard let definition = definition(relation.source) else { return nil }
      let id: QueryOperand
      var fails: [ColumnKey] = []
      if dependsOnRow(owner) {
        guard let column = path(owner)?.column, case .pointer = column.type else { return nil }
        fails = failures(of: column, isOrdered: true, known)
        id = .key(column.key)
      } else {
        guard case .record(let name) = type(of: owner).nonNull, let target = schema[name] else {
          return nil
        }
        id = bind(parameter(owner), .owner(target.index), allowsNull: false)
      }
      let scope = openScope(definition, named: name)
      let pointer = ColumnKey(
        alias: scope.alias, name: tables[definition.index].columnNames[relation.slot])
      return OpenSource(
        scope: scope, anchor: .compare(.key(pointer), .equal, id), failures: fails)
    }
  }

  /// Translates `exists`, `all` and `exists_one` over a relation or a class, in each row of the query around it.
  func quantifier(
    _ expr: Expr, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard let chain = QueryChain(expr, in: checked, schema), let last = chain.steps.last else {
      return .unknown
    }
    switch last {
    case .exists(let name, let body):
      return exists(chain, name, body, isAll: false, isNegated: negated, known)
    case .all(let name, let body):
      // all(x, p) is !exists(x, !p), errors included.
      return exists(chain, name, body, isAll: true, isNegated: !negated, known)
    case .existsOne(let name, let body):
      guard let (select, fails, inner) = filtered(chain, named: name, known) else {
        return .unknown
      }
      let truth = with(name, as: inner.row) { self.truth(body, known: inner.known) }
      guard truth.isExact, let condition = truth.upper else { return .unknown }
      var counted = select
      counted.conditions.append(condition)
      return .guarded(
        .compare(.count(counted), negated ? .notEqual : .equal, .integer(1)), by: fails)
    default: return .unknown
    }
  }

  /// The bounds of EXISTS are EXISTS over the bounds of its condition, and the other way round where it is negated.
  private func exists(
    _ chain: QueryChain, _ name: String, _ body: Expr, isAll: Bool, isNegated: Bool,
    _ known: Set<ColumnKey>
  ) -> Truth {
    guard let (select, fails, inner) = filtered(chain, named: name, known) else { return .unknown }
    let truth = with(name, as: inner.row) {
      self.truth(body, negated: isAll, known: inner.known)
    }
    func over(_ condition: QueryCondition?) -> QueryCondition {
      var select = select
      if let condition { select.conditions.append(condition) }
      return .exists(select, isNegated: isNegated)
    }
    if truth.isExact { return .guarded(over(truth.upper), by: fails) }
    guard fails.isEmpty else { return .unknown }
    // Without an upper bound any row may be the one.
    let widest = over(truth.upper)
    let narrowest = truth.lower.map(over)
    return isNegated
      ? Truth(upper: narrowest, lower: widest, isExact: false)
      : Truth(upper: widest, lower: narrowest, isExact: false)
  }

  /// What a step after exact filters sees.
  struct InnerRow {
    let row: RowReference
    let known: Set<ColumnKey>
  }

  /// Opens the sub-query of a chain whose steps before the last are filters without possible errors.
  private func filtered(_ chain: QueryChain, named name: String, _ known: Set<ColumnKey>)
    -> (SubSelect, failures: [ColumnKey], InnerRow)?
  {
    guard let source = open(chain.source, named: name, known) else { return nil }
    var select = SubSelect(scope: source.scope, conditions: source.anchor.map { [$0] } ?? [])
    var inner = known
    for step in chain.steps.dropLast() {
      guard case .filter(let name, let body) = step else { return nil }
      let truth = with(name, as: source.row) { () -> Truth in
        let truth = self.truth(body, known: inner)
        inner = columnsKnown(by: body, inner)
        return truth
      }
      guard truth.isExact, let condition = truth.upper else { return nil }
      select.conditions.append(condition)
    }
    return (select, source.failures, InnerRow(row: source.row, known: inner))
  }

  /// Translates the size of a relation, filtered or not.
  func count(_ expr: Expr, _ known: Set<ColumnKey>) -> Count? {
    guard let chain = QueryChain(expr, in: checked, schema), case .size = chain.steps.last else {
      return nil
    }
    var name = "x"
    if case .filter(let first, _) = chain.steps.first { name = first }
    return filtered(chain, named: name, known).map { Count(select: $0.0, failures: $0.failures) }
  }
}
