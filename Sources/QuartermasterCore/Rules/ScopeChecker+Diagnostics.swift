import QuartermasterCEL

/// The wording of what is wrong with actions.
extension Diagnostic {
  static func eachForm(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/each", "`each` needs NAME in LIST, as in each: line in order.lines", at: span)
  }

  static func noResult(_ verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/action", "`\(verb)` gives no record that `as` could name", at: span)
  }

  static func nothingToSet(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/phase", "the record is being deleted; a rule before that may only `reject`",
      at: span)
  }

  static func matchedTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duplicate", "`\(name)` is in `match` already; a new record gets it from there",
      at: span)
  }

  static func writesRules(_ className: String, _ verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/read-only",
      "the records of \(className) are rules, and rules do not write rules: who may `\(verb)` one is a person or a program",
      at: span)
  }

  static func listTarget(
    _ verb: String, _ className: String, _ text: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/type",
      "`\(verb)` needs one record, and `\(text)` is a list; write each: x in \(text), and \(verb): x",
      at: span)
  }

  static func dynamicTarget(_ verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/type",
      "`\(verb)` needs a record whose class is known from the rule, and here it is not", at: span)
  }

  static func advanceNeedsFlow(
    _ className: String, _ fields: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/action",
      fields.isEmpty
        ? "\(className) has no field with a `flow`; write `set` with the field"
        : "\(className) has several fields with a `flow` (\(fields.joined(separator: ", "))); write `set` with the field",
      at: span)
  }

  static func verbWithoutTarget(_ verb: String, _ wanted: String, at span: SourceSpan) -> Diagnostic
  {
    Diagnostic(.error, "rules/action", "`\(verb)` needs \(wanted)", at: span)
  }

  static func unknownCall(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    let hint = meant(name, in: known)
    return Diagnostic(
      .error, "rules/unknown-call",
      "the schema declares no call `\(name)`"
        + (hint.isEmpty ? "; add it there under `calls:`" : hint), at: span
    ).suggesting(name, among: known)
  }

  static func missingArgument(
    _ parameter: ParameterDefinition, of what: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/missing-key",
      "\(what) needs `\(parameter.name)`, \(parameter.type.wanted)", at: span)
  }

  static func readOnly(
    _ field: FieldDefinition, _ className: String, at span: SourceSpan
  ) -> Diagnostic {
    let reason: String
    switch field.kind {
    case .computed: reason = "is computed from other fields; set those"
    case .rollUp(let rollUp):
      reason = "is rolled up from \(rollUp.childClass); change those records"
    case .stored: reason = "cannot be set"
    }
    return Diagnostic(
      .error, "rules/read-only", "\(className).\(field.name) \(reason)", at: span)
  }

  static func keptField(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/read-only", "`\(name)` is kept by the engine and cannot be set", at: span)
  }

  static func relationSet(_ inverse: InverseDefinition, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/read-only",
      "`\(inverse.name)` is the relation back; set `\(inverse.sourceField)` of \(inverse.sourceClass)",
      at: span)
  }

  static func unknownGroup(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    let hint = meant(name, in: known)
    let list =
      known.isEmpty
      ? "; declare it in quartermaster.yaml under `groups:`"
      : "; groups are \(known.joined(separator: ", "))"
    return Diagnostic(
      .error, "rules/unknown-group", "`\(name)` is not a group" + (hint.isEmpty ? list : hint),
      at: span
    ).suggesting(name, among: known)
  }

  static func unknownChannel(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    let hint = meant(name, in: known)
    return Diagnostic(
      .error, "rules/unknown-channel",
      "there is no channel `\(name)`"
        + (hint.isEmpty ? "; channels are \(known.joined(separator: ", "))" : hint), at: span
    ).suggesting(name, among: known)
  }

  static func noContact(_ className: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/recipient",
      "\(className) has no `contact:` in the schema, so nobody can tell its records anything",
      at: span)
  }
}
