package import QuartermasterCEL

/// The net change of one record: what it was and what it is. At least one of both is there.
package struct Change {
  /// Created, changed or deleted.
  package enum Kind: Sendable { case created, changed, deleted }

  /// The record, live.
  package let record: Record
  /// The row before, nil when it was not there.
  package let old: Row?
  /// The row after, nil when it is not there any more.
  package let new: Row?

  package init(record: Record, old: Row?, new: Row?) {
    self.record = record
    self.old = old
    self.new = new
  }

  /// What kind of change it is.
  package var kind: Kind { old == nil ? .created : new == nil ? .deleted : .changed }
}

/// The records that were written since some moment, with their row at that moment.
package struct ChangeLog {
  /// The records in the order of their first write, with the row before it; nil when it was not there.
  package private(set) var entries: [(record: Record, old: Row?)] = []
  private var seen: Set<ObjectIdentifier> = []

  package init() {}

  /// Notes that a record is about to be written.
  package mutating func touch(_ record: Record, was old: Row?) {
    if seen.insert(ObjectIdentifier(record)).inserted { entries.append((record, old)) }
  }

  /// Whether nothing was written.
  package var isEmpty: Bool { entries.isEmpty }
}

/// What the writer asks of the rules while it writes. The engine implements it; without one no rules run.
package protocol WriteHooks: AnyObject {
  /// Runs the before rules on an incoming row: they may change it, or refuse.
  ///
  /// - Parameters:
  ///   - record: The record that is written.
  ///   - old: The stored row; nil for a new record.
  ///   - row: The incoming row, not yet published; nil for a delete.
  func before(_ record: Record, old: Row?, row: Row?) throws(Refusal)
  /// Notes that a record is about to be written, with its row until now.
  func touched(_ record: Record, was old: Row?)
}
