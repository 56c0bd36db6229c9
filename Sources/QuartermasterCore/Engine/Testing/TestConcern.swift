internal import QuartermasterCEL

/// What a failure of a test has to do with: the rules, records and classes that it names.
struct TestConcern {
  /// Rules, by name.
  var rules: Set<String> = []
  /// Records, as `Product/bolt`.
  var records: Set<String> = []
  /// Classes.
  var classes: Set<String> = []
  /// Whether it is about messages, about calls.
  var isAboutMessages = false
  var isAboutCalls = false

  /// Adds what a formula names: the records of fixtures and steps, and classes.
  mutating func add(_ checked: CheckedExpr, on frame: Frame) {
    for reference in checked.references {
      guard case .variable(let variable)? = reference else { continue }
      switch variable.storage {
      case .record(let place):
        if let record = frame.records[place] { records.insert(Interpreter.name(record)) }
      case .collection(let type):
        if type.name == "Message" { isAboutMessages = true } else { classes.insert(type.name) }
      default: break
      }
    }
  }

  mutating func add(_ other: TestConcern) {
    rules.formUnion(other.rules)
    records.formUnion(other.records)
    classes.formUnion(other.classes)
    isAboutMessages = isAboutMessages || other.isAboutMessages
    isAboutCalls = isAboutCalls || other.isAboutCalls
  }

  /// Returns whether it has to do with a rule, by its name or by what its actions do.
  func concerns(_ rule: CompiledRule, _ schema: Schema) -> Bool {
    if rules.contains(rule.name) { return true }
    if case .record(let trigger) = rule.trigger,
      classes.contains(schema.classes[trigger.classIndex].name)
    {
      return true
    }
    return rule.actions.contains { concerns($0.verb, schema) }
  }

  private func concerns(_ verb: CompiledAction.Verb, _ schema: Schema) -> Bool {
    func isNamed(_ target: Program) -> Bool {
      if case .record(let name) = target.type.nonNull { classes.contains(name) } else { false }
    }
    switch verb {
    case .create(let place, _), .ensure(let place, _, _):
      return classes.contains(schema.classes[place].name)
    case .set(let target, _), .delete(let target), .advance(let target, _, _, _):
      return isNamed(target)
    case .notify: return isAboutMessages
    case .call: return isAboutCalls
    // A verb of the host may write anything.
    case .host: return !classes.isEmpty
    case .reject, .signal: return false
    }
  }
}

/// Makes the trace of a failed test out of all that a watch saw.
struct TestTrace {
  let test: RuleTest
  let rules: RuleSet
  let schema: Schema

  /// The most entries that are kept.
  private static let most = 200

  /// Returns what the rules did with which some failures have to do.
  ///
  /// A rule whose edge did not come is of interest only where it is named: there are many of them in every test.
  func entries(
    _ attempts: [RuleWatch.Attempt], considered: Set<Int>, _ concern: TestConcern
  ) -> [RuleTestResult.TraceEntry] {
    let near = Set(rules.rules.filter { concern.concerns($0, schema) }.map(\.name))
    var chosen = attempts.filter { attempt in
      if concern.rules.contains(attempt.rule) { return true }
      let isEdge = attempt.condition?.label == "becomes"
      if isEdge { return false }
      return near.contains(attempt.rule) || attempt.record.map(concern.records.contains) ?? false
    }
    if chosen.isEmpty {
      chosen = attempts.filter { $0.condition?.label != "becomes" }
    }
    return chosen.prefix(Self.most).map(entry) + silent(considered, concern)
  }

  private func entry(_ attempt: RuleWatch.Attempt) -> RuleTestResult.TraceEntry {
    let result: RuleTestResult.TraceEntry.Result =
      switch attempt.result {
      case .fired: attempt.skipped == nil ? .fired : .skipped
      case .edgeFalse: .becomesFalse
      case .edgeWasTrue: .becomesWasTrue
      case .conditionFalse: .whenFalse
      }
    let isWait: Bool
    if attempt.step < test.steps.count, case .wait = test.steps[attempt.step] {
      isWait = true
    } else {
      isWait = false
    }
    return RuleTestResult.TraceEntry(
      step: attempt.step < test.steps.count ? test.steps[attempt.step].span : nil,
      at: isWait && attempt.at.milliseconds != 0 ? attempt.at : nil, rule: attempt.rule,
      record: attempt.record, result: result, isUndone: attempt.isUndone,
      gate: attempt.condition?.label, detail: attempt.skipped ?? attempt.condition?.text,
      values: attempt.operands)
  }

  /// The rules that are named and that nothing asked.
  private func silent(_ considered: Set<Int>, _ concern: TestConcern)
    -> [RuleTestResult.TraceEntry]
  {
    let book = RuleBook(rules.files, schema: schema)
    return concern.rules.sorted().compactMap { name in
      if let rule = rules.rules.first(where: { $0.name == name }), considered.contains(rule.index) {
        return nil
      }
      let why =
        rules.disabled.contains(name)
        ? "its file switches it off: `enabled: false`"
        : book[name].map { "it waits for: \($0.trigger)" }
      return RuleTestResult.TraceEntry(
        step: nil, at: nil, rule: name, record: nil, result: .neverConsidered, isUndone: false,
        gate: nil, detail: why, values: [])
    }
  }
}

extension RuleTest.Step {
  /// Where it stands.
  var span: SourceSpan? {
    switch self {
    case .act(let action): action.action.span
    case .wait(_, let span), .together(_, let span): span
    case .expect(let expectations, _): expectations.first?.span
    }
  }
}
