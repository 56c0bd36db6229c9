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
  /// The slots in which rows of a class differ from the file, by the place of the class.
  private var slots: [SlotSet] = []
  /// Whether they are being written.
  var isWriting = false

  /// How many bytes of the journal wait at most.
  static let mostBytes = 1 << 20

  var isEmpty: Bool { rows.isEmpty && journal.isEmpty }

  /// Forgets all, because it was written or is not to be.
  mutating func clear() {
    for entry in rows { entry.record.behindPlace = -1 }
    rows.removeAll(keepingCapacity: true)
    for place in slots.indices { slots[place] = SlotSet() }
    journal.removeAll(keepingCapacity: true)
    bodies.removeAll(keepingCapacity: true)
  }

  /// Returns the places of the rows, those of one table together and in its order: then each page of the file is
  /// come to once.
  func inOrder() -> [Int] {
    func number(_ place: Int) -> (Int, Int64) {
      (rows[place].record.type.index, rows[place].record.rowNumber)
    }
    return rows.count < 2 ? Array(rows.indices) : rows.indices.sorted { number($0) < number($1) }
  }

  /// Notes that rows of a class may differ from the file in some slots.
  mutating func note(_ type: RecordType, _ columns: SlotSet) {
    while slots.count <= type.index { slots.append(SlotSet()) }
    slots[type.index].formUnion(columns)
  }

  /// Whether rows of a class may differ from the file in a slot.
  func differ(_ type: RecordType, _ slot: Int) -> Bool {
    type.index < slots.count && slots[type.index].contains(slot)
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
  func letWait(_ record: Record, inFile row: Row, _ columns: SlotSet) {
    behind.note(record.type, columns)
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
    let statement = try journalStatement(rows: 1)
    try statement.bind(1, number)
    try statement.bind(2, at)
    // The statement runs at once, and is bound anew before it runs again.
    try statement.bindLent(3, body)
    // A delete has made its savepoint already, so what follows can be undone.
    try statement.runLast()
  }

  /// How many rows of the journal one statement appends, where so many wait: to begin and end a statement costs as much
  /// as a row.
  private static let journalRowsAtOnce = 16

  private func writeWaitingJournal() throws(Refusal) {
    var place = 0
    while place < behind.journal.count {
      let count =
        behind.journal.count - place >= Self.journalRowsAtOnce ? Self.journalRowsAtOnce : 1
      let statement = try journalStatement(rows: count)
      let failure = behind.bodies.withUnsafeBufferPointer { bodies -> Refusal? in
        do throws(Refusal) {
          for number in 0..<count {
            let row = behind.journal[place + number]
            let first = Int32(number * 3)
            try statement.bind(first + 1, row.number)
            try statement.bind(first + 2, row.at)
            try statement.bindLent(
              first + 3, UnsafeBufferPointer(rebasing: bodies[row.start..<row.end]))
          }
          try statement.runLast()
          return nil
        } catch { return error }
      }
      if let failure { throw failure }
      place += count
    }
  }

  private func journalStatement(rows: Int) throws(Refusal) -> PreparedStatement {
    if rows == 1, let insertJournal { return insertJournal }
    if rows > 1, let insertJournalRows { return insertJournalRows }
    let marks = (0..<rows).map { "(?\($0 * 3 + 1), ?\($0 * 3 + 2), ?\($0 * 3 + 3))" }
    let made = try statement(
      "INSERT INTO _journal (seq, at, body) VALUES " + marks.joined(separator: ", "))
    if rows == 1 { insertJournal = made } else { insertJournalRows = made }
    return made
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
      for place in behind.inOrder() {
        let (record, was) = (behind.rows[place].record, behind.rows[place].inFile)
        guard record.isLive, let now = record.row, now !== was else { continue }
        try write(record, now, over: was)
      }
      try writeWaitingJournal()
      behind.clear()
    } catch {
      if !lostCommit { rollback() }
      lostCommit = true
      throw error
    }
  }
}
