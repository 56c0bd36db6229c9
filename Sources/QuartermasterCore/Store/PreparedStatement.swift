internal import CSQLite
internal import QuartermasterCEL

/// The one way in which SQL runs: a statement that is prepared once on a connection and used many times.
///
/// A statement belongs to the session that made it and is used by one thread at a time. Parameters count from 1,
/// columns from 0, as SQLite counts them. Binding to a statement that was stepped resets it first, so that no value
/// is lost; parameters keep their values over a reset.
package final class PreparedStatement {
  /// The text it was prepared from.
  package let sql: String
  /// Whether it leaves the file as it is.
  package let isReadOnly: Bool
  /// Whether it was stepped to a row and neither ended nor was reset.
  @exclusivity(unchecked) package private(set) var isActive = false

  @exclusivity(unchecked) private var handle: OpaquePointer?
  private unowned(unsafe) let session: StoreSession

  init(_ sql: String, session: StoreSession) throws(Refusal) {
    self.sql = sql
    self.session = session
    var text = sql
    var made: OpaquePointer?
    let connection = session.connection
    let code = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        sqlite3_prepare_v3(
          connection, characters.baseAddress, Int32(characters.count),
          UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
      }
    }
    guard code == SQLITE_OK, let made else {
      throw session.failure(code, doing: sql)
    }
    handle = made
    isReadOnly = sqlite3_stmt_readonly(made) != 0
  }

  deinit { sqlite3_finalize(handle) }

  /// Gives the statement back to SQLite; it cannot be used afterwards.
  func finalize() {
    sqlite3_finalize(handle)
    handle = nil
    isActive = false
  }

  // MARK: Parameters

  /// Binds an integer.
  package func bind(_ index: Int32, _ value: Int64) throws(Refusal) {
    resetIfActive()
    try check(sqlite3_bind_int64(handle, index, value))
  }

  /// Binds a floating-point number.
  ///
  /// SQLite has no NaN and would make it null, so it is refused.
  package func bind(_ index: Int32, _ value: Double) throws(Refusal) {
    resetIfActive()
    if value.isNaN { throw Refusal(.schema, "a value that is not a number (NaN) cannot be stored") }
    try check(sqlite3_bind_double(handle, index, value))
  }

  /// Binds a text.
  package func bind(_ index: Int32, _ value: String) throws(Refusal) {
    resetIfActive()
    var value = value
    let handle = handle
    let code = value.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        qm_bind_text(handle, index, characters.baseAddress, Int32(clamping: characters.count))
      }
    }
    try check(code)
  }

  /// Binds a blob.
  package func bind(_ index: Int32, _ value: [UInt8]) throws(Refusal) {
    resetIfActive()
    let handle = handle
    // An empty array has no address, and a blob without an address would be null.
    let code =
      value.isEmpty
      ? sqlite3_bind_zeroblob(handle, index, 0)
      : value.withUnsafeBytes { bytes in
        qm_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
      }
    try check(code)
  }

  /// Binds a blob of bytes that lie somewhere.
  package func bind(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    resetIfActive()
    try check(
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : qm_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count)))
  }

  /// Binds a blob of bytes that stay where they are until the statement has run and was bound anew.
  func bindLent(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    resetIfActive()
    try check(
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count), nil))
  }

  /// Binds null.
  package func bindNull(_ index: Int32) throws(Refusal) {
    resetIfActive()
    try check(sqlite3_bind_null(handle, index))
  }

  /// Binds a text, or null.
  package func bind(_ index: Int32, _ value: String?) throws(Refusal) {
    if let value { try bind(index, value) } else { try bindNull(index) }
  }

  /// Binds an integer, or null.
  package func bind(_ index: Int32, _ value: Int64?) throws(Refusal) {
    if let value { try bind(index, value) } else { try bindNull(index) }
  }

  // MARK: Running

  /// Goes to the next row.
  ///
  /// - Parameter needsAllWritten: Whether a read must find what a batch has changed in memory alone so far.
  /// - Returns: Whether there is one. After the last row the statement is reset.
  /// - Throws: A refusal with SQLite's message; the statement is reset.
  package func step(needsAllWritten: Bool = true) throws(Refusal) -> Bool {
    if isReadOnly {
      if needsAllWritten { try session.willRead() }
    } else if !isActive {
      try session.willWrite()
    }
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW {
      isActive = true
      return true
    }
    isActive = false
    if code == SQLITE_DONE {
      sqlite3_reset(handle)
      return false
    }
    // The message is taken before the reset, which may clear it.
    let refusal = session.failure(code, doing: sql)
    sqlite3_reset(handle)
    throw refusal
  }

  /// Goes to the next row, which has to be there, of a query that computes.
  ///
  /// - Returns: Whether SQLite could compute it; false for a sum that overflows.
  func stepComputing() throws(Refusal) -> Bool {
    try session.willRead()
    let code = sqlite3_step(handle)
    isActive = code == SQLITE_ROW
    if isActive { return true }
    // SQLITE_ERROR is what an overflow gives; what is wrong with the file or the machine has codes of its own.
    if code == SQLITE_ERROR || code == SQLITE_DONE {
      sqlite3_reset(handle)
      return false
    }
    let refusal = session.failure(code, doing: sql)
    sqlite3_reset(handle)
    throw refusal
  }

  /// Runs to the end, leaving rows aside.
  package func run() throws(Refusal) {
    resetIfActive()
    while try step() {}
  }

  /// Runs a write of one row of a class, and gives SQLite's code for a violated constraint in place of throwing it.
  ///
  /// Who calls it notes the row as it was, so that it can be written back: no savepoint is made for it.
  ///
  /// - Returns: `SQLITE_OK`, or the extended code of the constraint.
  func runRow() throws(Refusal) -> Int32 {
    resetIfActive()
    try session.willWriteRow()
    let code = sqlite3_step(handle)
    if code == SQLITE_DONE {
      sqlite3_reset(handle)
      return SQLITE_OK
    }
    if code & 0xFF == SQLITE_CONSTRAINT {
      sqlite3_reset(handle)
      return code
    }
    let refusal = session.failure(code, doing: sql)
    sqlite3_reset(handle)
    throw refusal
  }

  /// Runs a write after which nothing of its operation can fail, so that no savepoint is made for it.
  package func runLast() throws(Refusal) {
    let code = try runRow()
    if code != SQLITE_OK { throw session.failure(code, doing: sql) }
  }

  /// Ends the reading of rows; parameters keep their values.
  package func reset() {
    if isActive {
      sqlite3_reset(handle)
      isActive = false
    }
  }

  // MARK: Columns of the current row

  /// How many columns a row has.
  package var columnCount: Int32 { sqlite3_column_count(handle) }

  /// Returns the name of a column.
  package func name(_ column: Int32) -> String {
    sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
  }

  /// Returns whether a column is null.
  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// Returns whether a column holds an integer; an aggregate may hold a real number instead.
  package func isInteger(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_INTEGER
  }

  /// Returns an integer; 0 for null.
  package func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// Returns an integer, or nil for null.
  package func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

  /// Returns a floating-point number; 0 for null.
  package func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  /// Returns the bytes of a text, valid until the statement is stepped or reset; empty for null.
  package func utf8(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    // sqlite3_column_text first: it may convert, and the length is that of the result.
    let start = sqlite3_column_text(handle, column)
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  /// Returns a text; empty for null.
  package func text(_ column: Int32) -> String { String(decoding: utf8(column), as: UTF8.self) }

  /// Returns a text, or nil for null.
  package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// Returns a blob; empty for null.
  package func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return Array(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  private func resetIfActive() {
    if isActive { reset() }
  }

  private func check(_ code: Int32) throws(Refusal) {
    if code != SQLITE_OK { throw session.failure(code, doing: sql) }
  }
}
