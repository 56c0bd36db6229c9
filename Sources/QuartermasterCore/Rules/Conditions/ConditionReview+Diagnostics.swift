import QuartermasterCEL

/// Where a condition stands that is judged: what never runs when it is never true.
enum ConditionPlace {
  /// `becomes` and `when` of a rule.
  case rule
  /// `when` of an action.
  case action
  /// A filter, or one side of an `||`.
  case part
}

/// The wording of what is wrong with conditions that decide nothing.
extension Diagnostic {
  static func decidesNothing(
    _ finding: ConditionReview.Finding, _ place: ConditionPlace
  ) -> Diagnostic {
    let source = finding.checked.parsed.source
    let text = "`\(finding.checked.text(of: finding.expr))`"
    let code = finding.isAlways ? "rules/always" : "rules/never"
    var message = "\(text) is \(finding.isAlways ? "always" : "never") true"
    var notes: [Diagnostic] = []
    switch finding.reason {
    case .itself: break
    case .schema(let words): message += ", because \(words) by the schema"
    case .trigger(let words): message += ", because \(words)"
    case .others: message += " where the conditions before it are"
    case .other(let other, let checked):
      let otherText = "`\(checked.text(of: other))`"
      if finding.isAlways, otherText == text {
        message = "\(text) stands here already"
      } else {
        message += " where \(otherText) is"
      }
      notes = [
        Diagnostic(
          .note, code, "the other condition is here", at: checked.parsed.source.span(other.range))
      ]
    }
    let span = source.span(finding.expr.range)
    if finding.isAlways {
      return Diagnostic(
        .warning, code, message + "; it decides nothing, so mend it or leave it out", at: span,
        notes: notes)
    }
    let isWhole = finding.isWhole
    switch place {
    case .rule where isWhole:
      message = "this rule never fires: \(message); mend the condition, or delete the rule"
    case .action where isWhole:
      message = "this action never runs: \(message); mend the condition, or delete the action"
    case .rule, .action, .part: message += "; mend it or leave it out"
    }
    return Diagnostic(.warning, code, message, at: span, notes: notes)
  }

  static func neverChanges(
    _ field: String, of className: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .warning, "rules/never",
      "this rule never fires: `\(className).\(field)` is computed from what never changes; name a field that does, or write created: \(className)",
      at: span)
  }

  static func edgeNeverChanges(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/never",
      "this rule never fires: `\(text)` reads nothing that changes once the record is there; read a field that does, or start with `created`",
      at: span)
  }

  static func edgeAlwaysTrue(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/never",
      "this rule never fires: `\(text)` is always true, so it never becomes true; mend it, or leave `becomes` out to start with every change",
      at: span)
  }
}
