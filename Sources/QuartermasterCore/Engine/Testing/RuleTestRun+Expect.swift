internal import QuartermasterCEL

/// What a test expects.
extension RuleTestRun {
  /// Looks at each expectation, and notes those that do not hold.
  ///
  /// `actor`: Who looks; nil for the system, which sees all.
  func expect(
    _ expectations: [RuleTest.Expectation], seenBy actor: Program? = nil
  ) throws(Refusal) {
    script.bindClock()
    var view: AccessView?
    if let actor { view = try self.view(of: try script.record(actor)) }
    for expectation in expectations {
      let known = failures.count
      do throws(Refusal) { try expect(expectation, view) } catch {
        if error.reason == .storage { throw error }
        failures.append(RuleTestResult.Failure(error.message, at: expectation.span))
      }
      for place in failures.indices.dropFirst(known) {
        failures[place].concern = concern(of: expectation)
      }
    }
  }

  /// What an expectation names.
  private func concern(of expectation: RuleTest.Expectation) -> TestConcern {
    var concern = TestConcern()
    switch expectation.kind {
    case .holds(let condition): concern.add(condition.checked, on: script.frame)
    case .fired(let rule), .quiet(let rule): concern.rules.insert(rule)
    case .notified: concern.isAboutMessages = true
    case .called: concern.isAboutCalls = true
    case .rejected, .denied: concern.rules.formUnion(rejections.compactMap(\.rule))
    }
    return concern
  }

  private func expect(
    _ expectation: RuleTest.Expectation, _ view: AccessView?
  ) throws(Refusal) {
    let span = expectation.span
    switch expectation.kind {
    case .holds(let condition):
      if let view {
        expect(condition, seenBy: view, at: span)
      } else {
        expect(condition.program, script.frame, at: span)
      }
    case .fired(let rule):
      if count(rule) == 0 {
        failures.append(.init("\(rule) did not fire; \(firedList())", at: span))
      }
    case .quiet(let rule):
      let count = count(rule)
      if count > 0 {
        failures.append(
          .init("\(rule) fired \(count == 1 ? "once" : "\(count) times")", at: span))
      }
    case .notified(let recipient, let message):
      try expectMessage(to: recipient, message, at: span)
    case .rejected(let words):
      expectRefusal(try script.words(words), at: span)
    case .denied(let words):
      expectRefusal(try script.words(words), isDenied: true, at: span)
    case .called(let name): try expectCall(name, at: span)
    }
  }

  /// Looks at a formula over what somebody may see.
  private func expect(
    _ condition: RuleTest.Condition, seenBy view: AccessView, at span: SourceSpan
  ) {
    var environment = CELEnvironment.quartermaster
    if let functions = interpreter.schema.functionLibrary([:]) {
      environment.libraries.append(functions)
    }
    environment.recordTypes = interpreter.schema
    environment = AccessRewriter.environment(environment, of: condition.checked)
    let checked: CheckedExpr
    do throws(DiagnosticList) {
      checked = try environment.check(try AccessRewriter.rewrite(condition.checked, for: view))
    } catch {
      let why = error.items.map(\.message).joined(separator: "; ")
      failures.append(.init("`\(condition.program.source.text)` cannot be told: \(why)", at: span))
      return
    }
    var layout = test.layout
    let program = environment.plan(
      checked, layout: &layout, queries: SQLQueryPlanner(interpreter.schema), observed: true)
    let frame = Frame(layout, host: interpreter.store)
    frame.take(from: script.frame)
    expect(program, frame, at: span)
  }

  private func expect(_ program: Program, _ frame: Frame, at span: SourceSpan) {
    let text = program.source.text
    do {
      let value = try program.root.eval(frame)
      if case .bool(true) = value { return }
      let what = if case .bool = value { "is false" } else { "is \(value), which is not true" }
      failures.append(.init("`\(text)` \(what)", at: span, values: sides(program, frame)))
    } catch {
      failures.append(
        .init("`\(text)` cannot be told: \(error.message)", at: span, values: sides(program, frame))
      )
    }
  }

  /// The values of the parts that decided; what is a literal says itself.
  private func sides(_ program: Program, _ frame: Frame) -> [(text: String, value: String)] {
    var seen: Set<String> = []
    var sides: [(text: String, value: String)] = []
    for observation in program.explain(frame) {
      guard observation.range.upperBound <= program.source.text.utf8.count else { continue }
      let text = program.source.slice(observation.range).text
      let value = observation.value.description
      if text == value || text.isEmpty || !seen.insert(text + "\0" + value).inserted { continue }
      sides.append((text, value))
    }
    return sides
  }

  // MARK: Firings

  private func count(_ rule: String) -> Int {
    interpreter.firings(of: rule) - told.firings[rule, default: 0]
  }

  private func firedList() -> String {
    let fired = interpreter.counters.firings.keys.sorted().filter { count($0) > 0 }
    if fired.isEmpty { return "no rule did" }
    return "these did: " + fired.joined(separator: ", ")
  }

  // MARK: Messages

  private func expectMessage(
    to recipient: CompiledNotice.Recipient, _ message: TextTemplate?, at span: SourceSpan
  ) throws(Refusal) {
    let name: String
    switch recipient {
    case .group(let group): name = group
    case .formula(let program):
      switch try script.value(program) {
      case .record(let record): name = Interpreter.name(record)
      case .string(let address): name = address
      case let other: throw Refusal(.error, "a recipient is needed here, not \(other.kindText)")
      }
    }
    let words = try message.map { template throws(Refusal) in try script.words(template) }
    var others: [(text: String, value: String)] = []
    let sent = try interpreter.store.statement(
      "SELECT \"to\", \"message\" FROM \"Message\" WHERE \"objectId\" > ?1 ORDER BY \"objectId\"")
    defer { sent.reset() }
    try sent.bind(1, told.message)
    while try sent.step() {
      let (to, text) = (sent.text(0), sent.text(1))
      if UTF8Text.equal(to, name), words.map({ UTF8Text.equal($0, text) }) ?? true { return }
      others.append((to, text))
    }
    let what =
      words.map { "\(name) was not told \(Value.quoted($0))" } ?? "\(name) was told nothing"
    let rest = others.isEmpty ? "; no message was sent" : "; what was sent:"
    failures.append(.init(what + rest, at: span, values: others))
  }

  private func expectCall(_ name: String, at span: SourceSpan) throws(Refusal) {
    let queued = try interpreter.store.statement(
      "SELECT count(*) FROM _outbox WHERE channel = 'call' AND address = ?1 AND number > ?2")
    defer { queued.reset() }
    try queued.bind(1, name)
    try queued.bind(2, told.delivery)
    if try queued.step(), queued.int(0) > 0 { return }
    failures.append(.init("\(name) was not called", at: span))
  }

  // MARK: Refusals

  private func expectRefusal(_ words: String, isDenied: Bool = false, at span: SourceSpan) {
    var found = false
    // What an earlier `expect` named is past; what none named yet may be named late.
    for place in rejections.indices
    where (place >= told.rejections || !rejections[place].isNamed)
      && UTF8Text.find(words, in: rejections[place].message) != nil
      && (!isDenied || rejections[place].isDenied)
    {
      rejections[place].isNamed = true
      found = true
    }
    if found { return }
    let others = rejections.indices.filter { $0 >= told.rejections || !rejections[$0].isNamed }
      .map { ("refused", rejections[$0].message) }
    failures.append(
      .init(
        others.isEmpty
          ? "nothing was refused"
          : "no refusal\(isDenied ? " for want of a permission" : "") says \(Value.quoted(words))",
        at: span, values: others))
    // What it was meant to name is told once.
    for place in rejections.indices { rejections[place].isNamed = true }
  }
}

extension RuleTestResult.Failure {
  static func refused(_ rejection: RuleTestRun.Rejection) -> Self {
    let rule = rejection.rule.map { " by \($0)" } ?? ""
    let what =
      rejection.origin.map { "in this step, the \($0) was refused" }
      ?? "this step was refused\(rule)"
    var failure = Self("\(what): \(rejection.message)", at: rejection.span)
    if let rule = rejection.rule { failure.concern.rules.insert(rule) }
    return failure
  }

  static func fixture(_ fixture: RuleTest.Fixture, _ refusal: Refusal) -> Self {
    Self("\(fixture.id) cannot be made: \(refusal.message)", at: fixture.span)
  }
}
