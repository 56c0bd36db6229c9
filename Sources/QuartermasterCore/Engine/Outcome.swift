public import QuartermasterCEL
internal import Synchronization

/// What one operation did.
public struct Outcome: Sendable {
  /// The journal row of the operation; nil when nothing changed and nothing fired.
  public let journalRow: Int64?
  /// The firings, in order: the rules that did something and for which record.
  public var firings: [FiringReport] { details?.firings ?? [] }
  /// The net change of each record, in the order of the first write.
  public var changes: [ChangeReport] { written?.reports ?? [] }
  /// What verbs said of themselves that the host ran; those that rules ran stand with their firing.
  public var notes: [String] { details?.notes ?? [] }
  /// The messages that were queued, in order.
  public var messages: [MessageReport] { details?.messages ?? [] }
  /// The calls of the host's functions that were queued, in order.
  public var calls: [CallReport] { details?.calls ?? [] }
  /// The first rules that were woken and whose conditions did not hold, where ``Engine/Configuration/notesNearMisses``
  /// asks for them.
  public var nearMisses: [NearMiss] { details?.nearMisses ?? [] }

  private let details: Details?
  private let written: OutcomeChanges?

  init(journalRow: Int64? = nil, details: Details? = nil, changes: OutcomeChanges? = nil) {
    self.journalRow = journalRow
    self.details = details
    written = changes
  }

  /// All but the changes: most operations have none of it.
  final class Details: Sendable {
    let firings: [FiringReport]
    let notes: [String]
    let messages: [MessageReport]
    let calls: [CallReport]
    let nearMisses: [NearMiss]

    init(
      firings: [FiringReport], notes: [String] = [], messages: [MessageReport] = [],
      calls: [CallReport] = [], nearMisses: [NearMiss] = []
    ) {
      self.firings = firings
      self.notes = notes
      self.messages = messages
      self.calls = calls
      self.nearMisses = nearMisses
    }
  }
}

/// The changes of an outcome, put into words when somebody asks: most hosts do not.
///
/// Rows are versions that nothing changes, so that they can be read on any thread at any time.
final class OutcomeChanges: @unchecked Sendable {
  private let written: [Change]
  private let authors: [ObjectIdentifier: [Int]]
  private let firings: [FiringReport]
  private let schema: Schema
  private let made: Mutex<[ChangeReport]?>

  /// Creates them of the records that were written, with their rows before and after.
  init(
    _ written: [Change], authors: [ObjectIdentifier: [Int]], _ firings: [FiringReport],
    _ schema: Schema
  ) {
    self.written = written
    self.authors = authors
    self.firings = firings
    self.schema = schema
    made = Mutex(nil)
  }

  /// Creates them of what is in words already.
  init(_ reports: [ChangeReport], _ schema: Schema) {
    (written, authors, firings) = ([], [:], [])
    self.schema = schema
    made = Mutex(reports)
  }

  /// What became of each record that differs.
  var reports: [ChangeReport] {
    made.withLock { known in
      if let known { return known }
      let reports = written.compactMap(report)
      known = reports
      return reports
    }
  }

  private func report(_ change: Change) -> ChangeReport? {
    if change.old == nil, change.new == nil { return nil }
    let definition = schema.classes[change.record.type.index]
    var fields: [(name: String, old: Value, new: Value)] = []
    for field in definition.fields {
      guard let slot = field.slot, !field.isSecret, change.differs(slot: slot) else { continue }
      fields.append(
        (field.name, change.old?.values[slot] ?? .null, change.new?.values[slot] ?? .null))
    }
    if change.kind == .changed, fields.isEmpty { return nil }
    let kind: ChangeReport.Kind =
      switch change.kind {
      case .created: .created
      case .changed: .changed
      case .deleted: .deleted
      }
    var rules: [String] = []
    for author in authors[ObjectIdentifier(change.record)] ?? []
    where firings.indices.contains(author) && !rules.contains(firings[author].rule) {
      rules.append(firings[author].rule)
    }
    return ChangeReport(
      className: definition.name, id: change.record.id, kind: kind, fields: fields, rules: rules)
  }
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
