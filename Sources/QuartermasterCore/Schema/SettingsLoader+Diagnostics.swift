internal import QuartermasterCEL

/// The wording of what the settings loader says.
extension Diagnostic {
  private static func error(_ code: String, _ message: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "settings/\(code)", message, at: span)
  }

  private static func didYouMean(_ name: String, _ candidates: [String]) -> String {
    Suggestion.closest(to: name, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
  }

  static func settingsZone(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("zone", "there is no time zone `\(name)`; write one such as Europe/Paris or UTC", span)
  }

  static func settingsName(_ name: String, what: String, at span: SourceSpan) -> Diagnostic {
    error(
      "name", "`\(name)` cannot name \(what); use letters, digits and dashes, a letter first", span)
  }

  static func settingsChannelKind(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "channel", "`\(name)` needs a kind, as in `\(name): {kind: webhook, url: \"https://…\"}`",
      span)
  }

  static func settingsUnknownKind(
    _ name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    error(
      "channel",
      "there is no kind of channel `\(name)` (\(known.joined(separator: ", ")))"
        + didYouMean(name, known), span
    ).suggesting(name, among: known)
  }

  static func settingsChannelTaken(_ name: String, at span: SourceSpan) -> Diagnostic {
    error("channel", "`\(name)` means something by itself; give the channel another name", span)
  }

  static func settingsChannelNeeds(
    _ name: String, _ key: String, at span: SourceSpan
  ) -> Diagnostic {
    error("channel", "`\(name)` needs `\(key)`", span)
  }

  static func settingsSecretInFile(_ key: String, at span: SourceSpan) -> Diagnostic {
    error(
      "secret",
      "a secret does not stand in a file; put it into a variable of the environment and write "
        + "`\(key)From: NAME`", span)
  }

  static func settingsDelays(at span: SourceSpan) -> Diagnostic {
    error("form", "delays are lengths of time that do not shrink, as in [10s, 1m, 5m, 1h]", span)
  }

  static func settingsUnknownChannel(
    _ name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    error(
      "channel",
      "there is no channel `\(name)` (\(known.joined(separator: ", ")))\(didYouMean(name, known))",
      span
    ).suggesting(name, among: known)
  }

  static func settingsInboxNeeds(_ key: String, at span: SourceSpan) -> Diagnostic {
    error(
      "inbox",
      "inbox needs `\(key)`, as in {class: Notification, user: user, text: message, read: read}",
      span)
  }

  static func settingsInboxRequired(
    _ field: String, of className: String, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "inbox",
      "\(className).\(field) is required, and an inbox message would not set it; give it a default",
      span)
  }

  static func settingsAutomationsNeed(
    _ key: String, of className: String?, at span: SourceSpan
  ) -> Diagnostic {
    let field = className.map { ", and \($0) has no String field `\(key)`" } ?? ""
    return error(
      "automations",
      "automations needs `\(key)`\(field), as in {class: Automation, trigger: trigger, action: action}",
      span)
  }

  static func settingsAutomationsField(
    _ name: String, wanted: String, at span: SourceSpan
  ) -> Diagnostic {
    error("automations", "`\(name)` is not \(wanted) that can be written", span)
  }

  static func settingsUnknownClass(
    _ name: String, _ schema: Schema, at span: SourceSpan
  ) -> Diagnostic {
    let known = schema.classes.filter { !$0.isSystem }.map(\.name)
    return error(
      "unknown-class", "there is no class `\(name)` in the schema\(didYouMean(name, known))", span
    ).suggesting(name, among: known)
  }

  static func settingsUnknownField(
    _ name: String, of definition: ClassDefinition, at span: SourceSpan
  ) -> Diagnostic {
    error(
      "unknown-field",
      "\(definition.name) has no field `\(name)`\(didYouMean(name, definition.fields.map(\.name)))",
      span
    ).suggesting(name, among: definition.fields.map(\.name))
  }

  static func settingsFieldType(_ name: String, wanted: String, at span: SourceSpan) -> Diagnostic {
    error("inbox", "`\(name)` is not \(wanted) that can be written", span)
  }

  static func settingsEmptyGroup(_ name: String, at span: SourceSpan) -> Diagnostic {
    error(
      "group", "`\(name)` is empty; write a query, an address, or a list of addresses", span)
  }

  static func settingsGroupType(_ type: String, at span: SourceSpan) -> Diagnostic {
    error(
      "group",
      "a group is a list of records, as in User.filter(u, u.role == \"manager\"); this gives \(type)",
      span)
  }
}
