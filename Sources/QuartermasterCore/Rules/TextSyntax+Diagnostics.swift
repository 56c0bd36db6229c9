import QuartermasterCEL

/// The wording of what is wrong with the holes of a text.
extension Diagnostic {
  static func openHole(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/hole",
      "this `${` is never closed by a `}`; write `$${` for the two characters themselves",
      at: span)
  }

  /// A formula in `${...}` where a formula stands anyway.
  static func needlessBraces(_ inner: ExprSource, in whole: ExprSource) -> Diagnostic {
    let bytes = Array(whole.text.utf8)
    let start = bytes.firstIndex { $0 > 0x20 } ?? 0
    let end = (bytes.lastIndex { $0 > 0x20 } ?? 0) + 1
    let span = whole.span(start..<end)
    let formula = Array(inner.text.utf8)
    let first = formula.firstIndex { $0 > 0x20 } ?? 0
    let last = formula.lastIndex { $0 > 0x20 } ?? -1
    let text = String(decoding: formula[first..<max(first, last + 1)], as: UTF8.self)
    var fix: SourceFix?
    // An escape of the file, or a line end, is left to whoever wrote it.
    if span.file.bytes[span.range].elementsEqual(bytes[start..<end]), !inner.text.contains("\n") {
      fix = SourceFix(span, text)
    }
    return Diagnostic(
      .note, "rules/braces", "a formula stands here anyway, and needs no `${ }`; take them off",
      at: span
    ).fixed(by: fix)
  }

  static func emptyHole(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/hole",
      "there is no formula in this hole; write one, or `$${}` for the characters themselves",
      at: span)
  }
}
