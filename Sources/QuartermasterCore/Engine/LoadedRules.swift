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
  package func name(of file: SourceFile) -> String {
    UTF8Text.starts(file.name, with: folder) ? String(file.name.dropFirst(folder.count)) : file.name
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
    let (old, oldNumber, oldProblem) = (ruleSet, ruleNumber, ruleProblem)
    do throws(Refusal) {
      try store.begin()
      ruleProblem = nil
      use(rules.ruleSet)
      let isNew = try publish(rules)
      try startSchedules()
      try store.commit()
      seenRuleNumber = ruleNumber
      return isNew
    } catch {
      store.rollback()
      use(old)
      (ruleNumber, ruleProblem) = (oldNumber, oldProblem)
      throw error
    }
  }

  /// Puts the rules in force that the file says.
  ///
  /// - Throws: `DiagnosticList` when they do not check here.
  func useStored() throws(DiagnosticList) {
    let number: Int64
    do throws(Refusal) {
      number = try store.integer("SELECT max(number) FROM _rules") ?? 0
    } catch { throw DiagnosticList([.storedRules(0, error.message)]) }
    seenRuleNumber = number
    if number == 0 { return }
    use(try storedRules(number).ruleSet)
    ruleNumber = number
  }

  /// Stores the text of a rule set in the file when it differs from the one in force, and puts it in force.
  ///
  /// Timers and schedules follow: ``timerChanges`` says what became of them.
  ///
  /// - Returns: Whether the file had another one, or none.
  @discardableResult
  package func publish(_ rules: LoadedRules) throws(Refusal) -> Bool {
    var body = JSONBuffer()
    body.beginArray()
    for file in rules.ruleSet.files {
      body.beginArray()
      body.string(rules.name(of: file))
      body.string(file.text)
      body.endArray()
    }
    body.endArray()
    let hash = ContentHash.text(of: body.bytes)
    timerChanges = []
    let last = try store.statement("SELECT number, hash FROM _rules ORDER BY number DESC LIMIT 1")
    let number = try last.step() ? last.int(0) : nil
    let isSame = number != nil && last.text(1) == hash
    last.reset()
    if let number, isSame {
      ruleNumber = number
      return false
    }
    let insert = try store.statement(
      "INSERT INTO _rules (at, text, hash) VALUES (?1, ?2, ?3) RETURNING number")
    try insert.bind(1, now.milliseconds)
    try insert.bind(2, body.text)
    try insert.bind(3, hash)
    if try insert.step() { ruleNumber = insert.int(0) }
    insert.reset()
    if let number, try hasTimers() {
      timerChanges = try adoptTimers(from: try earlierRules(number), to: ruleSet)
    }
    return true
  }

  private func hasTimers() throws(Refusal) -> Bool {
    try store.integer(
      "SELECT EXISTS (SELECT 1 FROM _timers) OR EXISTS (SELECT 1 FROM _schedules)") == 1
  }

  /// Returns a rule set that was in force; nil when it does not check any more, as after a change of the schema.
  private func earlierRules(_ number: Int64) throws(Refusal) -> RuleSet? {
    let files = try JournalReader(store).ruleFiles(number)
    return RuleSet.load(files: files, schema: schema, settings: settings).rules
  }
}
