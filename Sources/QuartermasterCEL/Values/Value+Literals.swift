// Literals of Swift as values, so that fields are written as they are read: ["quantity": 20, "name": "M8 bolt"]. There is
// none for null: where an optional value is meant, `nil` would be read as none at all; write `.null`.

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
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

extension Value: ExpressibleByDictionaryLiteral {
  /// A map, in the order in which it is written.
  ///
  /// A key that comes twice, or is no int, uint, bool or string, stops the program, as it does in a literal of a
  /// dictionary; what comes from elsewhere goes through ``MapValue/init(_:)``, which gives nil.
  public init(dictionaryLiteral elements: (Value, Value)...) {
    guard let map = MapValue(elements.map { (key: $0.0, value: $0.1) }) else {
      preconditionFailure("a key of the map is written twice, or is of a type that no key has")
    }
    self = .map(map)
  }
}
