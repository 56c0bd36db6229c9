internal import QuartermasterCEL

/// Changes that other programs made, in the file: the triggers that keep them, and what they kept.
extension Store {
  /// A write of another program to a row.
  struct OutsideWrite {
    /// The place of its class.
    let classIndex: Int
    /// The id.
    let id: String
    /// The row before; nil when it was not there.
    let old: OutsideRow?
    /// Whether the totals were computed anew since.
    let isCounted: Bool
  }

  /// Makes the triggers what they should be: of each class, or none where changes from outside are not kept.
  func keepTriggers() throws(Refusal) {
    // Nobody else writes to a store in memory.
    let captures = options.capturesOutside && path != nil
    let written = tables.filter { !$0.definition.isSystem }
    let wanted = captures ? written.flatMap { OutsideTriggers.statements($0) } : []
    if try hasTriggers(wanted) { return }
    try begin()
    do throws(Refusal) {
      // Another process may have made them while this one waited for the lock.
      if try !hasTriggers(wanted) {
        try dropTriggers()
        for trigger in wanted { try execute(trigger.sql) }
      }
      try commit()
    } catch {
      rollback()
      throw error
    }
  }

  private func hasTriggers(_ wanted: [(name: String, sql: String)]) throws(Refusal) -> Bool {
    var missing: [String: String] = [:]
    for trigger in wanted { missing[trigger.name] = trigger.sql }
    let read = try triggerNames()
    defer { read.reset() }
    while try read.step() {
      guard missing.removeValue(forKey: read.text(0)) == read.text(1) else { return false }
    }
    return missing.isEmpty
  }

  /// Drops all triggers that keep changes from outside, in the commit that is open.
  func dropTriggers() throws(Refusal) {
    var names: [String] = []
    let read = try triggerNames()
    while try read.step() { names.append(read.text(0)) }
    for name in names { try execute("DROP TRIGGER \(ClassTable.quoted(name))") }
  }

  private func triggerNames() throws(Refusal) -> PreparedStatement {
    try statement(
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        + "AND name GLOB '\(OutsideTriggers.prefix)*'")
  }

  /// Whether other programs wrote something that was not taken in yet.
  func hasOutsideWrites() throws(Refusal) -> Bool {
    try integer("SELECT 1 FROM _outside LIMIT 1") != nil
  }

  /// Returns what other programs wrote, in order, and forgets it in the file.
  func takeOutsideWrites() throws(Refusal) -> [OutsideWrite] {
    var writes: [OutsideWrite] = []
    var places: [String: Int] = [:]
    for table in tables { places[table.definition.name] = table.definition.index }
    let read = try statement("SELECT class, id, old, counted FROM _outside ORDER BY number")
    while try read.step() {
      // A class that a migration dropped since has nothing to say.
      guard let place = places[read.text(0)] else { continue }
      let old = read.optionalText(2)
      if let old, OutsideRow(old) == nil {
        throw Refusal(
          .storage, "\(fileName): a row of _outside cannot be read; another program wrote it")
      }
      writes.append(
        OutsideWrite(
          classIndex: place, id: read.text(1), old: old.flatMap { OutsideRow($0) },
          isCounted: read.int(3) != 0))
    }
    try statement("DELETE FROM _outside").run()
    return writes
  }

  /// Returns a row that a trigger kept; columns that came since have the values of a new record.
  func row(_ kept: OutsideRow, _ plan: WritePlan) throws(Refusal) -> Row {
    let table = tables[plan.definition.index]
    let row = emptyRow(plan.definition.recordType)
    for slot in 0..<table.lastSlot {
      row.values[slot] =
        slot < plan.initialValues.count ? plan.initialValues[slot] : .null
      guard let literal = kept.values[table.columnNames[slot]] else { continue }
      do throws(Refusal) { row.values[slot] = try table.codecs[slot].value(of: literal) } catch {
        throw .unreadable("the row before", table.columnNames[slot], error)
      }
    }
    if case .integer(let last)? = kept.values["_last"] {
      row.values[table.lastSlot] = .int(last)
    } else {
      row.values[table.lastSlot] = .int(0)
    }
    return row
  }
}
