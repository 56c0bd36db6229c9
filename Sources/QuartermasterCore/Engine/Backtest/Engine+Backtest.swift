public import QuartermasterCEL

extension Engine {
  /// Runs other rules against what happened: what hosts did is done again, once under the old rules and once under the
  /// new ones, each in a copy that is thrown away.
  ///
  /// The data file itself is only read. Nothing is sent: messages of the two worlds are counted. Both worlds run at the
  /// same time, on two threads, while this one waits.
  ///
  ///     let report = try engine.backtest(Project.load(folder: "proposal").ruleFiles)
  ///     for section in report.sections where report.isComparable { print(section.title) }
  ///
  /// - Parameters:
  ///   - files: The new rules.
  ///   - options: When, against what, and what is counted.
  /// - Returns: The numbers side by side, with the share of what could be done again.
  /// - Throws: ``BacktestProblem`` when the journal does not reach back so far; `DiagnosticList` when the rules do not
  ///   check; ``Refusal`` when the file cannot be read or copied.
  public func backtest(
    _ files: [SourceFile], options: BacktestOptions = BacktestOptions()
  ) throws -> BacktestReport {
    let (settings, verbs, functions) = try perform {
      ($0.settings, $0.verbs, $0.functions)
    }
    let runner = BacktestRunner(
      schema: schema, settings: settings, verbs: verbs, functions: functions)
    return try runner.run(files, options) { path throws(Refusal) in try copy(to: path) }
  }

  /// Reads the state of the file as it was at an instant, rebuilt from the journal in a copy that is thrown away.
  ///
  /// - Parameters:
  ///   - instant: The instant: what happened before it is there, what happened at it or later is not.
  ///   - body: Reads. Records must not leave it.
  /// - Returns: What the body returns.
  /// - Throws: ``BacktestProblem`` when the journal does not reach back so far; ``Refusal`` when the file cannot be read or
  ///   copied; what the body throws.
  public func read<T>(at instant: Timestamp, _ body: (ReadContext) throws -> T) throws -> T {
    let state: PastState
    do {
      state = try PastState(at: instant, schema: schema) { path throws(Refusal) in
        try copy(to: path)
      }
    } catch let gap as HistoryReach.Gap {
      throw BacktestProblem(message: gap.message, earliest: gap.earliest)
    }
    defer { state.close() }
    return try state.store.perform { store throws(Refusal) in
      Result {
        // Its schema is that of the engine, and so is what is planned.
        try body(ReadContext(session: store, schema: schema, now: instant, shelf: queryShelf))
      }
    }.get()
  }

  /// Writes a whole copy of the file, or of what is in memory, to a path where nothing is.
  private func copy(to path: String) throws(Refusal) {
    if let source = store.path { return try Store.copy(source, to: path) }
    try perform { interpreter throws(Refusal) in try interpreter.copyFile(to: path) }
  }
}
