extension ExactDecimal {
  /// How a number between two neighbours is rounded.
  public enum Rounding: Sendable {
    /// A half goes away from zero.
    case halfAwayFromZero
    /// A half goes to the even neighbour.
    case halfToEven
    /// Toward negative infinity.
    case down
    /// Toward positive infinity.
    case up
    /// Toward zero.
    case towardZero
  }

  /// Returns the nearest number with a scale, or nil on overflow.
  public func rounded(scale wanted: Int, _ rounding: Rounding = .halfAwayFromZero) -> ExactDecimal?
  {
    if wanted >= scale { return exactly(scale: wanted) }
    guard wanted >= 0 else { return nil }
    let power = UInt128(Self.power(scale - wanted))
    let (quotient, rest) = coefficient.magnitude.quotientAndRemainder(dividingBy: power)
    return Self.rounded(
      quotient, Fraction(rest, of: power), isNegative: coefficient < 0, scale: wanted, rounding)
  }

  /// The whole number toward zero, with the scale 0.
  public var truncated: ExactDecimal {
    ExactDecimal(coefficient: coefficient / Self.power(scale))
  }

  /// Returns the quotient rounded to a scale, or nil on division by zero or overflow.
  public func divided(
    by other: ExactDecimal, scale wanted: Int, _ rounding: Rounding = .halfAwayFromZero
  ) -> ExactDecimal? {
    guard other.coefficient != 0, wanted >= 0, wanted <= Self.maximumScale else { return nil }
    let divisor = other.coefficient.magnitude
    var (quotient, rest) = coefficient.magnitude.quotientAndRemainder(dividingBy: divisor)
    let isNegative = (coefficient < 0) != (other.coefficient < 0)
    // self / other = (a / b) * 10^(other.scale - scale); in units of 10^-wanted it has as many digits more.
    let shift = wanted + other.scale - scale
    if shift >= 0 {
      for _ in 0..<shift {
        let (tens, over) = quotient.multipliedReportingOverflow(by: 10)
        // The rest is below the divisor, so that the next digit is below 10.
        let (digit, left) = divisor.dividingFullWidth(rest.multipliedFullWidth(by: 10))
        let (sum, over2) = tens.addingReportingOverflow(digit)
        if over || over2 { return nil }
        (quotient, rest) = (sum, left)
      }
      let fraction = Fraction(rest, of: divisor)
      return Self.rounded(quotient, fraction, isNegative: isNegative, scale: wanted, rounding)
    }
    let power = UInt128(Self.power(-shift))
    let (whole, below) = quotient.quotientAndRemainder(dividingBy: power)
    var fraction = Fraction(below, of: power)
    // What was left of the first division lies below the last digit: it only breaks ties.
    if rest != 0 { fraction = fraction.andMore }
    return Self.rounded(whole, fraction, isNegative: isNegative, scale: wanted, rounding)
  }

  /// What a division leaves, as far as rounding wants to know.
  private enum Fraction {
    case zero, belowHalf, half, aboveHalf

    init(_ rest: UInt128, of whole: UInt128) {
      if rest == 0 {
        self = .zero
      } else {
        let other = whole - rest
        self = rest < other ? .belowHalf : rest == other ? .half : .aboveHalf
      }
    }

    /// The fraction and something too small to reach the next.
    var andMore: Fraction {
      switch self {
      case .zero: .belowHalf
      case .half: .aboveHalf
      case .belowHalf, .aboveHalf: self
      }
    }
  }

  private static func rounded(
    _ magnitude: UInt128, _ fraction: Fraction, isNegative: Bool, scale: Int, _ rounding: Rounding
  ) -> ExactDecimal? {
    let away: Bool
    switch (rounding, fraction) {
    case (_, .zero), (.towardZero, _): away = false
    case (.halfAwayFromZero, .half), (.halfAwayFromZero, .aboveHalf), (.halfToEven, .aboveHalf):
      away = true
    case (.halfAwayFromZero, .belowHalf), (.halfToEven, .belowHalf): away = false
    case (.halfToEven, .half): away = magnitude % 2 == 1
    case (.down, _): away = isNegative
    case (.up, _): away = !isNegative
    }
    let (sum, over) = magnitude.addingReportingOverflow(away ? 1 : 0)
    if over { return nil }
    if isNegative, sum == Int128.min.magnitude {
      return ExactDecimal(coefficient: .min, scale: scale)
    }
    guard let positive = Int128(exactly: sum) else { return nil }
    return ExactDecimal(coefficient: isNegative ? -positive : positive, scale: scale)
  }
}
