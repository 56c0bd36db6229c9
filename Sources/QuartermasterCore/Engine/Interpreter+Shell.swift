internal import QuartermasterCEL

/// What a prompt needs of an interpreter besides operations.
extension Interpreter {
  /// The store, for reading what is true now.
  package var session: StoreSession { store }

  /// The last row of the journal; 0 for none.
  package var lastRow: Int64 { journalRow - 1 }

  /// Writes a copy of the data file, as it is now, to a path where nothing is.
  package func copyFile(to path: String) throws(Refusal) {
    let quoted = path.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    try store.execute("VACUUM INTO '\(quoted)'")
  }

  /// Gives the file back to the computer's clock, for good.
  package func leaveReplayClock() throws(Refusal) { try ReplayClock.clear(store) }

  /// Writes the instant of a clock that the file keeps into the file.
  package func keepClock() throws(Refusal) {
    try store.begin()
    do throws(Refusal) {
      try ReplayClock.write(now, to: store)
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
  }
}
