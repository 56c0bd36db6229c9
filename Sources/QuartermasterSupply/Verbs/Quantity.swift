internal import QuartermasterCore

/// Arithmetic on counts, in which an overflow is a refusal: a wrapped number would be an order for a negative quantity.
enum Quantity {
  /// Returns the sum.
  static func sum(_ a: Int64, _ b: Int64, of what: String) throws(Refusal) -> Int64 {
    let (sum, over) = a.addingReportingOverflow(b)
    if over { throw overflow(what) }
    return sum
  }

  /// Returns the difference.
  static func difference(_ a: Int64, _ b: Int64, of what: String) throws(Refusal) -> Int64 {
    let (difference, over) = a.subtractingReportingOverflow(b)
    if over { throw overflow(what) }
    return difference
  }

  /// Returns the least multiple of `pack` that is not below a positive quantity.
  static func roundedUp(_ quantity: Int64, to pack: Int64, of what: String) throws(Refusal) -> Int64
  {
    guard pack > 1 else { return quantity }
    let over = quantity % pack
    return over == 0 ? quantity : try sum(quantity, pack - over, of: what)
  }

  private static func overflow(_ what: String) -> Refusal {
    Refusal(.error, "\(what) overflows: it is more than a whole number can be")
  }
}
