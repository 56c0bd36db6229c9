extension Lexer {
  /// Reads a string or bytes literal with a prefix such as `r"` or `br'`; nil when a plain name begins here.
  mutating func prefixedString(_ start: Int) -> Token? {
    var (isRaw, isBytes) = (false, false)
    var place = start
    if byte(place) | 0x20 == UInt8(ascii: "b") {
      isBytes = true
      place += 1
    }
    if byte(place) | 0x20 == UInt8(ascii: "r") {
      isRaw = true
      place += 1
    }
    guard isRaw || isBytes, byte(place) == UInt8(ascii: "\"") || byte(place) == UInt8(ascii: "'")
    else { return nil }
    offset = place
    return string(start, isRaw: isRaw, isBytes: isBytes)
  }

  // String = [ "b" ] [ "r" ] ( Quote { character | Escape } Quote )
  // Quote  = '"' | "'" | '"""' | "'''"
  /// Reads a literal whose opening quote is at ``offset``; `start` is where its prefix begins.
  mutating func string(_ start: Int, isRaw: Bool, isBytes: Bool) -> Token {
    let quote = bytes[offset]
    let isTriple = byte(offset + 1) == quote && byte(offset + 2) == quote
    offset += isTriple ? 3 : 1
    var content: [UInt8] = []
    let kind: Token.Kind = isBytes ? .bytes : .string
    while offset < bytes.count {
      let next = bytes[offset]
      if next == quote {
        if !isTriple || (byte(offset + 1) == quote && byte(offset + 2) == quote) {
          offset += isTriple ? 3 : 1
          let value: Value =
            isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
          return Token(kind: kind, range: start..<offset, value: value)
        }
      } else if !isTriple, next == 0x0A || next == 0x0D {
        break
      } else if next == UInt8(ascii: "\\"), !isRaw {
        // In a raw literal a backslash is a character like any other: the first quote ends it.
        escape(into: &content, isBytes: isBytes)
        continue
      }
      content.append(next)
      offset += 1
    }
    report(.unterminatedString(isTriple: isTriple), start..<offset)
    let range = start..<offset
    // What follows may be inside or outside quotes; nothing sure can be said of it.
    offset = bytes.count
    return Token(kind: .invalid, range: range)
  }

  // Escape = "\" ( a | b | f | n | r | t | v | "\" | "?" | '"' | "'" | "`" )
  //        | "\" ( "x" | "X" ) hex hex | "\" octal octal octal | "\u" 4 hex | "\U" 8 hex
  private mutating func escape(into content: inout [UInt8], isBytes: Bool) {
    let start = offset
    let letter = byte(start + 1)
    let simple: UInt8? =
      switch letter {
      case UInt8(ascii: "a"): 0x07
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0C
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      case UInt8(ascii: "v"): 0x0B
      case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"),
        UInt8(ascii: "`"):
        letter
      default: nil
      }
    if let simple {
      content.append(simple)
      offset += 2
      return
    }
    let number: UInt32?
    switch letter {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): number = digits(2, from: start + 2, base: 16)
    case UInt8(ascii: "u") where !isBytes: number = digits(4, from: start + 2, base: 16)
    case UInt8(ascii: "U") where !isBytes: number = digits(8, from: start + 2, base: 16)
    case UInt8(ascii: "0")...UInt8(ascii: "3"): number = digits(3, from: start + 1, base: 8)
    default:
      // Past the whole character that follows, but never past the end of a line or of the text.
      offset = start + 1
      if offset < bytes.count, bytes[offset] != 0x0A, bytes[offset] != 0x0D {
        offset += 1
        while byte(offset) & 0xC0 == 0x80 { offset += 1 }
      }
      report(.unknownEscape(isBytes: isBytes), start..<offset)
      return
    }
    guard let number else {
      offset = min(start + 2, bytes.count)
      report(.badEscape, start..<offset)
      return
    }
    if isBytes {
      content.append(UInt8(truncatingIfNeeded: number))
    } else if let scalar = Unicode.Scalar(number) {
      content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    } else {
      report(.noCharacter, start..<offset)
    }
  }

  /// Reads exactly `count` digits and moves past them, or returns nil and moves nothing.
  private mutating func digits(_ count: Int, from start: Int, base: UInt32) -> UInt32? {
    var number: UInt32 = 0
    for place in start..<start + count {
      guard let digit = Self.hexValue(byte(place)), digit < base else { return nil }
      number = number &* base &+ digit
    }
    offset = start + count
    return number
  }
}

extension ExprSource {
  /// Returns the offset of the `}` that closes a hole `${…}` of a text, or nil when there is none.
  ///
  /// Braces inside strings, comments and maps of the hole do not count.
  ///
  /// - Parameters:
  ///   - text: The whole text.
  ///   - offset: The UTF-8 offset of the first byte after `${`.
  /// - Returns: The UTF-8 offset of the brace.
  package static func endOfHole(in text: String, from offset: Int) -> Int? {
    var lexer = Lexer(text)
    lexer.offset = offset
    var depth = 0
    while true {
      let token = lexer.next()
      switch token.kind {
      case .leftBrace: depth += 1
      case .rightBrace:
        if depth == 0 { return token.range.lowerBound }
        depth -= 1
      case .end: return nil
      default: break
      }
    }
  }
}
