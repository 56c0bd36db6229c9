package import QuartermasterCEL

/// The net change of one record: what it was and what it is, at least one of both.
package final class Change {
  /// Created, changed or deleted.
  package enum Kind: Sendable { case created, changed, deleted }

  /// The record, live.
  package let record: Record
  /// The row before, nil when it was not there.
  package let old: Row?
  /// The row after, nil when it is not there any more.
  package let new: Row?

  /// The record pinned to the row before, nil when it was not there.
  package private(set) lazy var oldRecord: Record? = old.map {
    Record(type: record.type, id: record.id, pinned: $0)
  }
  /// The record pinned to the row after, nil when it is not there any more.
  package private(set) lazy var newRecord: Record? = new.map {
    Record(type: record.type, id: record.id, pinned: $0)
  }

  package init(record: Record, old: Row?, new: Row?) {
    self.record = record
    self.old = old
    self.new = new
  }

  /// What kind of change it is.
  package var kind: Kind { old == nil ? .created : new == nil ? .deleted : .changed }

  /// Whether a slot differs by value; a row that is not there has null everywhere.
  package func differs(slot: Int) -> Bool {
    // The pointers alone: the change holds its rows.
    switch (old?.values, new?.values) {
    case (let old?, let new?): !Value.equal(at: old + slot, new + slot)
    case (let row?, nil), (nil, let row?): if case .null = row[slot] { false } else { true }
    case (nil, nil): false
    }
  }
}

extension Change {
  /// Whether one of some slots differs.
  func differs(in slots: SlotSet) -> Bool {
    var rest = slots.low
    if let old = old?.values, let new = new?.values {
      while rest != 0 {
        let slot = rest.trailingZeroBitCount
        if !Value.equal(at: old + slot, new + slot) { return true }
        rest &= rest - 1
      }
    }
    while rest != 0 {
      if differs(slot: rest.trailingZeroBitCount) { return true }
      rest &= rest - 1
    }
    if slots.high.isEmpty { return false }
    return (64..<64 * (slots.high.count + 1)).contains { slots.contains($0) && differs(slot: $0) }
  }
}

/// The records that were written since some moment, with their row at that moment.
package struct ChangeLog {
  /// A record, with its row before it was first written; nil when it was not there.
  package struct Entry {
    package let record: Record
    package let old: Row?
  }

  /// The records in the order of their first write.
  package private(set) var entries: [Entry] = []
  /// The records of ``entries``; only kept when they are too many to be looked through.
  private var seen: Set<ObjectIdentifier> = []

  package init() {}

  /// Notes that a record was written.
  package mutating func touch(_ record: Record, was old: Row?) {
    if entries.count < 8 {
      for place in entries.indices where entries[place].record === record { return }
      entries.append(Entry(record: record, old: old))
      if entries.count == 8 { seen = Set(entries.map { ObjectIdentifier($0.record) }) }
    } else if seen.insert(ObjectIdentifier(record)).inserted {
      entries.append(Entry(record: record, old: old))
    }
  }

  /// Forgets all.
  package mutating func clear() {
    entries.removeFew()
    if !seen.isEmpty { seen.removeAll() }
  }

  /// Whether nothing was written.
  package var isEmpty: Bool { entries.isEmpty }

  /// Returns what the writes amount to: one change per record that differs, sorted by id as UTF-8 bytes.
  ///
  /// A record that was created and deleted again, or changed back, is no change; `createdAt` and `updatedAt` do not
  /// count. LANGUAGE.md, section 6.3.
  package func net() -> [Change] {
    if entries.isEmpty { return [] }
    if entries.count == 1 { return Self.net(entries[0]).map { [$0] } ?? [] }
    var changes: [Change] = []
    for place in entries.indices {
      if let change = Self.net(entries[place]) { changes.append(change) }
    }
    if changes.count == 2 {
      if UTF8Text.order(changes[1].record.id, changes[0].record.id) < 0 { changes.swapAt(0, 1) }
    } else if changes.count > 2 {
      // Stable, so that records of different classes with one id keep the order in which they were written.
      changes = changes.enumerated().sorted { a, b in
        let order = UTF8Text.order(a.element.record.id, b.element.record.id)
        return order != 0 ? order < 0 : a.offset < b.offset
      }.map(\.element)
    }
    return changes
  }

  @inline(__always)
  private static func net(_ entry: Entry) -> Change? {
    let new = entry.record.isLive ? entry.record.row : nil
    if !differ(entry.old, new, slots: entry.record.type.slotCount) { return nil }
    return Change(record: entry.record, old: entry.old, new: new)
  }

  @inline(__always)
  private static func differ(_ old: Row?, _ new: Row?, slots: Int) -> Bool {
    guard let old, let new else { return old != nil || new != nil }
    if old === new { return false }
    let (was, values) = (old.values, new.values)
    for slot in ClassDefinition.firstFieldSlot..<slots
    where !Value.equal(at: was + slot, values + slot) {
      return true
    }
    return false
  }
}

/// What the writer asks of the rules while it writes; without an answer no rules run.
package protocol WriteHooks: AnyObject {
  /// Runs the before rules on an incoming row: they may change it, or refuse.
  ///
  /// - Parameters:
  ///   - record: The record that is written.
  ///   - old: The stored row; nil for a new record.
  ///   - row: The incoming row, not yet published; nil for a delete.
  /// - Returns: Whether a rule ran that may have changed the row.
  /// - Throws: What a rule rejects, or where it fails.
  @discardableResult
  func before(_ record: Record, old: Row?, row: Row?) throws(Refusal) -> Bool
  /// Notes that a record was written, with its row until then. Its roll-ups follow after this.
  func touched(_ record: Record, was old: Row?)
}

extension Array {
  /// Empties a list that nearly always holds one, and keeps its memory: to take out one by one costs less than to
  /// replace a range.
  mutating func removeFew() {
    if count > 4 { removeAll(keepingCapacity: true) }
    while !isEmpty { removeLast() }
  }
}
