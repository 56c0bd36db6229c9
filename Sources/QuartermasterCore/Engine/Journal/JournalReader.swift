package import QuartermasterCEL

/// Reads the journal of a file: by row, by record along its chain, backwards through all.
package struct JournalReader {
  /// The session it reads on.
  package let session: StoreSession

  /// Creates a reader.
  package init(_ session: StoreSession) { self.session = session }

  /// Returns the operation of a row, or nil when the journal does not hold it (any more).
  package func entry(_ row: Int64) throws(Refusal) -> JournalEntry? {
    let statement = try session.statement("SELECT at, body FROM _journal WHERE seq = ?1")
    defer { statement.reset() }
    try statement.bind(1, row)
    guard try statement.step() else { return nil }
    return try JournalEntry(row: row, at: statement.int(0), body: statement.blob(1))
  }

  /// Returns the row of the last change of a record, deleted or not; nil when nothing is known of it.
  package func lastRow(of definition: ClassDefinition, _ id: String) throws(Refusal) -> Int64? {
    if let record = try session.existing(definition.recordType, id) {
      let slot = session.tables[definition.index].lastSlot
      if case .int(let row)? = record.row?.values[slot], row > 0 { return row }
      return nil
    }
    let statement = try session.statement("SELECT seq FROM _deleted WHERE class = ?1 AND id = ?2")
    defer { statement.reset() }
    try statement.bind(1, definition.name)
    try statement.bind(2, id)
    return try statement.step() ? statement.int(0) : nil
  }

  /// Gives the operations that changed a record, the last one first, until the body says that it has enough.
  ///
  /// `row`: Where to begin; nil for the record's last change.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func history(
    of definition: ClassDefinition, _ id: String, from row: Int64? = nil,
    _ body: (JournalEntry, JournalEntry.Change) throws(Refusal) -> Bool
  ) throws(Refusal) {
    var next = row
    if next == nil { next = try lastRow(of: definition, id) }
    while let row = next, row > 0, let entry = try entry(row) {
      guard let change = entry.change(of: definition.name, id) else { return }
      if try !body(entry, change) { return }
      // Rows only ever point back; one that does not is damaged, and must not be followed for ever.
      next = change.previous < row ? change.previous : nil
    }
  }

  /// Gives the changes of some classes, the oldest first, until the body says that it has enough.
  ///
  /// - Parameters:
  ///   - classes: The names of the classes.
  ///   - body: Is given each change, and returns whether it wants more.
  /// - Throws: ``Refusal`` when the file cannot be read.
  package func changes(
    of classes: Set<String>, _ body: (RecordChange) throws(Refusal) -> Bool
  ) throws(Refusal) {
    let statement = try session.statement("SELECT seq, at, body FROM _journal ORDER BY seq")
    defer { statement.reset() }
    while try statement.step() {
      let entry = try JournalEntry(
        row: statement.int(0), at: statement.int(1), body: statement.blob(2))
      for place in entry.changes.indices where classes.contains(entry.changes[place].className) {
        let change = RecordChange(
          place, of: entry, session.schema[entry.changes[place].className])
        if try !body(change) { return }
      }
    }
  }

  /// Returns the instants of the first and the last operation of the journal; nil when it is empty.
  package func reach() throws(Refusal) -> (first: Timestamp, last: Timestamp)? {
    let statement = try session.statement(
      "SELECT (SELECT at FROM _journal ORDER BY seq LIMIT 1), "
        + "(SELECT at FROM _journal ORDER BY seq DESC LIMIT 1)")
    defer { statement.reset() }
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return (
      Timestamp(milliseconds: statement.int(0)), Timestamp(milliseconds: statement.int(1))
    )
  }

  /// Gives the operations after a row, in order.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read; what the body throws.
  package func forwards(
    after row: Int64, _ body: (JournalEntry) throws(Refusal) -> Void
  ) throws(Refusal) {
    let statement = try session.statement(
      "SELECT seq, at, body FROM _journal WHERE seq > ?1 ORDER BY seq")
    defer { statement.reset() }
    try statement.bind(1, row)
    while try statement.step() {
      try body(
        try JournalEntry(
          row: statement.int(0), at: statement.int(1), body: statement.blob(2)))
    }
  }

  /// Gives operations, the last one first, until the body says that it has enough.
  ///
  /// - Parameters:
  ///   - text: Only those whose row holds this text, to save the reading of others; nil for all.
  ///   - rows: Only rows within these numbers.
  ///   - body: Is given each operation, and returns whether it wants more.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func backwards(
    containing text: String? = nil, within rows: ClosedRange<Int64> = 0...(.max),
    _ body: (JournalEntry) throws(Refusal) -> Bool
  ) throws(Refusal) {
    let filter = text == nil ? "" : "AND instr(body, ?3) > 0 "
    let statement = try session.statement(
      "SELECT seq, at, body FROM _journal WHERE seq BETWEEN ?1 AND ?2 \(filter)ORDER BY seq DESC")
    defer { statement.reset() }
    try statement.bind(1, rows.lowerBound)
    try statement.bind(2, rows.upperBound)
    if let text { try statement.bind(3, Array(text.utf8)) }
    while try statement.step() {
      let entry = try JournalEntry(
        row: statement.int(0), at: statement.int(1), body: statement.blob(2))
      if try !body(entry) { return }
    }
  }
}

extension JournalEntry {
  /// Returns the change of a record in this operation, or nil.
  package func change(of className: String, _ id: String) -> Change? {
    changes.first { UTF8Text.equal($0.id, id) && $0.className == className }
  }
}
