// Literals of Swift as values, so that fields are written as they are read: ["quantity": 20, "name": "M8 bolt"].

extension Value: ExpressibleByStringLiteral {
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByIntegerLiteral {
  /// A signed integer; a field that holds money takes it as a whole amount.
  public init(integerLiteral value: Int64) { self = .int(value) }
}

extension Value: ExpressibleByFloatLiteral {
  /// A floating-point number.
  ///
  /// Money is exact and takes none: write it as a text, `"0.25"`, or as an `ExactDecimal`.
  public init(floatLiteral value: Double) { self = .double(value) }
}

extension Value: ExpressibleByBooleanLiteral {
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByArrayLiteral {
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
}
