extension Value {
  /// Returns whether two values are equal as `==` has it: numbers by value whatever their type,
  /// texts by their bytes, lists and maps by what they hold, records by class and id.
  ///
  /// Values of other pairs of types differ.
  ///
  /// An integer beside a double is compared as a double. A decimal beside a double is compared as the nearest double.
  public static func equal(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.string(let x), .string(let y)): return UTF8Text.equal(x, y)
    case (.int(let x), .int(let y)): return x == y
    case (.bool(let x), .bool(let y)): return x == y
    case (.null, .null): return true
    case (.record(let x), .record(let y)): return same(x, y)
    case (.bytes(let x), .bytes(let y)): return x == y
    case (.timestamp(let x), .timestamp(let y)): return x == y
    case (.duration(let x), .duration(let y)): return x == y
    case (.list(let x), .list(let y)): return equal(x, y)
    case (.map(let x), .map(let y)): return equal(x, y)
    case (.type(let x), .type(let y)): return UTF8Text.equal(x.name, y.name)
    case (.optional(let x), .optional(let y)): return equal(x.value, y.value)
    case (.opaque(let x), .opaque(let y)): return x.content.isEqual(to: y.content)
    default: return NumberOrder(a, b) == .equal
    }
  }

  /// Returns whether two values that stand somewhere are equal, as ``equal(_:_:)`` has it.
  ///
  /// Values of two versions of a row are mostly the same bit for bit, and those are equal: a row holds no NaN.
  @inlinable @inline(__always)
  package static func equal(at a: UnsafePointer<Value>, _ b: UnsafePointer<Value>) -> Bool {
    if MemoryLayout<Value>.size == 17 {
      let (x, y) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
      if x.load(as: UInt64.self) == y.load(as: UInt64.self),
        x.load(fromByteOffset: 8, as: UInt64.self) == y.load(fromByteOffset: 8, as: UInt64.self),
        x.load(fromByteOffset: 16, as: UInt8.self) == y.load(fromByteOffset: 16, as: UInt8.self)
      {
        return true
      }
    }
    // Values that differ are mostly these; to hand them over would copy them.
    switch (a.pointee, b.pointee) {
    case (.int(let x), .int(let y)): return x == y
    case (.timestamp(let x), .timestamp(let y)): return x == y
    case (.null, .null): return true
    case (.null, _), (_, .null): return false
    default: return equal(a.pointee, b.pointee)
    }
  }

  /// Returns whether two records are the same: of one class, with one id.
  package static func same(_ a: Record, _ b: Record) -> Bool {
    a === b || (a.type === b.type && UTF8Text.equal(a.id, b.id))
  }

  private static func equal(_ a: [Value], _ b: [Value]) -> Bool {
    guard a.count == b.count else { return false }
    for place in a.indices where !equal(a[place], b[place]) { return false }
    return true
  }

  private static func equal(_ a: MapValue, _ b: MapValue) -> Bool {
    guard a.entries.count == b.entries.count else { return false }
    for entry in a.entries {
      guard let place = b.place(of: entry.key), equal(entry.value, b.entries[place].value) else {
        return false
      }
    }
    return true
  }

  private static func equal(_ a: Value?, _ b: Value?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return equal(a, b)
  }
}

/// How two numbers stand to each other, whatever their types.
package enum NumberOrder {
  case less, equal, greater
  /// One of them is NaN.
  case unordered

  /// Compares two numbers; nil when one of the values is no number.
  package init?(_ a: Value, _ b: Value) {
    switch (a, b) {
    case (.int(let x), .int(let y)): self.init(x, y)
    case (.uint(let x), .uint(let y)): self.init(x, y)
    case (.double(let x), .double(let y)): self.init(x, y)
    case (.int(let x), .uint(let y)): self = x < 0 ? .less : NumberOrder(UInt64(x), y)
    case (.uint(let x), .int(let y)): self = y < 0 ? .greater : NumberOrder(x, UInt64(y))
    // The definition converts the integer: near 2^63 numbers that differ are equal.
    case (.int(let x), .double(let y)): self.init(Double(x), y)
    case (.double(let x), .int(let y)): self.init(x, Double(y))
    case (.uint(let x), .double(let y)): self.init(Double(x), y)
    case (.double(let x), .uint(let y)): self.init(x, Double(y))
    case (.decimal(let x), .decimal(let y)): self.init(x, y)
    case (.decimal(let x), .int(let y)): self.init(x, ExactDecimal(y))
    case (.int(let x), .decimal(let y)): self.init(ExactDecimal(x), y)
    case (.decimal(let x), .uint(let y)): self.init(x, ExactDecimal(coefficient: Int128(y)))
    case (.uint(let x), .decimal(let y)): self.init(ExactDecimal(coefficient: Int128(x)), y)
    case (.decimal(let x), .double(let y)): self.init(x.doubleValue, y)
    case (.double(let x), .decimal(let y)): self.init(x, y.doubleValue)
    default: return nil
    }
  }

  private init<T: Comparable>(_ a: T, _ b: T) {
    self = a < b ? .less : a == b ? .equal : b < a ? .greater : .unordered
  }
}
