/// Doubles as text: with a given number of places, rounded from their exact binary value, a half to even; or with as few
/// digits as tell them from all others.
enum DoubleText {
  /// Returns the fewest digits that read back, never with an exponent: `1`, `0.1`, `1000000000000000000000`.
  static func shortest(_ number: Double) -> String {
    let text = Value.text(number)
    guard let mark = text.firstIndex(of: "e"),
      let exponent = Int(text[text.index(after: mark)...])
    else { return text }
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text[..<mark].dropFirst(sign.utf8.count).split(separator: ".")
    let digits = parts.joined()
    let point = (parts.first?.utf8.count ?? 0) + exponent
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.utf8.count {
      return sign + digits + String(repeating: "0", count: point - digits.utf8.count)
    }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }

  /// Returns `12.500000`.
  static func fixed(_ number: Double, _ places: Int) -> String {
    guard number.isFinite else { return Value.text(number) }
    let digits = rounded(Digits(number.magnitude), places)
    return (number.sign == .minus ? "-" : "") + digits
  }

  /// Returns `1.250000e+01`.
  static func scientific(_ number: Double, _ places: Int) -> String {
    guard number.isFinite else { return Value.text(number) }
    var exact = Digits(number.magnitude)
    var exponent = 0
    if let first = exact.digits.firstIndex(where: { $0 != 0 }) {
      exponent = exact.point - 1 - first
      exact.point = first + 1
      exact.digits.removeFirst(first)
      exact.point -= first
    }
    var text = rounded(exact, places)
    if text.hasPrefix("10") {
      exponent += 1
      text = "1" + (places > 0 ? "." + String(repeating: "0", count: places) : "")
    }
    let size = String(exponent.magnitude)
    let sign = (number.sign == .minus ? "-" : "", exponent < 0 ? "-" : "+")
    return sign.0 + text + "e" + sign.1 + (size.utf8.count < 2 ? "0" : "") + size
  }

  /// All digits of a double: it is a whole number times a power of 2, so there are finitely many.
  private struct Digits {
    /// The digits, the most significant first.
    var digits: [UInt8]
    /// How many of them stand before the point.
    var point: Int

    init(_ number: Double) {
      guard number != 0 else {
        (digits, point) = ([0], 1)
        return
      }
      let significand = number.significandBitPattern | (number.isNormal ? 1 << 52 : 0)
      let exponent = Int(max(number.exponentBitPattern, 1)) - 1075
      digits = String(significand).utf8.map { $0 - 48 }
      point = digits.count
      // Doubling is exact; halving is five times as much one place further right.
      for _ in 0..<abs(exponent) {
        multiply(by: exponent > 0 ? 2 : 5)
        if exponent < 0 { point -= 1 }
      }
      if point < 1 {
        digits.insert(contentsOf: repeatElement(0, count: 1 - point), at: 0)
        point = 1
      }
    }

    private mutating func multiply(by factor: UInt8) {
      var carry: UInt8 = 0
      for place in digits.indices.reversed() {
        let product = digits[place] * factor + carry
        digits[place] = product % 10
        carry = product / 10
      }
      if carry > 0 {
        digits.insert(carry, at: 0)
        point += 1
      }
    }
  }

  private static func rounded(_ exact: Digits, _ places: Int) -> String {
    var digits = exact.digits
    var point = exact.point
    let count = point + places
    if count < digits.count {
      let next = digits[count]
      let isTie = next == 5 && digits[(count + 1)...].allSatisfy { $0 == 0 }
      let up = next > 5 || (next == 5 && (!isTie || digits[count - 1] % 2 == 1))
      digits.removeSubrange(count...)
      var place = count - 1
      var carry = up
      while carry, place >= 0 {
        digits[place] = digits[place] == 9 ? 0 : digits[place] + 1
        carry = digits[place] == 0
        place -= 1
      }
      if carry {
        digits.insert(1, at: 0)
        point += 1
      }
    } else {
      digits.append(contentsOf: repeatElement(0, count: count - digits.count))
    }
    let text = String(decoding: digits.map { $0 + 48 }, as: UTF8.self)
    if places == 0 { return text }
    let whole = text.prefix(point)
    return whole + "." + text.dropFirst(point)
  }
}
