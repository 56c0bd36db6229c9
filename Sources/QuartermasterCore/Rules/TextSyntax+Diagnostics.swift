import QuartermasterCEL

/// The wording of what is wrong with the holes of a text.
extension Diagnostic {
  static func openHole(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/hole",
      "this `${` is never closed by a `}`; write `$${` for the two characters themselves",
      at: span)
  }

  static func emptyHole(at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/hole", "there is no formula in this hole", at: span)
  }
}
