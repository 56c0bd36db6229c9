public import QuartermasterCEL

/// What a stream of changes would do: all of it happened in a copy, and nothing of it is left.
public struct DryRunReport: Sendable {
  /// What happens to the records of a class, counted by operation.
  public struct Records: Sendable, Equatable {
    /// Those that the lines of the stream create.
    public internal(set) var created = 0
    /// Those that rules create.
    public internal(set) var createdByRules = 0
    /// How often an operation changes one; totals that follow their parts are changes, too.
    public internal(set) var changed = 0
    /// Those that are deleted.
    public internal(set) var deleted = 0
  }

  /// A line that would be refused.
  public struct RefusedLine: Sendable {
    /// The number of the line, from 1.
    public let line: Int64
    /// The reason, such as `reject` or `schema`; `line` for one that cannot be read.
    public let reason: String
    /// What is wrong.
    public let message: String
    /// The rule that refuses it.
    public let rule: String?
    /// Where that rule stands.
    public let place: SourceSpan?
  }

  /// The lines that say a change, refused ones included.
  public internal(set) var lines = 0
  /// The operations that are kept: of lines, and of timers, schedules and later rules.
  public internal(set) var operations = 0
  /// What happens to records, by class.
  public internal(set) var records: [String: Records] = [:]
  /// How often a status makes a move.
  public internal(set) var moves: [StatusMove: Int] = [:]
  /// How often each rule fires.
  public internal(set) var firings: [String: Int] = [:]
  /// How often the actions of a rule fail and are undone alone, by rule.
  public internal(set) var skipped: [String: Int] = [:]
  /// How often a timer, a schedule or a later rule is refused, by rule.
  public internal(set) var failedAlone: [String: Int] = [:]
  /// How many messages would go, by rule.
  public internal(set) var messages: [String: Int] = [:]
  /// How often each call of the host would be made.
  public internal(set) var calls: [String: Int] = [:]
  /// How many lines would be refused, by reason.
  public internal(set) var refused: [String: Int] = [:]
  /// The first of these lines.
  public internal(set) var refusedLines: [RefusedLine] = []
  /// The lines whose instant is earlier than the clock stood already; they happen at the clock's instant.
  public internal(set) var dated = 0
  /// How long it took, in seconds.
  public internal(set) var seconds = 0.0

  init() {}
}

/// How a stream is tried out.
public struct DryRunOptions: Sendable {
  /// Whether lines may move the clock with `at`; timers and schedules in between fire.
  public var movesClock = false
  /// Whether rules run; without them the schema still holds.
  public var runsRules = true
  /// How many refused lines are kept with their messages; the others are counted.
  public var keptRefusals = 1000

  /// Creates options by which rules run and the clock is that of the file.
  public init() {}
}

/// How far a dry run came.
public struct DryRunProgress: Sendable {
  /// The part of the stream that is done, from 0 to 1; nil when it is not known.
  public let fraction: Double?
  /// The lines that were tried.
  public let lines: Int
}
