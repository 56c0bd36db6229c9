internal import QuartermasterCEL

extension QueryTranslator {
  /// Translates a condition on the rows in scope, or its negation.
  ///
  /// Negations go down to the leaves, because SQL's own negation of NULL is not true where the language's is.
  ///
  /// - Parameters:
  ///   - expr: The condition.
  ///   - negated: Whether its negation is wanted.
  ///   - known: Columns that are not null wherever the answer matters: where one is null, something beside the
  ///     condition decides.
  /// - Returns: What SQL can say of it.
  func truth(_ expr: Expr, negated: Bool = false, known: Set<ColumnKey> = []) -> Truth {
    if case .bool(let value) = constant(expr) { return .exactly(.constant(value != negated)) }
    if !dependsOnRow(expr) { return parameterTruth(expr, negated) }
    switch expr.kind {
    case .call(let call):
      switch (call.function, call.target, call.arguments.count) {
      case ("_&&_", nil, 2), ("_||_", nil, 2):
        let parts = flattened(expr, call.function)
        return junction(
          parts, isAnd: (call.function == "_&&_") != negated, negated: negated, known)
      case ("!_", nil, 1):
        return truth(call.arguments[0], negated: !negated, known: known)
      case ("_?_:_", nil, 3):
        return choice(call.arguments, negated, known)
      case ("@in", nil, 2):
        return membership(call.arguments[0], call.arguments[1], negated, known)
      case ("startsWith", .some(let target), 1):
        return prefix(target, call.arguments[0], negated, known)
      case ("contains", .some(let target), 1):
        return containment(target, call.arguments[0], negated, known)
      case (CELLibrary.grants, nil, 3):
        return granted(call.arguments, negated, known)
      case (CELLibrary.few, nil, 1):
        return fewOwned(call.arguments[0], negated)
          ?? truth(call.arguments[0], negated: negated, known: known)
      case (_, nil, 2):
        guard let comparison = Self.comparisons[call.function] else { return .unknown }
        return self.comparison(
          call.arguments[0], negated ? comparison.inverse : comparison, call.arguments[1], known)
      default: return .unknown
      }
    case .comprehension:
      return quantifier(expr, negated, known)
    case .has(let select):
      return presence(expr, select, negated, known)
    case .select, .name:
      guard let column = path(expr)?.column, column.type == .boolean else { return .unknown }
      return .guarded(
        .compare(.key(column.key), .equal, .integer(negated ? 0 : 1)),
        by: failures(of: column, isOrdered: true, known))
    default: return .unknown
    }
  }

  static let comparisons: [String: QueryCondition.Comparison] = [
    "_==_": .equal, "_!=_": .notEqual, "_<_": .less, "_<=_": .lessOrEqual, "_>_": .greater,
    "_>=_": .greaterOrEqual,
  ]

  private func parameterTruth(_ expr: Expr, _ negated: Bool) -> Truth {
    guard type(of: expr) == .bool else { return .unknown }
    let place = parameter(expr)
    let operand = bind(place, .units(.boolean, .exact), allowsNull: false)
    return .exactly(.compare(operand, .equal, .integer(negated ? 0 : 1)))
  }

  /// Returns the operands of a chain of one logical operator, in order.
  func flattened(_ expr: Expr, _ function: String) -> [Expr] {
    var found: [Expr] = []
    var open = [expr]
    while let next = open.popLast() {
      if case .call(let call) = next.kind, call.function == function, call.target == nil,
        call.arguments.count == 2
      {
        open.append(call.arguments[1])
        open.append(call.arguments[0])
      } else {
        found.append(next)
      }
    }
    return found
  }

  /// Translates a conjunction or a disjunction (of the negated parts, where `negated`).
  ///
  /// A part `x != null` of a conjunction makes x known in the others: where x is null the conjunction is false
  /// whatever they are, errors included. In a disjunction `x == null` does.
  func junction(_ parts: [Expr], isAnd: Bool, negated: Bool, _ outer: Set<ColumnKey>) -> Truth {
    var known = outer
    var truths = [Truth?](repeating: nil, count: parts.count)
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for (place, part) in parts.enumerated() where truths[place] == nil {
        guard let column = nullTest(part, isNull: !isAnd, negated: negated) else { continue }
        let truth = truth(part, negated: negated, known: known)
        guard truth.isExact else { continue }
        truths[place] = truth
        known.insert(column.key)
        isGrowing = true
      }
    }
    let all = parts.enumerated().map { place, part in
      truths[place] ?? truth(part, negated: negated, known: known)
    }
    return isAnd ? .all(all) : .any(all)
  }

  /// Returns the columns that are known not to be null where a condition is true.
  func columnsKnown(by expr: Expr, _ outer: Set<ColumnKey>) -> Set<ColumnKey> {
    var known = outer
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for part in flattened(expr, "_&&_") {
        guard let column = nullTest(part, isNull: false, negated: false),
          !known.contains(column.key), truth(part, known: known).isExact
        else { continue }
        known.insert(column.key)
        isGrowing = true
      }
    }
    return known
  }

  /// Returns the column of a comparison with null that says that it is null, or that it is not.
  private func nullTest(_ expr: Expr, isNull wanted: Bool, negated: Bool) -> QueryColumn? {
    guard case .call(let call) = expr.kind else { return nil }
    if call.function == "!_", call.arguments.count == 1 {
      return nullTest(call.arguments[0], isNull: wanted, negated: !negated)
    }
    guard call.function == "_==_" || call.function == "_!=_", call.arguments.count == 2,
      ((call.function == "_==_") != negated) == wanted
    else { return nil }
    let (left, right) = (call.arguments[0], call.arguments[1])
    guard isNull(left) || isNull(right) else { return nil }
    return path(isNull(right) ? left : right)?.column
  }

  /// `c ? a : b`: an error of `c` is an error of the whole.
  private func choice(_ parts: [Expr], _ negated: Bool, _ known: Set<ColumnKey>) -> Truth {
    let condition = truth(parts[0], known: known)
    let otherwise = truth(parts[0], negated: true, known: known)
    guard condition.isExact, otherwise.isExact else { return .unknown }
    let then = truth(parts[1], negated: negated, known: columnsKnown(by: parts[0], known))
    var absent = known
    if let column = nullTest(parts[0], isNull: true, negated: false) { absent.insert(column.key) }
    let other = truth(parts[2], negated: negated, known: absent)
    return .any([.all([condition, then]), .all([otherwise, other])])
  }

  /// `x in [a, b]`: a chain of `==`, which SQLite looks up in an index one by one.
  private func membership(
    _ item: Expr, _ list: Expr, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard case .list(let elements) = list.kind, !elements.contains(where: \.isOptional) else {
      return listed(item, list, negated, known)
    }
    let parts = elements.map {
      comparison(item, negated ? .notEqual : .equal, $0.value, known)
    }
    // An error of one comparison is an error of the look-up: nothing absorbs it.
    guard parts.allSatisfy(\.isExact) else { return .unknown }
    if !parts.isEmpty { return negated ? .all(parts) : .any(parts) }
    guard let column = path(item)?.column else { return .unknown }
    return .guarded(.constant(negated), by: failures(of: column, isOrdered: false, known))
  }

  /// `x in list`, where the list is a parameter: it is bound as JSON, whose elements an index looks up one by one.
  private func listed(
    _ item: Expr, _ list: Expr, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard let column = path(item)?.column, !dependsOnRow(list),
      case .list(let element) = type(of: list)
    else { return .unknown }
    // Null may be an element, and SQL's IN does not find it.
    if column.isNullable, !known.contains(column.key) { return .unknown }
    let conversion: QueryBinding.Conversion
    switch (column.type, element.nonNull) {
    case (.text, .string): conversion = .text
    case (.integer, .int), (.decimal, .decimal), (.instant, .timestamp), (.span, .duration):
      conversion = .units(column.type, .exact)
    case (.pointer(let target), .record(let name)) where schema.classes[target].name == name:
      conversion = .id(target)
    default: return .unknown
    }
    let operand = bind(parameter(list), .list(conversion), allowsNull: false)
    return .guarded(
      .isListed(column.key, operand, isNegated: negated),
      by: failures(of: column, isOrdered: false, known))
  }

  /// `x.startsWith(p)`: the range of texts between the prefix and what follows the last text with it.
  ///
  /// `LIKE` would not tell upper from lower case.
  private func prefix(
    _ target: Expr, _ prefix: Expr, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard let column = path(target)?.column, column.type == .text else { return .unknown }
    let (from, end): (QueryOperand, QueryOperand?)
    if let value = constant(prefix) {
      guard case .string(let text) = value else { return .unknown }
      from = .text(text)
      end = QueryBinding.prefixEnd(text).map(QueryOperand.text)
    } else {
      guard !dependsOnRow(prefix), type(of: prefix) == .string else { return .unknown }
      let place = parameter(prefix)
      from = bind(place, .text, allowsNull: false)
      end = bind(place, .prefixEnd, allowsNull: false)
    }
    let text = QueryOperand.key(column.key)
    let condition: QueryCondition =
      negated
      ? .any(
        [.compare(text, .less, from)] + (end.map { [.compare(text, .greaterOrEqual, $0)] } ?? []))
      : .all(
        [.compare(text, .greaterOrEqual, from)] + (end.map { [.compare(text, .less, $0)] } ?? []))
    return .guarded(condition, by: failures(of: column, isOrdered: true, known))
  }

  /// `x.contains(p)`: no index serves it, but fewer rows are read into memory.
  private func containment(
    _ target: Expr, _ part: Expr, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard let column = path(target)?.column, column.type == .text else { return .unknown }
    let needle: QueryOperand
    if let value = constant(part) {
      guard case .string(let text) = value else { return .unknown }
      needle = .text(text)
    } else {
      guard !dependsOnRow(part), type(of: part) == .string else { return .unknown }
      needle = bind(parameter(part), .text, allowsNull: false)
    }
    let position = QueryOperand.position(of: needle, in: .key(column.key))
    return .guarded(
      .compare(position, negated ? .equal : .greater, .integer(0)),
      by: failures(of: column, isOrdered: true, known))
  }

  /// Whether the permissions of a row grant a right to one of the keys, or it has none.
  private func granted(_ parts: [Expr], _ negated: Bool, _ known: Set<ColumnKey>) -> Truth {
    guard !negated, let column = path(parts[0])?.column, column.type == .opaque,
      case .string(let right)? = constant(parts[1]), case .list(let elements) = parts[2].kind
    else { return .unknown }
    var keys: [String] = []
    for element in elements {
      guard case .string(let key)? = constant(element.value) else { return .unknown }
      keys.append(key)
    }
    return .guarded(
      .any([.compare(.key(column.key), .same, .null), .grants(column.key, right, to: keys)]),
      by: failures(of: column, isOrdered: false, known))
  }

  /// `x.a.b.objectId == "u"` as `a IN (SELECT objectId FROM A WHERE b = 'u')`, which is found once for all rows; nil for
  /// anything else.
  private func fewOwned(_ expr: Expr, _ negated: Bool) -> Truth? {
    guard !negated, let last = flattened(expr, "_&&_").last, case .call(let call) = last.kind,
      call.function == "_==_", call.arguments.count == 2,
      case .string(let id)? = constant(call.arguments[1]),
      case .select(let identity) = call.arguments[0].kind, identity.field == "objectId",
      case .select(let user) = identity.operand.kind,
      let pointer = path(user.operand)?.column, case .pointer(let target) = pointer.type,
      schema.classes[target][user.field]?.target != nil
    else { return nil }
    let scope = openScope(schema.classes[target], named: schema.classes[target].variable)
    let users = SubSelect(
      scope: scope,
      conditions: [
        .compare(.key(ColumnKey(alias: scope.alias, name: user.field)), .equal, .text(id))
      ])
    // A pointer that is null is among none, as its tests for null have it.
    return .exactly(
      .isAmong(pointer.key, ColumnKey(alias: scope.alias, name: "objectId"), users))
  }

  /// `has(x.f)`: whether a field is not null; of a relation whether there are any.
  private func presence(
    _ expr: Expr, _ select: Expr.Select, _ negated: Bool, _ known: Set<ColumnKey>
  ) -> Truth {
    guard case .field(let field) = checked.references[expr.id] else { return .unknown }
    if case .relation(let relation) = field.access, !relation.isUnique {
      let source = QueryChain.Source.related(owner: select.operand, relation)
      guard let source = open(source, named: relation.source.variable, known) else {
        return .unknown
      }
      let select = SubSelect(scope: source.scope, conditions: source.anchor.map { [$0] } ?? [])
      return .guarded(.exists(select, isNegated: negated), by: source.failures)
    }
    guard let owner = path(select.operand), let column = self.field(field, of: owner)?.column else {
      return .unknown
    }
    return presence(of: column, isNull: negated, known)
  }

  /// Returns the columns that make reading a column, or ordering by it, fail where they are null.
  func failures(of column: QueryColumn, isOrdered: Bool, _ known: Set<ColumnKey>) -> [ColumnKey] {
    var found = column.path
    if isOrdered, column.isNullable { found.append(column.key) }
    return found.filter { !known.contains($0) }
  }
}
