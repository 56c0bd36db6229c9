/// Cuts a text into tokens; what is no token is reported and gives an ``Token/Kind/invalid`` one.
struct Lexer {
  /// The text, as UTF-8.
  let bytes: [UInt8]
  /// Where the next token is looked for.
  var offset = 0
  /// What was wrong so far, with UTF-8 offsets in the text.
  var problems: [(problem: Problem, range: Range<Int>)] = []

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The byte at an offset, or 0 behind the end; no token contains a zero byte outside quotes.
  func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  /// Returns the text in a range.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Notes a problem.
  mutating func report(_ problem: Problem, _ range: Range<Int>) {
    problems.append((problem, range))
  }

  /// Returns the next token; at the end of the text, always one of the kind ``Token/Kind/end``.
  mutating func next() -> Token {
    skipBlanks()
    let start = offset
    guard offset < bytes.count else { return Token(kind: .end, range: start..<start) }
    let first = bytes[offset]
    if Self.startsName(first) {
      return prefixedString(start) ?? name(start)
    }
    if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(offset + 1))) {
      return number(start)
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      return string(start, isRaw: false, isBytes: false)
    }
    if first == UInt8(ascii: "`") { return quotedName(start) }
    return punctuation(start)
  }

  /// Skips white space and comments.
  private mutating func skipBlanks() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: offset += 1
      case UInt8(ascii: "/") where byte(offset + 1) == UInt8(ascii: "/"):
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
      default: return
      }
    }
  }

  private mutating func token(_ kind: Token.Kind, _ start: Int) -> Token {
    Token(kind: kind, range: start..<offset)
  }

  // Name = ( "_" | letter ) { "_" | letter | digit }
  private mutating func name(_ start: Int) -> Token {
    while Self.continuesName(byte(offset)) { offset += 1 }
    let kind: Token.Kind
    switch offset - start {
    case 2 where bytes[start..<offset].elementsEqual("in".utf8): kind = .in
    case 4 where bytes[start..<offset].elementsEqual("true".utf8): kind = .true
    case 4 where bytes[start..<offset].elementsEqual("null".utf8): kind = .null
    case 5 where bytes[start..<offset].elementsEqual("false".utf8): kind = .false
    default: kind = .name
    }
    return token(kind, start)
  }

  // QuotedName = "`" any but "`" and line ends "`"
  private mutating func quotedName(_ start: Int) -> Token {
    offset += 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "`"), bytes[offset] != 0x0A {
      offset += 1
    }
    guard byte(offset) == UInt8(ascii: "`"), offset > start + 1 else {
      if byte(offset) == UInt8(ascii: "`") { offset += 1 }
      report(.unterminatedName, start..<offset)
      return token(.invalid, start)
    }
    offset += 1
    return token(.quotedName, start)
  }

  // Int    = digit { digit } | "0x" hex { hex }         UInt = Int ( "u" | "U" )
  // Double = { digit } "." digit { digit } [ Exponent ] | digit { digit } Exponent
  private mutating func number(_ start: Int) -> Token {
    var kind = Token.Kind.int
    if bytes[offset] == UInt8(ascii: "0"), byte(offset + 1) == UInt8(ascii: "x") {
      offset += 2
      let digits = offset
      while Self.hexValue(byte(offset)) != nil { offset += 1 }
      if offset == digits { return badNumber(start) }
    } else {
      while Self.isDigit(byte(offset)) { offset += 1 }
      if byte(offset) == UInt8(ascii: "."), Self.isDigit(byte(offset + 1)) {
        kind = .double
        offset += 1
        while Self.isDigit(byte(offset)) { offset += 1 }
      }
      if byte(offset) | 0x20 == UInt8(ascii: "e") {
        let sign = byte(offset + 1) == UInt8(ascii: "+") || byte(offset + 1) == UInt8(ascii: "-")
        guard Self.isDigit(byte(offset + (sign ? 2 : 1))) else { return badNumber(start) }
        kind = .double
        offset += sign ? 2 : 1
        while Self.isDigit(byte(offset)) { offset += 1 }
      }
    }
    if kind == .int, byte(offset) | 0x20 == UInt8(ascii: "u") {
      kind = .uint
      offset += 1
    }
    if Self.continuesName(byte(offset)) { return badNumber(start) }
    return token(kind, start)
  }

  private mutating func badNumber(_ start: Int) -> Token {
    while Self.continuesName(byte(offset)) { offset += 1 }
    report(.badNumber, start..<offset)
    return token(.invalid, start)
  }

  private mutating func punctuation(_ start: Int) -> Token {
    let (first, second) = (bytes[offset], byte(offset + 1))
    let isPair: Bool
    let kind: Token.Kind
    switch (first, second) {
    case (UInt8(ascii: "|"), UInt8(ascii: "|")): (kind, isPair) = (.or, true)
    case (UInt8(ascii: "&"), UInt8(ascii: "&")): (kind, isPair) = (.and, true)
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): (kind, isPair) = (.lessOrEqual, true)
    case (UInt8(ascii: ">"), UInt8(ascii: "=")): (kind, isPair) = (.greaterOrEqual, true)
    case (UInt8(ascii: "="), UInt8(ascii: "=")): (kind, isPair) = (.equal, true)
    case (UInt8(ascii: "!"), UInt8(ascii: "=")): (kind, isPair) = (.notEqual, true)
    default: (kind, isPair) = (Self.single(first), false)
    }
    offset += isPair ? 2 : 1
    if kind == .invalid {
      while byte(offset) & 0xC0 == 0x80 { offset += 1 }
      report(.unexpectedCharacter, start..<offset)
      // The rest of a word such as `été` or `“a”` would only repeat the message.
      if first >= 0x80 {
        while byte(offset) >= 0x80 || Self.continuesName(byte(offset)) { offset += 1 }
      }
    }
    return token(kind, start)
  }

  private static func single(_ byte: UInt8) -> Token.Kind {
    switch byte {
    case UInt8(ascii: "<"): .less
    case UInt8(ascii: ">"): .greater
    case UInt8(ascii: "+"): .plus
    case UInt8(ascii: "-"): .minus
    case UInt8(ascii: "*"): .star
    case UInt8(ascii: "/"): .slash
    case UInt8(ascii: "%"): .percent
    case UInt8(ascii: "!"): .not
    case UInt8(ascii: "?"): .question
    case UInt8(ascii: ":"): .colon
    case UInt8(ascii: "."): .dot
    case UInt8(ascii: ","): .comma
    case UInt8(ascii: "("): .leftParenthesis
    case UInt8(ascii: ")"): .rightParenthesis
    case UInt8(ascii: "["): .leftBracket
    case UInt8(ascii: "]"): .rightBracket
    case UInt8(ascii: "{"): .leftBrace
    case UInt8(ascii: "}"): .rightBrace
    default: .invalid
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func startsName(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
  }

  static func continuesName(_ byte: UInt8) -> Bool { startsName(byte) || isDigit(byte) }

  static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Whether a text is a name that needs no quotes and is no word of the language.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, startsName(first), text.utf8.allSatisfy(continuesName)
    else { return false }
    return !["true", "false", "null", "in"].contains(text)
  }
}
