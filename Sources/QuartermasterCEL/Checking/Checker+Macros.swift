/// Macros over lists, maps and optional values, and `cel.bind`.
extension Checker {
  mutating func checkComprehension(_ loop: Expr.Comprehension) -> CELType {
    let target = check(loop.target)
    let variables = elements(of: target, loop)
    let outer = (locals: locals, facts: facts)
    for (place, name) in loop.variables.enumerated() {
      declareLocal(name, variables[place], at: source.span(loop.variableRanges[place]))
    }
    if environment.checksNull, loop.variables.count == 1 {
      facts = facts.union(
        FactFinder(types: types, references: references)
          .elementFacts(loop.target, as: loop.variables[0]))
    }
    if let filter = loop.filter {
      check(filter)
      requireBool(filter, of: "the condition of `\(loop.macro.rawValue)`")
      if environment.checksNull { facts = facts.union(known(filter, true)) }
    }
    let body = check(loop.body)
    let result = self.result(of: loop, variables, body)
    (locals, facts) = outer
    return result
  }

  mutating func checkBind(_ expr: Expr, _ name: String, _ value: Expr, _ body: Expr) -> CELType {
    let type = check(value)
    let outer = (locals: locals, facts: facts)
    declareLocal(name, type, at: span(expr))
    let result = check(body)
    (locals, facts) = outer
    return result
  }

  private mutating func declareLocal(_ name: String, _ type: CELType, at span: SourceSpan) {
    if environment.forbidsShadowing, isTaken(name) { report(.shadows(name, at: span)) }
    locals.append((name, type))
    facts = facts.without(local: name)
  }

  /// Returns the types of the variables of a macro.
  private mutating func elements(of type: CELType, _ loop: Expr.Comprehension) -> [CELType] {
    let one = loop.variables.count == 1
    if loop.macro == .optMap || loop.macro == .optFlatMap {
      switch unifier.head(type) {
      case .optional(let inner): return [inner]
      case .dyn, .parameter: return [.dyn]
      case .error: return [.error]
      case let other:
        report(.needsOptional(text(loop.target), other, at: span(loop.target)))
        return [.error]
      }
    }
    switch unifier.head(type) {
    case .dyn: return one ? [.dyn] : [.dyn, .dyn]
    case .parameter:
      let element = unifier.fresh()
      _ = unifier.assign(type, to: .list(element))
      return one ? [element] : [.int, element]
    case .error: return one ? [.error] : [.error, .error]
    case .nullable(let inner):
      reportNullable(loop.target)
      return elements(of: inner, loop)
    case .list(let element):
      // A predicate of `filter` that excludes null does so for what comes after it.
      let known = FactFinder(types: types, references: references)
        .elementFacts(loop.target, as: loop.variables[0])
      let isThere = one && known.paths.contains { $0.fields.isEmpty }
      let plain = isThere ? element.nonNull : element
      return one ? [plain] : [.int, plain]
    case .map(let key, let value): return one ? [key] : [key, value]
    case let other:
      report(
        .notIterable(
          loop.macro.rawValue, text(loop.target), other, at: span(loop.target)))
      return one ? [.error] : [.error, .error]
    }
  }

  /// Returns the type of a macro whose parts were checked.
  private mutating func result(
    of loop: Expr.Comprehension, _ variables: [CELType], _ body: CELType
  ) -> CELType {
    switch loop.macro {
    case .all, .exists, .existsOne:
      requireBool(loop.body, of: "the condition of `\(loop.macro.rawValue)`")
      return .bool
    case .filter:
      requireBool(loop.body, of: "the condition of `filter`")
      let known = known(loop.body, true)
      let isThere = known.paths.contains {
        $0.isLocal && $0.root == loop.variables[0] && $0.fields.isEmpty
      }
      return .list(isThere ? unifier.head(variables[0]).nonNull : variables[0])
    case .map, .transformList: return .list(body)
    case .sortBy:
      requireKey(loop, sorted: true)
      return .list(variables[0])
    case .groupBy:
      requireKey(loop, sorted: false)
      return .map(key: body, value: .list(variables[0]))
    case .transformMap: return .map(key: variables[0], value: body)
    case .transformMapEntry:
      switch unifier.head(body) {
      case .map, .dyn, .error: return body
      case let other:
        report(.needsEntry(text(loop.body), other, at: span(loop.body)))
        return .error
      }
    case .optMap: return .optional(body.nonNull)
    case .optFlatMap:
      switch unifier.head(body) {
      case .optional, .dyn, .error: return body
      case .parameter:
        let result = CELType.optional(unifier.fresh())
        _ = unifier.assign(body, to: result)
        return result
      case let other:
        report(.needsOptional(text(loop.body), other, at: span(loop.body)))
        return .error
      }
    }
  }

  /// Demands of the key of `sortBy` that it has an order, of that of `groupBy` that it may be a key.
  private mutating func requireKey(_ loop: Expr.Comprehension, sorted: Bool) {
    var hint: String?
    switch type(loop.body) {
    case .dyn, .error, .parameter, .bool, .int, .uint, .string: return
    case .double, .decimal, .timestamp, .duration, .bytes:
      if sorted { return }
    case .record(let name):
      let id = environment.recordTypes?.recordType(named: name)?.idField
      hint = id.map { "take its id: \(text(loop.body)).\($0)" }
    case .nullable:
      reportNullable(loop.body)
      return
    default: break
    }
    report(
      .badKey(
        loop.macro.rawValue, text(loop.body), type(loop.body), hint: hint, at: span(loop.body)))
  }
}
