internal import QuartermasterCEL

/// The wording of what the schema loader says.
extension Diagnostic {
  private static func error(
    _ code: String, _ message: String, _ span: SourceSpan, notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(.error, "schema/\(code)", message, at: span, notes: notes)
  }

  private static func first(_ code: String, _ message: String, _ span: SourceSpan) -> [Diagnostic] {
    [Diagnostic(.note, "schema/\(code)", message, at: span)]
  }

  private static func didYouMean(_ name: String, _ candidates: [String]) -> String {
    Suggestion.closest(to: name, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
  }

  // MARK: - Form

  static func schemaNoClasses(at span: SourceSpan) -> Diagnostic {
    error("no-classes", "a schema needs `classes:` with at least one class", span)
  }

  static func schemaOptionPlace(_ key: String, needs: String, at span: SourceSpan) -> Diagnostic {
    error("option", "`\(key)` is for \(needs)", span)
  }

  static func schemaOptionOfStored(_ key: String, kind: String, at span: SourceSpan) -> Diagnostic {
    error("option", "`\(key)` is for stored fields; \(kind) is made by the engine", span)
  }

  static func schemaTwoKinds(_ kinds: [String], at span: SourceSpan) -> Diagnostic {
    let names = kinds.map { "`\($0)`" }.joined(separator: " and ")
    return error(
      "kind", "a field has one of type, computed, sum and count, here are \(names)", span)
  }

  static func schemaFieldNeedsType(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "kind", "`\(name)` needs a type, as in `\(name): {type: String}`, or computed, sum or count",
      span)
  }

  static func schemaTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("twice", "`\(name)` is listed twice; keep one", span)
  }

  // MARK: - Names

  static func schemaBadName(_ name: String, what: String, at span: SourceSpan) -> Diagnostic {
    error(
      "name",
      "`\(name)` cannot name \(what); use letters, digits and underscores, a letter first", span)
  }

  static func schemaEngineName(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("name", "`\(name)` cannot be used: such names belong to the engine", span)
  }

  static func schemaReservedClass(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("name", "`\(name)` is a name of the language; call the class something else", span)
  }

  static func schemaClassNeedsCapital(_ name: String, at span: SourceSpan) -> Diagnostic {
    let better = name.prefix(1).uppercased() + name.dropFirst()
    return error(
      "name",
      "a class starts with a capital letter, because `\(name)` is what a record of it is called; write `\(better)`",
      span)
  }

  static func schemaClassTwice(
    _ name: String, at span: SourceSpan, first: SourceSpan
  ) -> Diagnostic {
    error(
      "name", "two classes are called `\(name)` but for upper and lower case; rename one", span,
      notes: self.first("name", "the first is here", first))
  }

  static func schemaFieldDiffersInCase(
    _ name: String, at span: SourceSpan, first: SourceSpan
  ) -> Diagnostic {
    error(
      "name", "two fields are called `\(name)` but for upper and lower case; rename one", span,
      notes: self.first("name", "the first is here", first))
  }

  static func schemaSystemField(_ name: String, _ clash: String, at span: SourceSpan) -> Diagnostic
  {
    error(
      "name", "every class has `\(clash)` already; delete `\(name)` or call it something else", span
    )
  }

  static func schemaAccessList(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "acl",
      "`\(name)` is the field that holds who may read and write a record; write `acl: true` in the class to have it, or call this one something else",
      span)
  }

  static func schemaBadRecordName(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "record-name",
      "`\(name)` cannot be what a record is called; use letters and digits, a small letter first",
      span)
  }

  static func schemaReservedRecordName(
    _ name: String, of className: String, isGiven: Bool, at span: SourceSpan
  ) -> Diagnostic {
    let wayOut =
      isGiven
      ? "choose another name"
      : "give it another name, as in `record: the\(className)`"
    return error(
      "record-name",
      "a record of \(className) would be called `\(name)`, which is a word of the language; \(wayOut)",
      span)
  }

  static func schemaRecordNameTaken(
    _ name: String, of className: String, by other: String, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "record-name",
      "records of \(className) and of \(other) would both be called `\(name)`; give one another name with `record:`",
      span)
  }

  static func schemaRecordNameIsClass(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("record-name", "`\(name)` is the name of a class; choose another `record:`", span)
  }

  // MARK: - Types and values

  /// Names of types elsewhere, and what they are here.
  private static let foreignTypes = [
    "int": "Integer", "long": "Integer", "float": "Number", "double": "Number", "bool": "Boolean",
    "text": "String", "str": "String", "money": "Decimal", "currency": "Decimal",
    "numeric": "Decimal", "datetime": "Date", "timestamp": "Date", "time": "Date",
    "interval": "Duration", "timespan": "Duration", "list": "Array", "map": "Object",
    "json": "Object", "dict": "Object", "location": "GeoPoint", "point": "GeoPoint",
  ]

  static func schemaUnknownType(
    _ name: String, types: [String], classes: [String], at span: SourceSpan
  ) -> Diagnostic {
    var hint = didYouMean(name, types + classes)
    if hint.isEmpty, let known = foreignTypes[name.lowercased()] {
      hint = "; did you mean `\(known)`?"
    } else if name == "Pointer" || name == "Relation" {
      hint = "; write the name of the class that it points to"
    }
    if hint.isEmpty { hint = "; it is neither a type nor a class of this schema" }
    return error("unknown-type", "there is no type `\(name)`\(hint)", span)
      .suggesting(name, among: types + classes)
  }

  static func schemaUnknownClass(
    _ name: String, classes: [String], at span: SourceSpan
  ) -> Diagnostic {
    error("unknown-class", "there is no class `\(name)`\(didYouMean(name, classes))", span)
      .suggesting(name, among: classes)
  }

  static func schemaUnknownField(
    _ name: String, of draft: ClassDraft, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "unknown-field",
      "\(draft.name) has no field `\(name)`\(didYouMean(name, draft.fields.map(\.name)))", span
    ).suggesting(name, among: draft.fields.map(\.name))
  }

  static func schemaLiteral(_ type: FieldType, _ text: String?, at span: SourceSpan) -> Diagnostic {
    let written = text.map { ", not `\($0)`" } ?? ""
    return error("value", "needs \(type.literalHint)\(written)", span)
  }

  static func schemaEmptyRange(at span: SourceSpan) -> Diagnostic {
    error("value", "`max` is below `min`, so that no value fits", span)
  }

  static func schemaBadDefault(_ message: String, at span: SourceSpan) -> Diagnostic {
    error("default", "the default breaks the field's own rules: \(message)", span)
  }

  static func schemaPointerDefault(at span: SourceSpan) -> Diagnostic {
    error("default", "a pointer has no default; set it in a before rule", span)
  }

  static func schemaDefaultNow(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "default",
      "a default is a fixed value; for the time of creation read createdAt, or set `\(name)` in a before rule",
      span)
  }

  static func schemaPattern(_ message: String, at span: SourceSpan) -> Diagnostic {
    error("pattern", message, span)
  }

  static func schemaSequence(at span: SourceSpan) -> Diagnostic {
    error(
      "sequence",
      "a sequence is a text with one %d for the number, or %05d for at least five digits, as in \"SO-%05d\"",
      span)
  }

  static func schemaSequenceAndDefault(at span: SourceSpan) -> Diagnostic {
    error("sequence", "a sequence gives the value already; delete the default", span)
  }

  // MARK: - Statuses

  static func schemaFlowForm(at span: SourceSpan) -> Diagnostic {
    error(
      "flow", "a flow lists statuses and where each may go, as in {pending: [paid], paid: []}", span
    )
  }

  static func schemaFlowAndIn(at span: SourceSpan) -> Diagnostic {
    error("flow", "the flow says which texts are allowed; delete `in`", span)
  }

  static func schemaUnknownStatus(
    _ name: String, states: [String], at span: SourceSpan
  ) -> Diagnostic {
    error(
      "unknown-status",
      "`\(name)` is not a status of this flow (\(states.joined(separator: ", ")))\(didYouMean(name, states))",
      span
    ).suggesting(name, among: states)
  }

  static func schemaMoveToItself(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("flow", "`\(name)` leads to itself; staying is always allowed, delete it", span)
  }

  static func schemaUnreachableStatus(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "schema/unreachable-status",
      "no move leads to `\(name)`, and it is not the default; add a move to it, or delete it",
      at: span)
  }

  static func schemaEndlessStatus(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "schema/endless-status",
      "from `\(name)` no end is reached; an end is a status written with []", at: span)
  }

  // MARK: - Relations, keys, contacts

  static func schemaInverseIsField(
    _ name: String, of className: String, at span: SourceSpan, field: SourceSpan
  ) -> Diagnostic {
    error(
      "inverse", "\(className) has a field `\(name)` already; choose another name", span,
      notes: first("inverse", "the field is here", field))
  }

  static func schemaInverseTwice(
    _ name: String, of className: String, _ other: InverseDefinition, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "inverse",
      "\(className) has a relation `\(name)` already, from \(other.sourceClass).\(other.sourceField); choose another name",
      span)
  }

  static func schemaClearRequired(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "on-delete", "`\(name)` is required, so it cannot be cleared; use restrict or cascade", span)
  }

  static func schemaFieldLists(_ key: String, at span: SourceSpan) -> Diagnostic {
    error(
      "keys",
      "write `\(key): [[a, b]]` for one over both fields, or `\(key): [[a], [b]]` for one of each",
      span)
  }

  static func schemaFieldTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("keys", "`\(name)` stands twice in this list", span)
  }

  static func schemaKeyTwice(_ key: String, at span: SourceSpan) -> Diagnostic {
    error("keys", "this list stands twice under `\(key)`; keep one", span)
  }

  static func schemaNoKey(_ name: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    error("keys", "`\(name)` cannot stand under `\(key)`: it is no plain stored value", span)
  }

  static func schemaContact(_ name: String, wanted: String, at span: SourceSpan) -> Diagnostic {
    error("contact", "`\(name)` is not \(wanted)", span)
  }

  // MARK: - Computed fields and roll-ups

  static func schemaOwnRow(
    _ what: String, _ place: OwnRow.Place, at span: SourceSpan
  ) -> Diagnostic {
    switch place {
    case .computed:
      error(
        "own-row",
        "a computed field looks only at its own row: \(what); use a roll-up (sum, count), or ask in the rule",
        span)
    case .condition:
      error("own-row", "`where` looks only at the child's own row: \(what)", span)
    }
  }

  static func schemaOwnRecord(
    _ name: String, _ place: OwnRow.Place, at span: SourceSpan
  ) -> Diagnostic {
    let what = place == .computed ? "a computed field" : "`where`"
    return error("own-row", "\(what) reads fields, as in `\(name).objectId`, not the record", span)
  }

  static func schemaSecret(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("secret", "`\(name)` is secret; nothing may be made from it", span)
  }

  static func schemaPasswordIsShown(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "schema/password",
      "`User.password` is kept and shown as it is given; write `password: {type: String, secret: true}`, "
        + "so that only a hash of it is kept",
      at: span)
  }

  static func schemaPasswordOption(_ key: String, at span: SourceSpan) -> Diagnostic {
    error(
      "password", "`\(key)` is not for the password of a user, of which only a hash is kept", span)
  }

  static func schemaRing(_ names: some Sequence<String>, at span: SourceSpan) -> Diagnostic {
    error(
      "ring",
      "these fields are made from each other: \(names.joined(separator: " -> ")); take one step out",
      span)
  }

  static func schemaComputedType(_ type: String, at span: SourceSpan) -> Diagnostic {
    error(
      "computed-type",
      "a computed field is a number, a text, true or false, a time or a span; this gives \(type)",
      span)
  }

  static func schemaComputedScale(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "scale",
      "how many digits `\(name)` has after the point cannot be told from this; round it, as in round(x, 2), or say `scale:`",
      span)
  }

  static func schemaComputedTooFine(_ name: String, _ scale: Int, at span: SourceSpan)
    -> Diagnostic
  {
    error(
      "scale",
      "`\(name)` would have \(scale) digits after the point, and \(SchemaLoader.maximumScale) are kept; round it, as in round(x, 2)",
      span)
  }

  static func schemaRollUpForm(_ kind: String, at span: SourceSpan) -> Diagnostic {
    error(
      "roll-up",
      kind == "sum"
        ? "`sum` names a relation and a field of its records, as in `sum: lines.amount`"
        : "`count` names a relation, as in `count: lines`", span)
  }

  static func schemaUnknownRelation(
    _ name: String, of draft: ClassDraft, at span: SourceSpan
  ) -> Diagnostic {
    let known = draft.inverses.map(\.name)
    var hint = didYouMean(name, known)
    if hint.isEmpty {
      hint =
        known.isEmpty
        ? "; a pointer to \(draft.name) makes one with `inverse: \(name)`"
        : " (\(known.joined(separator: ", ")))"
    }
    return error("unknown-relation", "\(draft.name) has no relation `\(name)`\(hint)", span)
      .suggesting(name, among: known)
  }

  static func schemaSumType(_ name: String, _ type: FieldType, at span: SourceSpan) -> Diagnostic {
    error(
      "roll-up", "`sum` adds numbers; `\(name)` is a \(type.schemaName)", span)
  }

  static func schemaConditionType(_ type: String, at span: SourceSpan) -> Diagnostic {
    error("roll-up", "`where` needs true or false; this gives \(type)", span)
  }

  // MARK: - What the host adds

  static func schemaVerbTaken(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "declaration", "`\(name)` is a word of the rule language; call the verb differently", span)
  }

  static func schemaFunctionTaken(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("declaration", "`\(name)` exists already; call the function differently", span)
  }

  static func schemaFunctionResult(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("declaration", "`\(name)` needs a result, as in `result: Integer`", span)
  }

  static func schemaArgumentTaken(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "declaration", "`\(name)` is a key of every action; call the argument differently", span)
  }
}
