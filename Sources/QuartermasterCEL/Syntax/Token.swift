/// A word of the language with its place.
struct Token {
  /// The kinds of words.
  enum Kind: UInt8, CaseIterable {
    case end, invalid
    case name, quotedName
    case int, uint, double, string, bytes
    case `true`, `false`, null, `in`
    case or, and
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    case plus, minus, star, slash, percent, not
    case question, colon, dot, comma
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace

    /// The kind that closes what this one opens, or nil.
    var closer: Kind? {
      switch self {
      case .leftParenthesis: .rightParenthesis
      case .leftBracket: .rightBracket
      case .leftBrace: .rightBrace
      default: nil
      }
    }

    /// Whether it closes a bracket.
    var isCloser: Bool {
      self == .rightParenthesis || self == .rightBracket || self == .rightBrace
    }

    /// Whether it begins or joins a number.
    var isNumber: Bool { self == .int || self == .uint || self == .double }
  }

  /// The kind.
  var kind: Kind
  /// UTF-8 offsets in the text.
  var range: Range<Int>
  /// What a string or bytes literal stands for.
  var value: Value?
}
