/// The relations of one record that were read: what points at it, by the field that does.
package final class KnownRelations {
  private var lists: [(source: Int, slot: Int, value: Value, count: Int)] = []

  /// Creates it, with nothing known.
  package init() {}

  /// Returns what points at the record through a field, or nil when it is not known.
  package func find(_ source: Int, _ slot: Int) -> Value? {
    for list in lists where list.source == source && list.slot == slot { return list.value }
    return nil
  }

  /// Keeps what points at the record through a field of another class, `count` records.
  package func keep(_ value: Value, _ source: Int, _ slot: Int, count: Int) {
    lists.append((source, slot, value, count))
  }

  /// Forgets it again.
  ///
  /// - Returns: How many records were kept.
  package func forget(_ source: Int, _ slot: Int) -> Int {
    guard let place = lists.firstIndex(where: { $0.source == source && $0.slot == slot }) else {
      return 0
    }
    return lists.remove(at: place).count
  }
}
