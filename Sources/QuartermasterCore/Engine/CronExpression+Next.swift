internal import Foundation
internal import QuartermasterCEL

extension CronExpression {
  /// How many days are searched: the 29th of February falls on a given day of the week once in 40 years at the least,
  /// where a century without a leap day comes between.
  private static let days: Int64 = 41 * 366

  /// Returns the first instant after a moment, or nil when none comes within forty years.
  ///
  /// An expression for certain hours names local times: one that a clock change skips moves to the first valid instant,
  /// a repeated one is taken once. One for every hour names minutes, and goes on through clock changes.
  ///
  /// - SeeAlso: crontab(5); Docs/Decisions/0093.
  func next(after: Timestamp, zone: TimeZone) -> Timestamp? {
    let local = after.seconds + Int64(Schedule.offset(zone, after.seconds))
    let first = Schedule.floorDivide(local, 86_400)
    if hours == 1 << 24 - 1 {
      return nextMinute(after: after, zone: zone, until: first + Self.days)
    }
    // A local time comes first not later than one after it: those before the present one have passed.
    for day in first..<(first + Self.days) where fits(day) {
      for hour in 0..<24 where hours & (1 << UInt64(hour)) != 0 {
        let start = day * 86_400 + Int64(hour) * 3600
        if start + 3600 <= local { continue }
        for minute in 0..<60 where minutes & (1 << UInt64(minute)) != 0 {
          let wanted = start + Int64(minute) * 60
          if wanted > local, let instant = Schedule.resolve(wanted, zone), instant > after {
            return instant
          }
        }
      }
    }
    return nil
  }

  /// Returns the first minute of fitting days after a moment, whatever its hour.
  private func nextMinute(after: Timestamp, zone: TimeZone, until end: Int64) -> Timestamp? {
    var seconds = after.seconds
    while true {
      let now = seconds + Int64(Schedule.offset(zone, seconds))
      seconds += 60 - (now % 60 + 60) % 60
      let local = seconds + Int64(Schedule.offset(zone, seconds))
      let day = Schedule.floorDivide(local, 86_400)
      if day >= end { return nil }
      if !fits(day) {
        // The day's last minute, so that the next step enters the day after it, wherever its clock begins.
        guard let next = Schedule.resolve((day + 1) * 86_400, zone) else { return nil }
        seconds = max(seconds, next.seconds - 60)
        continue
      }
      let minute = ((local % 3600) + 3600) % 3600 / 60
      if minutes & (1 << UInt64(minute)) != 0 { return Timestamp(seconds: seconds) }
    }
  }

  private func fits(_ day: Int64) -> Bool {
    let date = Timestamp.date(daysSinceEpoch: day)
    return fits(
      month: Int(date.month), day: Int(date.day), weekday: Schedule.dayOfWeek(day))
  }
}
