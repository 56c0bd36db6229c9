internal import CSQLite
internal import QuartermasterCEL

/// A connection to a data file without its schema: for copies, and for looking at a file that may be damaged.
final class PlainFile: StoreSession, @unchecked Sendable {
  /// How a file is opened.
  enum Mode {
    /// For reading; what a process that ended left in the log is taken in.
    case reading
    /// For reading and writing; the file must be there.
    case writing
    /// Made; nothing may be there.
    case making
  }

  /// Opens a file.
  ///
  /// - Throws: A refusal when it cannot be opened.
  init(_ path: String, _ mode: Mode, busyTimeout: Int = 5000) throws(Refusal) {
    let flags =
      switch mode {
      case .reading, .writing: SQLITE_OPEN_READWRITE
      case .making: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var made: OpaquePointer?
    let code = sqlite3_open_v2(path, &made, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let made else {
      let message = made.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(made)
      throw .storage(code, message, file: path)
    }
    sqlite3_extended_result_codes(made, 1)
    sqlite3_busy_timeout(made, Int32(busyTimeout))
    qm_enable_triggers(made, 0)
    let nothing = Schema(domain: "", classes: [], file: SourceFile(name: "", text: ""))
    super.init(schema: nothing, tables: [], connection: made, fileName: path)
    if mode == .reading { try execute("PRAGMA query_only = ON") }
  }

  /// Closes the file; closing twice does nothing.
  func close() {
    if isClosed { return }
    isClosed = true
    finalizeStatements()
    sqlite3_close_v2(connection)
  }

  deinit { close() }

  private var isClosed = false

  /// Returns what `PRAGMA integrity_check` says is wrong; empty when all is well.
  func damage() throws(Refusal) -> [String] {
    var found: [String] = []
    let integrity = try statement("PRAGMA integrity_check")
    while try integrity.step() {
      if integrity.text(0) != "ok" { found.append(integrity.text(0)) }
    }
    return found
  }

  /// Copies all pages of this file, as they are at this moment, to another one.
  ///
  /// A read transaction is held from the beginning to the end: others write meanwhile, and the copy does not see it.
  ///
  /// - Parameters:
  ///   - copy: Where they go: a file without tables.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Throws: A refusal when reading or writing fails.
  func copyPages(to copy: PlainFile, _ progress: (Double) -> Void) throws(Refusal) {
    try execute("BEGIN")
    _ = try integer("SELECT count(*) FROM sqlite_master")
    guard let backup = sqlite3_backup_init(copy.connection, "main", connection, "main") else {
      throw copy.failure(sqlite3_errcode(copy.connection), doing: "backup")
    }
    var code = SQLITE_OK
    var waited = 0
    while true {
      code = sqlite3_backup_step(backup, Self.pagesPerStep)
      if code == SQLITE_BUSY || code == SQLITE_LOCKED, waited < 100 {
        waited += 1
        sqlite3_sleep(50)
        continue
      }
      let (total, left) = (sqlite3_backup_pagecount(backup), sqlite3_backup_remaining(backup))
      progress(Double(total - left) / Double(max(total, 1)))
      if code != SQLITE_OK { break }
    }
    let end = sqlite3_backup_finish(backup)
    if code != SQLITE_DONE {
      throw .storage(
        code == SQLITE_OK ? end : code, String(cString: sqlite3_errstr(code)), file: copy.fileName)
    }
    try execute("COMMIT")
  }

  /// 4 MB of pages of 4 kB: often enough for a progress bar.
  private static let pagesPerStep: Int32 = 1000
}
