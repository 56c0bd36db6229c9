/// A map: entries in the order in which they were written, found by key in constant time.
///
/// Keys are int, uint, bool or string. Equal numbers are one key: `1`, `1u` and `1.0` find the same entry. What
/// `groupBy` gives may also have records, decimals, times and null as keys.
public final class MapValue: @unchecked Sendable {
  /// A key in the form by which it is found.
  package enum Key: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Every number that is whole and fits.
    case int(Int64)
    /// A whole number above `Int64.max`.
    case uint(UInt64)
    /// A number with a fraction, by its exact value.
    case decimal(ExactDecimal)
    /// A text, by its UTF-8 bytes: Swift's own equality of strings is canonical, CEL's is not.
    case string(TextKey)
    case timestamp(Timestamp)
    case duration(TimeSpan)
    /// A record, by the name of its class and its id.
    case record(TextKey, TextKey)
  }

  /// A text that is equal to another when their UTF-8 bytes are.
  package struct TextKey: Hashable, Sendable {
    /// The text.
    package let text: String
    package init(_ text: String) { self.text = text }
    package static func == (a: TextKey, b: TextKey) -> Bool { UTF8Text.equal(a.text, b.text) }
    package func hash(into hasher: inout Hasher) {
      UTF8Text.bytes(text) { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(0xFF as UInt8)
    }
  }

  /// The entries of a map, in order.
  public struct Entries: RandomAccessCollection, Sendable {
    fileprivate let map: MapValue
    public var startIndex: Int { 0 }
    public var endIndex: Int { map.count }
    public subscript(place: Int) -> (key: Value, value: Value) {
      precondition(place >= 0 && place < map.count, "no such entry")
      return (map.keys[place], map.values[place])
    }
  }

  /// How many entries there are.
  public let count: Int
  /// The keys, in order.
  ///
  /// Never changed, so that loops can read them where they stand.
  let keys: UnsafeMutablePointer<Value>
  /// The values, in the order of their keys.
  let values: UnsafeMutablePointer<Value>
  /// Where each key is; empty for a map that is searched faster from end to end.
  private let places: [Key: Int]

  /// Up to this many entries are searched from end to end.
  private static let scanned = 8

  /// Creates a map; nil when a key comes twice or is of a type that no key may have.
  public convenience init?(_ entries: [(key: Value, value: Value)]) {
    for entry in entries where !Self.isKey(entry.key) { return nil }
    self.init(distinct: entries)
  }

  /// Creates a map whose keys may be of any type that ``Key`` has; nil when one comes twice.
  package init?(distinct entries: [(key: Value, value: Value)]) {
    var places: [Key: Int] = [:]
    if entries.count > Self.scanned { places.reserveCapacity(entries.count) }
    for (place, entry) in entries.enumerated() {
      guard let key = Self.key(entry.key) else { return nil }
      if entries.count > Self.scanned {
        if places.updateValue(place, forKey: key) != nil { return nil }
      } else {
        for other in entries[..<place] where Self.key(other.key) == key { return nil }
      }
    }
    self.places = places
    count = entries.count
    keys = .allocate(capacity: count)
    values = .allocate(capacity: count)
    for (place, entry) in entries.enumerated() {
      (keys + place).initialize(to: entry.key)
      (values + place).initialize(to: entry.value)
    }
  }

  deinit {
    keys.deinitialize(count: count)
    keys.deallocate()
    values.deinitialize(count: count)
    values.deallocate()
  }

  /// The entries, in order.
  public var entries: Entries { Entries(map: self) }

  /// Returns the value of a key, or nil when there is none.
  public subscript(key: Value) -> Value? { place(of: key).map { values[$0] } }

  /// Returns the value of a text key, or nil when there is none.
  public subscript(key: String) -> Value? { place(of: key).map { values[$0] } }

  /// Returns where the value of a text key stands, or nil when there is none.
  @inline(__always)
  func value(of key: String) -> UnsafePointer<Value>? {
    place(of: key).map { UnsafePointer(values + $0) }
  }

  /// Returns where the value of a text key stands that is given by its two words (``UTF8Text/words(_:)``), or nil when
  /// it was not found among few keys of that form: it may be there all the same.
  @inline(__always)
  func value(ofWords words: (UInt64, UInt64)) -> UnsafePointer<Value>? {
    if count > Self.scanned { return nil }
    for place in 0..<count {
      // Compared where they stand: taking a text out of its value would count a reference.
      let key = UnsafeRawPointer(keys + place)
      if key.load(as: UInt64.self) == words.0,
        key.load(fromByteOffset: 8, as: UInt64.self) == words.1, keys[place].isText
      {
        return UnsafePointer(values + place)
      }
    }
    return nil
  }

  /// Returns the place in ``entries`` of a text key, or nil when there is none.
  package func place(of key: String) -> Int? {
    if count > Self.scanned { return places[.string(TextKey(key))] }
    for place in 0..<count {
      if case .string(let text) = keys[place], UTF8Text.equal(text, key) { return place }
    }
    return nil
  }

  /// Returns the place in ``entries`` of a key, or nil when there is none.
  package func place(of key: Value) -> Int? {
    if case .string(let text) = key { return place(of: text) }
    guard let wanted = Self.key(key) else { return nil }
    if count > Self.scanned { return places[wanted] }
    return (0..<count).first { Self.key(keys[$0]) == wanted }
  }

  /// Returns whether a value may be a key of a literal.
  package static func isKey(_ value: Value) -> Bool {
    switch value {
    case .bool, .int, .uint, .string: true
    default: false
    }
  }

  /// Returns the form by which a key is found, or nil for a value that no key equals.
  package static func key(_ value: Value) -> Key? {
    switch value {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .uint(let number): return Int64(exactly: number).map(Key.int) ?? .uint(number)
    case .double(let number):
      if let whole = Int64(exactly: number) { return .int(whole) }
      if let whole = UInt64(exactly: number) { return .uint(whole) }
      return ExactDecimal(nearest: number).map(Key.decimal)
    case .decimal(let number):
      if let whole = number.exactly(scale: 0) {
        if let small = Int64(exactly: whole.coefficient) { return .int(small) }
        if let large = UInt64(exactly: whole.coefficient) { return .uint(large) }
      }
      return .decimal(number)
    case .string(let text): return .string(TextKey(text))
    case .timestamp(let instant): return .timestamp(instant)
    case .duration(let span): return .duration(span)
    case .record(let record): return .record(TextKey(record.type.name), TextKey(record.id))
    case .bytes, .list, .map, .type, .optional, .opaque: return nil
    }
  }
}

extension Value {
  /// Whether this is a text.
  @inline(__always)
  fileprivate var isText: Bool { if case .string = self { true } else { false } }
}
