package import QuartermasterCEL

/// The interpreter of rules on one store: operations, rounds, firings, timers.
///
/// Used by one thread at a time. What is read and written for each change is not checked for overlapping accesses, which
/// would be a tenth of what a change costs; nothing holds on to one of these while it calls out.
///
/// LANGUAGE.md, section 6, is what it does; the extensions beside this file each carry one part of it.
package final class Interpreter {
  let store: Store
  let schema: Schema
  let writer: Writer
  let settings: ProjectSettings
  let computed: ComputedFields
  let verbs: VerbRegistry
  /// What the functions do that the schema declares; for rules that another process publishes.
  let functions: FunctionRegistry
  @exclusivity(unchecked) private(set) var ruleSet: RuleSet
  @exclusivity(unchecked) private(set) var runtimes: [RuleRuntime]
  @exclusivity(unchecked) private(set) var index: RuleIndex
  /// The places of the rules that a signal wakes, by its name.
  @exclusivity(unchecked) private(set) var signalRules: [String: [Int]] = [:]
  /// Whether a class has before rules.
  @exclusivity(unchecked) private(set) var hasBeforeRules: [Bool] = []
  /// The places of the later rules, in order.
  @exclusivity(unchecked) private(set) var laterRules: [Int] = []
  /// The places of the rules with `for` or `due`, by class.
  @exclusivity(unchecked) private(set) var timedRules: [[Int]] = []
  /// Whether any rule waits for an instant: asked after each operation.
  @exclusivity(unchecked) private(set) var waits = false
  /// The places of the rules with a schedule.
  private(set) var scheduledRules: [Int] = []
  /// The places of the rules by name.
  private(set) var rulePlaces: [String: Int] = [:]
  /// The groups that `notify` names, planned.
  private(set) var groups: GroupDirectory

  /// The present instant of the operation.
  @exclusivity(unchecked) package internal(set) var now: Timestamp
  /// The number of the rule set in force here, 0 when it was not published.
  @exclusivity(unchecked) package internal(set) var ruleNumber: Int64 = 0
  /// The number of the rule set in the file that was looked at last; another than ``ruleNumber`` when it cannot be
  /// used here.
  @exclusivity(unchecked) var seenRuleNumber: Int64 = 0
  /// Why the rules in the file are not in force here; nil while they are.
  @exclusivity(unchecked) package internal(set) var ruleProblem: RuleProblem?
  /// The hash of the rule set in force.
  var ruleHash = ""
  /// The rules of files in force, with those that are switched off, and the files, as they were published.
  var fileRules: RuleSet
  var ruleFiles: [SourceFile]
  /// The rules of files with those that are records behind them, also those that are switched off.
  var stored: StoredRules
  /// The class whose records are rules, and what compiles them.
  let automations: AutomationClass?
  var automationCompiler: StoredRuleCompiler
  /// The rules that are in force when the operation that runs is kept; nil when they stay.
  @exclusivity(unchecked) var waitingAutomations: StoredRules?
  /// The rules that are in force here, with those that are switched off; nil before any were.
  var wholeRules: RuleSet? { ruleHash.isEmpty ? nil : stored.ruleSet }
  /// The rules that are switched off.
  package internal(set) var switchedOff = RuleSwitches()
  /// What ``Store/foreignCommits`` was when it was last asked what others did.
  @exclusivity(unchecked) var knownCommits: Int
  /// Is told what comes about between operations.
  package var notice: ((EngineNotice) -> Void)?
  /// What became of timers and schedules when the rules in force were published.
  package internal(set) var timerChanges: [TimerChange] = []
  /// The row of the operation in the journal, if it is kept.
  @exclusivity(unchecked) var journalRow: Int64
  /// The expressions that verbs and hosts asked for.
  private(set) lazy var preparedQueries = PreparedQueries(schema, shelf: QueryShelf())
  /// Reads fields by name, for verbs and hosts.
  private(set) lazy var fields = FieldReader(schema: schema, session: store, computed: computed)
  /// What the index finds, kept for its memory: of a change, and of a row that is about to be written.
  @exclusivity(unchecked) var candidates: [Int] = []
  @exclusivity(unchecked) var beforeCandidates: [Int] = []
  /// The operation that runs, or the last one.
  let op = OperationState()
  /// Whether a batch holds many operations in one commit.
  @exclusivity(unchecked) package internal(set) var isBatch = false
  /// The text of a journal row, kept for its memory.
  @exclusivity(unchecked) var journalBuffer = JSONBuffer()
  /// How changes stand in the journal, by class.
  let journalPlans: [JournalPlan]
  /// The rules that a round runs, kept for the memory.
  @exclusivity(unchecked) var wokenRules: [Wake] = []
  /// The statement that finds where the history of a deleted record ends.
  var selectDeleted: PreparedStatement?
  /// The last of the ids that were deleted, by the place of their class; empty where none was, missing where not known.
  @exclusivity(unchecked) var lastDeletedIDs: [Int: String] = [:]
  /// Draws out the delays of later rules that failed; gives a number from 0 to below 1.
  package var jitter: @Sendable () -> Double = { 0 }
  /// When the next timer is due; nil when it must be asked.
  @exclusivity(unchecked) var nextDue: Int64?
  /// The computer's clock while ``catchUp(to:)`` runs; nil otherwise.
  var realNow: Timestamp?
  /// How many instants of a schedule were missed before the one at which it stands, while ``catchUp(to:)`` runs.
  var missedInstants: [String: Int64] = [:]
  /// When the timer or the schedule was due whose firing runs.
  var dueInstant: DueInstant?
  /// Whether ``run(input:_:)`` says what each operation did; off where nobody asks, as in a stream.
  @exclusivity(unchecked) package var reportsOutcomes = true
  /// Whether it also says which rules were woken and did not fire.
  @exclusivity(unchecked) package var notesNearMisses = false
  /// The stream whose lines are operations with commits of their own.
  @exclusivity(unchecked) var stream: StreamProgress?
  /// Is told of each operation that is kept, before the next one begins; nil where nobody asks.
  @exclusivity(unchecked) var kept: ((Interpreter) -> Void)?
  /// What the last operation of ``run(input:_:)`` did.
  @exclusivity(unchecked) var reported = Outcome()
  /// How much of what an operation does is written down; less than the whole is for measuring what that costs.
  package enum Recording: String, Sendable, CaseIterable {
    /// The journal, with the operands of conditions.
    case whole
    /// The journal without the operands.
    case withoutOperands
    /// No journal: `why`, `log` and streams that go on do not work on such a file.
    case nothing
  }

  /// How much is written down.
  @exclusivity(unchecked) package var recording = Recording.whole
  /// What is counted for `stats`.
  @exclusivity(unchecked) var statistics: RunningStatistics
  /// Looks on at what rules do; nil but for tests of rules.
  package let watch: RuleWatch?
  /// What the operations of this interpreter came to.
  ///
  /// Made when it is asked for.
  package internal(set) var counters: Counters {
    get { formerCounters.adding(placeCounts, ruleSet) }
    set {
      formerCounters = newValue
      placeCounts.removeAll()
    }
  }
  /// What was counted under rule sets that are not in force any more, and of operations that were refused.
  @exclusivity(unchecked) var formerCounters = Counters()
  /// What was counted of the rules in force.
  @exclusivity(unchecked) var placeCounts = PlaceCounts()
  /// The same as a batch began in which other rules came in force.
  var placeCountsBefore: PlaceCounts?

  package init(
    store: Store, schema: Schema, rules: RuleSet, settings: ProjectSettings, now: Timestamp,
    verbs: VerbRegistry = VerbRegistry(), functions: FunctionRegistry = FunctionRegistry(),
    watch: RuleWatch? = nil
  ) throws(Refusal) {
    self.store = store
    self.watch = watch
    self.schema = schema
    self.settings = settings
    self.verbs = verbs
    self.functions = functions
    self.now = now
    knownCommits = store.foreignCommits
    writer = try Writer(store: store)
    journalPlans = schema.classes.map(JournalPlan.init)
    computed = ComputedFields(schema: schema, host: store)
    ruleSet = rules
    fileRules = rules
    ruleFiles = rules.files
    stored = .none(rules)
    automations = AutomationClass(settings, in: schema)
    automationCompiler = StoredRuleCompiler(
      schema: schema, settings: settings, functions: functions.bodies,
      queries: SQLQueryPlanner(schema))
    statistics = RunningStatistics(classes: schema.classes.count)
    runtimes = []
    index = RuleIndex(rules: [], schema: schema)
    groups = GroupDirectory(settings, store: store, schema: schema)
    journalRow = try (store.integer("SELECT max(seq) FROM _journal") ?? 0) + 1
    writer.hooks = self

    use(rules)
  }

  /// Puts a rule set in force, between operations.
  package func use(_ rules: RuleSet) {
    statistics.use(ruleSet, rules)
    if isBatch, placeCountsBefore == nil {
      var before = placeCounts
      before.drop()
      placeCountsBefore = before
    }
    placeCounts.keep()
    formerCounters = formerCounters.adding(placeCounts, ruleSet)
    placeCounts = PlaceCounts(count: rules.rules.count)
    ruleSet = rules
    runtimes = rules.rules.map {
      RuleRuntime($0, schema: schema, host: store, computed: computed, watch: watch)
    }
    signalRules = [:]
    scheduledRules = []
    timedRules = Array(repeating: [], count: schema.classes.count)
    hasBeforeRules = Array(repeating: false, count: schema.classes.count)
    laterRules = []
    rulePlaces = [:]
    for rule in rules.rules {
      rulePlaces[rule.name] = rule.index
      switch rule.trigger {
      case .signal(let name): signalRules[name, default: []].append(rule.index)
      case .schedule: scheduledRules.append(rule.index)
      case .record(let trigger):
        if trigger.hold != nil || trigger.due != nil {
          timedRules[trigger.classIndex].append(rule.index)
        } else if rule.phase == .before {
          hasBeforeRules[trigger.classIndex] = true
        } else if rule.phase == .later {
          laterRules.append(rule.index)
        }
      }
    }
    // Rules with a timer are not woken by changes: the end of an operation starts and stops their timers.
    waits = !scheduledRules.isEmpty || timedRules.contains { !$0.isEmpty }
    // A watch wants to see conditions judged that the constants of the index would answer.
    index = RuleIndex(rules: rules.rules, schema: schema, usesConstants: watch == nil)
    limitedRules = LimitedRules()
  }

  /// Who acts in the operations to come; nil is the system.
  package var actor: Record? {
    get { currentActor }
    set { currentActor = newValue }
  }
  @exclusivity(unchecked) private var currentActor: Record?
  /// What who acts may do; nil for the host itself, which may do all.
  ///
  /// It binds what is asked for (`Interpreter+Given`), not what rules make of it.
  @exclusivity(unchecked) package internal(set) var access: AccessView?
  /// Who may do what; nil where nobody is limited: then all rules act as the system.
  package var policy: AccessPolicy?
  /// The rules that act in somebody's name, as they are for him.
  var limitedRules = LimitedRules()
}
