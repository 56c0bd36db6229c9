package import QuartermasterCEL

/// The journal by time: rows are numbered in the order of their instants, so that a row is found by halving.
extension JournalReader {
  /// Returns the first row that the journal still has, and its instant; nil when it is empty.
  package func beginning() throws(Refusal) -> (row: Int64, at: Timestamp)? {
    try row("SELECT seq, at FROM _journal ORDER BY seq LIMIT 1")
  }

  /// Returns the last row, and its instant; nil when the journal is empty.
  package func end() throws(Refusal) -> (row: Int64, at: Timestamp)? {
    try row("SELECT seq, at FROM _journal ORDER BY seq DESC LIMIT 1")
  }

  /// Returns the number of the first row at an instant or after it; one more than the last when there is none.
  ///
  /// Where a clock was set back between two operations, one of the places at which the order is broken.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  package func firstRow(at instant: Timestamp) throws(Refusal) -> Int64 {
    guard let first = try beginning(), let last = try end() else { return 1 }
    var (low, high) = (first.row, last.row + 1)
    let statement = try session.statement(
      "SELECT seq, at FROM _journal WHERE seq >= ?1 ORDER BY seq LIMIT 1")
    defer { statement.reset() }
    while low < high {
      let middle = low + (high - low) / 2
      try statement.bind(1, middle)
      guard try statement.step() else { return high }
      // Numbers may be missing: the row found stands for all from the middle up to it.
      if statement.int(1) < instant.milliseconds {
        low = statement.int(0) + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func row(_ sql: String) throws(Refusal) -> (row: Int64, at: Timestamp)? {
    let statement = try session.statement(sql)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    return (statement.int(0), Timestamp(milliseconds: statement.int(1)))
  }
}
