internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// A project folder that was read: schema and settings are good, the rules are text yet.
struct ProjectFolder {
  /// What was read.
  let project: Project
  let context: ShellContext

  /// Reads a folder.
  ///
  /// - Throws: ``CommandFailure`` with all that is wrong with schema and settings.
  init(_ folder: String, _ context: ShellContext) throws(CommandFailure) {
    self.context = context
    do { project = try Project.load(folder: folder, templates: context.templates) } catch {
      throw CommandFailure(error, context)
    }
  }

  /// The name of the schema's domain, if its verbs are built in.
  var verbs: VerbRegistry { context.domains[project.schema.domain] ?? VerbRegistry() }

  /// Checks the rules.
  ///
  /// - Parameter numbersBranches: Whether the parts of conditions are going to be watched.
  /// - Returns: The rules with their tests.
  /// - Throws: ``CommandFailure`` with all that is wrong with them.
  func rules(numbersBranches: Bool = false) throws(CommandFailure) -> LoadedRules {
    try rules(project.ruleFiles, numbersBranches: numbersBranches)
  }

  /// Checks the rules, unless the data file has this very set in force: then they are only read and planned, and what they do
  /// to each other was said when they were published.
  ///
  /// - Throws: ``CommandFailure`` with all that is wrong with them.
  func rulesToRun() throws(CommandFailure) -> LoadedRules {
    guard isPublished else { return try rules() }
    var options = RuleCheckOptions.published
    options.channels = project.checkOptions.channels
    return try rules(project.ruleFiles, options)
  }

  /// Checks rule files, with the schema and the settings of the project.
  ///
  /// - Throws: ``CommandFailure`` with all that is wrong with them.
  func rules(_ files: [SourceFile], numbersBranches: Bool = false) throws(CommandFailure)
    -> LoadedRules
  {
    var options = project.checkOptions
    options.numbersBranches = numbersBranches
    return try rules(files, options)
  }

  private func rules(
    _ files: [SourceFile], _ options: RuleCheckOptions
  ) throws(CommandFailure) -> LoadedRules {
    do {
      var rules = try LoadedRules(
        files: files, schema: project.schema, settings: project.settings, options: options)
      rules.folder = prefix
      return rules
    } catch { throw CommandFailure(error, context) }
  }

  /// What the names of files begin with that the data file need not know.
  private var prefix: String { project.folder == "." ? "" : project.folder + "/" }

  /// Whether the rule files are those that the data file has in force.
  private var isPublished: Bool {
    guard FileManager.default.fileExists(atPath: project.dataPath) else { return false }
    do throws(CommandFailure) {
      return try reading { session throws(Refusal) in
        guard let last = try RuleSetRow.last(session) else { return false }
        return try LoadedRules.isStored(project.ruleFiles, folder: prefix, in: last)
      }
    } catch {
      // Whoever opens the file next says what is wrong with it.
      return false
    }
  }

  /// Opens the data file for reading, without touching what is in it; makes it when it is not there.
  func openStore() throws(CommandFailure) -> Store {
    var options = StoreOptions()
    options.durability = project.settings.durability
    options.capturesOutside = project.settings.takesInOutside
    do throws(Refusal) {
      return try Store.open(project.dataPath, schema: project.schema, options: options)
    } catch { throw failure(error) }
  }

  /// Opens the data file and puts rules in force in it.
  ///
  /// - Parameters:
  ///   - rules: The rules.
  ///   - path: The data file; nil for the project's.
  ///   - clock: The clock; nil for the one that the file has.
  ///   - channels: What messages are handed to; none for a command that does not deliver.
  /// - Returns: The engine.
  /// - Throws: ``CommandFailure`` when the file cannot be opened, or its tables are not those of the schema.
  func openEngine(
    _ rules: LoadedRules, at path: String? = nil, clock: Engine.Clock? = nil,
    channels: ChannelRegistry = ChannelRegistry()
  ) throws(CommandFailure) -> Engine {
    var configuration = Engine.Configuration()
    configuration.channels = channels
    configuration.settings = project.settings
    configuration.access = project.access
    configuration.verbs = verbs
    configuration.passwords = context.passwordHasher
    if let clock {
      configuration.clock = clock
    } else if let instant = try fileClock() {
      configuration.clock = .manual(instant)
    }
    do {
      let engine = try Engine(
        path: path ?? project.dataPath, schema: project.schema, rules: rules,
        configuration: configuration)
      for change in engine.timerChanges { context.complain("note: \(change.text)\n") }
      for rule in engine.automations where rule.isEnabled && rule.problem != nil {
        context.complain(rule.warning)
      }
      return engine
    } catch let refusal as Refusal { throw failure(refusal) } catch {
      throw CommandFailure(anything: error, context)
    }
  }

  /// Returns what somebody may do who is named on the command line.
  ///
  /// - Parameters:
  ///   - actor: `User/ann`, or `ann` alone; nil for the system.
  ///   - session: Where he is looked up.
  /// - Returns: What he may do; nil for the system, which may do all.
  /// - Throws: ``CommandFailure`` when there is no such user, or the project says nothing of permissions.
  func access(of actor: String?, _ session: StoreSession) throws -> AccessView? {
    guard let actor else { return nil }
    guard let policy = project.access else {
      throw CommandFailure(
        .badInput,
        "the project has no access.yaml, so that nobody but the system may do anything; write one, or leave the actor out"
      )
    }
    let prefix = policy.userClass + "/"
    let id = actor.hasPrefix(prefix) ? String(actor.dropFirst(prefix.count)) : actor
    guard let view = try policy.view(of: id, session) else {
      throw CommandFailure(
        .usage, "there is no \(prefix)\(id); who acts is a record of \(policy.userClass)")
    }
    return view
  }

  /// Returns the channels that the project declares; of those that are left out it is told why.
  func channels() -> ChannelRegistry {
    let (registry, problems) = context.channels(project.settings, project.folder)
    for problem in problems { context.complain("warning: \(problem)\n") }
    return registry
  }

  /// Returns the instant of the clock that the data file keeps, or nil when it runs by the computer's.
  func fileClock() throws(CommandFailure) -> Timestamp? {
    try reading { session throws(Refusal) in try ReplayClock.read(session) }
  }

  /// Returns the instant of the last operation in the data file, or nil.
  func lastChange() throws(CommandFailure) -> Timestamp? {
    try reading { session throws(Refusal) in try ReplayClock.lastChange(session) }
  }

  /// Returns the instant at which a clock of the file starts, or goes on; nil for the computer's clock.
  ///
  /// - Parameters:
  ///   - clock: Where the time should come from.
  ///   - first: Gives the first instant of what is going to be applied, if it has one.
  /// - Returns: The instant.
  /// - Throws: ``CommandFailure`` when the data file cannot be read.
  func replayStart(
    _ clock: ApplyCommand.Clock, first: () -> Timestamp?
  ) throws(CommandFailure) -> Timestamp? {
    if let instant = try fileClock() { return instant }
    guard clock == .replay else { return nil }
    let last = try lastChange()
    // Never before what the file has seen already.
    return [first(), last].compactMap { $0 }.max() ?? RuleTestRunner.start
  }

  /// Reads one state of the data file.
  func reading<T>(_ body: (StoreSession) throws(Refusal) -> T) throws(CommandFailure) -> T {
    let store = try openStore()
    do throws(Refusal) {
      let result = try store.read { reader throws(Refusal) in try body(reader) }
      try store.close()
      return result
    } catch { throw CommandFailure(error) }
  }

  /// Checks that there is a data file.
  ///
  /// - Throws: ``CommandFailure`` when there is none.
  func requireData() throws(CommandFailure) {
    if FileManager.default.fileExists(atPath: project.dataPath) { return }
    throw CommandFailure(
      .badInput,
      "\(project.dataPath): there is no data file yet; `quartermaster apply` or `run` makes one")
  }

  /// Rebuilds the state of an instant in a copy.
  ///
  /// - Parameter text: The instant; a date stands for its beginning.
  /// - Returns: The copy, which the caller closes.
  /// - Throws: ``CommandFailure`` when the text is no time, or the journal does not reach back so far.
  func past(_ text: String) throws(CommandFailure) -> PastState {
    try requireData()
    let now = try fileClock() ?? SystemClock.now
    let instant = try JournalTime.read(
      text, isEnd: false, now: now, Zone.named(project.settings.zone) ?? .utc)
    do {
      return try PastState(at: instant, schema: project.schema) { path throws(Refusal) in
        try Store.copy(project.dataPath, to: path)
      }
    } catch { throw CommandFailure(anything: error, context) }
  }

  /// Reads the state of an instant, or the present one, with a body that may throw anything.
  func present(_ past: PastState?, _ body: (StoreSession) throws -> Reply) throws(CommandFailure)
    -> Reply
  {
    guard let past else { return try present(body) }
    do throws(Refusal) {
      return try past.store.perform { store throws(Refusal) -> Reply in
        context.reply { try body(store) }
      }
    } catch { throw CommandFailure(error) }
  }

  /// Reads one state of the data file with a body that may throw anything.
  func present(_ body: (StoreSession) throws -> Reply) throws(CommandFailure) -> Reply {
    try reading { session throws(Refusal) -> Reply in
      context.reply { try body(session) }
    }
  }

  /// Changes the engine's own tables in one commit, without opening an engine.
  func changing<T>(
    _ body: (Store, Timestamp) throws(Refusal) -> T
  ) throws(CommandFailure) -> T {
    let now = try fileClock() ?? SystemClock.now
    let store = try openStore()
    do throws(Refusal) {
      let result = try store.perform { store throws(Refusal) -> T in
        try store.begin()
        let result = try body(store, now)
        try store.commit()
        return result
      }
      try store.close()
      return result
    } catch { throw CommandFailure(error) }
  }

  func failure(_ refusal: Refusal) -> CommandFailure {
    if refusal.reason == .schema {
      return CommandFailure(
        .badInput,
        refusal.message + "\n`quartermaster migrate --dry-run` shows what would change")
    }
    return CommandFailure(refusal)
  }
}

extension Automation {
  /// The line that says that the rule cannot run.
  var warning: String {
    let problem = (problem ?? "").split(separator: "\n").joined(separator: "; ")
    return "warning: the rule \(name), a record, is off: \(DisplayText.oneLine(problem))\n"
  }
}

extension Project {
  /// How the rules of a folder are checked: what can be declared in its files must be.
  var checkOptions: RuleCheckOptions {
    var options = RuleCheckOptions()
    options.channels = settings.channelNames
    return options
  }
}
