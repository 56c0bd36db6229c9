/// A value of the language.
///
/// Payloads are at most 17 bytes, so that a value is 24 and most are copied without a count.
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case decimal(ExactDecimal)
  case string(String)
  case bytes([UInt8])
  case timestamp(Timestamp)
  case duration(TimeSpan)
  case list([Value])
  case map(MapValue)
  /// A record: live, or pinned to one version of its row.
  case record(Record)
  /// A type as a value.
  case type(TypeValue)
  /// An optional value; nil is `optional.none()`.
  case optional(OptionalValue)
  /// A value of a type that a library declares, such as `net.IP`.
  case opaque(OpaqueValue)
}

/// The box of an optional value: what it holds, or nothing.
public final class OptionalValue: Sendable {
  /// The value, or nil for `optional.none()`.
  public let value: Value?

  /// Creates an optional value.
  public init(_ value: Value?) { self.value = value }
}

/// A type as a value: its name as the definition has it, such as `int`, `list` or `google.protobuf.Timestamp`.
public final class TypeValue: Sendable {
  /// The name.
  public let name: String

  /// Creates a type value.
  public init(_ name: String) { self.name = name }
}
