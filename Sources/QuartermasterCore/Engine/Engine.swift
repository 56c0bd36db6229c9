public import QuartermasterCEL
internal import Synchronization

/// An engine on one data file: the door for all reads and writes, with the rules in force.
///
/// Safe to use from any thread. Writes take turns; reads run beside them. Opening starts nothing by itself: timers
/// fire when the clock is moved with ``advance(to:)``, or before each write when the clock runs by itself.
public final class Engine: Sendable {
  /// Where the present instant comes from.
  public enum Clock: Sendable {
    /// The computer's clock.
    case system
    /// A clock that only ``Engine/advance(to:)`` moves, for tests and replays. Starts here.
    case manual(Timestamp)
  }

  /// What an engine is opened with.
  public struct Configuration: Sendable {
    /// What happens when the tables of the file are not those of the schema.
    public enum Migration: Sendable {
      /// Opening fails with the differences.
      case refuse
      /// The tables are changed where no value is lost; otherwise opening fails.
      case safe
      /// The tables are changed, and what no longer has a place is dropped.
      case dropping
    }

    /// Groups, inbox, zone, durability and limits, as quartermaster.yaml has them.
    public var settings = ProjectSettings()
    /// The clock.
    public var clock = Clock.system
    /// What happens when the schema differs from the file's.
    public var migration = Migration.refuse
    /// Who may do what, for the handles that ``Engine/as(_:)`` gives; nil for nobody but the host.
    public var access: AccessPolicy?
    /// The verbs that the schema declares.
    public var verbs = VerbRegistry()
    /// What the functions do that the schema declares, for rules that come from the file.
    public var functions = FunctionRegistry()
    /// The channels to which ``Engine/deliver()`` hands messages.
    public var channels = ChannelRegistry()
    /// What the calls do that the schema declares.
    public var calls = CallRegistry()
    /// What becomes of passwords in clear that are written to `User.password`; they are refused unless this says more.
    public var passwords = PasswordHasher.refusing
    /// Gives a number from 0 to below 1, by which the delays of failed deliveries are drawn out; tests fix it.
    public var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Whether the outcome of a write names the rules that were woken and whose conditions did not hold.
    ///
    /// With the values that these looked at, which costs as much as a rule that fires. The prompt always asks for it.
    public var notesNearMisses = false
    /// Whether a file that is not there is made.
    public var createsFile = true
    /// Who is told of each statement on the file; nil for nobody.
    package var observer: StatementObserver?

    /// Creates the default configuration.
    public init() {}
  }

  /// Where the rules come from when a file is opened.
  public enum Rules: Sendable {
    /// These, which are put in force in the file for all who have it open.
    case publish(LoadedRules)
    /// Those that the file says are in force; none in a new file.
    case use
  }

  /// The schema.
  public let schema: Schema

  /// Whether opening put other rules in force than the file had.
  public let publishedRules: Bool

  /// What became of timers and schedules when opening put other rules in force.
  public let timerChanges: [TimerChange]

  /// What deliveries need: the channels and calls of the host, how often each is tried, who this engine is among those
  /// that may deliver, and the round that runs.
  let channels: ChannelRegistry
  let calls: CallRegistry
  let outboxSettings: ProjectSettings.Outbox
  let jitter: @Sendable () -> Double
  let identity = Lease.newHolder()
  let deliveryThreads: DeliveryThreads
  let delivering = Mutex<Task<DeliveryReport, any Error>?>(nil)
  let clock: Clock
  /// Who may do what; nothing for anybody where none was given.
  let access: AccessPolicy
  /// What principals may do who were asked for lately.
  let views = AccessViews()
  /// The expressions that reads asked for.
  let queryShelf = QueryShelf()
  let store: Store
  /// Where writes of tasks wait for their turn.
  let taskWrites = BlockingWork.inTurn("writes")
  /// What ``run(_:tell:)`` needs to know of itself.
  let runState = RunState()
  // Only used on the store's writer queue, which takes one body at a time.
  private nonisolated(unsafe) let interpreter: Interpreter

  /// Opens a file, or memory.
  ///
  /// - Parameters:
  ///   - path: The data file; nil for memory.
  ///   - schema: The classes.
  ///   - rules: The rules, which are put in force in the file.
  ///   - configuration: Settings, clock, verbs and what to do when the schema differs.
  /// - Throws: ``Refusal`` of the reason `storage` when the file cannot be opened or belongs to another program, and
  ///   `schema` when its tables differ.
  public convenience init(
    path: String?, schema: Schema, rules: LoadedRules, configuration: Configuration = .init()
  ) throws {
    try self.init(
      path: path, schema: schema, rules: .publish(rules), configuration: configuration)
  }

  /// Opens a file, or memory, with rules to publish or with those that the file says.
  ///
  /// - Parameters:
  ///   - path: The data file; nil for memory.
  ///   - schema: The classes.
  ///   - rules: Where the rules come from.
  ///   - configuration: Settings, clock, verbs, functions and what to do when the schema differs.
  /// - Throws: ``Refusal`` as above; `DiagnosticList` when the rules of the file do not check here.
  public init(
    path: String?, schema: Schema, rules: Rules, configuration: Configuration = .init()
  ) throws {
    self.schema = schema
    clock = configuration.clock
    access = configuration.access ?? AccessPolicy(file: schema.file)
    channels = configuration.channels
    calls = configuration.calls
    outboxSettings = configuration.settings.outbox
    jitter = configuration.jitter
    // One for the round itself, one that renews its lease.
    deliveryThreads = DeliveryThreads(limit: configuration.settings.outbox.lanes + 2)
    try configuration.calls.check(schema)
    var options = StoreOptions()
    options.durability = configuration.settings.durability
    options.createsFile = configuration.createsFile
    options.capturesOutside = configuration.settings.takesInOutside
    options.observer = configuration.observer
    options.migration =
      switch configuration.migration {
      case .refuse: .refuse
      case .safe: .safe
      case .dropping: .dropping
      }
    store = try Store.open(path, schema: schema, options: options)
    let start: Timestamp = if case .manual(let instant) = clock { instant } else { Self.systemNow }
    let jitter = jitter
    var published = false
    var timers: [TimerChange] = []
    var findings: DiagnosticList?
    do {
      interpreter = try store.perform { (store) throws(Refusal) -> Interpreter in
        let made = try Interpreter(
          store: store, schema: schema, rules: RuleSet(rules: []),
          settings: configuration.settings, now: start, verbs: configuration.verbs,
          functions: configuration.functions)
        made.jitter = jitter
        made.notesNearMisses = configuration.notesNearMisses
        made.writer.passwords = configuration.passwords
        made.policy = configuration.access
        try made.writer.accounts?.rebuildIfOld()
        switch rules {
        case .publish(let rules):
          published = try made.putInForce(rules)
          timers = made.timerChanges
        case .use:
          do throws(DiagnosticList) { try made.useStored() } catch {
            findings = error
            throw Refusal(.error, "the rules in the file do not check here")
          }
        }
        // What was written past the engine while no engine was open is judged by these rules.
        try made.meetFirst()
        try made.judgeAutomationsAgain()
        try made.resumeLater()
        return made
      }
    } catch {
      try? store.close()
      throw findings ?? error
    }
    publishedRules = published
    timerChanges = timers
  }

  /// Runs one operation: all writes of the body, and what the rules make of them, are kept or undone as a whole.
  ///
  /// - Parameters:
  ///   - actor: Who acts, a record of the class User; nil for the system.
  ///   - body: The writes. It runs on another thread while this one waits.
  /// - Returns: What the operation did.
  /// - Throws: ``Refusal`` when a rule, the schema or the file refuses it; what the body throws. Nothing is kept then.
  @discardableResult
  public func write(
    actor: (className: String, id: String)? = nil, _ body: (WriteContext) throws -> Void
  ) throws -> Outcome {
    try write(actor: actor, access: nil, body)
  }

  /// Runs one operation in the name of somebody.
  func write(access: AccessView, _ body: (WriteContext) throws -> Void) throws -> Outcome {
    let user = access.principal.userID.map { (self.access.userClass, $0) }
    return try write(actor: user, access: access, body)
  }

  private func write(
    actor: (className: String, id: String)?, access: AccessView?,
    _ body: (WriteContext) throws -> Void
  ) throws -> Outcome {
    var failure: (any Error)?
    do {
      return try store.perform { (_) throws(Refusal) -> Outcome in
        try prepare(actor, access)
        try interpreter.run { () throws(Refusal) in
          do { try body(WriteContext(interpreter)) } catch let refusal as Refusal {
            throw refusal
          } catch {
            failure = error
            throw Refusal(.error, "\(error)")
          }
        }
        let outcome = interpreter.lastOutcome()
        try interpreter.advance(to: interpreter.now)
        return outcome
      }
    } catch {
      throw failure ?? error
    }
  }

  /// Runs many operations in one commit.
  ///
  /// Each is kept or undone alone; an error thrown out of the body undoes all.
  ///
  /// - Throws: What the body throws; then nothing of the batch is kept.
  public func batch<T>(_ body: (BatchContext) throws -> T) throws -> T {
    var failure: (any Error)?
    do {
      return try store.perform { (_) throws(Refusal) -> T in
        try prepare(nil)
        return try interpreter.batch { () throws(Refusal) -> T in
          do { return try body(BatchContext(interpreter)) } catch let refusal as Refusal {
            throw refusal
          } catch {
            failure = error
            throw Refusal(.error, "\(error)")
          }
        }
      }
    } catch {
      throw failure ?? error
    }
  }

  /// Reads one state of the file, beside writes.
  ///
  /// - Throws: What the body throws; ``Refusal`` when the file cannot be read.
  public func read<T>(_ body: (ReadContext) throws -> T) throws -> T {
    try read(access: nil, body)
  }

  /// Reads what somebody may see.
  func read<T>(access: AccessView?, _ body: (ReadContext) throws -> T) throws -> T {
    var failure: (any Error)?
    let now = now
    do {
      return try store.read { (reader) throws(Refusal) -> T in
        do {
          return try body(
            ReadContext(
              session: reader, schema: schema, now: now, access: access, shelf: queryShelf))
        } catch let refusal as Refusal { throw refusal } catch {
          failure = error
          throw Refusal(.error, "\(error)")
        }
      }
    } catch {
      throw failure ?? error
    }
  }

  /// Moves a manual clock forward; timers and schedules in between fire, each at its own instant.
  public func advance(to instant: Timestamp) throws {
    try store.perform { (_) throws(Refusal) in try interpreter.advance(to: instant) }
  }

  /// The present instant: of the computer's clock, or of the manual one.
  public var now: Timestamp {
    if case .system = clock { return Self.systemNow }
    return (try? store.perform { (_) throws(Refusal) in interpreter.now }) ?? Self.systemNow
  }

  /// The number of the rule set in force, as the file counts them.
  public var ruleNumber: Int64 {
    (try? store.perform { (_) throws(Refusal) in interpreter.ruleNumber }) ?? 0
  }

  /// The names of the rules that somebody switched off in the file, beside what their files say.
  public var switchedOffRules: [String] {
    (try? store.perform { (_) throws(Refusal) in interpreter.switchedOff.items.map(\.rule) }) ?? []
  }

  /// Switches a rule on or off in the file: a new number for the same rules, which all engines on the file follow.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - isOn: Whether it is switched on.
  ///   - by: Who does it, for `rules list` and `why-not`.
  /// - Throws: ``Refusal`` when there is no such rule, or the file cannot be written.
  public func turn(_ rule: String, isOn: Bool, by: String) throws {
    let now = now
    try store.perform { (store) throws(Refusal) in
      _ = try RuleSetRow.turn(rule, off: !isOn, by: by, at: now, in: store)
      try interpreter.meetFirst()
    }
  }

  /// Why the rules that another process published are not in force here; nil while they are.
  public var ruleProblem: RuleProblem? {
    (try? store.perform { (_) throws(Refusal) in interpreter.ruleProblem }) ?? nil
  }

  /// Checks rule files and puts them in force, in this process at once and in others on the file before their next
  /// operation.
  ///
  /// All or nothing: when they have an error, or cannot be stored, the rules from before stay. Putting rules in force
  /// fires none for records that satisfy them already.
  ///
  /// - Parameters:
  ///   - files: The rule files.
  ///   - folder: What the names of the files begin with and the data file need not know, such as `shop/`.
  /// - Returns: Whether the file had other rules, how many are in force, and the warnings of the check.
  /// - Throws: `DiagnosticList` when they do not check; ``Refusal`` when the file cannot be written.
  @discardableResult
  public func publish(_ files: [SourceFile], folder: String = "") throws -> Publication {
    let (settings, functions) = try perform { ($0.settings, $0.functions) }
    var rules = try LoadedRules(
      files: files, schema: schema, settings: settings, functions: functions)
    rules.folder = folder
    return try publish(rules)
  }

  /// Puts rules in force that were checked.
  package func publish(_ rules: LoadedRules) throws(Refusal) -> Publication {
    try store.perform { (_) throws(Refusal) in
      try interpreter.openCommit()
      store.rollback()
      let isNew = try interpreter.putInForce(rules)
      try interpreter.noteAutomations()
      return Publication(
        number: interpreter.ruleNumber, isNew: isNew, count: rules.count,
        warnings: rules.warnings, timers: isNew ? interpreter.timerChanges : [],
        automationsOff: interpreter.stored.rows.filter { $0.isEnabled && $0.problem != nil }
          .map(Automation.init))
    }
  }

  /// What putting rules in force came to.
  public struct Publication: Sendable {
    /// The number of the rules in force, as the file counts them.
    public let number: Int64
    /// Whether the file had other ones.
    public let isNew: Bool
    /// How many rules there are.
    public let count: Int
    /// What the check warned of.
    public let warnings: [Diagnostic]
    /// What became of timers and schedules.
    public let timers: [TimerChange]
    /// The rules that are records and cannot run with these: they are off until that is mended.
    public let automationsOff: [Automation]
  }

  /// Waits for what is running, and closes the file.
  public func close() throws {
    // A file that cannot be written any more, or is closed already, only loses counts.
    try? keepStatistics()
    try store.close()
  }

  /// Runs one operation with a body that works on the interpreter itself, as ``write(actor:_:)`` does.
  ///
  /// - Parameters:
  ///   - actor: Who acts; nil for the system.
  ///   - access: What he may do; nil for all.
  ///   - input: What was asked, for the record of a refusal.
  ///   - body: The writes.
  /// - Returns: What the body returns, and what the operation did.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func operate<T>(
    actor: (className: String, id: String)?, access: AccessView? = nil, input: String,
    _ body: (Interpreter) throws(Refusal) -> T
  ) throws(Refusal) -> (result: T, outcome: Outcome) {
    try store.perform { (_) throws(Refusal) in
      try prepare(actor, access)
      let notes = interpreter.notesNearMisses
      interpreter.notesNearMisses = true
      defer { interpreter.notesNearMisses = notes }
      let result = try interpreter.run(input: input) { () throws(Refusal) in
        try body(interpreter)
      }
      let outcome = interpreter.lastOutcome()
      try interpreter.advance(to: interpreter.now)
      return (result, outcome)
    }
  }

  /// Ends what runs now, from any thread, and all that is begun before ``endInterruption()``; it is undone.
  ///
  /// Call it again as long as something runs.
  package func interrupt() { store.interrupt() }

  /// Lets work begin again.
  package func endInterruption() { store.endInterruption() }

  /// Runs a body on the interpreter, on the writer's queue.
  package func perform<T>(_ body: (Interpreter) throws(Refusal) -> T) throws(Refusal) -> T {
    try store.perform { (_) throws(Refusal) -> T in try body(interpreter) }
  }

  /// Runs a body on the interpreter after what is due has fired, in the name of somebody, with a commit open or not.
  func preparing<T>(
    _ actor: (className: String, id: String)?, _ body: (Interpreter) throws(Refusal) -> T
  ) throws(Refusal) -> T {
    try store.perform { (_) throws(Refusal) -> T in
      try prepare(actor)
      return try body(interpreter)
    }
  }

  private func prepare(
    _ actor: (className: String, id: String)?, _ access: AccessView? = nil
  ) throws(Refusal) {
    interpreter.actor = nil
    interpreter.access = nil
    var instant: Timestamp?
    if case .system = clock { instant = max(interpreter.now, Self.systemNow) }
    try interpreter.open(at: instant)
    interpreter.access = access
    guard let actor else { return }
    let definition = try interpreter.definition(actor.className)
    guard let record = try store.existing(definition.recordType, actor.id) else {
      throw Refusal(.schema, "the actor \(actor.className)/\(actor.id) is not there")
    }
    interpreter.actor = record
  }

  /// The computer's clock.
  static var systemNow: Timestamp {
    Timestamp(milliseconds: SystemClock.milliseconds)
  }
}
