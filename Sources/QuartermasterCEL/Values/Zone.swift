import Foundation
import Synchronization

/// A time zone: a place of the IANA database, or a fixed offset.
package final class Zone: Sendable {
  private enum Rule: Sendable {
    case fixed(Int64)
    case place(TimeZone)
  }

  /// The text by which it was asked for.
  package let name: String
  private let rule: Rule

  private init(name: String, rule: Rule) {
    self.name = name
    self.rule = rule
  }

  /// UTC.
  package static let utc = Zone(name: "UTC", rule: .fixed(0))
  private static let known = Mutex<[String: Zone]>(["UTC": utc])

  /// Returns a zone by its IANA name (`Europe/Paris`, or an old one such as `US/Central`) or its offset (`+02:00`,
  /// `02:00`, `-09:30`); nil when there is none.
  package static func named(_ name: String) -> Zone? {
    if let zone = known.withLock({ $0[name] }) { return zone }
    let rule: Rule
    if let offset = offset(name) {
      rule = .fixed(offset)
    } else if isName(name), let zone = TimeZone(identifier: name) {
      rule = .place(zone)
    } else {
      return nil
    }
    let zone = Zone(name: name, rule: rule)
    // Names come from rules and schemas, but also from data: keep few.
    known.withLock { if $0.count < 1000 { $0[name] = zone } }
    return zone
  }

  /// Returns the seconds east of UTC at an instant, given in seconds since 1970.
  package func offset(at seconds: Int64) -> Int64 {
    switch rule {
    case .fixed(let offset): offset
    case .place(let zone):
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
  }

  private static func offset(_ text: String) -> Int64? {
    var digits = Array(text.utf8)
    var sign: Int64 = 1
    if let first = digits.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      digits.removeFirst()
    }
    guard digits.count == 5, digits[2] == UInt8(ascii: ":"),
      let hours = Int64(String(decoding: digits[0..<2], as: UTF8.self)),
      let minutes = Int64(String(decoding: digits[3..<5], as: UTF8.self)),
      (0...23).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }

  /// Whether a text may be a name of the IANA database: Foundation also takes abbreviations such as `PST` and offsets such
  /// as `GMT+1`.
  private static func isName(_ text: String) -> Bool {
    guard text.utf8.allSatisfy({ $0 < 128 }) else { return false }
    return text.utf8.contains(UInt8(ascii: "/")) || plainNames.contains(text)
  }

  /// The names of the database that have no slash.
  private static let plainNames: Set<String> = [
    "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT",
    "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel",
    "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo",
    "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC",
    "Universal", "W-SU", "WET", "Zulu",
  ]
}
