public import QuartermasterCEL

/// Rules that were read, checked and planned against a schema, ready for an engine.
public struct LoadedRules: Sendable {
  package let ruleSet: RuleSet
  /// The tests that stand beside the rules.
  package let tests: [RuleTest]
  /// Warnings and notes of the check.
  public let warnings: [Diagnostic]
  /// What the names of the files begin with and a data file need not know: where the project's folder is.
  package var folder = ""

  /// No rules at all.
  public static let none = LoadedRules(ruleSet: RuleSet(rules: []), tests: [], warnings: [])

  package init(ruleSet: RuleSet, tests: [RuleTest], warnings: [Diagnostic]) {
    self.ruleSet = ruleSet
    self.tests = tests
    self.warnings = warnings
  }

  /// Reads and checks rule files.
  ///
  /// - Parameters:
  ///   - files: The files in the order in which their rules are considered.
  ///   - schema: The classes that the rules are about.
  ///   - settings: Groups, zone and limits.
  ///   - functions: What the functions do that the schema declares.
  /// - Throws: `DiagnosticList` with all errors and warnings, when there is an error.
  public init(
    files: [SourceFile], schema: Schema, settings: ProjectSettings = .init(),
    functions: FunctionRegistry = .init()
  ) throws(DiagnosticList) {
    try self.init(
      files: files, schema: schema, settings: settings, options: RuleCheckOptions(),
      functions: functions)
  }

  package init(
    files: [SourceFile], schema: Schema, settings: ProjectSettings, options: RuleCheckOptions,
    functions: FunctionRegistry = .init()
  ) throws(DiagnosticList) {
    let (ruleSet, tests, diagnostics) = RuleSet.load(
      files: files, schema: schema, settings: settings, options: options,
      functions: functions.bodies, queries: SQLQueryPlanner(schema))
    guard let ruleSet, !diagnostics.contains(where: { $0.severity == .error }) else {
      throw DiagnosticList(diagnostics)
    }
    self.init(ruleSet: ruleSet, tests: tests, warnings: diagnostics)
  }

  /// Returns the name of a file below the project's folder, so that it is the same from wherever a command is called.
  package func name(of file: SourceFile) -> String { Self.name(of: file, below: folder) }

  private static func name(of file: SourceFile, below folder: String) -> String {
    UTF8Text.starts(file.name, with: folder) ? String(file.name.dropFirst(folder.count)) : file.name
  }

  /// Returns whether files are those of a rule set that a data file holds.
  ///
  /// - Parameters:
  ///   - files: The files, in any order.
  ///   - folder: What their names begin with and the data file need not know.
  ///   - row: The rule set.
  /// - Returns: Whether names and texts are the same.
  /// - Throws: A refusal when the row is damaged.
  package static func isStored(
    _ files: [SourceFile], folder: String, in row: RuleSetRow
  ) throws(Refusal) -> Bool {
    let own = files.map { (name: name(of: $0, below: folder), text: $0.text) }
      .sorted { UTF8Text.less($0.name, $1.name) }
    let stored = try row.ruleFiles().sorted { UTF8Text.less($0.name, $1.name) }
    return own.count == stored.count
      && zip(own, stored).allSatisfy {
        UTF8Text.equal($0.name, $1.name) && UTF8Text.equal($0.text, $1.text)
      }
  }

  /// The number of enabled rules.
  public var count: Int { ruleSet.rules.count }
}

extension Interpreter {
  /// Publishes a rule set and puts it in force, all or nothing.
  ///
  /// - Returns: Whether the file had another one, or none.
  /// - Throws: ``Refusal`` when the file cannot be written; then the rules from before are in force.
  func putInForce(_ rules: LoadedRules) throws(Refusal) -> Bool {
    let before = rulesInForce
    do throws(Refusal) {
      try store.begin()
      ruleProblem = nil
      let isNew = try publish(rules)
      try startSchedules()
      try store.commit()
      seenRuleNumber = ruleNumber
      return isNew
    } catch {
      store.rollback()
      restore(before)
      throw error
    }
  }

  /// Puts the rules in force that the file says.
  ///
  /// - Throws: `DiagnosticList` when they do not check here.
  func useStored() throws(DiagnosticList) {
    let last: RuleSetRow?
    do throws(Refusal) { last = try RuleSetRow.last(store) } catch {
      throw DiagnosticList([.storedRules(0, error.message)])
    }
    guard let last else { return }
    seenRuleNumber = last.number
    use(try storedRules(last), as: last)
  }

  /// Puts rules in force here that the file has, but for those that are switched off.
  func use(_ rules: AdoptedRules, as row: RuleSetRow) {
    (ruleNumber, ruleHash, switchedOff) = (row.number, row.hash, row.switches)
    (fileRules, ruleFiles, stored) = (rules.base, rules.files, rules.stored)
    use(rules.stored.ruleSet.leavingOut(row.switches.names))
  }

  /// Puts a rule set in force here alone, with the rules that are records and without those that are switched off: the
  /// file does not know of it.
  ///
  /// - Throws: A refusal when the file cannot be read.
  func adopt(_ whole: RuleSet, leavingOut switches: RuleSwitches) throws(Refusal) {
    let known =
      try automations.map { _ throws(Refusal) in
        try RuleSetRow.last(store)?.storedRules() ?? []
      } ?? []
    let put = automationCompiler.put(
      try automationRows(StoredRules(rows: known, findings: [:], ruleSet: ruleSet)),
      behind: whole)
    (fileRules, ruleFiles) = (whole, whole.files)
    (stored, switchedOff) = (put, switches)
    use(put.ruleSet.leavingOut(switches.names))
  }

  /// Stores the text of a rule set in the file when it differs from the one in force, and puts it in force.
  ///
  /// Rules that were switched off stay so, as far as the new set has them. Timers and schedules follow:
  /// ``timerChanges`` says what became of them.
  ///
  /// - Returns: Whether the file had another one, or none.
  /// - Throws: A refusal when the file cannot be read or written.
  @discardableResult
  package func publish(_ rules: LoadedRules) throws(Refusal) -> Bool {
    timerChanges = []
    let last = try RuleSetRow.last(store)
    let files = rules.ruleSet.files.map { SourceFile(name: rules.name(of: $0), text: $0.text) }
    let known = try automations.map { _ throws(Refusal) in try last?.storedRules() ?? [] } ?? []
    let put = automationCompiler.put(
      try automationRows(StoredRules(rows: known, findings: [:], ruleSet: ruleSet)),
      behind: rules.ruleSet)
    let body = RuleSetRow.text(files: files, stored: put.rows)
    let hash = ContentHash.text(of: body.bytes)
    let names = Set(put.ruleSet.rules.map(\.name) + put.ruleSet.disabled)
    let switches = (last?.switches ?? RuleSwitches()).keeping(names)
    (ruleHash, fileRules, ruleFiles) = (hash, rules.ruleSet, files)
    (stored, switchedOff) = (put, switches)
    let inForce = put.ruleSet.leavingOut(switches.names)
    if inForce !== ruleSet { use(inForce) }
    if let last, last.hash == hash {
      ruleNumber = last.number
      return false
    }
    ruleNumber = try RuleSetRow.append(
      text: body.text, hash: hash, switches: switches, at: now, to: store)
    if let last, try hasTimers() {
      timerChanges = try adoptTimers(from: try earlierRules(last), to: ruleSet)
    }
    return true
  }

  private func hasTimers() throws(Refusal) -> Bool {
    try store.integer(
      "SELECT EXISTS (SELECT 1 FROM _timers) OR EXISTS (SELECT 1 FROM _schedules)") == 1
  }

  /// Returns a rule set that was in force; nil when it does not check any more, as after a change of the schema.
  private func earlierRules(_ row: RuleSetRow) throws(Refusal) -> RuleSet? {
    try row.compiled(schema, settings, .published).rules?.ruleSet
      .leavingOut(row.switches.names)
  }
}
