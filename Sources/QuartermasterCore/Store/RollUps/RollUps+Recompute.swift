package import QuartermasterCEL

/// A total that is not the sum of what is there.
package struct RollUpMismatch {
  /// The record and the field, as `Product/p7.onHand`.
  package let place: String
  /// The same in parts.
  let classIndex: Int, id: String, field: String
  /// What stands in the file, and what should.
  package let stored: Value, computed: Value
}

extension Writer {
  /// Computes all roll-ups from the children, level by level, and compares them with what is stored.
  ///
  /// - Parameter mending: Whether to write what should stand there. Nobody is told of the change: no rule runs.
  /// - Returns: What differed.
  /// - Throws: A refusal when a total overflows or a condition fails.
  package func checkRollUps(mending: Bool) throws(Refusal) -> [RollUpMismatch] {
    try rollUps.recompute(mending: mending)
  }
}

extension RollUps {
  /// Computes all roll-ups from the children, level by level, and compares them with what is stored.
  ///
  /// - Parameter mending: Whether to write what should stand there. Nobody is told of the change: no rule runs.
  /// - Returns: What differed.
  /// - Throws: A refusal when a total overflows or a condition fails.
  @discardableResult
  func recompute(mending: Bool) throws(Refusal) -> [RollUpMismatch] {
    var mismatches: [RollUpMismatch] = []
    let deepest = links.joined().flatMap(\.items).map(\.depth).max() ?? 0
    for depth in 0...deepest {
      for link in links.joined() {
        for item in link.items where item.depth == depth {
          try recompute(item, link, mending, &mismatches)
        }
      }
    }
    return mismatches
  }

  private func recompute(
    _ item: Item, _ link: Link, _ mending: Bool, _ found: inout [RollUpMismatch]
  )
    throws(Refusal)
  {
    var units: [ObjectIdentifier: Int128] = [:]
    var numbers: [ObjectIdentifier: Double] = [:]
    let isReal = if case .number = item.field.type { true } else { false }
    // In key order, as a floating-point sum is made when a child is written.
    try store.forEachRow(of: link.child) { child, row throws(Refusal) in
      guard let id = link.parentID(row) else { return }
      let parent = ObjectIdentifier(store.record(link.parent.recordType, id))
      if isReal {
        numbers[parent, default: 0] += try number(item, child, row)
      } else {
        units[parent, default: 0] += try self.units(item, child, row)
      }
    }
    var wrong: [(id: String, value: Value)] = []
    try store.forEachRow(of: link.parent) { parent, was throws(Refusal) in
      // The totals are by live records; this one is pinned.
      let key = ObjectIdentifier(store.record(link.parent.recordType, parent.id))
      let value: Value
      if isReal {
        value = .double(numbers[key] ?? 0)
      } else {
        guard let total = item.value(units: units[key] ?? 0) else {
          throw item.overflow(in: link.parent)
        }
        value = total
      }
      if Value.equal(was.values[item.slot], value) { return }
      wrong.append((parent.id, value))
      found.append(
        RollUpMismatch(
          place: "\(link.parent.name)/\(parent.id).\(item.field.name)",
          classIndex: link.parent.index, id: parent.id, field: item.field.name,
          stored: was.values[item.slot], computed: value))
    }
    if !mending { return }
    for (id, value) in wrong {
      guard let parent = try store.existing(link.parent.recordType, id), let was = parent.row
      else { continue }
      let now = Row.copy(was)
      now.values[item.slot] = value
      // The change belongs to no operation of the journal: `_last` stays.
      let journal = store.journalNumber
      if case .int(let last) = was.values[store.tables[link.parent.index].lastSlot] {
        store.journalNumber = last
      }
      defer { store.journalNumber = journal }
      try store.update(parent, now)
    }
  }
}
