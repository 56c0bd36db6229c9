package import QuartermasterCEL

/// Runs tests of rules on the engine itself, in memory, with a clock that only the test moves.
///
/// LANGUAGE.md, sections 10 and 14.
package struct RuleTestRunner {
  /// Where the clock of a test starts that does not say.
  package static let start = Timestamp(milliseconds: 1_767_225_600_000)

  private let schema: Schema
  private let rules: LoadedRules
  private let settings: ProjectSettings
  private let verbs: VerbRegistry

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - schema: The classes.
  ///   - rules: The rules with their tests.
  ///   - settings: Groups, inbox, zone and limits.
  ///   - verbs: The verbs that the schema declares.
  package init(
    schema: Schema, rules: LoadedRules, settings: ProjectSettings,
    verbs: VerbRegistry = VerbRegistry()
  ) {
    self.schema = schema
    self.rules = rules
    self.settings = settings
    self.verbs = verbs
  }

  /// Runs a test.
  package func run(_ test: RuleTest) -> RuleTestResult {
    let started = ContinuousClock.now
    var result = RuleTestResult(title: test.title, span: test.span)
    do throws(Refusal) {
      let store = try Store.open(nil, schema: schema)
      let (failures, firings) = try store.perform { store throws(Refusal) in
        let run = try RuleTestRun(test, interpreter(on: store, test))
        try run.run()
        return (run.failures, run.interpreter.counters.firings)
      }
      result.failures = failures
      result.firings = firings
      try store.close()
    } catch {
      result.failures.append(RuleTestResult.Failure(error.message, at: error.span ?? test.span))
    }
    result.seconds = (ContinuousClock.now - started) / .seconds(1)
    return result
  }

  private func interpreter(on store: Store, _ test: RuleTest) throws(Refusal) -> Interpreter {
    let interpreter = try Interpreter(
      store: store, schema: schema, rules: rules.ruleSet, settings: settings,
      now: test.now ?? Self.start, verbs: verbs)
    interpreter.reportsOutcomes = false
    interpreter.groups.fillsEmpty = true
    try store.begin()
    try interpreter.startSchedules()
    try store.commit()
    return interpreter
  }
}

/// One run of one test.
final class RuleTestRun {
  let test: RuleTest
  let interpreter: Interpreter
  let script: HostScript
  let plausible: PlausibleValues
  /// What did not hold.
  var failures: [RuleTestResult.Failure] = []
  /// The steps that were refused, and whether an expectation names them.
  var rejections: [(refusal: Refusal, span: SourceSpan, isNamed: Bool)] = []
  /// The state when the last `expect` was done.
  var told = Seen()

  /// What an earlier `expect` has seen already.
  struct Seen {
    var firings: [String: Int] = [:]
    var message = ""
    var delivery: Int64 = 0
    var rejections = 0
  }

  init(_ test: RuleTest, _ interpreter: Interpreter) throws(Refusal) {
    self.test = test
    self.interpreter = interpreter
    script = HostScript(
      interpreter, name: "test", layout: test.layout, names: test.names, span: test.span)
    plausible = PlausibleValues(interpreter)
  }

  /// Runs the test up to the first step whose expectations do not hold.
  func run() throws(Refusal) {
    guard try loadFixtures() else { return }
    told.firings = interpreter.counters.firings
    for step in test.steps {
      switch step {
      case .act(let action): try operation([action], at: action.action.span)
      case .together(let actions, let span): try operation(actions, at: span)
      case .wait(let span, _):
        let until = interpreter.now.adding(span) ?? interpreter.now
        try interpreter.advance(to: until)
      case .expect(let expectations):
        try expect(expectations)
        if !failures.isEmpty { return }
        try notice()
      }
      try interpreter.advance(to: interpreter.now)
    }
    try expect(test.expectations)
    for rejection in rejections where !rejection.isNamed {
      failures.append(.refused(rejection.refusal, at: rejection.span))
    }
  }

  /// Loads the fixtures without rules.
  ///
  /// They may point at each other in any order.
  private func loadFixtures() throws(Refusal) -> Bool {
    for fixture in test.fixtures {
      let type = interpreter.schema.classes[fixture.classIndex].recordType
      script.frame.records[fixture.place] = interpreter.store.record(type, fixture.id)
    }
    var left = test.fixtures
    while !left.isEmpty {
      var waiting: [(fixture: RuleTest.Fixture, why: Refusal)] = []
      for fixture in left {
        do throws(Refusal) { try load(fixture) } catch {
          if error.reason == .storage { throw error }
          waiting.append((fixture, error))
        }
      }
      if waiting.count == left.count {
        failures = waiting.map { .fixture($0.fixture, $0.why) }
        return false
      }
      left = waiting.map(\.fixture)
    }
    for rule in interpreter.stored.rows where rule.isEnabled {
      guard let problem = rule.problem else { continue }
      let fixture = test.fixtures.first { $0.id == rule.id }
      failures.append(
        RuleTestResult.Failure(
          "\(rule.place) cannot be a rule: "
            + problem.split(separator: "\n").joined(separator: "; "),
          at: fixture?.span ?? test.span))
    }
    return failures.isEmpty
  }

  private func load(_ fixture: RuleTest.Fixture) throws(Refusal) {
    let definition = interpreter.schema.classes[fixture.classIndex]
    script.bindClock()
    try interpreter.runWithoutRules { () throws(Refusal) in
      let given = try script.inputs(fixture.assignments)
      _ = try interpreter.writer.create(
        definition, id: fixture.id, values: try plausible.complete(definition, given),
        rules: false)
    }
  }

  /// Runs verbs as one operation; a refusal is kept for an expectation to name.
  private func operation(_ actions: [RuleTest.Action], at span: SourceSpan) throws(Refusal) {
    do throws(Refusal) {
      defer { interpreter.actor = nil }
      if let program = actions.lazy.compactMap(\.actor).first {
        interpreter.actor = try script.record(program)
      }
      script.bindClock()
      try interpreter.run { () throws(Refusal) in
        for action in actions {
          try script.act(action.action) { [plausible] (definition, given) throws(Refusal) in
            try plausible.complete(definition, given)
          }
        }
      }
    } catch {
      if error.reason == .storage { throw error }
      rejections.append((error, span, false))
    }
  }

  /// What happened so far is past: the next expectations look at what comes.
  private func notice() throws(Refusal) {
    told.firings = interpreter.counters.firings
    told.rejections = rejections.count
    let last = try interpreter.store.statement(
      "SELECT max(\"objectId\"), (SELECT max(number) FROM _outbox) FROM \"Message\"")
    defer { last.reset() }
    if try last.step() {
      told.message = last.text(0)
      told.delivery = last.int(1)
    }
  }
}
