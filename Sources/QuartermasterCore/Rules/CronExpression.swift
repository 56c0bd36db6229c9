package import QuartermasterCEL

/// A schedule in five fields, as cron has them: minute, hour, day of the month, month, day of the week.
///
/// Each field is `*`, a number, a name of a month or a day, a range `a-b`, any of these with a step `/n`, or several
/// with commas. When both days are restricted, either is enough, as in every cron. Day 7 is Sunday, like 0.
package struct CronExpression: Sendable {
  /// Bit k is set for minute k.
  package let minutes: UInt64
  /// Bit k is set for hour k.
  package let hours: UInt64
  /// Bit k is set for day k of the month, from 1.
  package let days: UInt64
  /// Bit k is set for month k, from 1.
  package let months: UInt64
  /// Bit k is set for day k of the week, 0 for Sunday.
  package let weekdays: UInt64
  private let areDaysOpen: Bool
  private let areWeekdaysOpen: Bool

  private struct Field {
    let name: String
    let range: ClosedRange<Int>
    var words: [String] = []
  }

  private static let fields = [
    Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
    Field(name: "day of the month", range: 1...31),
    Field(
      name: "month", range: 1...12,
      words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    Field(
      name: "day of the week", range: 0...7,
      words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
  ]

  /// Reads an expression.
  ///
  /// - Throws: What is wrong, at the field.
  package init(_ source: ExprSource) throws(Diagnostic) {
    let bytes = Array(source.text.utf8)
    var ranges: [Range<Int>] = []
    var place = 0
    while place < bytes.count {
      while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
      let start = place
      while place < bytes.count, bytes[place] != 0x20, bytes[place] != 0x09 { place += 1 }
      if place > start { ranges.append(start..<place) }
    }
    guard ranges.count == Self.fields.count else {
      throw Diagnostic.cron(
        "has five fields: minute, hour, day of the month, month, day of the week; here are \(ranges.count)",
        at: source.span(0..<bytes.count))
    }
    var sets: [UInt64] = []
    for (field, range) in zip(Self.fields, ranges) {
      let text = String(decoding: bytes[range], as: UTF8.self)
      guard let set = Self.set(text, field) else {
        throw Diagnostic.cron(
          "has `\(text)` for the \(field.name), which goes from \(field.range.lowerBound) to \(field.range.upperBound)",
          at: source.span(range))
      }
      sets.append(set)
    }
    minutes = sets[0]
    hours = sets[1]
    days = sets[2]
    months = sets[3]
    weekdays = (sets[4] | sets[4] >> 7) & 0x7F
    areDaysOpen = bytes[ranges[2].lowerBound] == UInt8(ascii: "*")
    areWeekdaysOpen = bytes[ranges[4].lowerBound] == UInt8(ascii: "*")
    guard Self.hasDay(days, months, areDaysOpen || !areWeekdaysOpen) else {
      throw Diagnostic.cron(
        "names a day that none of its months has", at: source.span(ranges[2]))
    }
  }

  /// Whether the schedule fires on a day.
  ///
  /// - Parameters:
  ///   - month: From 1.
  ///   - day: Of the month, from 1.
  ///   - weekday: 0 for Sunday.
  /// - Returns: Whether it does, at some time of the day.
  package func fits(month: Int, day: Int, weekday: Int) -> Bool {
    guard months >> UInt64(month) & 1 == 1 else { return false }
    let byDay = days >> UInt64(day) & 1 == 1
    let byWeekday = weekdays >> UInt64(weekday) & 1 == 1
    if areDaysOpen || areWeekdaysOpen { return byDay && byWeekday }
    return byDay || byWeekday
  }

  private static func hasDay(_ days: UInt64, _ months: UInt64, _ isOpen: Bool) -> Bool {
    if isOpen { return true }
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return lengths.enumerated().contains { index, length in
      months >> UInt64(index + 1) & 1 == 1 && days & (1 << UInt64(length + 1) - 1) != 0
    }
  }

  private static func set(_ text: String, _ field: Field) -> UInt64? {
    var result: UInt64 = 0
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let halves = part.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard (1...2).contains(halves.count) else { return nil }
      var step = 1
      if halves.count == 2 {
        guard let number = Int(Substring(halves[1])), number > 0, halves[1].first != 0x2B else {
          return nil
        }
        step = number
      }
      let ends = halves[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      let range: ClosedRange<Int>
      if halves[0].elementsEqual("*".utf8) {
        range = field.range
      } else if ends.count == 2 {
        guard let low = number(ends[0], field), let high = number(ends[1], field), low <= high
        else { return nil }
        range = low...high
      } else {
        guard ends.count == 1, let only = number(ends[0], field) else { return nil }
        range = only...(halves.count == 2 ? field.range.upperBound : only)
      }
      for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
        result |= 1 << UInt64(number)
      }
    }
    return result
  }

  private static func number(_ text: Substring.UTF8View, _ field: Field) -> Int? {
    let text = String(Substring(text)).lowercased()
    if let place = field.words.firstIndex(of: text) { return place + field.range.lowerBound }
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = Int(text),
      field.range.contains(number)
    else { return nil }
    return number
  }
}
