internal import CSQLite
internal import QuartermasterCEL

/// What a batch has changed in memory and not yet in the file.
///
/// An operation of a batch changes rows that the next operations change again, and between two statements of SQLite
/// runs so much else that its code has left the processor's cache. So updates that SQLite has nothing to judge of, and
/// rows of the journal, are written together: before anything reads the file, and as the commit ends.
struct RowsBehind {
  /// A record and its row as the file has it.
  struct Entry {
    let record: Record
    var inFile: Row
  }

  /// A row of the journal whose body is part of ``bodies``.
  struct JournalRow {
    let number: Int64
    let at: Int64
    let start: Int
    let end: Int
  }

  /// The records, each once; ``Record/behindPlace`` is the place.
  var rows: [Entry] = []
  var journal: [JournalRow] = []
  var bodies: [UInt8] = []
  /// Whether they are being written.
  var isWriting = false

  /// How many bytes of the journal wait at most.
  static let mostBytes = 1 << 20

  var isEmpty: Bool { rows.isEmpty && journal.isEmpty }

  /// Forgets all, because it was written or is not to be.
  mutating func clear() {
    for entry in rows { entry.record.behindPlace = -1 }
    rows.removeAll(keepingCapacity: true)
    journal.removeAll(keepingCapacity: true)
    bodies.removeAll(keepingCapacity: true)
  }
}

extension Store {
  /// Whether the update of some columns can wait: SQLite has nothing to judge of it, and it can be undone by memory
  /// alone.
  func canWait(_ record: Record, _ columns: SlotSet, _ table: ClassTable) -> Bool {
    defersRows && openSavepoints == 0 && pendingSavepoints <= 1 && record.rowNumber != 0
      && table.waitingSlots.isSuperset(of: columns)
  }

  /// Notes that the file does not have the row of a record that it is about to get.
  func letWait(_ record: Record, inFile row: Row) {
    if record.behindPlace >= 0 { return }
    record.behindPlace = behind.rows.count
    behind.rows.append(RowsBehind.Entry(record: record, inFile: row))
  }

  /// Notes that the file has another row of a record than was noted, after an insert.
  func noteInFile(_ record: Record, _ row: Row) {
    if record.behindPlace >= 0 { behind.rows[record.behindPlace].inFile = row }
  }

  /// Appends a row to the journal: at once, or with the others of the batch.
  ///
  /// Nothing of the operation may fail after it.
  func appendJournal(
    _ number: Int64, at: Int64, _ body: UnsafeBufferPointer<UInt8>
  ) throws(Refusal) {
    guard defersRows else { return try writeJournal(number, at: at, body) }
    let start = behind.bodies.count
    behind.bodies.append(contentsOf: body)
    behind.journal.append(
      RowsBehind.JournalRow(number: number, at: at, start: start, end: behind.bodies.count))
    if behind.bodies.count > RowsBehind.mostBytes { try writeBehind() }
  }

  private func writeJournal(
    _ number: Int64, at: Int64, _ body: UnsafeBufferPointer<UInt8>
  ) throws(Refusal) {
    let statement: PreparedStatement
    if let held = insertJournal {
      statement = held
    } else {
      statement = try self.statement(
        "INSERT INTO _journal (seq, at, body) VALUES (?1, ?2, ?3)")
      insertJournal = statement
    }
    try statement.bind(1, number)
    try statement.bind(2, at)
    // The statement runs at once, and is bound anew before it runs again.
    try statement.bindLent(3, body)
    // A delete has made its savepoint already, so what follows can be undone.
    try statement.runLast()
  }

  /// Drops the rows of the journal that an operation has appended which is undone.
  func dropWaitingJournal(from number: Int64) {
    while let last = behind.journal.last, last.number >= number {
      behind.journal.removeLast()
      behind.bodies.removeLast(last.end - last.start)
    }
  }

  /// Writes what the file does not have yet.
  ///
  /// - Throws: A refusal when the file cannot be written; then the whole commit is lost, for operations that were kept
  ///   already are among it.
  func writeBehind() throws(Refusal) {
    if behind.isWriting || behind.isEmpty { return }
    behind.isWriting = true
    defer { behind.isWriting = false }
    do throws(Refusal) {
      for place in behind.rows.indices {
        let (record, was) = (behind.rows[place].record, behind.rows[place].inFile)
        guard record.isLive, let now = record.row, now !== was else { continue }
        try write(record, now, over: was)
      }
      for row in behind.journal {
        let failure = behind.bodies.withUnsafeBufferPointer { bodies -> Refusal? in
          let body = UnsafeBufferPointer(rebasing: bodies[row.start..<row.end])
          do throws(Refusal) {
            try writeJournal(row.number, at: row.at, body)
            return nil
          } catch { return error }
        }
        if let failure { throw failure }
      }
      behind.clear()
    } catch {
      if !lostCommit { rollback() }
      lostCommit = true
      throw error
    }
  }
}
