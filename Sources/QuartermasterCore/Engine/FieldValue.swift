public import QuartermasterCEL

/// A type in which a host reads the value of a field.
public protocol FieldValue {
  /// Converts a value of the language; nil when it is of another type.
  init?(fieldValue: Value)
  /// What it is, for messages.
  static var fieldKind: String { get }
}

extension String: FieldValue {
  public init?(fieldValue: Value) {
    guard case .string(let text) = fieldValue else { return nil }
    self = text
  }

  public static var fieldKind: String { "a text" }
}

extension Int64: FieldValue {
  public init?(fieldValue: Value) {
    guard case .int(let number) = fieldValue else { return nil }
    self = number
  }

  public static var fieldKind: String { "a whole number" }
}

extension Double: FieldValue {
  public init?(fieldValue: Value) {
    guard case .double(let number) = fieldValue else { return nil }
    self = number
  }

  public static var fieldKind: String { "a floating-point number" }
}

extension ExactDecimal: FieldValue {
  public init?(fieldValue: Value) {
    guard case .decimal(let number) = fieldValue else { return nil }
    self = number
  }

  public static var fieldKind: String { "a decimal" }
}

extension Bool: FieldValue {
  public init?(fieldValue: Value) {
    guard case .bool(let flag) = fieldValue else { return nil }
    self = flag
  }

  public static var fieldKind: String { "true or false" }
}

extension Timestamp: FieldValue {
  public init?(fieldValue: Value) {
    guard case .timestamp(let instant) = fieldValue else { return nil }
    self = instant
  }

  public static var fieldKind: String { "a timestamp" }
}

extension TimeSpan: FieldValue {
  public init?(fieldValue: Value) {
    guard case .duration(let span) = fieldValue else { return nil }
    self = span
  }

  public static var fieldKind: String { "a duration" }
}

extension Reference: FieldValue {
  public init?(fieldValue: Value) {
    guard case .record(let record) = fieldValue, record.type.name == Target.className else {
      return nil
    }
    self.init(record.id)
  }

  public static var fieldKind: String { "a \(Target.className)" }
}

extension Optional: FieldValue where Wrapped: FieldValue {
  public init?(fieldValue: Value) {
    if case .null = fieldValue {
      self = .none
    } else if let wrapped = Wrapped(fieldValue: fieldValue) {
      self = .some(wrapped)
    } else {
      return nil
    }
  }

  public static var fieldKind: String { "\(Wrapped.fieldKind) or null" }
}

extension Array: FieldValue where Element: FieldValue {
  public init?(fieldValue: Value) {
    guard case .list(let items) = fieldValue else { return nil }
    self = []
    for item in items {
      guard let element = Element(fieldValue: item) else { return nil }
      append(element)
    }
  }

  public static var fieldKind: String { "a list, each item \(Element.fieldKind)" }
}

/// An object is read as its members.
extension MapValue: FieldValue {
  public convenience init?(fieldValue: Value) {
    guard case .map(let map) = fieldValue else { return nil }
    self.init(map.entries.map { ($0.key, $0.value) })
  }

  public static var fieldKind: String { "an object" }
}
