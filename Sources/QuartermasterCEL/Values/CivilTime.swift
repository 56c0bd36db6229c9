/// An instant as clocks and calendars of one zone show it.
package struct CivilTime: Sendable {
  /// The year of the Gregorian calendar.
  package let year: Int64
  /// The month, 1 to 12.
  package let month: Int64
  /// The day of the month, 1 to 31.
  package let day: Int64
  /// The day of the week, 0 (Sunday) to 6.
  package let dayOfWeek: Int64
  /// The day of the year, 0 to 365.
  package let dayOfYear: Int64
  /// Seconds since the clock showed 00:00, 0 to 86,399.
  package let secondOfDay: Int64
  /// The milliseconds below a second.
  package let milliseconds: Int64

  /// Creates the civil time of an instant.
  ///
  /// - Parameters:
  ///   - instant: The instant.
  ///   - offset: Seconds east of UTC.
  package init(_ instant: Timestamp, offset: Int64) {
    let local = instant.seconds + offset
    let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    (year, month, day) = Timestamp.date(daysSinceEpoch: days)
    secondOfDay = local - days * 86_400
    dayOfWeek = ((days + 4) % 7 + 7) % 7
    dayOfYear = days - Timestamp.daysSinceEpoch(year: year, month: 1, day: 1)
    milliseconds = Int64(instant.nanoseconds / 1_000_000)
  }
}
