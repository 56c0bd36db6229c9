import QuartermasterCEL

/// Checks a test and compiles it: its steps are the actions of rules, with the fixtures as names.
///
/// Null is not checked: what a test expects fails by itself when a value is not there.
struct TestChecker {
  let syntax: TestSyntax
  /// The rules that may be named, switched off ones included.
  let ruleNames: Set<String>
  private let context: RuleContext
  private let compiler: RuleCompiler
  private let point: ScopeChecker

  init(_ syntax: TestSyntax, in context: RuleContext, ruleNames: Set<String>) {
    self.syntax = syntax
    self.ruleNames = ruleNames.union(syntax.storedRuleNames(context.settings.automations))
    self.context = context
    point = ScopeChecker(context)
    point.isTest = true
    point.scope.ignoreNull()
    compiler = RuleCompiler(context: context)
  }

  /// Returns the compiled test, or nil when something is wrong with it, which is reported.
  func check() -> RuleTest? {
    let before = context.sink.errorCount
    point.bindClock()
    for name in ["old", "new", "signal"] {
      point.scope.explainAbsence(of: name, "a test is woken by no change")
    }
    let fixtures = fixtures()
    let steps = syntax.steps.compactMap { step($0) }
    let expectations = syntax.expectations.compactMap { expectation($0) }
    guard context.sink.errorCount == before else { return nil }
    return RuleTest(
      title: syntax.title.text, now: syntax.now, fixtures: fixtures, steps: steps,
      expectations: expectations, layout: point.frame.layout, names: point.frame.names,
      span: syntax.title.span)
  }

  // MARK: Given

  private func fixtures() -> [RuleTest.Fixture] {
    var bound: [(FixtureSyntax, ClassDefinition, Int)] = []
    var places: [String: SourceSpan] = [:]
    for written in syntax.fixtures {
      guard let definition = context.definition(written.className) else { continue }
      let id = written.id.text
      if let first = places[id] {
        context.report(.duplicateFixture(id, at: written.id.span, first: first))
        continue
      }
      places[id] = written.id.span
      let place = point.frame.layout.takeRecord()
      // An id that is no name can still be looked up: Inventory["000123"].
      if ScopeChecker.isName(id) {
        guard point.isFree(written.id, definition.name) else { continue }
        point.scope.bind(id, .record(definition.name), .record(place))
      }
      bound.append((written, definition, place))
    }
    // Fixtures may name each other in any order.
    return bound.map { written, definition, place in
      let given = point.assignments(written.slots, definition, isNew: true)
      return RuleTest.Fixture(
        classIndex: definition.index, id: written.id.text, place: place,
        assignments: compiler.assignments(given, [], point.frame), span: written.id.span)
    }
  }

  // MARK: Do

  private func step(_ syntax: StepSyntax) -> RuleTest.Step? {
    switch syntax {
    case .act(let written): return action(written).map { .act($0) }
    case .wait(let timed): return .wait(timed.span, timed.place)
    case .together(let steps, let span):
      let actions = steps.compactMap { step -> RuleTest.Action? in
        if case .act(let written) = step { action(written) } else { nil }
      }
      return .together(actions, span)
    case .expect(let expectations, let actor):
      return .expect(
        expectations.compactMap { expectation($0) },
        actor: actor.flatMap { point.actor($0) }.map { context.plan($0, on: point.frame) })
    }
  }

  private func action(_ written: ActionSyntax) -> RuleTest.Action? {
    point.action(written).map { checked in
      RuleTest.Action(
        action: compiler.action(checked, point.frame),
        actor: checked.actor.map { context.plan($0, on: point.frame) })
    }
  }

  // MARK: Expect

  private func expectation(_ syntax: ExpectationSyntax) -> RuleTest.Expectation? {
    switch syntax {
    case .expression(let scalar):
      guard let checked = point.formula(scalar, .condition("expect")) else { return nil }
      let condition = RuleTest.Condition(
        program: context.plan(checked, on: point.frame, observed: true), checked: checked)
      return RuleTest.Expectation(kind: .holds(condition), span: scalar.span)
    case .fired(let scalar):
      return ruleName(scalar).map { RuleTest.Expectation(kind: .fired($0), span: scalar.span) }
    case .quiet(let scalar):
      return ruleName(scalar).map { RuleTest.Expectation(kind: .quiet($0), span: scalar.span) }
    case .notified(let scalar, let message):
      guard let recipient = point.recipient(scalar) else { return nil }
      var words: TextTemplate?
      if let message {
        guard let checked = point.template(message, "message") else { return nil }
        words = compiler.text(checked, point.frame)
      }
      return RuleTest.Expectation(
        kind: .notified(compiler.recipient(recipient, point.frame), message: words),
        span: scalar.span)
    case .rejected(let scalar):
      return text(scalar, "rejected").map {
        RuleTest.Expectation(kind: .rejected($0), span: scalar.span)
      }
    case .denied(let scalar):
      return text(scalar, "denied").map {
        RuleTest.Expectation(kind: .denied($0), span: scalar.span)
      }
    case .called(let scalar):
      guard context.schema.calls[scalar.text] != nil else {
        let known = context.schema.calls.keys.sorted()
        context.report(.unknownCall(scalar.text, known: known, at: scalar.span))
        return nil
      }
      return RuleTest.Expectation(kind: .called(scalar.text), span: scalar.span)
    }
  }

  private func text(_ scalar: ScalarSyntax, _ key: String) -> TextTemplate? {
    point.template(scalar, key).map { compiler.text($0, point.frame) }
  }

  private func ruleName(_ scalar: ScalarSyntax) -> String? {
    if ruleNames.contains(scalar.text) { return scalar.text }
    context.report(.testOfUnknownRule(scalar.text, known: ruleNames.sorted(), at: scalar.span))
    return nil
  }
}

extension Diagnostic {
  static func duplicateFixture(
    _ id: String, at span: SourceSpan, first: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/duplicate", "two records of this test are called `\(id)`; rename one",
      at: span, notes: [Diagnostic(.note, "rules/duplicate", "the first is here", at: first)])
  }

  static func testOfUnknownRule(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic
  {
    Diagnostic(
      .error, "rules/test", "there is no rule `\(name)`" + meant(name, in: known), at: span
    ).suggesting(name, among: known)
  }
}
