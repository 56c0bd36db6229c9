public import QuartermasterCEL

extension Engine {
  /// Tries out a stream of changes on a copy of the file, and says what it would do.
  ///
  /// The lines run through the rules in force as `apply` would run them, with timers, schedules and later rules; nothing is sent,
  /// and the copy is removed. The file is read while the copy is made, and not held up after that. The copy takes as much
  /// room in the folder for temporary files as the file does, and what the stream adds.
  ///
  /// - Parameters:
  ///   - path: The stream in JSON Lines, as for `quartermaster apply`.
  ///   - options: Whether lines move the clock, and how many refused ones are kept.
  ///   - progress: Is told now and then how far it came.
  /// - Returns: What would happen, counted, and the first lines that would be refused.
  /// - Throws: ``Refusal`` when the stream or the file cannot be read, when a line has `at` and the clock does not move, or
  ///   when there is no room for the copy.
  public func dryRun(
    _ path: String, options: DryRunOptions = DryRunOptions(),
    progress: (DryRunProgress) -> Void = { _ in }
  ) throws -> DryRunReport {
    let (copy, rules, configuration) = try perform { interpreter throws(Refusal) in
      var configuration = Configuration()
      configuration.settings = interpreter.settings
      configuration.settings.durability = .relaxed
      configuration.verbs = interpreter.verbs
      configuration.functions = interpreter.functions
      configuration.clock = .manual(interpreter.now)
      let rules = LoadedRules(
        ruleSet: interpreter.wholeRules ?? interpreter.ruleSet, tests: [], warnings: [])
      return (try ScratchCopy(of: interpreter), rules, configuration)
    }
    defer { withExtendedLifetime(copy) {} }
    let scratch = try Engine(
      path: copy.path, schema: schema, rules: .publish(rules), configuration: configuration)
    do {
      let report = try DryRunner(on: scratch, options).run(path, progress: progress)
      try scratch.close()
      return report
    } catch let failure as StreamFailure {
      try? scratch.close()
      throw Refusal(failure.kind == .storage ? .storage : .error, failure.message)
    } catch {
      try? scratch.close()
      throw error
    }
  }
}
