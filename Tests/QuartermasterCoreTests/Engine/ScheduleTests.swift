import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private typealias Trigger = CompiledTrigger.ScheduleTrigger

private func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

private func cron(_ text: String, _ zone: String = "UTC") -> Trigger {
  Trigger(period: .cron(text), minuteOfDay: 0, zone: zone)
}

/// Returns the next instants of a schedule after a moment, as texts.
private func list(_ trigger: Trigger, after text: String, _ count: Int) throws -> [String] {
  var now = try instant(text)
  var found: [String] = []
  for _ in 0..<count {
    guard let next = Schedule.next(trigger, after: now) else { break }
    found.append(next.description)
    now = next
  }
  return found
}

@Test(arguments: [
  // Names, lists, ranges and steps.
  ("0 9 * * mon-fri", "2026-03-06T08:00:00Z", ["2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"]),
  ("30 6,18 * * *", "2026-03-06T08:00:00Z", ["2026-03-06T18:30:00Z", "2026-03-07T06:30:00Z"]),
  ("0 0 1 JAN,jul *", "2026-03-06T08:00:00Z", ["2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
  ("*/20 8-9 * * *", "2026-03-06T09:30:00Z", ["2026-03-06T09:40:00Z", "2026-03-07T08:00:00Z"]),
  ("5/30 8 * * *", "2026-03-06T08:05:00Z", ["2026-03-06T08:35:00Z", "2026-03-07T08:05:00Z"]),
  ("0 12 * * 7", "2026-03-06T08:00:00Z", ["2026-03-08T12:00:00Z", "2026-03-15T12:00:00Z"]),
  // Both days restricted: either is enough.
  ("0 0 13 * fri", "2026-03-01T00:00:00Z", ["2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"]),
  ("0 0 15 * mon", "2026-03-10T00:00:00Z", ["2026-03-15T00:00:00Z", "2026-03-16T00:00:00Z"]),
  // A field that begins with a star leaves it to the other.
  ("0 0 */2 * mon", "2026-03-01T00:00:00Z", ["2026-03-09T00:00:00Z", "2026-03-23T00:00:00Z"]),
  // Leap days and the ends of months.
  ("0 0 29 2 *", "2026-03-01T00:00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
  ("0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"]),
  ("0 0 29 2 */7", "2088-03-01T00:00:00Z", ["2128-02-29T00:00:00Z", "2156-02-29T00:00:00Z"]),
  ("0 0 31 * *", "2026-03-31T00:00:00Z", ["2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"]),
  ("0 0 30,31 2,4 *", "2026-03-01T00:00:00Z", ["2026-04-30T00:00:00Z", "2027-04-30T00:00:00Z"]),
])
func `cron as cron has it`(_ text: String, _ after: String, _ wanted: [String]) throws {
  #expect(try list(cron(text), after: after, wanted.count) == wanted)
}

@Test(arguments: [
  "0 0 30 2 *", "0 0 31 2,4,6 *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
  "* * * * 8", "*/0 * * * *", "5-1 * * * *", "* * * * fri-mon", "* * * *", "* * * * * *",
  "a * * * *", "1, * * * *", "-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "+1 * * * *",
])
func `a cron expression that can never fit is refused`(_ text: String) {
  #expect(throws: Diagnostic.self) { _ = try CronExpression(ExprSource(text)) }
}

@Test(arguments: [
  // 02:30 is skipped on 29 March 2026: it runs at 03:00, which is 01:00 UTC.
  (
    150, "Europe/Paris", "2026-03-28T12:00:00Z",
    ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
  ),
  // 02:30 comes twice on 25 October: the first counts.
  (
    150, "Europe/Paris", "2026-10-24T12:00:00Z",
    ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
  ),
  (150, "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00:00Z"]),
  (90, "America/New_York", "2026-10-31T12:00:00Z", ["2026-11-01T05:30:00Z"]),
  // Lord Howe moves by half an hour: 02:15 on 4 October is skipped, 01:45 on 5 April comes twice.
  (135, "Australia/Lord_Howe", "2026-10-03T00:00:00Z", ["2026-10-03T15:30:00Z"]),
  (105, "Australia/Lord_Howe", "2026-04-04T00:00:00Z", ["2026-04-04T14:45:00Z"]),
  // In Brazil midnight itself was skipped.
  (0, "America/Sao_Paulo", "2018-11-03T12:00:00Z", ["2018-11-04T03:00:00Z"]),
  // Apia had no 30 December 2011: what was due then runs as the 31st begins.
  (
    480, "Pacific/Apia", "2011-12-29T00:00:00Z",
    ["2011-12-29T18:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T18:00:00Z"]
  ),
])
func `a day's time through changes of the clock`(
  _ minute: Int, _ zone: String, _ after: String, _ wanted: [String]
) throws {
  let trigger = Trigger(period: .day, minuteOfDay: minute, zone: zone)
  #expect(try list(trigger, after: after, wanted.count) == wanted)
  let text = "\(minute % 60) \(minute / 60) * * *"
  #expect(try list(cron(text, zone), after: after, wanted.count) == wanted)
}

@Test func `cron of every hour goes on through changes of the clock`() throws {
  let half = cron("*/30 * * * *", "Europe/Paris")
  let wanted = [
    "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
  ]
  #expect(try list(half, after: "2026-10-24T23:30:00Z", 4) == wanted)
  let hourly = cron("15 * * * *", "Europe/Paris")
  #expect(
    try list(hourly, after: "2026-03-29T00:00:00Z", 3)
      == ["2026-03-29T00:15:00Z", "2026-03-29T01:15:00Z", "2026-03-29T02:15:00Z"])
}

@Test func `lengths are multiples since 1970, in every zone`() throws {
  func every(_ text: String) throws -> Trigger {
    let span = try #require(TimeSpan(text, allowsDays: true))
    return Trigger(period: .every(span), minuteOfDay: 0, zone: "Australia/Lord_Howe")
  }
  #expect(
    try list(every("7h"), after: "1970-01-01T00:00:00Z", 2)
      == ["1970-01-01T07:00:00Z", "1970-01-01T14:00:00Z"])
  #expect(try list(every("3d"), after: "2026-03-01T00:00:00Z", 1) == ["2026-03-02T00:00:00Z"])
  #expect(try list(every("90s"), after: "1969-12-31T23:58:00Z", 1) == ["1969-12-31T23:58:30Z"])
  let month = Trigger(period: .month, minuteOfDay: 60, zone: "UTC")
  #expect(
    try list(month, after: "2024-01-31T12:00:00Z", 3)
      == ["2024-02-01T01:00:00Z", "2024-03-01T01:00:00Z", "2024-04-01T01:00:00Z"])
}

@Test func `the last instant before now, of few and of very many`() throws {
  let daily = Trigger(period: .day, minuteOfDay: 480, zone: "UTC")
  let (first, end) = (try instant("2026-03-02T08:00:00Z"), try instant("2026-03-09T07:00:00Z"))
  let week = Schedule.last(daily, from: first, through: end)
  #expect(week.instant.description == "2026-03-08T08:00:00Z")
  #expect(week.before == 6)
  #expect(Schedule.last(daily, from: first, through: first).before == 0)
  let minutes = cron("* * * * *")
  let many = Schedule.last(minutes, from: first, through: try instant("2026-06-09T07:00:20Z"))
  #expect(many.instant.description == "2026-06-09T07:00:00Z")
  #expect(many.before == 10_000)
  let leap = cron("0 0 29 2 *")
  let years = Schedule.last(leap, from: try instant("2024-02-29T00:00:00Z"), through: end)
  #expect(years.instant.description == "2024-02-29T00:00:00Z" && years.before == 0)
}

/// A schedule and what it means, said twice: once for the engine, once as sets for a search through all minutes.
private struct Sample {
  let trigger: Trigger
  let text: String
  let minutes: Set<Int>, hours: Set<Int>, days: Set<Int>, months: Set<Int>, weekdays: Set<Int>
  let isEither: Bool
  /// Whether the hours are all of them, so that the clock's changes do not matter.
  let isOfMinutes: Bool

  init(cronOf zone: String, _ random: inout some RandomNumberGenerator) {
    func field(_ range: ClosedRange<Int>, star: Int) -> (text: String, set: Set<Int>) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<star: return ("*", Set(range))
      case star..<(star + 1):
        let step = Int.random(in: 2...7, using: &random)
        return (
          "*/\(step)", Set(stride(from: range.lowerBound, through: range.upperBound, by: step))
        )
      case (star + 1)..<(star + 3):
        let low = Int.random(in: range, using: &random)
        let high = Int.random(in: low...range.upperBound, using: &random)
        return ("\(low)-\(high)", Set(low...high))
      default:
        let items = (0..<Int.random(in: 1...3, using: &random)).map { _ in
          Int.random(in: range, using: &random)
        }
        return (items.map(String.init).joined(separator: ","), Set(items))
      }
    }
    let (minute, hour) = (field(0...59, star: 1), field(0...23, star: 3))
    let (day, month) = (field(1...28, star: 6), field(1...12, star: 7))
    let weekday = field(0...6, star: 6)
    // A step over the days of a month goes on to its last one.
    let all = day.text.hasPrefix("*")
    let step = day.text.contains("/") ? Int(day.text.dropFirst(2)) ?? 1 : 1
    text = [minute.text, hour.text, day.text, month.text, weekday.text].joined(separator: " ")
    trigger = cron(text, zone)
    (minutes, hours, months, weekdays) = (minute.set, hour.set, month.set, weekday.set)
    days = all ? Set(stride(from: 1, through: 31, by: step)) : day.set
    isEither = !all && !weekday.text.hasPrefix("*")
    isOfMinutes = hour.set.count == 24
  }

  init(dailyOf zone: String, _ period: Trigger.Period, minute: Int) {
    trigger = Trigger(period: period, minuteOfDay: minute, zone: zone)
    text = "\(period) at \(minute)"
    (minutes, hours) = ([minute % 60], [minute / 60])
    (days, months, weekdays) = (Set(1...31), Set(1...12), Set(0...6))
    (isEither, isOfMinutes) = (false, false)
  }

  /// Whether a day, counted since 1970-01-01, is one of the schedule.
  func fits(day: Int) -> Bool {
    let date = Self.date(day)
    guard months.contains(date.month) else { return false }
    let (a, b) = (days.contains(date.day), weekdays.contains((day + 4) % 7))
    return isEither ? a || b : a && b
  }

  /// The date of a day, counted through the years one by one.
  private static func date(_ day: Int) -> (month: Int, day: Int) {
    var (year, rest) = (1970, day)
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    while rest >= (isLeap(year) ? 366 : 365) {
      rest -= isLeap(year) ? 366 : 365
      year += 1
    }
    for (month, length) in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      .enumerated()
    {
      if rest < length { return (month + 1, rest + 1) }
      rest -= length
    }
    return (0, 0)
  }
}

@Test(arguments: [
  ("Europe/Paris", "2025-02-15T00:00:00Z"), ("America/New_York", "2026-01-10T00:00:00Z"),
  ("Australia/Lord_Howe", "2026-01-10T00:00:00Z"), ("Pacific/Apia", "2011-06-15T00:00:00Z"),
  ("America/Sao_Paulo", "2018-06-15T00:00:00Z"), ("Africa/Casablanca", "2025-06-15T00:00:00Z"),
  ("Asia/Kathmandu", "2024-01-15T00:00:00Z"),
])
func `instants are those that a search through all minutes finds`(_ name: String, _ from: String)
  throws
{
  var random = SeededGenerator(seed: 20_260_302)
  let zone = try #require(TimeZone(identifier: name))
  var samples = (0..<12).map { _ in Sample(cronOf: name, &random) }
  for minute in [0, 90, 120, 135, 150, 1439] {
    samples.append(Sample(dailyOf: name, .day, minute: minute))
  }
  let start = Int(try instant(from).seconds) / 60
  let end = start + 400 * 1440
  var offset = 0
  func local(_ minute: Int) -> Int {
    // Clocks change on a quarter of an hour.
    if minute % 15 == 0 || minute == start {
      offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(minute) * 60)) / 60
    }
    return minute + offset
  }
  // Each local minute in the years that are searched, with the samples that it fits.
  let first = (local(start) / 1440 - 2) * 1440
  var fitting = [[Int]](repeating: [], count: 405 * 1440)
  for (place, sample) in samples.enumerated() {
    for day in 0..<405 where sample.fits(day: first / 1440 + day) {
      for hour in sample.hours {
        for minute in sample.minutes { fitting[day * 1440 + hour * 60 + minute].append(place) }
      }
    }
  }
  var found: [[Int]] = samples.map { _ in [] }
  var last = local(start)
  for minute in (start + 1)..<end {
    let here = local(minute)
    for place in fitting[here - first] where samples[place].isOfMinutes {
      found[place].append(minute)
    }
    if here > last {
      // More than one minute where the clock was put forward: those between run as the first that is there.
      for skipped in (last + 1)...here {
        for place in fitting[skipped - first] where !samples[place].isOfMinutes {
          if found[place].last != minute { found[place].append(minute) }
        }
      }
    }
    last = max(last, here)
  }
  for (sample, wanted) in zip(samples, found) {
    var got: [Int] = []
    var now = Timestamp(milliseconds: Int64(start) * 60_000)
    while let next = Schedule.next(sample.trigger, after: now), next.seconds < Int64(end) * 60 {
      got.append(Int(next.seconds / 60))
      now = next
    }
    #expect(got.count == wanted.count, "\(sample.text) in \(name)")
    if let first = zip(got, wanted).first(where: { $0 != $1 }) {
      let (a, b) = (
        Timestamp(milliseconds: Int64(first.0) * 60_000),
        Timestamp(milliseconds: Int64(first.1) * 60_000)
      )
      Issue.record("\(sample.text) in \(name): \(a), and by the search \(b)")
    }
  }
}

/// The same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var x = state
    x ^= x >> 33
    x = x &* 0xff51_afd7_ed55_8ccd
    x ^= x >> 33
    return x
  }
}
