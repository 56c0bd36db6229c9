internal import QuartermasterCEL

/// The wording of what the loader of access.yaml says.
extension Diagnostic {
  private static func error(_ code: String, _ message: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "access/\(code)", message, at: span)
  }

  private static func unknown(
    _ code: String, _ what: String, _ name: String, among known: [String], _ span: SourceSpan
  ) -> Diagnostic {
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" }
      ?? (known.isEmpty ? "" : " (\(known.joined(separator: ", ")))")
    return error(code, "there is no \(what) `\(name)`\(hint)", span)
      .suggesting(name, among: known)
  }

  static func accessUnknownClass(_ name: String, _ schema: Schema, at span: SourceSpan)
    -> Diagnostic
  {
    unknown("unknown-class", "class", name, among: schema.recordTypeNames, span)
  }

  static func accessUnknownField(
    _ name: String, of definition: ClassDefinition, at span: SourceSpan
  ) -> Diagnostic {
    let known = definition.fields.map(\.name)
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
    return error("unknown-field", "\(definition.name) has no field `\(name)`\(hint)", span)
      .suggesting(name, among: known)
  }

  static func accessUnknownRole(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic
  {
    unknown("unknown-role", "role", name, among: known + AccessLoader.words, span)
  }

  static func accessUnknownVerb(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic
  {
    unknown("unknown-name", "verb", name, among: known, span)
  }

  static func accessUnknownSignal(
    _ name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    unknown("unknown-name", "signal", name, among: known, span)
  }

  static func accessNoUsers(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "unknown-class",
      "the schema has no class \(name); say which class holds the users, as in `users: Person`",
      span)
  }

  static func accessRolesNeedField(at span: SourceSpan) -> Diagnostic {
    error(
      "roles",
      "say which field of a user holds the role, as in `roles: {field: role}`, or list the names: `roles: [manager, buyer]`",
      span)
  }

  static func accessRoleField(
    _ name: String, of users: ClassDefinition, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "roles", "\(users.name).\(name) cannot hold roles; a String or an Array of String can", span)
  }

  static func accessRoleName(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "roles",
      "`\(name)` cannot name a role; use letters, digits, `_`, `-` and spaces between them, and none of \(AccessLoader.words.joined(separator: ", "))",
      span)
  }

  static func accessTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("twice", "`\(name)` stands here twice; write it once", span)
  }

  static func accessNobodyNamed(at span: SourceSpan) -> Diagnostic {
    error(
      "grant", "nobody is named; write `nobody` where that is meant, or take the line out", span)
  }

  static func accessNobodyBeside(at span: SourceSpan) -> Diagnostic {
    error("grant", "`nobody` stands beside others; write it alone, or take it out", span)
  }

  static func accessUserID(_ id: String, at span: SourceSpan) -> Diagnostic {
    error(
      "grant", "`\(id)` is no objectId of a user; a role is written by its name alone", span)
  }

  static func accessOwnNeedsClass(at span: SourceSpan) -> Diagnostic {
    error(
      "grant",
      "`own:` is about records of a class; for verbs and signals name roles, users or signed-in",
      span)
  }

  static func accessOwnID(
    of definition: ClassDefinition, _ users: String, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "path",
      "`own: objectId` is for the class \(users), whose records are the users; in \(definition.name) write the path of pointers to a user",
      span)
  }

  static func accessNoPointer(
    _ step: String, of definition: ClassDefinition, in path: String, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "path",
      "`\(path)` must lead over pointers, and \(definition.name).\(step) is none", span)
  }

  static func accessPathEnd(
    _ path: String, _ end: ClassDefinition, _ users: String, at span: SourceSpan
  ) -> Diagnostic {
    let onward = end.fields.filter { $0.target == users }.map { "\(path).\($0.name)" }
    let hint = onward.first.map { "; did you mean `\($0)`?" } ?? ""
    return error(
      "path", "`\(path)` ends at a \(end.name), not at a \(users)\(hint)", span)
  }

  static func accessAlwaysSeen(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "field",
      "`\(name)` is what a record is known by, and cannot be hidden; limit who may find and get it",
      span)
  }

  static func accessNeverWritten(
    _ name: String, of definition: ClassDefinition, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "field", "\(definition.name).\(name) is written by the engine alone; take the line out", span)
  }
}
