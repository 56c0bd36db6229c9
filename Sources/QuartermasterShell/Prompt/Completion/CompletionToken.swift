/// A word of a text that is being typed; unlike those of the parser, the last one may be unfinished.
struct CompletionToken {
  /// The kinds of words.
  enum Kind: Equatable {
    case name, number, symbol
    /// A text in quotes, whose closing quote may be missing yet.
    case string(isOpen: Bool)
  }

  /// The kind.
  let kind: Kind
  /// UTF-8 offsets in the text.
  let range: Range<Int>
  /// What is written.
  let text: String

  /// Whether a value may end here: what follows is an operator, or something new.
  var endsOperand: Bool {
    switch kind {
    case .name: text != "in"
    case .number, .string(isOpen: false): true
    case .string(isOpen: true): false
    case .symbol: text == ")" || text == "]" || text == "}"
    }
  }

  private static let operators: Set<String> = ["==", "!=", "<=", ">=", "&&", "||"]

  /// Cuts a text into words.
  static func all(_ text: String) -> [CompletionToken] {
    let bytes = Array(text.utf8)
    var tokens: [CompletionToken] = []
    var place = 0
    while place < bytes.count {
      let start = place
      let byte = bytes[place]
      if byte == 32 || byte == 9 || byte == 10 {
        place += 1
        continue
      }
      let kind: Kind
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        let isClosed = skipString(bytes, &place)
        kind = .string(isOpen: !isClosed)
      } else if byte >= 48 && byte <= 57 {
        while place < bytes.count, isName(bytes[place]) || bytes[place] == UInt8(ascii: ".") {
          place += 1
        }
        kind = .number
      } else if isName(byte) {
        while place < bytes.count, isName(bytes[place]) { place += 1 }
        kind = .name
      } else {
        place += 1
        if place < bytes.count,
          operators.contains(String(decoding: bytes[start...place], as: UTF8.self))
        {
          place += 1
        }
        kind = .symbol
      }
      tokens.append(
        CompletionToken(
          kind: kind, range: start..<place,
          text: String(decoding: bytes[start..<place], as: UTF8.self)))
    }
    return tokens
  }

  /// Goes behind a text in quotes; returns whether it is closed.
  private static func skipString(_ bytes: [UInt8], _ place: inout Int) -> Bool {
    let quote = bytes[place]
    place += 1
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\\") {
        place = min(place + 2, bytes.count)
        continue
      }
      place += 1
      if bytes[place - 1] == quote { return true }
    }
    return false
  }

  private static func isName(_ byte: UInt8) -> Bool {
    PromptGrammar.Scanner.isName(byte) || byte >= 0x80
  }
}

/// Finding what stands before the cursor.
extension [CompletionToken] {
  /// Returns where the brackets are that are open at the end, the outermost first.
  var openBrackets: [Int] {
    var open: [Int] = []
    for (place, token) in enumerated() where token.kind == .symbol {
      switch token.text {
      case "(", "[", "{": open.append(place)
      case ")", "]", "}": _ = open.popLast()
      default: break
      }
    }
    return open
  }

  /// Returns where a chain such as `order.lines.filter(l, l.quantity > 3)` begins that ends with a token; nil when no
  /// value ends there.
  func chainStart(endingAt last: Int) -> Int? {
    var place = last
    while place >= 0 {
      guard self[place].endsOperand else { return nil }
      if self[place].kind == .symbol {
        guard let opener = opener(of: place) else { return nil }
        let isCall = self[place].text == ")"
        let follows = opener > 0 && self[opener - 1].endsOperand && self[place].text != "}"
        if !follows { return opener }
        place = opener - 1
        if !isCall { continue }
      }
      guard place > 1, self[place - 1].text == "." else { return place }
      place -= 2
    }
    return nil
  }

  private func opener(of closer: Int) -> Int? {
    var depth = 0
    for place in stride(from: closer, through: 0, by: -1) where self[place].kind == .symbol {
      switch self[place].text {
      case ")", "]", "}": depth += 1
      case "(", "[", "{":
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
    }
    return nil
  }
}
