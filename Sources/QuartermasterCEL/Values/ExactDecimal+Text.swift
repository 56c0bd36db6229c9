extension ExactDecimal {
  /// Reads `-12.50`, `.5` or `1e3`; nil when the text is no number or has too many digits.
  public init?(_ text: String) {
    guard let number = UTF8Text.bytes(text, Self.read) else { return nil }
    self = number
  }

  /// Creates the decimal that a double prints as: `0.1` for the double nearest to a tenth; nil for NaN, the
  /// infinities and numbers of too many digits.
  public init?(nearest number: Double) {
    guard number.isFinite else { return nil }
    self.init("\(number)")
  }

  private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> ExactDecimal? {
    var place = 0
    func next() -> UInt8 { place < bytes.count ? bytes[place] : 0 }
    let isNegative = next() == UInt8(ascii: "-")
    if isNegative || next() == UInt8(ascii: "+") { place += 1 }
    var coefficient: Int128 = 0
    // Up to 18 digits are gathered in a word before the wide number is touched.
    var (part, partScale) = (Int64(0), Int64(1))
    var (scale, seen) = (0, 0)
    var isAfterPoint = false
    while true {
      let byte = next()
      if byte &- 48 <= 9 {
        part = part * 10 + Int64(byte &- 48)
        partScale *= 10
        if partScale == 1_000_000_000_000_000_000 {
          guard let sum = joined(coefficient, part, partScale) else { return nil }
          (coefficient, part, partScale) = (sum, 0, 1)
        }
        if isAfterPoint { scale += 1 }
        seen += 1
      } else if byte == UInt8(ascii: "."), !isAfterPoint {
        isAfterPoint = true
      } else {
        break
      }
      place += 1
    }
    guard seen > 0, !isAfterPoint || scale > 0,
      let total = joined(coefficient, part, partScale)
    else { return nil }
    coefficient = total
    if next() | 0x20 == UInt8(ascii: "e") {
      place += 1
      guard let exponent = exponent(bytes[place...]) else { return nil }
      scale -= exponent
    } else if place < bytes.count {
      return nil
    }
    if scale < 0 {
      guard scale >= -38 else { return coefficient == 0 ? ExactDecimal(0) : nil }
      let (product, over) = coefficient.multipliedReportingOverflow(by: power(-scale))
      if over { return nil }
      (coefficient, scale) = (product, 0)
    }
    guard scale <= maximumScale else { return nil }
    return ExactDecimal(coefficient: isNegative ? -coefficient : coefficient, scale: scale)
  }

  private static func joined(_ high: Int128, _ low: Int64, _ scale: Int64) -> Int128? {
    if high == 0 { return Int128(low) }
    let (product, over) = high.multipliedReportingOverflow(by: Int128(scale))
    let (sum, over2) = product.addingReportingOverflow(Int128(low))
    return over || over2 ? nil : sum
  }

  private static func exponent(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    var rest = bytes
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    guard !rest.isEmpty, rest.count <= 4 else { return nil }
    var value = 0
    for byte in rest {
      guard byte &- 48 <= 9 else { return nil }
      value = value * 10 + Int(byte &- 48)
    }
    return isNegative ? -value : value
  }
}

extension ExactDecimal: CustomStringConvertible {
  /// All digits of the scale, as in `-12.50`.
  public var description: String {
    let coefficient = coefficient
    var text =
      UInt64(exactly: coefficient.magnitude).map { String($0) } ?? String(coefficient.magnitude)
    if scale > 0 {
      if text.utf8.count <= scale {
        text = String(repeating: "0", count: scale + 1 - text.utf8.count) + text
      }
      text.insert(".", at: text.utf8.index(text.endIndex, offsetBy: -scale))
    }
    return coefficient < 0 ? "-" + text : text
  }
}
