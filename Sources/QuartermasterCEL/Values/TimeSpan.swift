/// A length of time of up to 292 years either way, in nanoseconds.
public struct TimeSpan: Sendable, Hashable, Comparable {
  /// The length.
  public let nanoseconds: Int64

  /// Creates a span.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Creates a span from the stored form; nil beyond 292 years.
  public init?(milliseconds: Int64) {
    let (product, over) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    if over { return nil }
    nanoseconds = product
  }

  /// Whole milliseconds, rounded toward zero: the stored form.
  public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }

  private static let units: [(String, Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("ms", 1_000_000),
    ("m", 60_000_000_000), ("s", 1_000_000_000), ("us", 1_000), ("ns", 1),
  ]

  /// Reads `24h`, `1h30m`, `-1.5s` and, in slots of rule files, `3d`; nil when the text is none.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - allowsDays: Whether `d` is a unit. CEL's `duration()` has none.
  public init?(_ text: String, allowsDays: Bool) {
    var rest = Array(text.utf8)[...]
    var negative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      negative = sign == UInt8(ascii: "-")
      rest = rest.dropFirst()
    }
    if rest.elementsEqual("0".utf8) {
      self.init(nanoseconds: 0)
      return
    }
    guard !rest.isEmpty else { return nil }
    var total: Int128 = 0
    while !rest.isEmpty {
      let number = rest.prefix { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }
      guard let value = ExactDecimal(String(decoding: number, as: UTF8.self)) else { return nil }
      rest = rest.dropFirst(number.count)
      guard
        let (name, unit) = Self.units.first(where: { unit in
          rest.starts(with: unit.0.utf8) && (allowsDays || unit.0 != "d")
        }), let product = value.multiplied(by: ExactDecimal(unit)),
        let whole = product.rounded(scale: 0, .down)
      else { return nil }
      rest = rest.dropFirst(name.utf8.count)
      let (sum, over) = total.addingReportingOverflow(whole.coefficient)
      if over { return nil }
      total = sum
    }
    guard let nanoseconds = Int64(exactly: negative ? -total : total) else { return nil }
    self.init(nanoseconds: nanoseconds)
  }

  /// CEL's text: seconds with `s`, as in `5400s` or `0.25s`.
  public var secondsText: String {
    let magnitude = nanoseconds.magnitude
    var fraction = String(magnitude % 1_000_000_000)
    fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = nanoseconds < 0 ? "-" : ""
    let whole = magnitude / 1_000_000_000
    return sign + String(whole) + (fraction.isEmpty ? "" : "." + fraction) + "s"
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The text as it is written in slots: the largest unit that divides it, as in `3d`, `90m` or `1500ms`.
  public var description: String {
    if nanoseconds == 0 { return "0s" }
    for unit in ["d", "h", "m", "s", "ms", "us"] {
      guard let length = Self.units.first(where: { $0.0 == unit })?.1 else { continue }
      if nanoseconds % length == 0 { return "\(nanoseconds / length)\(unit)" }
    }
    return "\(nanoseconds)ns"
  }
}
