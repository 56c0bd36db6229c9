/// How large the journal is.
package struct JournalSize: Sendable {
  /// How many operations there are.
  package let rows: Int64
  /// The bytes of their texts: counted where they are few, else estimated from a part of them.
  package let bytes: Int64
  /// Whether ``bytes`` is estimated.
  package let isEstimated: Bool

  private static let mostCounted: Int64 = 2000

  /// Measures the journal of a file.
  ///
  /// - Throws: A refusal when the file cannot be read.
  package init(_ session: StoreSession) throws(Refusal) {
    let reader = JournalReader(session)
    guard let first = try reader.beginning(), let last = try reader.end() else {
      (rows, bytes, isEstimated) = (0, 0, false)
      return
    }
    let span = last.row - first.row + 1
    if span <= Self.mostCounted {
      rows = try session.integer("SELECT count(*) FROM _journal") ?? 0
      bytes = try session.integer("SELECT sum(length(body)) FROM _journal") ?? 0
      isEstimated = false
      return
    }
    // Only the rows that retention left are there, and they are numbered without gaps.
    let statement = try session.statement(
      "SELECT length(body) FROM _journal WHERE seq >= ?1 ORDER BY seq LIMIT 1")
    defer { statement.reset() }
    var total: Int64 = 0
    for place in 0..<Self.mostCounted {
      try statement.bind(1, first.row + span * place / Self.mostCounted)
      if try statement.step() { total += statement.int(0) }
    }
    rows = span
    bytes = total * span / Self.mostCounted
    isEstimated = true
  }
}
