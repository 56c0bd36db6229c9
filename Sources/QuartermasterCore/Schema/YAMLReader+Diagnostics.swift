internal import QuartermasterCEL

/// The wording of what the YAML reader says.
extension Diagnostic {
  private static let wayOut = "wrap it in ( ), or write it below a `|`"

  /// What was dropped, from the `#` on, and where the value begins that it was cut off from.
  static func yamlCut(_ span: SourceSpan, value start: Int) -> Diagnostic {
    Diagnostic(
      .warning, "yaml/comment",
      "YAML dropped this text: a space and `#` begin a comment; put the whole value in quotes (for a comment, write a space after the `#`)",
      at: span
    ).fixed(by: quoted(SourceSpan(file: span.file, range: start..<span.range.upperBound)))
  }

  /// The colon, and the whole value where it can be told.
  static func yamlColon(_ span: SourceSpan, value: SourceSpan? = nil) -> Diagnostic {
    Diagnostic(
      .error, "yaml/colon",
      "`: ` inside a value is read as a key; put the whole value in quotes, or write it below a `|`",
      at: span
    ).fixed(by: value.flatMap(quoted))
  }

  /// A fix that puts a value on one line in quotes.
  private static func quoted(_ span: SourceSpan) -> SourceFix? {
    var end = span.range.upperBound
    let bytes = span.file.bytes
    while end > span.range.lowerBound, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    // ` #12` would be cut off again.
    var mark = end
    while mark < bytes.count, bytes[mark] == 0x20 { mark += 1 }
    if mark > end, mark + 1 < bytes.count, bytes[mark] == UInt8(ascii: "#"),
      ![0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "#")].contains(bytes[mark + 1])
    {
      end = bytes[mark...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      while end > mark, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    }
    let range = span.range.lowerBound..<end
    let text = String(decoding: bytes[range], as: UTF8.self)
    guard !text.isEmpty, !text.contains(where: \.isNewline), !text.hasPrefix("\""),
      !text.hasPrefix("'")
    else { return nil }
    let escaped = text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    return SourceFix(SourceSpan(file: span.file, range: range), "'\(escaped)'")
  }

  /// A value that starts with a character that YAML keeps for itself.
  static func yamlReserved(_ byte: UInt8, value: String, _ span: SourceSpan) -> Diagnostic {
    let character = String(decoding: [byte], as: UTF8.self)
    let use: String
    switch byte {
    case UInt8(ascii: "!"): use = " for tags"
    case UInt8(ascii: "*"): use = " for aliases"
    case UInt8(ascii: "&"): use = " for anchors"
    case UInt8(ascii: "|"), UInt8(ascii: ">"): use = " for block texts"
    default: use = ""
    }
    let isShort = value.utf8.count <= 60 && !value.contains("\n")
    let wayOut = isShort ? "write `(\(value))` or put it in quotes" : wayOut
    return Diagnostic(
      .error, "yaml/reserved",
      "a value that starts with `\(character)`, which YAML keeps for itself\(use); \(wayOut)",
      at: span
    ).fixed(
      by: byte == UInt8(ascii: "!") && isShort ? SourceFix(span, "(\(value))") : nil)
  }

  /// `"GB" in order.tags`: YAML ends the value at the closing quote.
  static func yamlAfterQuote(_ value: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/quote",
      "a value that starts with a quote ends at the next one, and here text follows; \(parenthesized(value))",
      at: span)
  }

  /// `[1,2].exists(...)`: YAML ends the value at the closing bracket.
  static func yamlAfterBracket(
    _ bracket: String, _ value: String, _ span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "yaml/bracket",
      "a value that starts with `\(bracket)` ends at the closing one, and here text follows; \(parenthesized(value))",
      at: span)
  }

  private static func parenthesized(_ value: String) -> String {
    value.utf8.count <= 60 ? "write `(\(value))`, or write it below a `|`" : wayOut
  }

  static func yamlNullInFlow(
    _ key: String, splitFrom: String?, _ span: SourceSpan
  ) -> Diagnostic {
    let message =
      if let splitFrom {
        "inside { } a comma ends a value, so `\(key)` was cut off from the value of `\(splitFrom)`; write the map over several lines, or put the value in quotes"
      } else {
        "`\(key)` has no value; inside { } each key needs one, and a comma ends a value: put a value with commas in quotes"
      }
    return Diagnostic(.error, "yaml/flow-null", message, at: span)
  }

  static func yamlSplit(_ text: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/flow-split",
      "inside [ ] and { } a comma ends a value, so `\(text)` was cut off at its comma; put the value in quotes, or write each item on a line of its own",
      at: span)
  }

  static func yamlDuplicate(_ key: String, _ span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/duplicate-key", "`\(key)` stands twice in this map; keep one", at: span,
      notes: [Diagnostic(.note, "yaml/duplicate-key", "the first is here", at: first)])
  }

  static func yamlTab(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "yaml/tab", "there is a tab here; indent and separate with spaces", at: span)
  }

  static func yamlMerge(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/merge", "`<<` would merge another map; write the keys out", at: span)
  }

  static func yamlKey(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "yaml/key", "a key is a text; write `name: value`", at: span)
  }

  static func yamlDirective(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "yaml/directive", "YAML directives are not used; delete this line", at: span)
  }

  static func yamlSecondDocument(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/documents",
      "a second document begins here; a file holds one: delete the line, or make another file",
      at: span)
  }

  static func yamlDepth(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/depth",
      "lists and maps stand deeper than \(YAMLReader.maximumDepth) in one another; take some levels out",
      at: span)
  }

  static func yamlIndentation(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/indentation",
      "the indentation of this line fits no line above it; align it with the keys that it belongs to",
      at: span)
  }

  static func yamlContinued(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/indentation",
      "this line stands deeper than the one above, which has a value already, so YAML reads both as one text; align it with the key above, or write the text in quotes",
      at: span)
  }

  static func yamlNoColon(_ text: String, spaced: String?, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/no-colon",
      spaced.map { "a space is missing after the colon; write `\($0)`" }
        ?? "`\(text)` is no `key: value`; if it goes on with the text above, put the whole text in quotes or below a `|`",
      at: span
    ).fixed(by: spaced.map { SourceFix(span, $0) })
  }

  static func yamlUnclosedQuote(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/unclosed", "this quote is never closed; write the same one where the text ends",
      at: span)
  }

  static func yamlUnclosedBracket(_ bracket: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/unclosed",
      "this `\(bracket)` is never closed; write `\(bracket == "[" ? "]" : "}")` behind the last item",
      at: span)
  }

  static func yamlFlow(_ closing: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/flow",
      "YAML expects `,` or `\(closing)` here; put the value in quotes, or write each item on a line of its own",
      at: span)
  }

  static func yamlEscape(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/escape",
      "a backslash in double quotes begins an escape, and this is none; use single quotes, or write `\\\\`",
      at: span)
  }

  static func yamlListPlace(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "yaml/list",
      "a list with dashes starts on a line of its own; for a text that starts with a dash use quotes",
      at: span)
  }

  static func yamlCharacter(_ byte: UInt8, _ span: SourceSpan) -> Diagnostic {
    let code = String(byte, radix: 16, uppercase: true)
    return Diagnostic(
      .error, "yaml/character",
      "the character U+\(String(repeating: "0", count: max(0, 4 - code.utf8.count)))\(code) may not stand in a YAML file; delete it",
      at: span)
  }

  /// What libyaml says, where no mistake is known that leads to it.
  static func yamlOther(_ failure: YAMLFailure, _ span: SourceSpan) -> Diagnostic {
    let context = failure.context.isEmpty ? "" : " \(failure.context)"
    return Diagnostic(
      .error, "yaml/syntax",
      "YAML cannot read this:\(context) \(failure.problem); put the whole value in quotes, or write it below a `|`",
      at: span)
  }
}
