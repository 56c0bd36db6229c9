internal import QuartermasterCEL

/// Numbers and times as sentences show them.
enum Plain {
  /// Returns a count with separators: `1,234,567`.
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return number < 0 ? "-" + text : text
  }

  /// Returns a count and its noun: `1 change`, `3 changes`.
  static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  /// Returns a length of time with as many digits as matter: `0.04 s`, `3.2 s`, `128 s`.
  static func seconds(_ seconds: Double) -> String {
    let digits = seconds < 0.1 ? 3 : seconds < 1 ? 2 : seconds < 100 ? 1 : 0
    return fixed(seconds, digits) + " s"
  }

  /// Returns a number with a fixed number of digits.
  static func fixed(_ number: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = (number * scale).rounded()
    guard whole.magnitude < 9e15 else { return "\(number)" }
    let text = String(Int64(whole.magnitude))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    let sign = whole < 0 ? "-" : ""
    if digits == 0 { return sign + padded }
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Returns an instant for people: `Mon 2 Mar 2026, 08:14:03`.
  static func instant(_ instant: Timestamp, _ zone: Zone = .utc) -> String {
    let local = instant.seconds + zone.offset(at: instant.seconds)
    let day = floorDivide(local, 86_400)
    let date = Timestamp.date(daysSinceEpoch: day)
    let weekday = Int(((day + 4) % 7 + 7) % 7)
    return
      "\(days[weekday]) \(date.day) \(months[Int(date.month) - 1]) \(date.year), \(clock(local))"
  }

  /// Returns the date and time in a form that sorts: `2026-03-02 08:14:03`.
  static func stamp(_ instant: Timestamp, _ zone: Zone = .utc) -> String {
    let local = instant.seconds + zone.offset(at: instant.seconds)
    let date = Timestamp.date(daysSinceEpoch: floorDivide(local, 86_400))
    return "\(date.year)-\(two(date.month))-\(two(date.day)) \(clock(local))"
  }

  private static func clock(_ local: Int64) -> String {
    let second = local - floorDivide(local, 86_400) * 86_400
    return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
