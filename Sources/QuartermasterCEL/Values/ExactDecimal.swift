/// An exact decimal number: a 128-bit coefficient and a scale (digits after the point).
///
/// `1.50` is the coefficient 150 with the scale 2. Equal numbers of different scale are equal and hash alike; the
/// scale only says how a number prints.
public struct ExactDecimal: Sendable {
  // Int128 is aligned to 16 bytes and would make every Value 32; two words keep it at 24.
  private let high: Int64
  private let low: UInt64
  private let digits: UInt8

  /// The largest scale.
  public static let maximumScale = 37

  /// Creates `coefficient` / 10^`scale`.
  public init(coefficient: Int128, scale: Int = 0) {
    high = Int64(truncatingIfNeeded: coefficient >> 64)
    low = UInt64(truncatingIfNeeded: coefficient)
    digits = UInt8(clamping: scale)
  }

  /// Creates a whole number.
  public init(_ value: Int64) { self.init(coefficient: Int128(value)) }

  /// The digits as a whole number.
  public var coefficient: Int128 { Int128(high) << 64 | Int128(low) }
  /// The digits after the point.
  public var scale: Int { Int(digits) }

  /// Reads `-12.50`, `.5` or `1e3`; nil when the text is no number or has too many digits.
  public init?(_ text: String) {
    var coefficient: Int128 = 0
    var scale = 0
    var exponent = 0
    var seenDigit = false
    var seenPoint = false
    var negative = false
    var bytes = Array(text.utf8)[...]
    if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      negative = first == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    while let byte = bytes.first {
      if byte >= 48, byte <= 57 {
        let (tens, over) = coefficient.multipliedReportingOverflow(by: 10)
        let (sum, over2) = tens.addingReportingOverflow(Int128(byte - 48))
        if over || over2 { return nil }
        coefficient = sum
        if seenPoint { scale += 1 }
        seenDigit = true
      } else if byte == UInt8(ascii: "."), !seenPoint {
        seenPoint = true
      } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), seenDigit {
        guard let e = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), abs(e) < 100 else {
          return nil
        }
        exponent = e
        bytes = []
        break
      } else {
        return nil
      }
      bytes = bytes.dropFirst()
    }
    guard seenDigit else { return nil }
    scale -= exponent
    while scale < 0 {
      let (tens, over) = coefficient.multipliedReportingOverflow(by: 10)
      if over { return nil }
      coefficient = tens
      scale += 1
    }
    guard scale <= Self.maximumScale else { return nil }
    self.init(coefficient: negative ? -coefficient : coefficient, scale: scale)
  }

  /// Creates the decimal that a double prints as: `0.1` for the double nearest to a tenth; nil for NaN, the
  /// infinities and numbers of too many digits.
  public init?(nearest number: Double) {
    guard number.isFinite else { return nil }
    self.init("\(number)")
  }

  /// Returns the same number with another scale, or nil when digits other than zero would be lost, or on overflow.
  public func exactly(scale wanted: Int) -> ExactDecimal? {
    if wanted == scale { return self }
    if wanted > scale {
      guard let power = Self.power(wanted - scale) else { return nil }
      let (product, over) = coefficient.multipliedReportingOverflow(by: power)
      return over ? nil : ExactDecimal(coefficient: product, scale: wanted)
    }
    guard let power = Self.power(scale - wanted) else { return nil }
    let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: power)
    return remainder == 0 ? ExactDecimal(coefficient: quotient, scale: wanted) : nil
  }

  /// How a number between two neighbours is rounded.
  public enum Rounding: Sendable {
    /// A half goes away from zero.
    case halfAwayFromZero
    /// A half goes to the even neighbour.
    case halfToEven
    /// Toward negative infinity.
    case down
  }

  /// Returns the nearest number with a scale, or nil on overflow.
  public func rounded(scale wanted: Int, _ rounding: Rounding = .halfAwayFromZero) -> ExactDecimal?
  {
    if wanted >= scale { return exactly(scale: wanted) }
    guard wanted >= 0, let power = Self.power(scale - wanted) else { return nil }
    let quotient = Self.divide(coefficient, by: power, rounding)
    return quotient.map { ExactDecimal(coefficient: $0, scale: wanted) }
  }

  /// Returns the sum with the larger scale, or nil on overflow.
  public func adding(_ other: ExactDecimal) -> ExactDecimal? {
    guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
    let (sum, over) = a.addingReportingOverflow(b)
    return over ? nil : ExactDecimal(coefficient: sum, scale: scale)
  }

  /// Returns the difference with the larger scale, or nil on overflow.
  public func subtracting(_ other: ExactDecimal) -> ExactDecimal? {
    guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
    let (difference, over) = a.subtractingReportingOverflow(b)
    return over ? nil : ExactDecimal(coefficient: difference, scale: scale)
  }

  /// Returns the product with the scales added, or nil on overflow.
  public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
    let (product, over) = coefficient.multipliedReportingOverflow(by: other.coefficient)
    guard !over, scale + other.scale <= Self.maximumScale else { return nil }
    return ExactDecimal(coefficient: product, scale: scale + other.scale)
  }

  /// Returns the quotient rounded to a scale, or nil on division by zero or overflow.
  public func divided(
    by other: ExactDecimal, scale wanted: Int, _ rounding: Rounding = .halfAwayFromZero
  ) -> ExactDecimal? {
    // self / other = (a / b) * 10^(other.scale - scale); bring it to 10^-wanted.
    guard other.coefficient != 0, wanted >= 0, wanted <= Self.maximumScale else { return nil }
    let shift = wanted + other.scale - scale
    var (a, b) = (coefficient, other.coefficient)
    guard let power = Self.power(abs(shift)) else { return nil }
    let over: Bool
    if shift >= 0 {
      (a, over) = a.multipliedReportingOverflow(by: power)
    } else {
      (b, over) = b.multipliedReportingOverflow(by: power)
    }
    guard !over, let quotient = Self.divide(a, by: b, rounding) else { return nil }
    return ExactDecimal(coefficient: quotient, scale: wanted)
  }

  /// The number with the other sign, or nil on overflow.
  public var negated: ExactDecimal? {
    coefficient == .min ? nil : ExactDecimal(coefficient: -coefficient, scale: scale)
  }

  /// The whole number toward zero, with the scale 0.
  public var truncated: ExactDecimal? {
    Self.power(scale).map { ExactDecimal(coefficient: coefficient / $0) }
  }

  /// The number of the last digit's units at a scale as 64 bits, as it is stored; nil when it does not fit exactly.
  public func stored(scale: Int) -> Int64? {
    exactly(scale: scale).flatMap { Int64(exactly: $0.coefficient) }
  }

  /// The nearest double.
  public var doubleValue: Double { Double(description) ?? .nan }

  private static func divide(_ a: Int128, by b: Int128, _ rounding: Rounding) -> Int128? {
    if a == .min, b == -1 { return nil }
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    if remainder == 0 { return quotient }
    let negative = (a < 0) != (b < 0)
    let (twice, over) = remainder.magnitude.multipliedReportingOverflow(by: 2)
    let order = over ? 1 : twice > b.magnitude ? 1 : twice == b.magnitude ? 0 : -1
    let away: Bool
    switch rounding {
    case .halfAwayFromZero: away = order >= 0
    case .halfToEven: away = order > 0 || (order == 0 && quotient % 2 != 0)
    case .down: away = negative
    }
    return away ? quotient + (negative ? -1 : 1) : quotient
  }

  private static func aligned(_ a: ExactDecimal, _ b: ExactDecimal) -> (Int128, Int128, Int)? {
    let scale = max(a.scale, b.scale)
    guard let x = a.exactly(scale: scale), let y = b.exactly(scale: scale) else { return nil }
    return (x.coefficient, y.coefficient, scale)
  }

  private static func power(_ exponent: Int) -> Int128? {
    guard exponent <= 38 else { return nil }
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}

extension ExactDecimal: Comparable, Hashable {
  public static func == (a: ExactDecimal, b: ExactDecimal) -> Bool { a.order(b) == 0 }
  public static func < (a: ExactDecimal, b: ExactDecimal) -> Bool { a.order(b) < 0 }

  public func hash(into hasher: inout Hasher) {
    var (coefficient, scale) = (coefficient, scale)
    while scale > 0, coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    hasher.combine(coefficient)
    hasher.combine(scale)
  }

  private func order(_ other: ExactDecimal) -> Int {
    if let (a, b, _) = Self.aligned(self, other) { return a < b ? -1 : a > b ? 1 : 0 }
    // Aligning overflowed: the one with the larger whole part decides.
    let (a, b) = (coefficient, other.coefficient)
    if (a < 0) != (b < 0) { return a < 0 ? -1 : 1 }
    let (wholeA, wholeB) = (rounded(scale: 0, .down), other.rounded(scale: 0, .down))
    let (x, y) = (wholeA?.coefficient ?? a, wholeB?.coefficient ?? b)
    return x < y ? -1 : x > y ? 1 : scale > other.scale ? 1 : -1
  }
}

extension ExactDecimal: CustomStringConvertible {
  /// All digits of the scale, as in `-12.50`.
  public var description: String {
    let coefficient = coefficient
    var text = String(coefficient.magnitude)
    if scale > 0 {
      if text.utf8.count <= scale {
        text = String(repeating: "0", count: scale + 1 - text.utf8.count) + text
      }
      text.insert(".", at: text.index(text.endIndex, offsetBy: -scale))
    }
    return coefficient < 0 ? "-" + text : text
  }
}
