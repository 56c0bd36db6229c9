internal import CSQLite
package import QuartermasterCEL

/// Where an operation or a firing began: what came after it can be undone alone.
package struct UndoMark: Sendable {
  let depth: Int
  let logCount: Int
  let ids: IDSource
}

/// The rows as they were before each write of the open commit, in order.
struct UndoLog {
  private(set) var entries: [(record: Record, was: Row?)] = []
  /// Whether older entries were dropped, so that a rollback forgets all rows in place of restoring them.
  private(set) var isCut = false

  /// Entries that a commit may keep; a batch of more costs a reload of the rows when it is rolled back as a whole.
  static let limit = 500_000

  var count: Int { entries.count }

  mutating func note(_ record: Record, was: Row?) { entries.append((record, was)) }

  /// Takes the last entry out.
  mutating func removeLast() { entries.removeLast() }

  /// Drops all entries, at the end of a commit.
  mutating func clear() {
    entries.removeAll(keepingCapacity: true)
    isCut = false
  }

  /// Drops all entries inside a commit, when no mark needs them any more.
  mutating func cut() {
    entries.removeAll()
    isCut = true
  }
}

extension Store {
  /// Opens a commit; rows that another program changed since the last one are read anew.
  package func begin() throws(Refusal) {
    lostCommit = false
    if beginStatement == nil { beginStatement = try statement("BEGIN IMMEDIATE") }
    try beginStatement?.run()
    isBegun = true
    let version = connection.dataVersion()
    if version != dataVersion || cachedCount > options.cachedRows || tablesDiffer {
      if version != dataVersion { foreignCommits += 1 }
      forgetAll()
      do {
        try loadIDs()
        try checkSchemaNumber()
      } catch {
        rollback()
        throw error
      }
    }
    dataVersion = version
  }

  /// Returns whether somebody else wrote to the file since the last commit.
  package func wasWrittenElsewhere() throws(Refusal) -> Bool {
    // The number is fresh inside a transaction only; a read is one.
    _ = try integer("SELECT 1 FROM _meta LIMIT 1")
    return connection.dataVersion() != dataVersion
  }

  private func checkSchemaNumber() throws(Refusal) {
    // Zero while the file is being opened.
    if schemaNumber == 0 { return }
    let number = try schemaNumberInFile()
    if number == schemaNumber { return }
    tablesDiffer = try !hasTablesOfSchema()
    if tablesDiffer {
      throw Refusal(
        .storage, "\(fileName): another program changed the tables of the file; open it again")
    }
    schemaNumber = number
  }

  /// Starts an operation inside the open commit.
  ///
  /// - Parameters:
  ///   - now: The instant of the operation.
  ///   - journal: The number of its journal row.
  package func startOperation(now: Timestamp, journal: Int64 = 0) {
    self.now = now
    journalNumber = journal
  }

  /// Keeps what was done since ``begin()``; when it fails nothing of it is kept, and ``lostCommit`` is set.
  package func commit() throws(Refusal) {
    do {
      try writeBehind()
      try storeIDs()
      if commitStatement == nil { commitStatement = try statement("COMMIT") }
      try commitStatement?.run()
    } catch {
      rollback()
      lostCommit = true
      throw error
    }
    // From here on a rollback must not give these ids again.
    ids.stored = ids.last
    endCommit()
    dataVersion = connection.dataVersion()
    bell.ring()
  }

  /// Undoes all that was done since ``begin()``, in the file and in memory.
  package func rollback() {
    behind.clear()
    if isInCommit {
      // It fails only when SQLite has rolled back already.
      try? statement("ROLLBACK").run()
    }
    restoreMemory()
  }

  /// Gives records the rows they had before the commit.
  func restoreMemory() {
    if undoLog.isCut {
      forgetAll()
    } else {
      restoreMemory(to: 0)
    }
    endCommit()
    ids = ids.committed
    dataVersion = connection.dataVersion()
  }

  /// Gives records the rows they had when the log had a number of entries, newest first.
  private func restoreMemory(to count: Int) {
    while let entry = undoLog.entries.last, undoLog.count > count {
      undoLog.removeLast()
      forgetRelations(entry.record.type, entry.record.row, entry.was)
      // A row that was deleted and is there again may have another number than the one that was seen last.
      if entry.was == nil || entry.record.row == nil { entry.record.rowNumber = 0 }
      entry.record.become(entry.was)
    }
  }

  private func endCommit() {
    isBegun = false
    undoLog.clear()
    behind.clear()
    pendingSavepoints = 0
    openSavepoints = 0
  }

  // MARK: Marks

  /// Marks a place to which ``undo(to:)`` can go back; marks nest, and the last one ends first.
  ///
  /// It costs nothing until something is written. The savepoint is made by the first write after it that is not of one
  /// row of a class: what rows were is in the log, and writing them back, where an operation is refused after it wrote,
  /// costs less than a savepoint for each that is not.
  package func mark() -> UndoMark {
    pendingSavepoints += 1
    return UndoMark(
      depth: openSavepoints + pendingSavepoints, logCount: undoLog.count, ids: ids)
  }

  /// Keeps what was done since a mark, as far as what is around it is kept.
  package func release(_ mark: UndoMark) throws(Refusal) {
    if lostCommit { throw lostRefusal }
    if openSavepoints >= mark.depth {
      try statement("RELEASE _\(mark.depth)").run()
      openSavepoints = mark.depth - 1
      pendingSavepoints = 0
    } else {
      pendingSavepoints = mark.depth - 1 - openSavepoints
    }
    if mark.depth == 1, undoLog.count > UndoLog.limit { undoLog.cut() }
  }

  /// Undoes what was done since a mark, in the file and in memory, and ends the mark.
  ///
  /// - Throws: A refusal when SQLite gave up the whole commit; then ``lostCommit`` is set.
  package func undo(to mark: UndoMark) throws(Refusal) {
    if lostCommit { return }
    dropWaitingJournal(from: journalNumber)
    var unsaved = undoLog.count
    if openSavepoints >= mark.depth {
      try statement("ROLLBACK TO _\(mark.depth)").run()
      try statement("RELEASE _\(mark.depth)").run()
      openSavepoints = mark.depth - 1
      pendingSavepoints = 0
      unsaved = mark.depth == 1 ? unsavedRows : mark.logCount
    } else {
      pendingSavepoints = mark.depth - 1 - openSavepoints
    }
    restoreMemory(to: max(unsaved, mark.logCount))
    do throws(Refusal) {
      while let entry = undoLog.entries.last, undoLog.count > mark.logCount {
        try unwrite(entry.record, to: entry.was)
        restoreMemory(to: undoLog.count - 1)
      }
    } catch {
      // What cannot be taken back alone takes the whole commit with it.
      if !lostCommit { rollback() }
      lostCommit = true
      throw error
    }
    ids = mark.ids.keepingCommitted(ids)
  }

  /// Sees to it before a row of a class is written that the write can be undone to the last mark.
  ///
  /// Only the outermost mark does without a savepoint: to go back behind the one of an inner mark would bring back what
  /// was written back before.
  func makeSavepointsForRow() throws(Refusal) {
    if lostCommit { throw lostRefusal }
    if openSavepoints + pendingSavepoints > 1 { try makeSavepoints() }
  }

  /// Makes the savepoints of marks after which nothing was written yet.
  func makeSavepoints() throws(Refusal) {
    // A write here would be one outside of any commit.
    if lostCommit { throw lostRefusal }
    // To roll back to a savepoint must not bring back rows that nobody knows of.
    try writeBehind()
    while pendingSavepoints > 0 {
      let depth = openSavepoints + 1
      // Counted first: the statement that makes a savepoint is no write and does not come here.
      openSavepoints = depth
      if depth == 1 { unsavedRows = undoLog.count }
      pendingSavepoints -= 1
      try statement("SAVEPOINT _\(depth)").run()
    }
  }

  private var lostRefusal: Refusal {
    Refusal(.storage, "\(fileName): an earlier failure undid the whole commit; begin a new one")
  }

  /// Notes when a failure cost the whole commit.
  func noteFailure() {
    // After a full disk, an interrupt and the like, SQLite may have rolled back by itself; then nothing of the commit
    // is left in the file, and nothing of it may stay in memory.
    if isBegun, !isInCommit {
      lostCommit = true
      restoreMemory()
    }
  }
}
