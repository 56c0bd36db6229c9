internal import Dispatch
package import QuartermasterCEL
internal import Synchronization

/// Runs tests of rules on the engine itself, in memory, with a clock that only the test moves.
///
/// LANGUAGE.md, sections 10 and 14.
package struct RuleTestRunner {
  /// Where the clock of a test starts that does not say.
  package static let start = Timestamp(milliseconds: 1_767_225_600_000)

  /// Whether a test that fails runs once more, for its trace.
  package var tracesFailures = true

  private let schema: Schema
  private let rules: LoadedRules
  private let settings: ProjectSettings
  private let verbs: VerbRegistry

  /// Who may do what; nil where steps with an `actor` are not limited.
  package var access: AccessPolicy?

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

  /// Runs tests side by side, on as many threads as there are processors.
  ///
  /// - Parameters:
  ///   - tests: The tests.
  ///   - coverage: Whether it is noted what they see of rules, conditions and flows.
  ///   - progress: Is told how many are done and what the last one was called; from any thread, one at a time.
  /// - Returns: The results, in the order of the tests.
  package func run(
    _ tests: [RuleTest], coverage: Bool = false,
    progress: @Sendable (_ done: Int, _ title: String) -> Void = { _, _ in }
  ) -> [RuleTestResult] {
    let results = Mutex<(done: Int, items: [RuleTestResult?])>(
      (0, Array(repeating: nil, count: tests.count)))
    DispatchQueue.concurrentPerform(iterations: tests.count) { place in
      let result = run(tests[place], coverage: coverage)
      results.withLock {
        $0.items[place] = result
        $0.done += 1
        progress($0.done, result.title)
      }
    }
    return results.withLock { $0.items.compactMap { $0 } }
  }

  /// Runs a test.
  ///
  /// A test that fails runs once more, to the same end, with somebody who writes down what rules are asked.
  package func run(_ test: RuleTest, coverage: Bool = false) -> RuleTestResult {
    let started = ContinuousClock.now
    let watch =
      coverage ? RuleWatch(branches: rules.ruleSet.branches.count, keepsAttempts: false) : nil
    var result = run(test, watch)
    result.seen = watch.map { TestCoverage.Seen($0) }
    if !result.passed, tracesFailures {
      let tracing = RuleWatch(branches: nil, keepsAttempts: true)
      let again = run(test, tracing)
      var concern = TestConcern()
      for failure in again.failures { concern.add(failure.concern) }
      result.trace = TestTrace(test: test, rules: rules.ruleSet, schema: schema).entries(
        tracing.attempts, considered: tracing.considered, concern)
    }
    result.seconds = (ContinuousClock.now - started) / .seconds(1)
    return result
  }

  private func run(_ test: RuleTest, _ watch: RuleWatch?) -> RuleTestResult {
    var result = RuleTestResult(title: test.title, span: test.span)
    do throws(Refusal) {
      let store = try Store.open(nil, schema: schema)
      let (failures, firings) = try store.perform { store throws(Refusal) in
        let run = try RuleTestRun(test, interpreter(on: store, test, watch), access)
        try run.run()
        return (run.failures, run.interpreter.counters.firings)
      }
      result.failures = failures
      result.firings = firings
      try store.close()
    } catch {
      result.failures.append(RuleTestResult.Failure(error.message, at: error.span ?? test.span))
    }
    return result
  }

  private func interpreter(
    on store: Store, _ test: RuleTest, _ watch: RuleWatch?
  ) throws(Refusal) -> Interpreter {
    let interpreter = try Interpreter(
      store: store, schema: schema, rules: rules.ruleSet, settings: settings,
      now: test.now ?? Self.start, verbs: verbs, watch: watch)
    interpreter.reportsOutcomes = false
    interpreter.groups.fillsEmpty = true
    interpreter.policy = access
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
  /// Who may do what; nil where nobody is limited.
  private let access: AccessPolicy?
  /// Whether the last step was somebody's who may not do all.
  private var wasLimited = false
  /// What did not hold.
  var failures: [RuleTestResult.Failure] = []
  /// The operations that were refused, of steps and of what the clock and the rules started in them.
  var rejections: [Rejection] = []
  /// The state when the last `expect` was done.
  var told = Seen()

  /// An operation that was refused.
  struct Rejection {
    let message: String
    let rule: String?
    /// What started it, such as `timer of chase-order`; nil for the step itself.
    let origin: String?
    /// The step.
    let span: SourceSpan
    /// Whether it was refused for want of a permission.
    let isDenied: Bool
    /// Whether an expectation names it.
    var isNamed = false
  }

  /// What an earlier `expect` has seen already.
  struct Seen {
    var firings: [String: Int] = [:]
    var message = ""
    var delivery: Int64 = 0
    var rejections = 0
    /// The last refusal that was taken in.
    var refused: Int64 = 0
  }

  init(
    _ test: RuleTest, _ interpreter: Interpreter, _ access: AccessPolicy? = nil
  ) throws(Refusal) {
    self.test = test
    self.access = access
    self.interpreter = interpreter
    script = HostScript(
      interpreter, name: "test", layout: test.layout, names: test.names, span: test.span)
    plausible = PlausibleValues(interpreter)
  }

  /// Runs the test up to the first step whose expectations do not hold.
  func run() throws(Refusal) {
    guard try loadFixtures() else { return }
    told.firings = interpreter.counters.firings
    for (number, step) in test.steps.enumerated() {
      interpreter.watch?.step = number
      switch step {
      case .act(let action): try operation([action])
      case .together(let actions, _): try operation(actions)
      case .wait(let span, _):
        let until = interpreter.now.adding(span) ?? interpreter.now
        try interpreter.advance(to: until)
      case .expect(let expectations, let actor):
        try expect(expectations, seenBy: actor)
        if !failures.isEmpty { return }
        try notice()
      }
      try interpreter.advance(to: interpreter.now)
      try takeRefusals(step.span ?? test.span)
    }
    try expect(test.expectations)
    for rejection in rejections where !rejection.isNamed { failures.append(.refused(rejection)) }
  }

  /// Takes in what was refused in a step: the step itself, and what timers, schedules and later rules did in it.
  private func takeRefusals(_ span: SourceSpan) throws(Refusal) {
    let read = try interpreter.store.statement(
      "SELECT number, rule, message, body, reason FROM _refused WHERE number > ?1 ORDER BY number")
    defer { read.reset() }
    try read.bind(1, told.refused)
    while try read.step() {
      told.refused = read.int(0)
      let input = (try? JSONReader.read(read.blob(3)))?["input"]?.text ?? ""
      // What somebody may not even read is not there for him.
      let message = read.text(2)
      let isDenied =
        read.text(4) == Refusal.Reason.denied.rawValue
        || (wasLimited && input.isEmpty && message.hasSuffix("is not there"))
      rejections.append(
        Rejection(
          message: message, rule: read.optionalText(1), origin: input.isEmpty ? nil : input,
          span: span, isDenied: isDenied))
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

  /// Runs verbs as one operation; when it is refused, the file says so.
  private func operation(_ actions: [RuleTest.Action]) throws(Refusal) {
    do throws(Refusal) {
      defer {
        interpreter.actor = nil
        interpreter.access = nil
      }
      wasLimited = false
      if let program = actions.lazy.compactMap(\.actor).first {
        interpreter.actor = try script.record(program)
        interpreter.access = try view(of: interpreter.actor)
        wasLimited = interpreter.access != nil
      }
      script.bindClock()
      try interpreter.run { () throws(Refusal) in
        for action in actions {
          try script.act(action.action) {
            [plausible, interpreter] (definition, given)
              throws(Refusal) in
            // What somebody may not set is for rules to fill, as it is outside of tests.
            let view = interpreter.access
            return try plausible.complete(definition, given).filter { field, _ in
              given.contains { $0.field === field } || view?.maySet(field, in: definition) ?? true
            }
          }
        }
      }
    } catch {
      if error.reason == .storage { throw error }
    }
  }

  /// What somebody may do; nil where nobody is limited.
  func view(of actor: Record?) throws(Refusal) -> AccessView? {
    guard let access, let actor else { return nil }
    return try access.view(of: actor.id, interpreter.store)
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
