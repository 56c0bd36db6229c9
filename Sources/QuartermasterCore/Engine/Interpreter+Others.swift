package import QuartermasterCEL

/// What others did to the file since the last operation of this process: another process with an engine, or a program
/// that writes plain SQL.
extension Interpreter {
  /// Opens the commit of an operation, unless one is open.
  ///
  /// Where somebody else wrote to the file since the last commit, what they did is taken over first: numbers go on
  /// behind theirs, their timers are known, the rules that they put in force are put in force here, and what was written
  /// past the engine becomes an operation. Where nobody did, this costs one comparison.
  ///
  /// - Parameter instant: The present instant, for an operation that takes in changes from outside; nil to leave the
  ///   clock where it is.
  /// - Throws: ``Refusal`` when the file cannot be read or written.
  func openCommit(at instant: Timestamp? = nil) throws(Refusal) {
    if isBatch || store.isBegun { return }
    try store.begin()
    if store.foreignCommits != knownCommits { try meetOthers(at: instant) }
  }

  /// Takes over what others did, and ends with an open commit in which nothing is left of that.
  private func meetOthers(at instant: Timestamp?) throws(Refusal) {
    while true {
      knownCommits = store.foreignCommits
      lastDeletedIDs.removeAll()
      try goOnBehindOthers()
      if let row = try newRules() {
        if row.hash == ruleHash {
          try followSwitches(row)
          try store.commit()
        } else {
          // To compile thousands of rules takes a while, for which nobody else should be held up.
          store.rollback()
          adoptRules(row)
        }
        try store.begin()
        continue
      }
      if try hasOutsideChanges() {
        if let instant { now = max(now, instant) }
        try takeInOutsideChanges()
        try store.begin()
        continue
      }
      return
    }
  }

  /// Takes over what others did, without an operation of this process: what `run` does while it waits.
  package func takeOver(at instant: Timestamp?) throws(Refusal) {
    if isBatch || store.isBegun { return }
    guard try store.wasWrittenElsewhere() || store.foreignCommits != knownCommits else { return }
    try openCommit(at: instant)
    store.rollback()
  }

  /// Looks for changes from outside and for other rules although nobody wrote since the file was opened.
  func meetFirst() throws(Refusal) {
    knownCommits = -1
    try openCommit()
    store.rollback()
  }

  /// Goes on behind the numbers and the clock of others.
  private func goOnBehindOthers() throws(Refusal) {
    nextDue = nil
    let last = try store.statement("SELECT seq, at FROM _journal ORDER BY seq DESC LIMIT 1")
    defer { last.reset() }
    guard try last.step() else { return }
    journalRow = last.int(0) + 1
    // Another process may have been a moment ahead; the instants of the journal never go back.
    now = max(now, Timestamp(milliseconds: last.int(1)))
  }

  /// Returns the rules in force in the file, when they were not looked at yet.
  private func newRules() throws(Refusal) -> RuleSetRow? {
    guard let number = try store.integer("SELECT max(number) FROM _rules"), number != seenRuleNumber
    else { return nil }
    return try RuleSetRow.last(store)
  }

  /// Follows switches that were turned in the file, in the commit that is open: the rules are the same but for those.
  private func followSwitches(_ row: RuleSetRow) throws(Refusal) {
    seenRuleNumber = row.number
    ruleProblem = nil
    let (before, isSame) = (ruleSet, row.switches == switchedOff)
    (ruleNumber, switchedOff) = (row.number, row.switches)
    use(stored.ruleSet.leavingOut(row.switches.names))
    if isSame { return }
    timerChanges = try adoptTimers(from: before, to: ruleSet)
    try startSchedules()
    nextDue = nil
    notice?(.rulesAdopted(number: row.number, count: ruleSet.rules.count))
  }

  /// Puts the rules of the file in force here; where they do not check, those from before stay.
  private func adoptRules(_ row: RuleSetRow) {
    seenRuleNumber = row.number
    do throws(DiagnosticList) {
      use(try storedRules(row), as: row)
      ruleProblem = nil
      nextDue = nil
      notice?(.rulesAdopted(number: row.number, count: ruleSet.rules.count))
    } catch {
      let problem = RuleProblem(number: row.number, inForce: ruleNumber, findings: error)
      ruleProblem = problem
      notice?(.rulesUnusable(problem))
    }
  }

  /// Rules of the file, compiled here.
  struct AdoptedRules {
    /// The rules of the files, and the files.
    let base: RuleSet, files: [SourceFile]
    /// With those that are records.
    let stored: StoredRules
  }

  /// Returns the rules of a row, checked against the schema, the functions and the verbs of this process.
  ///
  /// Files that are in force here already are not compiled again: only a record changed.
  func storedRules(_ row: RuleSetRow) throws(DiagnosticList) -> AdoptedRules {
    let files: [SourceFile]
    let rows: [StoredRule]
    do throws(Refusal) {
      files = try row.ruleFiles()
      rows = try row.storedRules()
    } catch {
      throw DiagnosticList([.storedRules(row.number, error.message)])
    }
    let isKnown =
      !ruleHash.isEmpty && files.map(\.name) == ruleFiles.map(\.name)
      && files.map(\.text) == ruleFiles.map(\.text)
    let base =
      isKnown
      ? fileRules
      : try LoadedRules(
        files: files, schema: schema, settings: settings, options: .published,
        functions: functions
      ).ruleSet
    let rules = AdoptedRules(
      base: base, files: files, stored: automationCompiler.put(rows, behind: base))
    var missing: [Diagnostic] = []
    for rule in rules.stored.ruleSet.leavingOut(row.switches.names).rules {
      for action in rule.actions {
        if case .host(let verb, _, _) = action.verb, verbs.bodies[verb.name] == nil {
          missing.append(.verbNotRegistered(verb.name, rule: rule.name, at: rule.span))
        }
      }
    }
    for name in schema.functions.keys.sorted() where functions.bodies[name] == nil {
      for file in files + rows.filter({ $0.problem == nil }).map(\.file) {
        guard let call = file.text.utf8.firstRange(of: "\(name)(".utf8) else { continue }
        let start = file.text.utf8.distance(from: file.text.startIndex, to: call.lowerBound)
        missing.append(
          .functionNotRegistered(
            name, at: SourceSpan(file: file, range: start..<start + name.utf8.count)))
      }
    }
    if !missing.isEmpty { throw DiagnosticList(missing) }
    return rules
  }
}

extension Diagnostic {
  static func storedRules(_ number: Int64, _ why: String) -> Diagnostic {
    let file = SourceFile(name: "rules \(number) of the data file", text: "")
    return Diagnostic(
      .error, "engine/stored-rules", "the rules cannot be read: \(why)",
      at: SourceSpan(file: file, range: 0..<0))
  }

  static func verbNotRegistered(_ verb: String, rule: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "engine/no-verb",
      "the rule \(rule) uses the verb `\(verb)`, which this program does not have; "
        + "register it, or run the program that does",
      at: span)
  }

  static func functionNotRegistered(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "engine/no-function",
      "a rule calls `\(name)`, which this program does not have; register it, or run the program "
        + "that does",
      at: span)
  }
}
