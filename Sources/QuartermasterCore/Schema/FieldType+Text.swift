package import QuartermasterCEL

extension FieldType {
  /// Returns the value that a text stands for: a literal of a schema, of a slot or of a CSV file; nil when the text
  /// is none of the type's.
  ///
  /// Decimals are brought to the scale of the type and refused when digits other than zero would be lost; times are
  /// RFC 3339, spans are written `3d` or `90m`; both are refused when they have parts of a millisecond. A pointer,
  /// a list, an object and a GeoPoint have no text.
  package func value(text: String) -> Value? {
    switch self {
    case .string: return .string(text)
    case .integer: return Self.integer(text).map(Value.int)
    case .number:
      guard Self.isNumber(text), let number = Double(text), number.isFinite else { return nil }
      return .double(number)
    case .decimal(let scale):
      guard Self.isNumber(text), let exact = ExactDecimal(text)?.exactly(scale: scale),
        exact.stored(scale: scale) != nil
      else { return nil }
      return .decimal(exact)
    case .boolean: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .date:
      guard let instant = Timestamp(text), instant.nanoseconds % 1_000_000 == 0 else { return nil }
      return .timestamp(instant)
    case .duration:
      guard let span = TimeSpan(text, allowsDays: true), span.nanoseconds % 1_000_000 == 0 else {
        return nil
      }
      return .duration(span)
    case .geoPoint, .array, .object, .pointer: return nil
    }
  }

  /// What a literal of the type looks like, for messages.
  package var literalHint: String {
    switch self {
    case .string: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .decimal(let scale): "a number with at most \(scale) digits after the point"
    case .boolean: "true or false"
    case .date: "a time such as 2026-03-02T09:00:00Z"
    case .duration: "a length of time such as 15m, 24h or 3d"
    case .geoPoint: "{latitude: 48.85, longitude: 2.35}"
    case .array: "a list"
    case .object: "a map"
    case .pointer(let name): "a record of \(name)"
    }
  }

  private static func integer(_ text: String) -> Int64? {
    text.utf8.first == UInt8(ascii: "+") ? nil : Int64(text)
  }

  /// Whether a text is a number in decimal digits; Swift's own initializers also take `0x1p3`, `inf` and `nan`.
  private static func isNumber(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case 48...57, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
        UInt8(ascii: "E"):
        true
      default: false
      }
    } && text.utf8.first != UInt8(ascii: "+")
  }
}
