package import QuartermasterCEL

/// How far back the state of a file can be rebuilt from its journal.
package struct HistoryReach: Sendable {
  /// The earliest instant whose state can be rebuilt; nil when all of them can.
  package let earliest: Timestamp?
  /// What ends the reach, in words.
  package let limit: String

  /// Why a state cannot be rebuilt.
  package struct Gap: Error, Sendable {
    /// What was asked.
    package let instant: Timestamp
    /// The earliest instant that can be.
    package let earliest: Timestamp?
    /// The whole sentence.
    package let message: String
  }

  /// Finds out how far a file reaches.
  ///
  /// - Throws: A refusal when the file cannot be read.
  package init(_ session: StoreSession) throws(Refusal) {
    let change = try Self.lastChangeOfTables(session)
    if let first = try JournalReader(session).beginning(), first.row > 1 {
      // Others of the same instant may be among those that are gone.
      let next = Timestamp(milliseconds: first.at.milliseconds + 1)
      if change == nil || next >= change ?? next {
        earliest = next
        limit =
          "the journal begins after \(first.at): what was before is forgotten (see `journal:` in quartermaster.yaml)"
        return
      }
    }
    earliest = change
    limit =
      change.map { "the tables were changed at \($0), and what they were like before is not kept" }
      ?? ""
  }

  /// Checks that the state of an instant can be rebuilt.
  ///
  /// - Throws: ``Gap`` when it cannot.
  package func check(_ instant: Timestamp) throws(Gap) {
    guard let earliest, instant < earliest else { return }
    throw Gap(
      instant: instant, earliest: earliest,
      message:
        "the state at \(instant) cannot be rebuilt: \(limit); the earliest instant is \(earliest)")
  }

  /// Returns when the tables became what they are; nil when they were never others.
  ///
  /// The file notes it by the clock on the wall. A file with a clock of its own may be years away from that, and then
  /// nothing before its last operation can be told.
  private static func lastChangeOfTables(_ session: StoreSession) throws(Refusal) -> Timestamp? {
    let rows = try session.statement("SELECT at, shape FROM _schema ORDER BY number DESC")
    defer { rows.reset() }
    guard try rows.step() else { return nil }
    var since = rows.int(0)
    let shape = rows.text(1)
    var wereOthers = false
    while try rows.step() {
      if rows.text(1) != shape {
        wereOthers = true
        break
      }
      since = rows.int(0)
    }
    if !wereOthers { return nil }
    if let clock = try ReplayClock.read(session) { return clock }
    return Timestamp(milliseconds: since)
  }
}
