import QuartermasterCEL

extension ScopeChecker {
  /// Checks an action; what it binds by `as` is known afterwards.
  func action(_ written: ActionSyntax) -> CheckedAction? {
    let before = context.sink.errorCount
    let outer = scope
    let isCertain = written.each == nil && written.conditions.isEmpty && written.once == nil
    let outerStates = states
    // each, when, once, verb, as: in the order in which they run.
    let actor = written.actor.flatMap { self.actor($0) }
    var each: CheckedAction.Each?
    if let scalar = written.each {
      each = self.each(scalar)
      if each == nil {
        // Without the name of the element the rest would be wrong for that alone.
        leave(to: outer)
        if let name = written.result { _ = bind(name, written, nil) }
        return nil
      }
    }
    var conditions: [CheckedExpr] = []
    for scalar in written.conditions {
      guard let checked = formula(scalar, .condition("when")) else { continue }
      scope.facts = scope.facts.union(checked.facts())
      states.read(checked, isSure: true, in: context.schema)
      conditions.append(checked)
    }
    let once = written.once.flatMap { self.once($0) }
    let verb = verb(written)
    if let verb { follow(verb, written, isCertain: isCertain, before: outerStates) }
    leave(to: outer)
    var result: Int?
    if let name = written.result { result = bind(name, written, verb) }
    guard let verb, context.sink.errorCount == before else { return nil }
    return CheckedAction(
      verb: verb, each: each, conditions: conditions, once: once, within: written.within?.span,
      result: result, actor: actor, span: written.span)
  }

  /// Checks the move that an action makes, and keeps what is known of statuses up to date.
  private func follow(
    _ verb: CheckedAction.Verb, _ written: ActionSyntax, isCertain: Bool, before: KnownStates
  ) {
    switch verb {
    case .advance(let target, let definition, let field, let to):
      var span = written.span
      if case .advance(_, let status) = written.verb { span = status.span }
      checkMove(of: target, definition, field, to: to, isCertain: isCertain, at: span)
    case .set(let target, let definition, let given):
      for assignment in given where assignment.field.flow != nil {
        if case .constant(.string(let to)) = assignment.slot {
          checkMove(
            of: target, definition, assignment.field, to: to, isCertain: isCertain,
            at: assignment.span)
        } else {
          states.forget(definition.name)
        }
      }
    case .host: states.forget()
    case .create, .ensure, .delete, .notify, .reject, .signal, .call: break
    }
    guard !isCertain else { return }
    // What holds for the action alone is not known after it, nor what it may have changed.
    let after = states
    states = before
    states.keep(after)
  }

  /// Forgets what an action bound for itself; `let`s that it was the first to use stay.
  private func leave(to outer: RuleScope) {
    var kept = outer
    for name in letNames where waitingLets[name] == nil && !outer.bound.contains(name) {
      guard let variable = scope.environment.variables[name] else { continue }
      kept.bind(name, variable.type, variable.storage)
    }
    scope = kept
  }

  /// Returns who does a step of a test.
  func actor(_ scalar: ScalarSyntax) -> CheckedExpr? {
    let type: CELType = context.schema["User"].map { .record($0.name) } ?? .null
    return formula(
      scalar, FormulaChecker.Purpose(needs: "`actor` needs a User", types: [type], takesNull: true))
  }

  /// Reads `line in order.lines`: a relation of CEL, taken as a binding.
  private func each(_ scalar: ScalarSyntax) -> CheckedAction.Each? {
    useLets(in: scalar.source)
    let source = formulas.source(of: scalar)
    let parsed: ParsedExpr
    do { parsed = try context.environment.parse(source) } catch {
      let purpose = FormulaChecker.Purpose(needs: "`each` needs NAME in LIST", types: [])
      formulas.report(error, in: source, purpose, isSyntax: true)
      return nil
    }
    guard let (function, arguments) = parsed.root.operation, function == "@in",
      let name = arguments[0].plainName
    else {
      context.report(.eachForm(at: scalar.span))
      return nil
    }
    let word = ScalarSyntax(
      source: source.slice(arguments[0].range), style: scalar.style,
      span: source.span(arguments[0].range))
    guard isFree(word, "each") else { return nil }
    let purpose = FormulaChecker.Purpose(
      needs: "`each` needs a list", types: [.list(.dyn)])
    let list = ParsedExpr(root: arguments[1], source: source, nodeCount: parsed.nodeCount)
    guard let checked = formulas.check(list, purpose) else { return nil }
    let element: CELType
    if case .list(let type) = checked.type.nonNull { element = type } else { element = .dyn }
    let place = frame.take(for: element)
    scope.bind(name, element, at: place)
    return CheckedAction.Each(list: checked, place: place)
  }

  private func once(_ scalar: ScalarSyntax) -> CheckedSlot? {
    let purpose = FormulaChecker.Purpose(
      needs: "`once` needs a key", types: [.string, .int, .bool, .timestamp] + keyRecords)
    guard let checked = formula(scalar, purpose) else { return nil }
    return FormulaChecker.constant(checked).map { .constant($0) } ?? .formula(checked)
  }

  private var keyRecords: [CELType] { context.schema.classes.map { .record($0.name) } }

  /// Binds the result of an action: null where it may not have run.
  private func bind(
    _ name: ScalarSyntax, _ written: ActionSyntax, _ verb: CheckedAction.Verb?
  ) -> Int? {
    guard isFree(name, "as") else { return nil }
    let className: String
    switch verb {
    case .set(_, let definition, _)?, .create(let definition, _)?, .ensure(let definition, _, _)?,
      .advance(_, let definition, _, _)?:
      className = definition.name
    case .host(let host, _, _)?:
      guard let result = host.result else {
        context.report(.noResult(host.name, at: name.span))
        return nil
      }
      className = result
    case .delete?, .notify?, .reject?, .signal?, .call?:
      context.report(.noResult(verb?.word ?? "", at: name.span))
      return nil
    case nil:
      scope.bind(name.text, .error, .constant(.null))
      return nil
    }
    let place = frame.layout.takeRecord()
    if written.each != nil {
      scope.explainAbsence(of: name.text, "with `each` it is known within each element only")
      return place
    }
    let type = CELType.record(className)
    var mayBeMissing = !written.conditions.isEmpty || written.once != nil
    if case .host? = verb { mayBeMissing = true }
    if isTest { mayBeMissing = false }
    scope.bind(name.text, mayBeMissing ? .nullable(type) : type, .record(place))
    return place
  }
}

extension CheckedAction.Verb {
  /// The word by which the action begins.
  var word: String {
    switch self {
    case .set: "set"
    case .create: "create"
    case .ensure: "ensure"
    case .delete: "delete"
    case .advance: "advance"
    case .notify: "notify"
    case .reject: "reject"
    case .signal: "signal"
    case .call: "call"
    case .host(let host, _, _): host.name
    }
  }
}
