/// Comparison and search of texts by their UTF-8 bytes.
///
/// Swift's own `==` and `<` of strings are those of canonical equivalence; the language compares code points, which
/// is what comparing UTF-8 bytes does.
@usableFromInline package enum UTF8Text {
  #if _pointerBitWidth(_64)
  /// Set in the second word of a string that is kept in the two words themselves.
  @inlinable @inline(__always)
  static var smallBit: UInt64 { 0x2000_0000_0000_0000 }
  #endif

  /// Returns the two words in which a text of up to 15 bytes stands, which are equal where the texts are; nil for a
  /// text that is kept elsewhere.
  @inlinable @inline(__always)
  package static func words(_ text: String) -> (UInt64, UInt64)? {
    #if _pointerBitWidth(_64)
    let words = unsafeBitCast(text, to: (UInt64, UInt64).self)
    return words.1 & smallBit != 0 ? words : nil
    #else
    return nil
    #endif
  }

  /// Returns whether two texts have the same bytes.
  @inlinable @inline(__always)
  package static func equal(_ a: String, _ b: String) -> Bool {
    #if _pointerBitWidth(_64)
    let (x, y) = (
      unsafeBitCast(a, to: (UInt64, UInt64).self), unsafeBitCast(b, to: (UInt64, UInt64).self)
    )
    if x == y { return true }
    // Texts of up to 15 bytes that stand in the two words are equal only when the words are.
    if x.1 & y.1 & smallBit != 0 { return false }
    #endif
    return equalBytes(a, b)
  }

  @inline(never) @usableFromInline
  static func equalBytes(_ a: String, _ b: String) -> Bool {
    let (x, y) = (a.utf8, b.utf8)
    guard x.count == y.count else { return false }
    return bytes(a) { left in bytes(b) { right in left.elementsEqual(right) } }
  }

  /// Returns whether a text has these bytes.
  package static func equal(_ text: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var text = text
    return text.withUTF8 { own in
      guard own.count == bytes.count else { return false }
      for place in 0..<own.count where own[place] != bytes[place] { return false }
      return true
    }
  }

  /// Returns whether a text comes before another by their bytes.
  package static func less(_ a: String, _ b: String) -> Bool {
    #if _pointerBitWidth(_64) && _endian(little)
    if let x = words(a), let y = words(b), x.0 != y.0 {
      // The first byte is the lowest one of the first word.
      return x.0.byteSwapped < y.0.byteSwapped
    }
    #endif
    return order(a, b) < 0
  }

  /// Returns a negative number, 0 or a positive one as a text comes before, is, or comes after another.
  package static func order(_ a: String, _ b: String) -> Int {
    bytes(a) { left in
      bytes(b) { right in
        let count = min(left.count, right.count)
        for place in 0..<count where left[place] != right[place] {
          return Int(left[place]) - Int(right[place])
        }
        return left.count - right.count
      }
    }
  }

  /// Returns whether a text starts with another.
  @inline(__always)
  package static func starts(_ text: String, with prefix: String) -> Bool {
    #if _pointerBitWidth(_64) && _endian(little)
    let (x, y) = (
      unsafeBitCast(text, to: (UInt64, UInt64).self),
      unsafeBitCast(prefix, to: (UInt64, UInt64).self)
    )
    if x.1 & y.1 & smallBit != 0 {
      // Both stand in their two words: the bytes from the lowest on, and their number in the highest but one half byte.
      let (all, count) = (x.1 >> 56 & 15, y.1 >> 56 & 15)
      if count > all { return false }
      let (first, second) = (x.0 ^ y.0, x.1 ^ y.1)
      if count < 8 { return first & (1 << (count &* 8) &- 1) == 0 }
      return first == 0 && second & (1 << ((count &- 8) &* 8) &- 1) == 0
    }
    #endif
    return startsBytes(text, with: prefix)
  }

  @inline(never)
  private static func startsBytes(_ text: String, with prefix: String) -> Bool {
    guard prefix.utf8.count <= text.utf8.count else { return false }
    return bytes(text) { all in bytes(prefix) { all.starts(with: $0) } }
  }

  /// Returns whether a text ends with another.
  package static func ends(_ text: String, with suffix: String) -> Bool {
    guard suffix.utf8.count <= text.utf8.count else { return false }
    return bytes(text) { all in bytes(suffix) { all.suffix($0.count).elementsEqual($0) } }
  }

  /// Returns the byte offset at which a text is found in another, or nil.
  package static func find(_ part: String, in text: String) -> Int? {
    bytes(text) { all in bytes(part) { find($0, in: all) } }
  }

  /// Returns the offset at which bytes are found in others, or nil.
  package static func find(
    _ part: UnsafeBufferPointer<UInt8>, in all: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    guard let first = part.first else { return 0 }
    guard part.count <= all.count else { return nil }
    if part.count > 32 { return findLong(part, in: all) }
    for start in 0...(all.count - part.count) where all[start] == first {
      var place = 1
      while place < part.count, all[start + place] == part[place] { place += 1 }
      if place == part.count { return start }
    }
    return nil
  }

  /// Returns the offset at which many bytes are found in others, in time linear in both (Knuth, Morris and Pratt): for
  /// short ones the table would be the larger share.
  private static func findLong(
    _ part: UnsafeBufferPointer<UInt8>, in all: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    // How many bytes still fit when the next one does not.
    var fallback = [Int](repeating: 0, count: part.count)
    var fitting = 0
    for place in 1..<part.count {
      while fitting > 0, part[place] != part[fitting] { fitting = fallback[fitting - 1] }
      if part[place] == part[fitting] { fitting += 1 }
      fallback[place] = fitting
    }
    fitting = 0
    for place in all.indices {
      while fitting > 0, all[place] != part[fitting] { fitting = fallback[fitting - 1] }
      if all[place] == part[fitting] { fitting += 1 }
      if fitting == part.count { return place - part.count + 1 }
    }
    return nil
  }

  /// Gives the bytes of a text to a function, without a copy where the text is Swift's own.
  @inline(__always)
  package static func bytes<R>(_ text: String, _ use: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    if let result = text.utf8.withContiguousStorageIfAvailable(use) { return result }
    var copy = text
    return copy.withUTF8(use)
  }
}
