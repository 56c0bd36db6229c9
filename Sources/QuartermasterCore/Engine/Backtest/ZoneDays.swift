internal import QuartermasterCEL

/// The days of a zone, counted from 1970.
struct ZoneDays {
  private let zone: Zone

  init(_ name: String) { zone = Zone.named(name) ?? .utc }

  /// Returns the days that a span touches, its end left out.
  func days(_ from: Timestamp, _ to: Timestamp) -> ClosedRange<Int64> {
    let first = day(from)
    return first...max(first, day(Timestamp(milliseconds: to.milliseconds - 1)))
  }

  private func day(_ instant: Timestamp) -> Int64 {
    Schedule.floorDivide(instant.seconds + zone.offset(at: instant.seconds), 86_400)
  }
}
