/// An instant between the years 1 and 9999, in UTC, with nanoseconds.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  public let seconds: Int64
  /// The nanoseconds above ``seconds``, 0 to 999,999,999.
  public let nanoseconds: Int32

  /// The first and the last second that a timestamp can have.
  public static let secondRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Creates an instant; nil outside the range.
  public init?(seconds: Int64, nanoseconds: Int32 = 0) {
    guard Self.secondRange.contains(seconds), nanoseconds >= 0, nanoseconds < 1_000_000_000 else {
      return nil
    }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Creates an instant from milliseconds since 1970 UTC; clamped to the range.
  public init(milliseconds: Int64) {
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let floor = rest < 0 ? seconds - 1 : seconds
    self.seconds = min(max(floor, Self.secondRange.lowerBound), Self.secondRange.upperBound)
    nanoseconds = Int32(rest < 0 ? rest + 1000 : rest) * 1_000_000
  }

  /// Milliseconds since 1970 UTC, rounded down: the stored form.
  public var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }

  /// Returns the instant a span later, or nil outside the range.
  public func adding(_ span: TimeSpan) -> Timestamp? {
    let total = Int64(nanoseconds) + span.nanoseconds % 1_000_000_000
    var seconds = self.seconds + span.nanoseconds / 1_000_000_000
    var rest = total
    if rest < 0 {
      rest += 1_000_000_000
      seconds -= 1
    } else if rest >= 1_000_000_000 {
      rest -= 1_000_000_000
      seconds += 1
    }
    return Timestamp(seconds: seconds, nanoseconds: Int32(rest))
  }

  /// Returns the span since another instant, or nil when it exceeds 292 years.
  public func since(_ other: Timestamp) -> TimeSpan? {
    let seconds = Int128(seconds) - Int128(other.seconds)
    let total = seconds * 1_000_000_000 + Int128(nanoseconds - other.nanoseconds)
    return Int64(exactly: total).map(TimeSpan.init(nanoseconds:))
  }
}

extension Timestamp {
  /// Reads RFC 3339 with a zone, `2026-03-02T09:00:00.5+01:00`; nil when the text is none.
  public init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    func number(_ count: Int) -> Int64? {
      guard bytes.count >= count else { return nil }
      var value: Int64 = 0
      for byte in bytes.prefix(count) {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      bytes = bytes.dropFirst(count)
      return value
    }
    func take(_ wanted: [UInt8]) -> UInt8? {
      guard let byte = bytes.first, wanted.contains(byte) else { return nil }
      bytes = bytes.dropFirst()
      return byte
    }
    let (dash, colon) = (UInt8(ascii: "-"), UInt8(ascii: ":"))
    guard let year = number(4), take([dash]) != nil, let month = number(2), take([dash]) != nil,
      let day = number(2), take(Array("Tt".utf8)) != nil, let hour = number(2),
      take([colon]) != nil, let minute = number(2), take([colon]) != nil, let second = number(2),
      (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    var nanoseconds: Int64 = 0
    if take([UInt8(ascii: ".")]) != nil {
      var scale: Int64 = 100_000_000
      var count = 0
      while let byte = bytes.first, byte >= 48, byte <= 57 {
        nanoseconds += Int64(byte - 48) * scale
        scale /= 10
        count += 1
        bytes = bytes.dropFirst()
      }
      // RFC 3339 has any number of digits; those below a nanosecond are cut off.
      guard count > 0 else { return nil }
    }
    var offset: Int64 = 0
    if take(Array("Zz".utf8)) == nil {
      guard let sign = take(Array("+-".utf8)), let hours = number(2), take([colon]) != nil,
        let minutes = number(2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (sign == dash ? -1 : 1)
    }
    guard bytes.isEmpty else { return nil }
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    self.init(
      seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset,
      nanoseconds: Int32(nanoseconds))
  }

  /// Returns the days from 1970-01-01 to a date of the Gregorian calendar.
  ///
  /// - SeeAlso: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  public static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Returns the date of a day counted from 1970-01-01.
  public static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with `Z` and no needless fraction.
  public var description: String {
    let floor = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let (year, month, day) = Self.date(daysSinceEpoch: floor)
    let rest = seconds - floor * 86_400
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    var text =
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
    if nanoseconds != 0 {
      var fraction = pad(Int64(nanoseconds), 9)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      text += "." + fraction
    }
    return text + "Z"
  }
}
