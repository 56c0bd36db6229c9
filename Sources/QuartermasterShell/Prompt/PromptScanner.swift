extension PromptGrammar {
  /// Goes through the bytes of a line: words, keys, and values up to the next key.
  struct Scanner {
    /// The bytes.
    let bytes: ArraySlice<UInt8>
    /// The byte that comes next, as an index into the line.
    private(set) var place: Int

    init(bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      place = bytes.startIndex
    }

    /// The next byte, or nil at the end.
    var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    mutating func skipSpaces() {
      while let byte = next, Self.isSpace(byte) { place += 1 }
    }

    /// Whether a byte is a space; between the lines of a statement stands a line feed.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 }

    /// Takes a name, empty when none is there; verbs of hosts may have dashes.
    mutating func word() -> String {
      let start = place
      while let byte = next, Self.isName(byte) || byte == UInt8(ascii: "-") { place += 1 }
      return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// Takes a name and the colon behind it, or nothing.
    mutating func key() -> Range<Int>? {
      skipSpaces()
      guard let end = keyEnd(at: place) else { return nil }
      defer { place = end + 1 }
      return place..<end
    }

    /// The place of the colon of a key that begins at a place.
    private func keyEnd(at start: Int) -> Int? {
      var end = start
      while end < bytes.endIndex, Self.isName(bytes[end]) { end += 1 }
      guard end > start, end < bytes.endIndex, bytes[end] == UInt8(ascii: ":"),
        !(bytes[start] >= 48 && bytes[start] <= 57)
      else { return nil }
      // `a:b` is no key, and neither is `http://`.
      if end + 1 < bytes.endIndex, !Self.isSpace(bytes[end + 1]) { return nil }
      return end
    }

    /// Takes a value: all up to the next key, without the spaces around it and a comma at its end.
    mutating func value() -> Range<Int> {
      skipSpaces()
      let start = place
      var state = Nesting()
      while let byte = next {
        if Self.isSpace(byte), state.isOutside {
          var key = place
          while key < bytes.endIndex, Self.isSpace(bytes[key]) { key += 1 }
          if keyEnd(at: key) != nil, !state.takesColon() { break }
          place = max(key, place + 1)
          state.spaced()
          continue
        }
        state.take(byte, at: place, of: bytes)
        place += 1
      }
      var end = place
      while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
      if end > start, next != nil, bytes[end - 1] == UInt8(ascii: ",") { end -= 1 }
      return start..<end
    }

    /// The parts between commas, outside quotes and brackets.
    func parts() -> [Range<Int>] {
      var found: [Range<Int>] = []
      var state = Nesting()
      var start = bytes.startIndex
      for place in bytes.indices {
        if bytes[place] == UInt8(ascii: ","), state.isOutside {
          found.append(trimmed(start..<place))
          start = place + 1
        }
        state.take(bytes[place], at: place, of: bytes)
      }
      found.append(trimmed(start..<bytes.endIndex))
      return found.filter { !$0.isEmpty }
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
      var (start, end) = (range.lowerBound, range.upperBound)
      while start < end, Self.isSpace(bytes[start]) { start += 1 }
      while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
      return start..<end
    }

    /// Whether a bracket or a quote is open at the end.
    var endsInside: Bool {
      var state = Nesting()
      for place in bytes.indices { state.take(bytes[place], at: place, of: bytes) }
      return !state.isOutside
    }

    /// Whether the last value is a text whose double quotes are open at the end.
    var endsInText: Bool {
      var scanner = self
      scanner.skipSpaces()
      _ = scanner.word()
      while true {
        let value = scanner.value()
        if scanner.next == nil {
          guard let first = value.first, bytes[first] == UInt8(ascii: "\"") else { return false }
          var isEscaped = false
          for byte in bytes[(first + 1)...] {
            if !isEscaped, byte == UInt8(ascii: "\"") { return false }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
          }
          return true
        }
        if scanner.key() == nil { return false }
      }
    }

    static func isName(_ byte: UInt8) -> Bool {
      byte == 95 || byte | 0x20 >= 97 && byte | 0x20 <= 122 || byte >= 48 && byte <= 57
    }
  }

  /// How deep in brackets and quotes a place is.
  private struct Nesting {
    private var depth = 0
    private var quote: UInt8?
    private var isEscaped = false
    private var questions = 0
    private var last: UInt8 = 32

    var isOutside: Bool { depth == 0 && quote == nil }

    mutating func spaced() { last = 32 }

    mutating func take(_ byte: UInt8, at place: Int, of bytes: ArraySlice<UInt8>) {
      defer { last = byte }
      if isEscaped {
        isEscaped = false
      } else if let open = quote {
        if byte == UInt8(ascii: "\\") { isEscaped = true }
        if byte == open { quote = nil }
      } else {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        case UInt8(ascii: "\""): if bytes[(place + 1)...].contains(byte) { quote = byte }
        // An apostrophe inside words is no quote: don't.
        case UInt8(ascii: "'"):
          if !Scanner.isName(last), bytes[(place + 1)...].contains(byte) { quote = byte }
        case UInt8(ascii: "?"): if last == 32, depth == 0 { questions += 1 }
        case UInt8(ascii: ":"): if last == 32, depth == 0, questions > 0 { questions -= 1 }
        default: break
        }
      }
    }

    /// Whether a name with a colon belongs to a `?` before it, which is then answered.
    mutating func takesColon() -> Bool {
      guard questions > 0 else { return false }
      questions -= 1
      return true
    }
  }
}
