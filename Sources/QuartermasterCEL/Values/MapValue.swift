/// A map: entries in the order in which they were written, found by key in constant time.
///
/// Keys are int, uint, bool or string. Equal numbers are one key: `1`, `1u` and `1.0` find the same entry.
public final class MapValue: Sendable {
  /// A key in the form by which it is found.
  package enum Key: Hashable, Sendable {
    case bool(Bool)
    /// Every number that is whole and fits.
    case int(Int64)
    /// A whole number above `Int64.max`.
    case uint(UInt64)
    /// A text, by its UTF-8 bytes: Swift's own equality of strings is canonical, CEL's is not.
    case string([UInt8])
  }

  /// The entries, in order.
  public let entries: [(key: Value, value: Value)]
  private let places: [Key: Int]

  /// Creates a map; nil when a key comes twice or is of a type that no key may have.
  public init?(_ entries: [(key: Value, value: Value)]) {
    var places: [Key: Int] = [:]
    for (place, entry) in entries.enumerated() {
      guard let key = Self.key(entry.key), places.updateValue(place, forKey: key) == nil else {
        return nil
      }
    }
    self.entries = entries
    self.places = places
  }

  /// Returns the value of a key, or nil when there is none.
  public subscript(key: Value) -> Value? {
    Self.key(key).flatMap { places[$0] }.map { entries[$0].value }
  }

  /// Returns the value of a text key, or nil when there is none.
  public subscript(key: String) -> Value? {
    places[.string(Array(key.utf8))].map { entries[$0].value }
  }

  /// Returns the form by which a key is found, or nil for a value that no key equals.
  package static func key(_ value: Value) -> Key? {
    switch value {
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .uint(let number): return Int64(exactly: number).map(Key.int) ?? .uint(number)
    case .double(let number):
      return Int64(exactly: number).map(Key.int) ?? UInt64(exactly: number).map(Key.uint)
    case .string(let text): return .string(Array(text.utf8))
    default: return nil
    }
  }
}
