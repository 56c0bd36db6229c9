import QuartermasterCEL

/// The wording of what is wrong with triggers, phases and names of rules.
extension Diagnostic {
  static func phaseNeedsRecord(_ phase: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/phase",
      "a rule of the phase `\(phase)` starts with a change of a record: created, changed, saved or deleted",
      at: span)
  }

  static func phaseWithTimer(_ phase: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/phase",
      "`\(key)` waits, and its firing is an operation of its own; it does not go with the phase `\(phase)`",
      at: span)
  }

  static func authorityWithoutActor(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/authority",
      "\(what) runs in an operation of its own, in which nobody acts; leave `authority: actor` out, and it acts as the system",
      at: span)
  }

  static func phaseForbids(_ verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/phase",
      "a rule of the phase `before` may only `set` fields of its own record and `reject`; move `\(verb)` to a rule without `phase`",
      at: span)
  }

  static func phaseSetsOwn(_ record: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/phase",
      "a rule of the phase `before` sets fields of its own record only: set: \(record)", at: span)
  }

  static func unknownSignal(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    let hint = meant(name, in: known)
    return Diagnostic(
      .error, "rules/unknown-signal",
      "the schema declares no signal `\(name)`"
        + (hint.isEmpty ? "; add it there under `signals:`" : hint), at: span
    ).suggesting(name, among: known)
  }

  static func twoClasses(_ first: String, _ second: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "a trigger names one class, and here are \(first) and \(second); write a second rule",
      at: span)
  }

  static func deletedField(_ className: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger", "a record is deleted as a whole; write deleted: \(className)",
      at: span)
  }

  static func fieldBesideClass(
    _ className: String, _ field: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "`\(className)` is any change, that of `\(className).\(field)` too; keep one of them",
      at: span)
  }

  static func relationAsTrigger(
    _ className: String, _ inverse: InverseDefinition, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "`\(inverse.name)` is the relation back from \(inverse.sourceClass); its changes are those of \(inverse.sourceClass).\(inverse.sourceField)",
      at: span)
  }

  static func keptFieldAsTrigger(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      name == "objectId"
        ? "`objectId` never changes"
        : "`\(name)` is kept by the engine and wakes no rule; name the class alone for any change",
      at: span)
  }

  static func noSuchField(
    _ name: String, of className: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/unknown-field", "\(className) has no field `\(name)`" + meant(name, in: known),
      at: span
    ).suggesting(name, among: known)
  }

  static func looksElsewhere(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/becomes",
      key == "due"
        ? "`due` looks only at this record; keep the instant in a field of it"
        : "move it to `when:`; becomes looks only at this record", at: span)
  }

  static func letRing(_ path: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/let",
      "this value needs itself: \(path.joined(separator: " -> ")); take one step out", at: span)
  }
}
