import QuartermasterCEL

/// The wording of what is wrong with what is given for a field.
extension Diagnostic {
  static func notAnInstant(_ name: String, _ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/constant",
      "\(name) needs an instant such as 2026-03-02T09:00:00Z, or a formula; `\(text)` is none",
      at: span)
  }

  static func tooManyPlaces(
    _ text: String, _ name: String, _ scale: Int, at span: SourceSpan
  ) -> Diagnostic {
    let digits = scale == 1 ? "1 digit" : "\(scale) digits"
    return Diagnostic(
      .error, "rules/constant",
      "\(text) has too many digits: \(name) keeps \(digits) after the point",
      at: span)
  }

  static func numberTooLarge(_ text: String, _ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/constant", "\(text) is too large for \(name)", at: span)
  }

  static func outOfRange(
    _ name: String, _ comparison: String, _ limit: Value, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/constant",
      "\(name) may not be \(comparison) than \((try? limit.printed()) ?? "its limit"): the schema says so",
      at: span)
  }

  static func textTooLong(
    _ name: String, _ length: Int, _ limit: Int, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/constant",
      "this text has \(length) characters; \(name) takes \(limit) at most", at: span)
  }

  static func patternMissed(_ name: String, _ pattern: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/constant", "this text does not match the pattern of \(name), \(pattern)",
      at: span)
  }

  static func formulaInText(_ text: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/formula-in-text",
      "`\(key)` takes words, and this is a formula; write `${\(text)}` for the value", at: span
    ).fixed(by: wrapped(text, span))
  }

  /// A fix that makes a hole of a formula, where the file has it as it is.
  private static func wrapped(_ text: String, _ span: SourceSpan) -> SourceFix? {
    let bytes = Array(span.file.bytes[span.range])
    let wanted = Array(text.utf8)
    guard !wanted.isEmpty,
      let start = bytes.indices.first(where: { bytes[$0...].starts(with: wanted) })
    else { return nil }
    let place = span.range.lowerBound + start
    return SourceFix(
      SourceSpan(file: span.file, range: place..<place + wanted.count), "${\(text)}")
  }

  static func wordNull(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/formula-in-text",
      "`\(key)` takes words, and gets the word null; write `${null}` to clear it, or \"null\" in quotes for the word",
      at: span)
  }

  static func nullHole(_ checked: CheckedExpr, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/null-hole",
      "`\(excerpt(checked))` may be null, and then nothing is printed here; say with `?:` what is, or guard it in `when:`",
      at: span)
  }

  static func doesNotPrint(_ checked: CheckedExpr, at span: SourceSpan) -> Diagnostic {
    let text = excerpt(checked)
    let hint: String
    if case .list(let element) = checked.type.nonNull {
      hint =
        element.nonNull == .string
        ? "; write \(text).join(\", \")"
        : "; make texts of its elements with map(...) and join them"
    } else {
      hint = ""
    }
    return Diagnostic(
      .error, "rules/type", "`\(text)` is \(checked.type.nonNull.phrase) and has no text" + hint,
      at: span)
  }
}
