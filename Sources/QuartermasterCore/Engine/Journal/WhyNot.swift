package import QuartermasterCEL

/// Why a rule did not fire for a record, or when it did: the first gate that the record's last change did not pass.
///
/// What the record's own row decides is told from the journal, as it was then. What other records decide is judged as
/// they are now, and marked so.
package struct WhyNot: Sendable {
  /// A condition with the values that it looked at.
  package struct Condition: Sendable {
    /// `becomes`, `when`, or `when 2` of a list.
    package let label: String
    /// The formula.
    package let text: String
    /// Where it stands, as `rules/stock.yaml:14`.
    package let place: String
    /// What it looked at.
    package let operands: [(text: String, value: String)]
    /// Whether the values are those of the change; otherwise they are those of now.
    package let isExact: Bool
  }

  /// Where the rule stopped.
  package enum Gate: Sendable {
    /// No rule set that the file knows has such a rule.
    case unknownRule(suggestion: String?)
    /// The rule was there once; the set without it came into force then.
    case removed(lastSet: Int64, at: Timestamp)
    /// Its file switches it off.
    case disabled(place: String)
    /// Somebody switched it off.
    case switchedOff(RuleSwitches.Switch)
    /// It is a record with mistakes, a line for each, and not in force.
    case cannotRun(place: String, problem: String)
    /// It cannot be compiled against the schema of today.
    case unreadable
    /// It is about records of another class.
    case otherClass(String)
    /// No record wakes it: a schedule or a signal does; its next turn, and the items of `when:` as they are now.
    case notByRecord(trigger: String, next: Timestamp?, stopped: Condition?)
    /// The journal knows of no change of the record.
    case neverWritten
    /// It was not yet in force when the record changed last; the number of the set that brought it, and since when.
    case notInForce(since: Timestamp)
    /// It was switched off when the record changed.
    case wasOff
    /// The change came with a load without rules.
    case withoutRules
    /// No change of the record is of the kind that wakes it.
    case kind(trigger: String)
    /// The last changes left the trigger's fields as they were; the last one that did not, if the journal has it.
    case unchanged(fields: [String])
    /// `becomes` is not true.
    case isFalse(Condition)
    /// `becomes` was true already, since before the journal begins.
    case wasTrue(Condition?)
    /// An item of `when:` was false.
    case conditionFalse(Condition)
    /// A condition cannot be judged.
    case fails(Condition, String)
    /// Its timer waits.
    case waits(due: Timestamp, since: Timestamp)
    /// It is due at no instant: `due` gives null.
    case noInstant
    /// Its turn comes after the commit, and has not come yet.
    case waitsForTurn
    /// It fired, and its actions were undone.
    case skipped(String)
    /// It fired, and what it does once had been done.
    case onceSeen([String])
    /// It did fire.
    case fired
    /// Nothing in the journal says what stopped it; the items that were judged as of now.
    case open([Condition])
  }

  /// A firing of the rule for the record.
  package struct Fired: Sendable {
    /// The operation.
    package let row: Int64, at: Timestamp
    /// The firing.
    package let firing: JournalEntry.Firing
  }

  /// The rule.
  package let rule: String
  /// Where the rule stands, as it is in force; nil when it is not.
  package internal(set) var place: String?
  /// Where it stopped.
  package internal(set) var gate = Gate.neverWritten
  /// The operation that the gate is about; nil for what is so now.
  package internal(set) var entry: JournalEntry?
  /// What the record became in that operation.
  package internal(set) var change: JournalEntry.Change?
  /// The number of the rule set that the judgement is by, when it is not the one in force.
  package internal(set) var olderSet: Int64?
  /// The last firings for the record, the last one first; at most ``mostFirings``.
  package internal(set) var firings: [Fired] = []
  /// Operations with the record that were refused since the gate's operation, the last one first.
  package internal(set) var refused: [JournalReader.Refused] = []
  /// Whether the journal goes back no further than what was looked at.
  package internal(set) var reachesBeginning = false

  /// How many firings are named at most.
  package static let mostFirings = 3

  init(_ rule: String) { self.rule = rule }
}
