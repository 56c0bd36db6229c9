package import QuartermasterCEL

/// The clock of a file that is moved by what is applied to it, not by the computer: the file remembers it.
///
/// A file with such a clock never goes back to the computer's. `_meta` says that it has one; the instant is the last of
/// `_meta`, of the journal and of the streams.
package enum ReplayClock {
  private static let key = "replayClock"

  /// Returns the instant of the file's own clock, or nil when it runs by the computer's.
  package static func read(_ session: StoreSession) throws(Refusal) -> Timestamp? {
    let marked = try session.statement("SELECT value FROM _meta WHERE key = ?1")
    defer { marked.reset() }
    try marked.bind(1, key)
    guard try marked.step() else { return nil }
    var last = marked.int(0)
    last = max(last, try lastChange(session)?.milliseconds ?? last)
    last = max(last, try session.integer("SELECT max(at) FROM _progress") ?? last)
    return Timestamp(milliseconds: last)
  }

  /// Returns the instant of the last operation that the file kept, or nil when it kept none.
  package static func lastChange(_ session: StoreSession) throws(Refusal) -> Timestamp? {
    try session.integer("SELECT at FROM _journal ORDER BY seq DESC LIMIT 1")
      .map { Timestamp(milliseconds: $0) }
  }

  /// Gives the file back to the computer's clock, for good.
  package static func clear(_ store: Store) throws(Refusal) {
    try store.begin()
    do throws(Refusal) {
      let statement = try store.statement("DELETE FROM _meta WHERE key = ?1")
      try statement.bind(1, key)
      try statement.run()
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
  }

  /// Returns how many timers and schedules are due at an instant.
  package static func due(at instant: Timestamp, _ session: StoreSession) throws(Refusal) -> (
    timers: Int64, schedules: Int64
  ) {
    (
      try session.integer(
        "SELECT count(*) FROM _timers WHERE live AND due <= \(instant.milliseconds)") ?? 0,
      try session.integer("SELECT count(*) FROM _schedules WHERE next <= \(instant.milliseconds)")
        ?? 0
    )
  }

  /// Writes the instant down, in the commit that is open.
  package static func write(_ instant: Timestamp, to store: Store) throws(Refusal) {
    let statement = try store.statement(
      "INSERT OR REPLACE INTO _meta (key, value) VALUES (?1, ?2)")
    try statement.bind(1, key)
    try statement.bind(2, instant.milliseconds)
    try statement.run()
  }
}
