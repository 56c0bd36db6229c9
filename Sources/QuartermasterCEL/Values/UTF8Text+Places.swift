/// Where texts are found in others, by code points and by bytes: in time linear in both.
extension UTF8Text {
  /// Returns how many code points stand before a text in another, or nil when it is not found.
  ///
  /// - Parameters:
  ///   - part: What is looked for; an empty text is found where the search begins.
  ///   - text: Where it is looked for.
  ///   - start: How many code points are passed over first; at most as many as there are.
  /// - Returns: The number of code points, or nil.
  package static func firstPlace(of part: String, in text: String, from start: Int = 0) -> Int? {
    bytes(text) { all in
      bytes(part) { part in
        let offset = offset(ofScalar: start, in: all)
        let rest = UnsafeBufferPointer(rebasing: all[offset...])
        return find(part, in: rest).map { start + scalarCount(rest[..<$0]) }
      }
    }
  }

  /// Returns how many code points stand before the last place of a text in another, or nil when it is not found.
  ///
  /// - Parameters:
  ///   - part: What is looked for; an empty text is found where the search begins.
  ///   - text: Where it is looked for.
  ///   - last: How many code points may stand before it at most; nil for any number.
  /// - Returns: The number of code points, or nil.
  package static func lastPlace(of part: String, in text: String, upTo last: Int? = nil) -> Int? {
    bytes(text) { all in
      bytes(part) { part in
        let start = last.map { offset(ofScalar: $0, in: all) } ?? all.count
        let end = min(all.count, start + part.count)
        // The first place from the other end.
        let (mirrored, text) = (Array(part.reversed()), Array(all[..<end].reversed()))
        let found = mirrored.withUnsafeBufferPointer { part in
          text.withUnsafeBufferPointer { find(part, in: $0) }
        }
        return found.map { scalarCount(all[..<(end - $0 - part.count)]) }
      }
    }
  }

  /// Returns the byte offsets at which a text is found in another, from left to right, none within the one before.
  ///
  /// An empty text is found before each code point and at the end.
  package static func offsets(of part: String, in text: String, atMost limit: Int) -> [Int] {
    var result: [Int] = []
    bytes(text) { all in
      if part.isEmpty {
        for offset in 0...all.count where result.count < limit {
          if offset == all.count || all[offset] & 0xC0 != 0x80 { result.append(offset) }
        }
        return
      }
      bytes(part) { part in
        var start = 0
        while result.count < limit,
          let found = find(part, in: UnsafeBufferPointer(rebasing: all[start...]))
        {
          result.append(start + found)
          start += found + part.count
        }
      }
    }
    return result
  }

  /// Returns the byte offset of a code point, counted from 0; the end for one past the last.
  private static func offset(ofScalar number: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var left = number
    for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
      if left == 0 { return offset }
      left -= 1
    }
    return bytes.count
  }

  private static func scalarCount(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }
}
