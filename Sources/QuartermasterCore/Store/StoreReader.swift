internal import CSQLite
internal import QuartermasterCEL

/// A reader: an independent host of records over one unchanging state of the file.
package final class StoreReader: StoreSession, @unchecked Sendable {
  private var dataVersion: UInt32 = 0
  private var isNew = true

  /// Forgets what it read before when the file changed since.
  func startReading(limit: Int) throws(Refusal) {
    // A deferred transaction sees the file as it is at its first read, which is this one.
    _ = try integer("SELECT 1 FROM _meta LIMIT 1")
    let version = connection.dataVersion()
    if isNew || version != dataVersion || cachedCount > limit { forgetAll() }
    dataVersion = version
    isNew = false
  }
}

extension OpaquePointer {
  /// A number that changes whenever the main file changes, through this connection or another.
  ///
  /// Only fresh inside a transaction. Read from the pager, which costs a tenth of `PRAGMA data_version`.
  func dataVersion() -> UInt32 {
    var version: UInt32 = 0
    sqlite3_file_control(self, "main", SQLITE_FCNTL_DATA_VERSION, &version)
    return version
  }
}
