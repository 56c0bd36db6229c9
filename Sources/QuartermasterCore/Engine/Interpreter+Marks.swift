internal import QuartermasterCEL

/// What was written and written back within one operation did not change.
extension Interpreter {
  /// Takes the marks of the operation off records that it left as they were.
  ///
  /// A record of which no value differs has its row from before again, with the row of the journal at which its history
  /// goes on: that of this operation will say nothing of it. One of which only totals differ keeps its `updatedAt`.
  ///
  /// - Throws: ``Refusal`` when the file cannot be written.
  func restoreMarks(_ changes: [Change]) throws(Refusal) {
    // Of a class without totals a record that differs has been set: there is nothing to take back.
    if changes.count == op.allChanges.entries.count,
      changes.allSatisfy({ writer.plans[$0.record.type.index].totalSlots.isEmpty })
    {
      return
    }
    for place in op.allChanges.entries.indices {
      let (record, was) = (op.allChanges.entries[place].record, op.allChanges.entries[place].old)
      guard let old = was, record.isLive, let new = record.row, new !== old else { continue }
      let plan = writer.plans[record.type.index]
      if plan.own.differ(old.values, new.values) { continue }
      let haveSameTotals = plan.totalSlots.allSatisfy {
        Value.equal(at: old.values + $0, new.values + $0)
      }
      if haveSameTotals {
        try store.restoreMarks(record, to: old)
      } else if !Self.haveSameMarks(old, new) {
        let row = Row.copy(new)
        for slot in Self.marks { row.values[slot] = old.values[slot] }
        try store.update(record, row)
      }
    }
  }

  private static let marks = [ClassDefinition.createdAtSlot, ClassDefinition.updatedAtSlot]

  private static func haveSameMarks(_ old: Row, _ new: Row) -> Bool {
    marks.allSatisfy { Value.equal(at: old.values + $0, new.values + $0) }
  }
}
