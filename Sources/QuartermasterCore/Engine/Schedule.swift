internal import Foundation
package import QuartermasterCEL

/// When a schedule fires.
///
/// Pure: an instant in, the next one out.
package enum Schedule {
  /// Returns the first instant of a schedule strictly after a moment.
  ///
  /// A local time that a clock change skips moves to the first valid instant after the gap; a repeated one is taken
  /// at its first occurrence.
  ///
  /// - Parameters:
  ///   - trigger: The period, the local time and the zone.
  ///   - after: The moment; the result is later than this, never equal.
  /// - Returns: The instant, or nil when there is none before the year 10000.
  package static func next(_ trigger: CompiledTrigger.ScheduleTrigger, after: Timestamp)
    -> Timestamp?
  {
    let zone = TimeZone(identifier: trigger.zone) ?? .gmt
    switch trigger.period {
    case .minute: return multiple(of: 60_000, after: after)
    case .hour: return multiple(of: 3_600_000, after: after)
    case .every(let span): return multiple(of: max(span.milliseconds, 1), after: after)
    case .cron(let text):
      // The text was checked when the rule was loaded.
      return (try? CronExpression(ExprSource(text)))?.next(after: after, zone: zone)
    case .day, .weekday, .month, .dayOfWeek:
      // A day before the local date of `after` is early enough for every zone.
      var day = floorDivide(after.seconds + Int64(offset(zone, after.seconds)), 86_400) - 1
      while let instant = resolve(day * 86_400 + Int64(trigger.minuteOfDay) * 60, zone) {
        if fits(trigger.period, day), instant > after { return instant }
        day += 1
      }
      return nil
    }
  }

  /// Returns the last instant of a schedule up to a moment, and how many came before it.
  ///
  /// - Parameters:
  ///   - trigger: The period, the local time and the zone.
  ///   - first: An instant of the schedule, or one at which it should run all the same.
  ///   - end: The moment; an instant equal to it counts.
  /// - Returns: The last instant, `first` if none is later, and the number of those from `first` on before it; of more
  ///   than 10,000 this number.
  package static func last(
    _ trigger: CompiledTrigger.ScheduleTrigger, from first: Timestamp, through end: Timestamp
  ) -> (instant: Timestamp, before: Int64) {
    let most: Int64 = 10_000
    var (last, count) = (first, Int64(0))
    while count < most {
      guard let later = next(trigger, after: last), later <= end else { return (last, count) }
      (last, count) = (later, count + 1)
    }
    // Too many to look at each: from a moment shortly before the end on they are few.
    var back: Int64 = 3_600_000
    while end.milliseconds - back > last.milliseconds {
      let start = Timestamp(milliseconds: end.milliseconds - back)
      if let later = next(trigger, after: start), later <= end {
        last = later
        break
      }
      back *= 8
    }
    while let later = next(trigger, after: last), later <= end { last = later }
    return (last, most)
  }

  /// Returns the instant at which clocks of a zone show a local time.
  ///
  /// `local`: Seconds since 1970-01-01T00:00:00 of the local calendar.
  static func resolve(_ local: Int64, _ zone: TimeZone) -> Timestamp? {
    // Offsets change by less than a day, so those a day before and after are the only candidates.
    var local = local
    for _ in 0..<(26 * 60) {
      let candidates = [offset(zone, local - 86_400), offset(zone, local + 86_400)]
        .map { local - Int64($0) }.filter { $0 + Int64(offset(zone, $0)) == local }
      if let first = candidates.min() { return Timestamp(seconds: first) }
      local += 60 - ((local % 60 + 60) % 60)
    }
    return nil
  }

  static func offset(_ zone: TimeZone, _ seconds: Int64) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
  }

  static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Returns the day of the week of a day since 1970; 0 is Sunday.
  ///
  /// The first of January 1970 was a Thursday.
  static func dayOfWeek(_ day: Int64) -> Int { Int(((day + 4) % 7 + 7) % 7) }

  private static func multiple(of length: Int64, after: Timestamp) -> Timestamp? {
    let (next, over) = (floorDivide(after.milliseconds, length) + 1)
      .multipliedReportingOverflow(by: length)
    return over ? nil : Timestamp(milliseconds: next)
  }

  private static func fits(_ period: CompiledTrigger.ScheduleTrigger.Period, _ day: Int64) -> Bool {
    switch period {
    case .day: true
    case .weekday: (1...5).contains(dayOfWeek(day))
    case .dayOfWeek(let wanted): dayOfWeek(day) == wanted
    case .month: Timestamp.date(daysSinceEpoch: day).day == 1
    default: false
    }
  }
}
