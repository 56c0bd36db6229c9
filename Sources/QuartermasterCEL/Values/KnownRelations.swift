/// The relations of one record that were read: what points at it, by the field that does.
package final class KnownRelations {
  private struct Known {
    let source: Int
    let slot: Int
    /// A record or null for a unique relation, else a list; nil for a list that is too long to be kept.
    var value: Value?
    /// What it takes of the room for records in memory.
    var count: Int
  }

  private var lists: [Known] = []

  /// Creates it, with nothing known.
  package init() {}

  /// Returns what points at the record through a field, or nil when it is not kept.
  package func find(_ source: Int, _ slot: Int) -> Value? {
    place(source, slot).flatMap { lists[$0].value }
  }

  /// Returns whether what points at the record through a field is known to be too long to be kept.
  package func isLong(_ source: Int, _ slot: Int) -> Bool {
    place(source, slot).map { lists[$0].value == nil } ?? false
  }

  /// Keeps what points at the record through a field of another class; nil says that it is too long.
  ///
  /// `count`: what it takes of the room for records in memory.
  package func keep(_ value: Value?, _ source: Int, _ slot: Int, count: Int) {
    let known = Known(source: source, slot: slot, value: value, count: count)
    if let place = place(source, slot) { lists[place] = known } else { lists.append(known) }
  }

  /// Appends a record to a list that is kept, where it comes after all that are in it.
  ///
  /// - Returns: Whether it did, and nothing needs to be forgotten.
  package func append(_ record: Record, _ source: Int, _ slot: Int, atMost most: Int) -> Bool {
    guard let place = place(source, slot), case .list(var items) = lists[place].value,
      items.count < most
    else { return false }
    if case .record(let last) = items.last, !UTF8Text.less(last.id, record.id) { return false }
    // Its own place lets go of the list, so that it grows where it is.
    lists[place].value = nil
    items.append(.record(record))
    lists[place].value = .list(items)
    lists[place].count += 1
    return true
  }

  /// Forgets it again; that a list is too long stays known.
  ///
  /// - Returns: What it took of the room for records in memory.
  package func forget(_ source: Int, _ slot: Int) -> Int {
    guard let place = place(source, slot), lists[place].value != nil else { return 0 }
    return lists.remove(at: place).count
  }

  private func place(_ source: Int, _ slot: Int) -> Int? {
    for place in lists.indices where lists[place].source == source && lists[place].slot == slot {
      return place
    }
    return nil
  }
}
