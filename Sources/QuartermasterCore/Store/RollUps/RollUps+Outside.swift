internal import QuartermasterCEL

/// A floating-point sum of a parent that is still to be made.
struct PostponedSum {
  let link: RollUps.Link
  let item: RollUps.Item
  let parent: Record

  struct Key: Hashable {
    let parent: ObjectIdentifier
    let slot: Int
  }

  var key: Key { Key(parent: ObjectIdentifier(parent), slot: item.slot) }
}

/// Totals of records that another program wrote.
extension RollUps {
  /// Adds to the row of a record that another program created what its children gave before they were changed.
  ///
  /// A child may have pointed at the record before it was there. What children that were written as well give now
  /// comes with their own differences.
  ///
  /// - Parameters:
  ///   - parent: The record.
  ///   - row: Its row, with totals of nothing.
  ///   - before: The rows before the changes of those that were written, by record; nil for those that are new.
  /// - Throws: A refusal when a total overflows or a condition fails.
  func addChildren(
    of parent: Record, to row: Row, before: [ObjectIdentifier: (child: Record, old: Row?)]
  ) throws(Refusal) {
    for link in links.joined() where link.parent.recordType === parent.type {
      for child in try store.pointing(
        at: parent.id, from: link.child.recordType, slot: link.pointerSlot)
      where before[ObjectIdentifier(child)] == nil {
        if let now = child.row { try add(link, child, now, to: row) }
      }
      for (child, old) in before.values where child.type === link.child.recordType {
        guard let old, let id = link.parentID(old), UTF8Text.equal(id, parent.id) else { continue }
        try add(link, child, old, to: row)
      }
    }
  }

  /// Leaves floating-point sums for later until they are made once for all with ``makePostponedSums(_:)``.
  ///
  /// Each is made anew from all children, so that thousands of children of one parent would cost millions.
  func postponeSums() { postponed = [] }

  /// Makes the sums that were left for later, those first from which others are made.
  func makePostponedSums(_ hooks: (any WriteHooks)?) throws(Refusal) {
    defer { postponed = nil }
    while let waiting = postponed, !waiting.isEmpty {
      postponed = []
      var seen: Set<PostponedSum.Key> = []
      for wanted in waiting.sorted(by: { $0.item.depth < $1.item.depth })
      where seen.insert(wanted.key).inserted {
        guard try store.isThere(wanted.parent), let was = wanted.parent.row else { continue }
        let now = Row.copy(was)
        now.values[wanted.item.slot] = .double(
          try sum(wanted.item, wanted.link, of: wanted.parent))
        let slots = try store.update(wanted.parent, now)
        if slots.isEmpty { continue }
        hooks?.touched(wanted.parent, was: was)
        try follow(wanted.parent, old: was, new: now, changed: slots, hooks)
      }
    }
  }

  private func add(_ link: Link, _ child: Record, _ version: Row, to row: Row) throws(Refusal) {
    for item in link.items {
      if case .double(let total) = row.values[item.slot] {
        row.values[item.slot] = .double(total + (try number(item, child, version)))
      } else {
        row.values[item.slot] = try item.adding(
          try units(item, child, version), to: row.values[item.slot], in: link.parent)
      }
    }
  }
}
