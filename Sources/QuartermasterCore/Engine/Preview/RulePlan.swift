public import QuartermasterCEL

/// What a rule would do now: the records that satisfy it, and what its firing for each of them would come to.
///
/// It was found out by running the rule in a commit that was undone: nothing of it is in the file. Docs/preview.md.
public struct RulePlan: Sendable {
  /// What the rule is about.
  public enum Subject: Sendable {
    /// Records of a class.
    case records(of: String)
    /// Nothing but the clock: it would run once.
    case schedule
    /// A signal: nothing happens until somebody raises it with this payload, by name and type.
    case signal(name: String, payload: [(name: String, type: String)])
    /// Records of a class that are deleted: what is gone satisfies nothing any more.
    case deletion(of: String)
  }

  /// A record whose timer waits.
  public struct Waiting: Sendable {
    /// The record, as `Order/o1`.
    public let record: String
    /// When the timer is due.
    public let due: Timestamp
  }

  /// A record that cannot be judged.
  public struct Unjudged: Sendable {
    /// The record, as `Order/o1`.
    public let record: String
    /// Why.
    public let message: String
  }

  /// What the firing for a record, or of a schedule, comes to.
  public struct Effect: Sendable {
    /// How it ends.
    public enum Result: Sendable {
      /// It is kept: what the operation does, and what later rules do in operations of their own after it.
      case done([Outcome])
      /// It is refused, and leaves nothing.
      case refused(Refusal)
      /// What went before it changed the record so that the rule does not fire for it; why, in words.
      case passed(String)
    }

    /// The record, as `Product/bolt`; nil for a schedule.
    public let record: String?
    /// How it ends.
    public let result: Result
  }

  /// The name of the rule.
  public let rule: String
  /// Where its name stands.
  public let span: SourceSpan
  /// What the rule is about.
  public let subject: Subject
  /// Who or what switched the rule off, in words; nil when it is on.
  public internal(set) var off: String?
  /// Whether it is a before rule: it acts on records as they are written, and cannot be caught up with.
  public internal(set) var isBefore = false
  /// How many records satisfy the rule now, those whose timers wait not counted; 1 for a schedule.
  public internal(set) var matching = 0
  /// What its firings come to, in the order of the keys, each after those before it; no more than were asked for.
  public internal(set) var effects: [Effect] = []
  /// How many records satisfy it and have a timer that waits: they fire when it is due.
  public internal(set) var waitingCount = 0
  /// The first of these.
  public internal(set) var waiting: [Waiting] = []
  /// How many records have had their turn already: the instant of their `due` has fired.
  public internal(set) var firedBefore = 0
  /// How many records have an instant in `due` that is still to come, and no timer.
  public internal(set) var comingCount = 0
  /// How many records cannot be judged, because a condition fails.
  public internal(set) var unjudgedCount = 0
  /// The first of these.
  public internal(set) var unjudged: [Unjudged] = []
  /// Whether its conditions compare a record before and after a change; where nothing changes the two are the same.
  public internal(set) var comparesVersions = false
  /// Whether changes of other programs wait to be taken in, which the totals do not know of yet.
  public internal(set) var hasOutsideChanges = false

  init(rule: String, span: SourceSpan, subject: Subject) {
    self.rule = rule
    self.span = span
    self.subject = subject
  }
}

/// How far a catch-up came.
public struct CatchUpProgress: Sendable {
  /// How many records were dealt with, and how many there are.
  public let done: Int, total: Int
  /// What the last one came to.
  public let effect: RulePlan.Effect
}

/// What a catch-up came to.
public struct CatchUpReport: Sendable {
  /// The name of the rule.
  public let rule: String
  /// How many records satisfied the rule when it began; 1 for a schedule.
  public internal(set) var matching = 0
  /// For how many of them it fired.
  public internal(set) var fired = 0
  /// For how many of them its actions failed and were undone alone, as `failure: skip` asks.
  public internal(set) var skipped = 0
  /// How many did not satisfy it any more when their turn came.
  public internal(set) var passed = 0
  /// How many operations were refused; the others go on.
  public internal(set) var refusedCount = 0
  /// The first of these: the record, nil for a schedule, and why.
  public internal(set) var refused: [(record: String?, refusal: Refusal)] = []
  /// How many records were left alone because a timer of theirs waits.
  public internal(set) var waiting = 0
  /// How many records could not be judged.
  public internal(set) var unjudged = 0
  /// The first journal row of the catch-up and the last one; nil when nothing was done.
  public internal(set) var rows: ClosedRange<Int64>?

  /// How many refusals are kept.
  static let mostRefused = 1000

  init(rule: String) { self.rule = rule }

  /// Creates the report of a catch-up that found nothing to do.
  package init(rule: String, waiting: Int, unjudged: Int) {
    self.rule = rule
    self.waiting = waiting
    self.unjudged = unjudged
  }
}
