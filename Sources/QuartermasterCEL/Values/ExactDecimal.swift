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
  ///
  /// - Parameters:
  ///   - coefficient: The digits as a whole number.
  ///   - scale: 0 to ``maximumScale``.
  public init(coefficient: Int128, scale: Int = 0) {
    precondition(scale >= 0 && scale <= 37, "the scale of a decimal is 0 to 37")
    high = Int64(truncatingIfNeeded: coefficient >> 64)
    low = UInt64(truncatingIfNeeded: coefficient)
    digits = UInt8(truncatingIfNeeded: scale)
  }

  /// Creates a whole number.
  public init(_ value: Int64) { self.init(units: value, digits: 0) }

  /// Creates `units` / 10^`digits`: most numbers are as small as this, and their arithmetic is that of integers.
  @inline(__always)
  private init(units: Int64, digits: UInt8) {
    high = units >> 63
    low = UInt64(bitPattern: units)
    self.digits = digits
  }

  /// The digits as a whole number.
  public var coefficient: Int128 { Int128(high) << 64 | Int128(low) }
  /// The digits after the point.
  public var scale: Int { Int(digits) }

  /// The coefficient when it fits 64 bits.
  @inline(__always)
  private var units: Int64? {
    let units = Int64(bitPattern: low)
    return units >> 63 == high ? units : nil
  }

  /// Returns the sum with the larger scale, or nil on overflow.
  public func adding(_ other: ExactDecimal) -> ExactDecimal? {
    if digits == other.digits, let a = units, let b = other.units {
      let (sum, over) = a.addingReportingOverflow(b)
      if !over { return ExactDecimal(units: sum, digits: digits) }
    }
    guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
    let (sum, over) = a.addingReportingOverflow(b)
    return over ? nil : ExactDecimal(coefficient: sum, scale: scale)
  }

  /// Returns the difference with the larger scale, or nil on overflow.
  public func subtracting(_ other: ExactDecimal) -> ExactDecimal? {
    if digits == other.digits, let a = units, let b = other.units {
      let (difference, over) = a.subtractingReportingOverflow(b)
      if !over { return ExactDecimal(units: difference, digits: digits) }
    }
    guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
    let (difference, over) = a.subtractingReportingOverflow(b)
    return over ? nil : ExactDecimal(coefficient: difference, scale: scale)
  }

  /// Returns the product with the scales added, or nil on overflow.
  public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
    guard scale + other.scale <= Self.maximumScale else { return nil }
    if let a = units, let b = other.units {
      let (product, over) = a.multipliedReportingOverflow(by: b)
      if !over { return ExactDecimal(units: product, digits: digits + other.digits) }
    }
    let (product, over) = coefficient.multipliedReportingOverflow(by: other.coefficient)
    return over ? nil : ExactDecimal(coefficient: product, scale: scale + other.scale)
  }

  /// The number with the other sign, or nil on overflow.
  public var negated: ExactDecimal? {
    coefficient == .min ? nil : ExactDecimal(coefficient: -coefficient, scale: scale)
  }

  /// Returns the same number with another scale, or nil when digits other than zero would be lost, or on overflow.
  public func exactly(scale wanted: Int) -> ExactDecimal? {
    if wanted == scale { return self }
    guard wanted >= 0, wanted <= Self.maximumScale else { return nil }
    if wanted > scale {
      let (product, over) = coefficient.multipliedReportingOverflow(
        by: Self.power(wanted - scale))
      return over ? nil : ExactDecimal(coefficient: product, scale: wanted)
    }
    let (quotient, remainder) = coefficient.quotientAndRemainder(
      dividingBy: Self.power(scale - wanted))
    return remainder == 0 ? ExactDecimal(coefficient: quotient, scale: wanted) : nil
  }

  /// The number of the last digit's units at a scale as 64 bits, as it is stored; nil when it does not fit exactly.
  public func stored(scale: Int) -> Int64? {
    if scale == self.scale { return units }
    return exactly(scale: scale).flatMap { $0.units }
  }

  /// The nearest double.
  public var doubleValue: Double {
    // Both numbers are exact, so that the division rounds once.
    if let units, units.magnitude < 1 << 53, scale <= 22 {
      return Double(units) / Self.exactPowers[scale]
    }
    return Double(description) ?? .nan
  }

  private static let exactPowers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static func aligned(_ a: ExactDecimal, _ b: ExactDecimal) -> (Int128, Int128, Int)? {
    if a.digits == b.digits { return (a.coefficient, b.coefficient, a.scale) }
    let scale = max(a.scale, b.scale)
    guard let x = a.exactly(scale: scale), let y = b.exactly(scale: scale) else { return nil }
    return (x.coefficient, y.coefficient, scale)
  }

  /// Returns 10^`exponent`, for 0 to 38.
  static func power(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    var rest = exponent
    while rest >= 18 {
      power *= 1_000_000_000_000_000_000
      rest -= 18
    }
    var small: Int64 = 1
    while rest > 0 {
      small *= 10
      rest -= 1
    }
    return power * Int128(small)
  }
}

extension ExactDecimal: Comparable, Hashable {
  public static func == (a: ExactDecimal, b: ExactDecimal) -> Bool {
    if a.digits == b.digits { return a.low == b.low && a.high == b.high }
    return a.order(b) == 0
  }

  public static func < (a: ExactDecimal, b: ExactDecimal) -> Bool {
    if a.digits == b.digits, let x = a.units, let y = b.units { return x < y }
    return a.order(b) < 0
  }

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
    let shift = scale - other.scale
    if abs(shift) <= 18, let a = units, let b = other.units {
      // Most numbers fit 64 bits at the larger scale too.
      var power: Int64 = 1
      for _ in 0..<abs(shift) { power *= 10 }
      let (x, over) = shift < 0 ? a.multipliedReportingOverflow(by: power) : (a, false)
      let (y, over2) = shift > 0 ? b.multipliedReportingOverflow(by: power) : (b, false)
      if !over, !over2 { return x < y ? -1 : x > y ? 1 : 0 }
    }
    if let (a, b, _) = Self.aligned(self, other) { return a < b ? -1 : a > b ? 1 : 0 }
    // The number of the smaller scale did not fit the larger: it is further from zero than the other can be.
    return scale < other.scale ? (high < 0 ? -1 : 1) : (other.high < 0 ? 1 : -1)
  }
}
