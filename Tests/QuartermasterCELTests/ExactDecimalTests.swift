import Testing

@testable import QuartermasterCEL

@Suite struct ExactDecimalTests {
  /// A repeatable sequence of numbers.
  struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private func decimal(_ text: String) throws -> ExactDecimal {
    try #require(ExactDecimal(text), "\(text)")
  }

  @Test(arguments: [
    ("0", "0"), ("12.50", "12.50"), ("-12.50", "-12.50"), ("+1.5", "1.5"), (".5", "0.5"),
    ("-0.05", "-0.05"), ("1e3", "1000"), ("1.5e2", "150"), ("1.5e-2", "0.015"), ("00012", "12"),
    ("1.2345678901234567890123456789", "1.2345678901234567890123456789"),
    ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
    ("123456789012345678", "123456789012345678"), ("1234567890123456789", "1234567890123456789"),
    ("0.0000000000000000000000000000000000001", "0.0000000000000000000000000000000000001"),
    ("0e50", "0"), ("1E+2", "100"),
  ]) func `numbers are read and printed with their digits`(text: String, printed: String) throws {
    #expect(try decimal(text).description == printed)
  }

  @Test(arguments: [
    "", "-", ".", "1.", "1..2", "1e", "1e+", "abc", "1 ", " 1", "0x10", "1_000", "1e99999", "NaN",
    "999999999999999999999999999999999999999", "0.00000000000000000000000000000000000001", "1e39",
    "1.5.2", "--1", "1-",
  ]) func `what is no number, or too long, is refused`(text: String) {
    #expect(ExactDecimal(text) == nil)
  }

  @Test func `sums, differences and products are exact`() throws {
    #expect(try decimal("0.10").adding(decimal("0.20")) == decimal("0.30"))
    #expect(try decimal("1.5").adding(decimal("0.25"))?.description == "1.75")
    #expect(try decimal("1.00").subtracting(decimal("2.5"))?.description == "-1.50")
    #expect(try decimal("1.50").multiplied(by: decimal("2.5"))?.description == "3.750")
    let large = try decimal("9223372036854775807")
    #expect(try large.adding(decimal("1"))?.description == "9223372036854775808")
    #expect(large.multiplied(by: large)?.description == "85070591730234615847396907784232501249")
    let huge = try decimal("99999999999999999999999999999999999999")
    #expect(huge.adding(huge)?.description == nil)
    #expect(huge.multiplied(by: huge) == nil)
    #expect(ExactDecimal(coefficient: .min).negated == nil)
    #expect(
      try decimal("0.1234567890123456789").multiplied(by: decimal("0.1234567890123456789")) == nil)
  }

  @Test func `random sums and products agree with whole numbers`() {
    var random = Random(state: 1)
    for _ in 0..<5000 {
      let (a, b) = (
        Int64.random(in: -1 << 50...1 << 50, using: &random),
        Int64.random(in: -1 << 50...1 << 50, using: &random)
      )
      let (s, t) = (Int.random(in: 0...6, using: &random), Int.random(in: 0...6, using: &random))
      let (x, y) = (
        ExactDecimal(coefficient: Int128(a), scale: s),
        ExactDecimal(coefficient: Int128(b), scale: t)
      )
      let (p, q) = (Int128(a) * ExactDecimal.power(12 - s), Int128(b) * ExactDecimal.power(12 - t))
      #expect(x.adding(y)?.exactly(scale: 12)?.coefficient == p + q)
      #expect(x.subtracting(y)?.exactly(scale: 12)?.coefficient == p - q)
      #expect(x.multiplied(by: y)?.coefficient == Int128(a) * Int128(b))
      #expect((x < y) == (p < q))
      #expect((x == y) == (p == q))
      #expect(ExactDecimal(x.description) == x)
    }
  }

  @Test func `a quotient is the nearest number of its scale`() throws {
    var random = Random(state: 2)
    for _ in 0..<5000 {
      let (a, b) = (
        Int64.random(in: -1_000_000...1_000_000, using: &random),
        Int64.random(in: 1...100_000, using: &random)
      )
      let (s, t, w) = (
        Int.random(in: 0...4, using: &random), Int.random(in: 0...4, using: &random),
        Int.random(in: 0...6, using: &random)
      )
      let x = ExactDecimal(coefficient: Int128(a), scale: s)
      let y = ExactDecimal(coefficient: Int128(b), scale: t)
      let q = try #require(x.divided(by: y, scale: w))
      // |q * b * 10^(s-t) - a * 10^w| is at most half of b * 10^(s-t), all times 10^t.
      let left = q.coefficient * Int128(b) * ExactDecimal.power(s)
      let right = Int128(a) * ExactDecimal.power(w + t)
      #expect(2 * (left - right).magnitude <= (Int128(b) * ExactDecimal.power(s)).magnitude)
      let rounded = try #require(x.rounded(scale: min(w, s)))
      #expect(
        2 * (rounded.exactly(scale: 4)!.coefficient - x.exactly(scale: 4)!.coefficient).magnitude
          <= ExactDecimal.power(4 - min(w, s)).magnitude)
    }
  }

  @Test func `halves go where they are told`() throws {
    func all(_ text: String, _ scale: Int) throws -> [String?] {
      let rules: [ExactDecimal.Rounding] = [
        .halfAwayFromZero, .halfToEven, .down, .up, .towardZero,
      ]
      let number = try decimal(text)
      return rules.map { number.rounded(scale: scale, $0)?.description }
    }
    #expect(try all("2.345", 2) == ["2.35", "2.34", "2.34", "2.35", "2.34"])
    #expect(try all("-2.345", 2) == ["-2.35", "-2.34", "-2.35", "-2.34", "-2.34"])
    #expect(try all("2.355", 2) == ["2.36", "2.36", "2.35", "2.36", "2.35"])
    #expect(try all("0.5", 0) == ["1", "0", "0", "1", "0"])
    #expect(try all("-0.4", 0) == ["0", "0", "-1", "0", "0"])
    #expect(try decimal("10").divided(by: decimal("3"), scale: 2)?.description == "3.33")
    #expect(try decimal("1").divided(by: decimal("8"), scale: 2)?.description == "0.13")
    #expect(
      try decimal("1").divided(by: decimal("8"), scale: 2, .halfToEven)?.description == "0.12")
    #expect(try decimal("1").divided(by: decimal("0"), scale: 2) == nil)
  }

  @Test func `division holds where the scaled dividend would not fit`() throws {
    let huge = try decimal("99999999999999999999999999999999999999")
    #expect(
      huge.divided(by: huge, scale: 37)?.description == "1." + String(repeating: "0", count: 37))
    #expect(
      try decimal("1").divided(by: huge, scale: 37)?.description == "0."
        + String(repeating: "0", count: 37))
    #expect(
      try decimal("0.0000000000000000000000000000000000005").divided(by: huge, scale: 2)?
        .coefficient == 0)
    #expect(huge.divided(by: try decimal("0.1"), scale: 0) == nil)
    #expect(
      try decimal("170141183460469231731687303715884105727").divided(by: decimal("3"), scale: 0)?
        .description
        == "56713727820156410577229101238628035242")
    // A tie of the first division that something below it breaks.
    #expect(
      try decimal("0.251").divided(by: decimal("1"), scale: 1, .halfToEven)?.description == "0.3")
    #expect(
      try decimal("0.250").divided(by: decimal("1"), scale: 1, .halfToEven)?.description == "0.2")
    #expect(
      try decimal("1.00001").divided(by: decimal("4"), scale: 1, .halfToEven)?.description == "0.3")
  }

  @Test func `equal numbers of different scale are one`() throws {
    #expect(try decimal("1.50") == decimal("1.5"))
    #expect(try decimal("1.50").hashValue == decimal("1.5").hashValue)
    #expect(try decimal("100").hashValue == decimal("100.00").hashValue)
    #expect(try decimal("0.00") == decimal("0"))
    #expect(try decimal("1.50") < decimal("1.6"))
    let huge = try decimal("99999999999999999999999999999999999999")
    let tiny = try decimal("0.0000000000000000000000000000000000001")
    #expect(tiny < huge && !(huge < tiny) && huge != tiny)
    let one = ExactDecimal(1)
    #expect(ExactDecimal(coefficient: Int128(Int64.max), scale: 20) < one)
    #expect(ExactDecimal(coefficient: Int128(Int64.max), scale: 18) > one)
    #expect(try decimal("1.000000000000000000") == one)
    #expect(try #require(huge.negated) < tiny)
    #expect(try #require(tiny.negated) < huge)
    #expect(try #require(huge.negated) < (try #require(tiny.negated)))
  }

  @Test func `the stored form keeps every digit or is refused`() throws {
    #expect(try decimal("12.5").stored(scale: 2) == 1250)
    #expect(try decimal("12.500").stored(scale: 2) == 1250)
    #expect(try decimal("12.505").stored(scale: 2) == nil)
    #expect(try decimal("92233720368547758.08").stored(scale: 2) == nil)
    #expect(try decimal("92233720368547758.07").stored(scale: 2) == .max)
    #expect(ExactDecimal(coefficient: -5, scale: 1).truncated.coefficient == 0)
  }

  @Test func `doubles are near`() throws {
    #expect(try decimal("0.1").doubleValue == 0.1)
    #expect(try decimal("-123.456").doubleValue == -123.456)
    #expect(try decimal("12345678901234567890.123").doubleValue == 12345678901234567890.123)
    #expect(try ExactDecimal(nearest: 0.1) == decimal("0.1"))
    #expect(try ExactDecimal(nearest: 1e21) == decimal("1e21"))
    #expect(ExactDecimal(nearest: 1e-30)?.description == "0.000000000000000000000000000001")
    #expect(ExactDecimal(nearest: .nan) == nil && ExactDecimal(nearest: 1e300) == nil)
  }

  @Test func `a value takes three words`() {
    #expect(MemoryLayout<Value>.stride == 24)
  }
}
