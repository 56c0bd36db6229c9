internal import Foundation
internal import QuartermasterCEL

extension CronExpression {
  /// Returns the first instant after a moment, or nil when none comes within eight years.
  ///
  /// - SeeAlso: crontab(5).
  func next(after: Timestamp, zone: TimeZone) -> Timestamp? {
    let local = after.seconds + Int64(Schedule.offset(zone, after.seconds))
    let first = Schedule.floorDivide(local, 86_400) - 1
    for day in first..<(first + 8 * 366) where fits(day) {
      var best: Timestamp?
      for hour in 0..<24 where hours & (1 << UInt64(hour)) != 0 {
        for minute in 0..<60 where minutes & (1 << UInt64(minute)) != 0 {
          let wanted = day * 86_400 + Int64(hour) * 3600 + Int64(minute) * 60
          if let instant = Schedule.resolve(wanted, zone), instant > after {
            best = best.map { min($0, instant) } ?? instant
          }
        }
      }
      if let best { return best }
    }
    return nil
  }

  private func fits(_ day: Int64) -> Bool {
    let date = Timestamp.date(daysSinceEpoch: day)
    return fits(
      month: Int(date.month), day: Int(date.day), weekday: Schedule.dayOfWeek(day))
  }
}
