internal import CSQLite
internal import Foundation
internal import GRDB
package import QuartermasterCEL
internal import Synchronization

/// The data file: one connection that writes, and readers beside it.
///
/// All that a store does itself runs inside ``perform(_:)``, which holds the one writer queue, for as many operations
/// as the caller likes; only ``perform(_:)``, ``schedule(_:)``, ``read(_:)`` and ``close()`` may be called from
/// anywhere. An operation looks like this:
///
///     try store.perform { store in
///       try store.begin()                       // the commit
///       store.startOperation(now: now)
///       let mark = store.mark()
///       …writes, statements on the engine's tables…
///       try store.undo(to: mark)  or  try store.release(mark)
///       try store.commit()        or  store.rollback()
///     }
package final class Store: StoreSession, @unchecked Sendable {
  /// How it was opened.
  package let options: StoreOptions
  /// The path of the file, or nil in memory.
  package let path: String?

  /// The instant of the operation: ids are made from it, and the writer stamps records with it.
  @exclusivity(unchecked) package internal(set) var now = Timestamp(milliseconds: 0)
  /// The number of the journal row that the operation writes; each row that it writes carries it in `_last`.
  @exclusivity(unchecked) package internal(set) var journalNumber: Int64 = 0
  /// Whether SQLite gave up the whole commit after a failure such as a full disk or an interrupt.
  ///
  /// None of its operations is done, and the caller must report them so. Cleared by ``begin()``.
  @exclusivity(unchecked) package internal(set) var lostCommit = false
  /// Whether a commit is open.
  package var isInCommit: Bool { sqlite3_get_autocommit(connection) == 0 }

  /// How often a commit found that somebody else had written to the file since the one before it.
  @exclusivity(unchecked) package internal(set) var foreignCommits = 0
  /// Is rung after each commit, and when the file is closed.
  package let bell = CommitBell()

  @exclusivity(unchecked) var undoLog = UndoLog()
  /// Whether updates and rows of the journal may be written later in the commit: while a batch runs.
  @exclusivity(unchecked) package var defersRows = false
  /// Those that wait.
  @exclusivity(unchecked) var behind = RowsBehind()
  /// The statement that appends to the journal.
  @exclusivity(unchecked) var insertJournal: PreparedStatement?
  /// The statements around a commit.
  @exclusivity(unchecked) var beginStatement: PreparedStatement?
  @exclusivity(unchecked) var commitStatement: PreparedStatement?
  /// The one that appends several rows.
  @exclusivity(unchecked) var insertJournalRows: PreparedStatement?
  /// Whether a commit was opened with ``begin()`` and not ended yet.
  @exclusivity(unchecked) package internal(set) var isBegun = false
  /// The number of the schema in the file when it was opened.
  @exclusivity(unchecked) var schemaNumber: Int64 = 0
  /// Whether another program changed the tables to others than this store knows: no commit may be opened until they
  /// are again what they were.
  @exclusivity(unchecked) var tablesDiffer = false
  @exclusivity(unchecked) var pendingSavepoints = 0
  @exclusivity(unchecked) var openSavepoints = 0
  /// How many entries the undo log had when the outermost savepoint was made: those before are not covered by it.
  @exclusivity(unchecked) var unsavedRows = 0
  @exclusivity(unchecked) var dataVersion: UInt32 = 0
  @exclusivity(unchecked) var ids = IDSource()
  @exclusivity(unchecked) var writes: [ClassWrites]

  let access: Access
  private let interruption: Interruption
  /// The readers that were made, by their connection.
  private let readers = Mutex<[UInt: StoreReader]>([:])
  private let holder = Mutex<ObjectIdentifier?>(nil)
  private let closed = Mutex(false)

  init(
    schema: Schema, tables: [ClassTable], connection: OpaquePointer, fileName: String,
    path: String?, options: StoreOptions, access: Access, interruption: Interruption
  ) {
    self.interruption = interruption
    self.options = options
    self.path = path
    self.access = access
    writes = tables.map { _ in ClassWrites() }
    super.init(schema: schema, tables: tables, connection: connection, fileName: fileName)
  }

  deinit { finalizeStatements() }

  /// Where connections come from.
  enum Access {
    case file(DatabasePool)
    case memory(DatabaseQueue)
  }

  // MARK: Entry points

  /// Runs a body on the writer's queue; what is left of an open commit at its end is rolled back.
  ///
  /// - Throws: What the body throws; a refusal when it is called inside itself, or on a closed store.
  package func perform<T>(_ body: (Store) throws(Refusal) -> T) throws(Refusal) -> T {
    try checkEntry()
    let result = access.write { () -> Result<T, Refusal> in
      holder.withLock { $0 = Self.thread }
      defer { holder.withLock { $0 = nil } }
      if closed.withLock({ $0 }) { return .failure(closedRefusal) }
      let result: Result<T, Refusal>
      do throws(Refusal) { result = .success(try body(self)) } catch { result = .failure(error) }
      if isInCommit { rollback() }
      return result
    }
    return try result.get()
  }

  /// Runs a body on the writer's queue, some time soon, without waiting for it.
  package func schedule(_ body: @escaping @Sendable (Store) -> Void) {
    access.writeSoon { [self] in
      if closed.withLock({ $0 }) { return }
      holder.withLock { $0 = Self.thread }
      defer { holder.withLock { $0 = nil } }
      body(self)
      if isInCommit { rollback() }
    }
  }

  /// Runs a body on a reader that sees one state of the file from its beginning to its end.
  ///
  /// In a file, readers run beside the writer and beside each other; in memory they take turns with it. Records that
  /// the reader gives must not leave the body.
  ///
  /// - Throws: What the body throws; a refusal when it is called inside ``perform(_:)``, where the store itself reads.
  package func read<T>(_ body: (StoreReader) throws(Refusal) -> T) throws(Refusal) -> T {
    try checkEntry()
    let result = access.read(fileName: fileName) { connection -> Result<T, Refusal> in
      let reader = reader(on: connection)
      do throws(Refusal) {
        try reader.startReading(limit: options.cachedRows)
        return .success(try body(reader))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func reader(on connection: OpaquePointer) -> StoreReader {
    let key = UInt(bitPattern: connection)
    if let reader = readers.withLock({ $0[key] }) { return reader }
    let made = StoreReader(
      schema: schema, tables: tables, connection: connection, fileName: fileName)
    readers.withLock { $0[key] = made }
    return made
  }

  /// Waits for what is running, and closes the file; closing twice does nothing.
  package func close() throws(Refusal) {
    try checkEntry(whenClosed: true)
    if closed.withLock({ $0 }) { return }
    let failure = access.barrier {
      let wasClosed = closed.withLock { was in
        defer { was = true }
        return was
      }
      if wasClosed { return }
      finalizeStatements()
      readers.withLock { list in
        for reader in list.values { reader.finalizeStatements() }
        list = [:]
      }
    }
    bell.close()
    if let failure { throw failure }
    try access.close(fileName: fileName)
  }

  /// Stops what the file is doing now, and all that is begun before ``endInterruption()``.
  ///
  /// From any thread; what is stopped fails with a refusal that says so. SQLite only stops statements that run at this moment: call it again where what runs begins new ones.
  package func interrupt() {
    interruption.request()
    access.interrupt()
  }

  /// Lets work begin again.
  package func endInterruption() { interruption.clear() }

  override package var isInterrupted: Bool { interruption.isRequested }

  override func willRead() throws(Refusal) {
    if !behind.isEmpty { try writeBehind() }
  }

  override func isWritten(_ type: RecordType, _ slot: Int) -> Bool { !behind.differ(type, slot) }

  override func willWrite() throws(Refusal) {
    if !behind.isEmpty { try writeBehind() }
    if pendingSavepoints > 0 || lostCommit { try makeSavepoints() }
  }

  override func willWriteRow() throws(Refusal) {
    if behind.isWriting { return }
    if pendingSavepoints > 0 || lostCommit { try makeSavepointsForRow() }
  }

  override func failure(_ code: Int32, doing sql: String) -> Refusal {
    let refusal = super.failure(code, doing: sql)
    noteFailure()
    return refusal
  }

  override func finalizeStatements() {
    finalizeWrites()
    super.finalizeStatements()
  }

  private static var thread: ObjectIdentifier { ObjectIdentifier(Thread.current) }

  private var closedRefusal: Refusal { Refusal(.storage, "\(fileName): the file is closed") }

  private func checkEntry(whenClosed: Bool = false) throws(Refusal) {
    let inside = holder.withLock { $0 == Self.thread }
    if inside {
      throw Refusal(.error, "a write cannot start inside another one; use the one that is open")
    }
    if !whenClosed, closed.withLock({ $0 }) { throw closedRefusal }
  }
}
