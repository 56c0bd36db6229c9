internal import QuartermasterCEL

/// One world of a backtest: a copy of the file in which a set of rules meets what hosts did.
struct BacktestSide {
  /// How many operations go into one commit; the copy is thrown away, so that only speed counts.
  private static let batch = 500

  let schema: Schema
  let settings: ProjectSettings
  let verbs: VerbRegistry
  let functions: FunctionRegistry
  let since: Timestamp
  let until: Timestamp

  /// Makes an interpreter on a copy, with rules that nobody publishes.
  func interpreter(_ store: Store, _ rules: RuleSet, number: Int64) throws(Refusal) -> Interpreter {
    let made = try Interpreter(
      store: store, schema: schema, rules: rules, settings: settings, now: since, verbs: verbs,
      functions: functions)
    made.reportsOutcomes = false
    // Nobody asks why: the values of conditions would be written for nothing.
    made.recording = .withoutOperands
    made.ruleNumber = number
    return made
  }

  /// Does again what hosts did, at their own instants; timers and schedules fire between.
  ///
  /// - Parameters:
  ///   - store: The copy, with the timers of the first rules of the old side.
  ///   - adopting: The rules to which the timers in the copy belong, where the first ones of the timeline are others.
  ///   - timeline: The rules.
  ///   - operations: What hosts did.
  ///   - tick: Is called now and then with the number of operations since the last call.
  /// - Throws: A refusal when the copy cannot be written.
  func run(
    _ store: Store, adopting: RuleSet?, _ timeline: RuleTimeline, _ operations: [HostOperation],
    tick: (Int) -> Void
  ) throws(Refusal) {
    let interpreter = try interpreter(
      store, adopting ?? timeline.first.rules, number: timeline.first.number)
    if adopting != nil { try change(interpreter, to: timeline.first) }
    var steps = timeline.later[...]
    var rest = operations[...]
    while let first = rest.first {
      // Timers that fire at one instant with the first of them need not begin a commit of their own.
      let part = rest.prefix(Self.batch)
      while let step = steps.first, step.at <= first.at || step.number <= first.rules {
        try interpreter.advance(to: step.at)
        try change(interpreter, to: step)
        steps.removeFirst()
      }
      let next = steps.first
      let fitting = part.prefix { operation in
        next.map { operation.at < $0.at && operation.rules < $0.number } ?? true
      }
      try interpreter.batch { () throws(Refusal) in
        for operation in fitting { try again(operation, interpreter) }
      }
      rest = rest.dropFirst(fitting.count)
      tick(fitting.count)
    }
    while let step = steps.first {
      try interpreter.advance(to: step.at)
      try change(interpreter, to: step)
      steps.removeFirst()
    }
    let end = Timestamp(milliseconds: until.milliseconds - 1)
    try interpreter.batch { () throws(Refusal) in try interpreter.advance(to: end) }
  }

  private func again(_ operation: HostOperation, _ interpreter: Interpreter) throws(Refusal) {
    try interpreter.advance(to: operation.at)
    do throws(Refusal) { try interpreter.replay(operation) } catch {
      // It stands in `_refused` of the copy.
      if error.reason == .storage || interpreter.store.lostCommit { throw error }
    }
    try interpreter.advance(to: interpreter.now)
  }

  private func change(_ interpreter: Interpreter, to step: RuleTimeline.Step) throws(Refusal) {
    let old = interpreter.ruleSet
    interpreter.use(step.rules)
    interpreter.ruleNumber = step.number
    try interpreter.inCommit { () throws(Refusal) in
      _ = try interpreter.adoptTimers(from: old, to: step.rules)
      try interpreter.startSchedules()
    }
  }
}
