internal import Foundation
internal import QuartermasterCEL

/// Five fields as cron has them: minute, hour, day of the month, month, day of the week.
///
/// A field is `*`, numbers, ranges, steps and lists of these (`0,30`, `8-17`, `*/15`); months and days of the week also
/// by their first three letters. Where both days are restricted, either one is enough, as in cron.
///
/// - SeeAlso: crontab(5).
struct CronExpression: Sendable {
  private let minutes: Set<Int>
  private let hours: Set<Int>
  private let days: Set<Int>
  private let months: Set<Int>
  private let weekdays: Set<Int>
  private let eitherDay: Bool

  /// Reads the text; nil when it is no such expression.
  init?(_ text: String) {
    let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    let monthNames = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    guard fields.count == 5, let minutes = Self.read(fields[0], 0...59),
      let hours = Self.read(fields[1], 0...23), let days = Self.read(fields[2], 1...31),
      let months = Self.read(fields[3], 1...12, names: monthNames),
      let weekdays = Self.read(fields[4], 0...7, names: dayNames)
    else { return nil }
    self.minutes = minutes
    self.hours = hours
    self.days = days
    self.months = months
    // 7 is Sunday too.
    self.weekdays = weekdays.contains(7) ? weekdays.union([0]) : weekdays
    eitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
  }

  /// Returns the first instant after a moment, or nil when none comes within eight years.
  func next(after: Timestamp, zone: TimeZone) -> Timestamp? {
    let local = after.seconds + Int64(Schedule.offset(zone, after.seconds))
    let first = Schedule.floorDivide(local, 86_400) - 1
    for day in first..<(first + 8 * 366) where fits(day) {
      var best: Timestamp?
      for hour in hours.sorted() {
        for minute in minutes.sorted() {
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
    guard months.contains(Int(date.month)) else { return false }
    let (byDate, byWeek) = (
      days.contains(Int(date.day)), weekdays.contains(Schedule.dayOfWeek(day))
    )
    return eitherDay ? byDate || byWeek : byDate && byWeek
  }

  private static func read(_ text: String, _ range: ClosedRange<Int>, names: [String] = [])
    -> Set<Int>?
  {
    var found: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
      guard let span = pieces.first, pieces.count <= 2 else { return nil }
      let step = pieces.count == 2 ? Int(pieces[1]) : 1
      guard let step, step > 0 else { return nil }
      let bounds: ClosedRange<Int>
      if span == "*" {
        bounds = range
      } else {
        let ends = span.split(separator: "-", omittingEmptySubsequences: false).map {
          number(String($0), range, names)
        }
        guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high
        else { return nil }
        bounds = pieces.count == 2 && ends.count == 1 ? low...range.upperBound : low...high
      }
      found.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
    }
    return found
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>, _ names: [String]) -> Int? {
    if let place = names.firstIndex(of: text.lowercased()) { return place + range.lowerBound }
    guard let number = Int(text), range.contains(number) else { return nil }
    return number
  }
}
