extension Lexer {
  /// What can be wrong with a single word.
  enum Problem {
    case unexpectedCharacter
    case badNumber
    case unterminatedName
    case unterminatedString(isTriple: Bool)
    case unknownEscape(isBytes: Bool)
    case badEscape
    case noCharacter
  }
}

extension Diagnostic {
  /// A word that is none.
  static func lexical(_ problem: Lexer.Problem, _ text: String, at span: SourceSpan) -> Diagnostic {
    switch problem {
    case .unexpectedCharacter: return unexpectedCharacter(text, at: span)
    case .badNumber:
      return Diagnostic(.error, "cel/literal", "`\(text)` is not a number", at: span)
    case .unterminatedName:
      return Diagnostic(
        .error, "cel/syntax",
        "a name in backticks needs at least one character and ends with a ` on its line",
        at: span)
    case .unterminatedString(let isTriple):
      let hint =
        isTriple
        ? "" : "; only a text in triple quotes may go over several lines"
      return Diagnostic(.error, "cel/literal", "this text has no closing quote" + hint, at: span)
    case .unknownEscape(let isBytes):
      let hint =
        isBytes && (text.hasPrefix("\\u") || text.hasPrefix("\\U"))
        ? "bytes take \\xHH" : "write \\\\ for a backslash"
      return Diagnostic(.error, "cel/literal", "`\(text)` is not an escape; \(hint)", at: span)
    case .badEscape:
      return Diagnostic(
        .error, "cel/literal",
        "this escape needs more digits: \\xHH, \\uHHHH, \\UHHHHHHHH, or three octal digits up to \\377",
        at: span)
    case .noCharacter:
      return Diagnostic(
        .error, "cel/literal",
        "`\(text)` is no character: surrogates and numbers above 10FFFF are none",
        at: span)
    }
  }

  private static func unexpectedCharacter(_ text: String, at span: SourceSpan) -> Diagnostic {
    let hint: String
    switch text {
    case "=": hint = "; write `==` to compare"
    case "&": hint = "; write `&&`"
    case "|": hint = "; write `||`"
    case "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}": hint = "; write straight quotes"
    case "\u{2264}": hint = "; write `<=`"
    case "\u{2265}": hint = "; write `>=`"
    case "\u{2260}": hint = "; write `!=`"
    case ";", "#", "$", "@", "^", "~", "\\": hint = ""
    default:
      let scalar =
        text.unicodeScalars.first.map { String($0.value, radix: 16, uppercase: true) } ?? ""
      let digits = String(repeating: "0", count: max(0, 4 - scalar.utf8.count)) + scalar
      guard text.unicodeScalars.first?.properties.isAlphabetic == true else {
        return Diagnostic(
          .error, "cel/syntax", "the character U+\(digits) may stand only inside quotes", at: span)
      }
      hint = " (U+\(digits)); names are made of a-z, A-Z, 0-9 and _"
    }
    return Diagnostic(.error, "cel/syntax", "unexpected `\(text)`" + hint, at: span)
  }

  /// Something else was expected here.
  static func expected(
    _ expected: String, found: String, hint: String? = nil, opened: SourceSpan? = nil,
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/syntax", "expected \(expected), found \(found)" + (hint.map { "; \($0)" } ?? ""),
      at: span,
      notes: opened.map { [Diagnostic(.note, "cel/syntax", "opened here", at: $0)] } ?? [])
  }

  /// A text without any expression.
  static func emptyExpression(at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/syntax", "there is no expression here", at: span)
  }

  /// A word of the language that stands where a name is expected.
  static func reservedWord(_ word: String, afterDot: Bool, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/reserved",
      "`\(word)` is a reserved word"
        + (afterDot ? "; write .`\(word)` for a field of that name" : ""),
      at: span)
  }

  /// A number that its type cannot hold.
  static func numberOutOfRange(_ text: String, type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/literal", "\(text) is out of range for \(type)", at: span)
  }

  /// An expression that is nested too deep to be worked on safely.
  static func tooDeep(_ limit: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/depth",
      "this expression is nested or chained more than \(limit) levels deep; give a part of it a name",
      at: span)
  }

  /// An expression that is too long to be worth reading.
  static func tooLong(_ length: Int, limit: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/length",
      "this expression has \(length) bytes, and at most \(limit) are read; give long data by a name",
      at: span)
  }

  /// A field name in backticks without a dot before it.
  static func quotedNameAlone(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/syntax", "\(text) may stand only after a dot; texts are written in \" or '",
      at: span)
  }

  /// `Type{field: value}`.
  static func noMessages(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/syntax",
      "`\(name){...}` does not exist here: expressions make no records; a map is written {\"key\": value}",
      at: span)
  }

  /// `has` of something else than a selection.
  static func hasNeedsSelection(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/macro", "has() takes a selection such as has(order.reference)", at: span)
  }

  /// A macro whose variable is no plain name.
  static func macroNeedsName(_ macro: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/macro",
      "`\(macro)` needs a plain name for its variable here, as in \(macro)(x, ...)",
      at: span)
  }

  /// A macro whose two variables have one name.
  static func macroNameTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/macro", "the two variables are both named `\(name)`", at: span)
  }

  /// An argument of a test-only macro that is no literal number.
  static func macroNeedsNumber(_ macro: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/macro", "`\(macro)` needs whole numbers here", at: span)
  }
}
