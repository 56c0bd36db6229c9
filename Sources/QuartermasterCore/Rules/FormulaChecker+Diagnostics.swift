import QuartermasterCEL

/// The wording of what is wrong with formulas and texts.
extension Diagnostic {
  static func wordsForFormula(_ needs: String, _ cause: Diagnostic) -> Diagnostic {
    Diagnostic(
      .error, "rules/words", "\(needs), and these are words; write a formula (\(cause.message))",
      at: cause.span, notes: cause.notes)
  }

  static func nullGiven(_ needs: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/nullable", "\(needs), not null", at: span)
  }

  static func wrongType(
    _ needs: String, _ type: CELType, _ checked: CheckedExpr, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/type", "\(needs); `\(excerpt(checked))` is \(type.nonNull.phrase)", at: span)
  }

  static func moneyNeeded(_ name: String, _ checked: CheckedExpr, at span: SourceSpan) -> Diagnostic
  {
    let text = excerpt(checked)
    return Diagnostic(
      .error, "rules/type",
      "\(name) is money; `\(text)` is a double; write decimal(\(text)) to say you accept rounding",
      at: span)
  }

  static func mayBeNull(_ checked: CheckedExpr, at span: SourceSpan) -> Diagnostic {
    let text = excerpt(checked)
    return Diagnostic(
      .error, "rules/nullable", "`\(text)` may be null here; guard it: \(text) != null && ...",
      at: span)
  }

  static func mixesOld(_ live: String, _ field: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/mixed-old",
      "`\(live)` is the record as it is by now, `old` is fixed: what earlier rules changed is counted twice; write new.\(field) beside old.\(field)",
      at: span)
  }

  static func findsItself(
    _ search: String, _ noun: String, _ variable: String, _ live: String, isNew: Bool,
    isStored: Bool, at span: SourceSpan
  ) -> Diagnostic {
    let hint = "leave it out with \(variable) != \(live)"
    guard isStored else {
      return Diagnostic(
        .warning, "rules/finds-itself",
        "when the \(noun) is changed, \(search) also finds the \(noun) itself, as it is stored; \(hint)",
        at: span)
    }
    return Diagnostic(
      .warning, "rules/finds-itself",
      "this rule runs after the \(noun) is stored, so \(search) also finds the \(isNew ? "new " : "")\(noun) itself; \(hint)"
        + (isNew ? ", or write phase: before" : ""), at: span)
  }

  static func unknownClass(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/unknown-class", "there is no class `\(name)`" + meant(name, in: known),
      at: span
    ).suggesting(name, among: known)
  }

  static func systemClass(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/read-only",
      "the engine alone writes \(name), and no rule starts from it; react to what caused the message",
      at: span)
  }

  static func hides(_ name: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shadow",
      "`\(name)` is already the name of something here; choose another name for `\(key)`",
      at: span)
  }

  static func badName(_ name: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/name",
      "`\(key)` needs a name of letters, digits and `_` that is no word of the language, not `\(name)`",
      at: span)
  }

  /// What was written for a formula, on one line, cut when it is long.
  static func excerpt(_ checked: CheckedExpr) -> String {
    let bytes = Array(checked.parsed.source.text.utf8)[checked.root.range]
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    return line.unicodeScalars.count <= 60
      ? line : String(String.UnicodeScalarView(line.unicodeScalars.prefix(57))) + "..."
  }
}
