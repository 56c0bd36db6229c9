public import QuartermasterCEL

/// What became of the timers of a rule, or of its schedule, when other rules came into force.
public struct TimerChange: Sendable, Equatable {
  /// What became of them.
  public enum Kind: Sendable, Equatable {
    /// They fall due at other instants than before; `first` is the earliest.
    case moved(first: Timestamp)
    /// They were given up.
    case cancelled(Reason)
  }

  /// Why timers were given up.
  public enum Reason: String, Sendable {
    /// No rule of that name is in force any more: removed, renamed or switched off.
    case noRule = "no such rule is in force any more"
    /// The rule waits for nothing any more, or for records of another class.
    case otherTrigger = "the rule waits for something else now"
    /// The condition as it is written now does not hold.
    case noLongerTrue = "the condition does not hold as it is written now"
    /// The condition, or the instant, cannot be computed.
    case fails = "the condition or the instant cannot be computed"
    /// `due` gives null now.
    case noInstant = "`due` gives no instant now"
    /// They had fired already, and the rule does not repeat any more.
    case noRepeat = "they had fired, and the rule does not repeat any more"
    /// The record is not there.
    case noRecord = "their records are not there"
  }

  /// The name of the rule.
  public let rule: String
  /// Whether it is the rule's schedule; else timers of records.
  public let isSchedule: Bool
  /// How many timers.
  public let count: Int
  /// What became of them.
  public let kind: Kind

  /// The change as a sentence without a full stop: `2 timers of chase-pending-order moved; the first is due …`.
  public var text: String {
    let subject =
      isSchedule
      ? "the schedule of \(rule)" : "\(count) \(count == 1 ? "timer" : "timers") of \(rule)"
    switch kind {
    case .moved(let first):
      return isSchedule
        ? "\(subject) moved to \(first)"
        : count == 1
          ? "\(subject) moved to \(first)" : "\(subject) moved; the first is due \(first)"
    case .cancelled(let reason):
      return "\(subject) \(count == 1 ? "was" : "were") cancelled: \(reason.rawValue)"
    }
  }
}
