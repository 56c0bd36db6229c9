internal import QuartermasterCEL
internal import QuartermasterCore

/// An instant as it is written on the command line: `2026-03-02T09:00:00Z`, a date, or how long ago.
enum JournalTime {
  /// Reads a text.
  ///
  /// - Parameters:
  ///   - text: An instant; a date, in the project's zone; or a length of time such as `2h`, which is before now.
  ///   - isEnd: Whether a date stands for its end.
  ///   - now: The present instant of the file.
  ///   - zone: The project's zone.
  /// - Returns: The instant.
  /// - Throws: ``CommandFailure`` when the text is none of them.
  static func read(_ text: String, isEnd: Bool, now: Timestamp, _ zone: Zone)
    throws(CommandFailure) -> Timestamp
  {
    if let instant = Timestamp(text) { return instant }
    if let span = TimeSpan(text, allowsDays: true),
      let instant = now.adding(TimeSpan(nanoseconds: -span.nanoseconds))
    {
      return instant
    }
    if text.utf8.count == 10, let midnight = Timestamp(text + "T00:00:00Z") {
      let day = midnight.seconds / 86_400
      if !isEnd { return zone.midnight(ofDay: day) }
      return Timestamp(milliseconds: zone.midnight(ofDay: day + 1).milliseconds - 1)
    }
    throw CommandFailure(
      .usage,
      "\"\(text)\" is no time; write 2026-03-02, 2026-03-02T09:00:00Z, or how long ago, as in 2h")
  }
}
