public import QuartermasterCEL

/// What one operation did.
public struct Outcome: Sendable {
  /// The journal row of the operation; nil when nothing changed and nothing fired.
  public internal(set) var journalRow: Int64?
  /// The firings, in order: the rules that did something and for which record.
  public internal(set) var firings: [FiringReport] = []
  /// The net change of each record, in the order of the first write.
  public internal(set) var changes: [ChangeReport] = []
  /// What verbs said of themselves that the host ran; those that rules ran stand with their firing.
  public internal(set) var notes: [String] = []
  /// The messages that were queued, in order.
  public internal(set) var messages: [MessageReport] = []
  /// The calls of the host's functions that were queued, in order.
  public internal(set) var calls: [CallReport] = []
  /// The first rules that were woken and whose conditions did not hold, where ``Engine/Configuration/notesNearMisses``
  /// asks for them.
  public internal(set) var nearMisses: [NearMiss] = []
}

/// A rule that was woken and did not fire.
public struct NearMiss: Sendable {
  /// The name of the rule.
  public let rule: String
  /// The record that woke it.
  public let record: String?
  /// The condition that did not hold.
  public let condition: String
  /// The values that its conditions looked at, by the text of the operand.
  public let operands: [(text: String, value: Value)]
}

/// A firing of a rule.
public struct FiringReport: Sendable {
  /// The name of the rule.
  public let rule: String
  /// The record that woke it, `Inventory/bolts`; nil for a schedule or a signal.
  public let record: String?
  /// The round in which it fired, from 1; 0 for a before rule.
  public let round: Int
  /// The place in ``Outcome/firings`` of the firing whose change woke it; nil when the operation's own change did.
  public let cause: Int?
  /// Whether its actions failed and were undone, as `failure: skip` asks; then why.
  public internal(set) var skipped: String?
  /// The values that its conditions looked at, by the text of the operand.
  public internal(set) var operands: [(text: String, value: Value)] = []
  /// What its verbs said of themselves, such as why nothing was ordered.
  public internal(set) var notes: [String] = []
}

/// The net change of a record.
public struct ChangeReport: Sendable {
  /// What became of the record.
  public enum Kind: String, Sendable { case created, changed, deleted }

  /// The class.
  public let className: String
  /// The id.
  public let id: String
  /// What became of it.
  public let kind: Kind
  /// The fields that differ, with the value before and after; secret fields are left out.
  public let fields: [(name: String, old: Value, new: Value)]
  /// The rules that wrote the record, in order; none for the operation's own change and for totals that follow it.
  public let rules: [String]
}

/// A call of a function of the host that was queued.
public struct CallReport: Sendable {
  /// The place in ``Outcome/firings`` of the firing that queued it; nil when the host did.
  public let firing: Int?
  /// The rule that queued it.
  public let rule: String
  /// The name of the function.
  public let name: String
  /// The arguments, by name.
  public let arguments: [(name: String, value: Value)]
}

/// A move of a status.
public struct StatusMove: Hashable, Sendable {
  /// The class and the field.
  public let className: String, field: String
  /// The status before and after.
  public let from: String, to: String
}

/// A message that was queued.
public struct MessageReport: Sendable {
  /// The id of its row in the class Message.
  public let id: String
  /// The place in ``Outcome/firings`` of the firing that sent it; nil when the host did.
  public let firing: Int?
  /// The rule that sent it.
  public let rule: String
  /// Whom it is for: a group, an address, or a record as `Customer/ann`.
  public let to: String
  /// The title, if any.
  public let title: String?
  /// The words.
  public let message: String
}
