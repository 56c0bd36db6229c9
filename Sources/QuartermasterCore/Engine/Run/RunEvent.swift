public import QuartermasterCEL

/// Something worth knowing that happened while an engine ran.
public enum RunEvent: Sendable {
  /// It runs, with these rules in force.
  case started(rules: Int64, count: Int)
  /// Changed rule files were put in force.
  case rulesReloaded(Engine.Publication)
  /// Changed rule files do not check; the rules from before stay. Told once for each change.
  case rulesBroken(DiagnosticList)
  /// A file that is only read at the start changed.
  case restartNeeded(path: String)
  /// What came about between operations: other rules, or changes from outside.
  case notice(EngineNotice)
  /// What the rules did since it was last told, by name: firings, firings undone alone, and operations of timers,
  /// schedules and later rules that were refused.
  case fired(firings: [String: Int], skipped: [String: Int], refused: [String: Int])
  /// Messages were handed over, or could not be.
  case delivered(DeliveryReport)
  /// What was older, or more, than the settings keep was forgotten.
  case retained(Engine.RetentionReport)
  /// Something could not be done, and is tried again. Told once until it is another thing, or works.
  case failed(String)
  /// What failed works again.
  case recovered
  /// It was asked to stop and has finished what it had in hand.
  case stopped
}

/// How an engine runs.
public struct RunOptions: Sendable {
  /// The folder whose rule files are put in force when they change; nil for none.
  public var rulesFolder: String?
  /// Rule files that are in force besides those of the folder, such as those of a template.
  public var baseRuleFiles: [SourceFile] = []
  /// What the names of the rule files begin with and the data file need not know.
  public var folder = ""
  /// Files that are only read at the start: a change of them is told.
  public var settingFiles: [String] = []
  /// Whether messages are handed to the channels.
  public var delivers = true
  /// How often it is told what the rules did.
  public var reportInterval = Duration.seconds(60)
  /// How often what the settings do not keep is forgotten; the first time at the start.
  public var retentionInterval = Duration.seconds(3600)
  /// How often others' changes and the rule files are looked for.
  public var interval = Duration.seconds(1)

  /// Creates the options of a run that watches no files.
  public init() {}
}
