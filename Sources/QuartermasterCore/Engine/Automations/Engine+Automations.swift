public import QuartermasterCEL

/// A rule that is a record of the class that `automations:` in quartermaster.yaml names.
public struct Automation: Sendable {
  /// The id of the record.
  public let id: String
  /// The name of the rule.
  public let name: String
  /// Whether the record switches it on.
  public let isEnabled: Bool
  /// Who wrote it, as `User/ann`; nil for the system.
  public let author: String?
  /// Why it is not in force although it is switched on, a line for each mistake; nil when nothing is wrong.
  public let problem: String?

  init(_ rule: StoredRule) {
    id = rule.id
    name = rule.name
    isEnabled = rule.isEnabled
    author = rule.author
    problem = rule.problem
  }
}

extension Engine {
  /// The rules that are records, in the order in which they are considered; none where the settings name no class.
  public var automations: [Automation] {
    // An engine that was closed has none.
    (try? perform { (interpreter) throws(Refusal) in interpreter.stored.rows.map(Automation.init) })
      ?? []
  }
}

extension WriteContext {
  /// Writes rules as records: new ones, and those whose name there is already anew.
  ///
  /// They are in force from the next operation on, in the name of who acts.
  ///
  /// - Parameters:
  ///   - text: Rules as in a rule file, or one mapping with `trigger` and `action`.
  ///   - name: The name of the one rule; nil for the names that the text gives.
  /// - Returns: The ids of the records, in the order of the text.
  /// - Throws: `DiagnosticList` where the text is no rule; ``Refusal`` where a rule does not check, with the findings.
  @discardableResult
  public func addRules(_ text: SourceFile, name: String? = nil) throws -> [String] {
    let parts = try StoredRuleParts.read(text, name: name)
    return try parts.map { try interpreter.addAutomation($0) }
  }

  /// Deletes the record of a rule.
  ///
  /// - Throws: ``Refusal`` when no record is the rule.
  public func removeRule(_ name: String) throws {
    let record = try interpreter.automation(named: name)
    try interpreter.writer.delete(record)
  }

  /// Switches a rule that is a record on or off, in its record.
  ///
  /// - Throws: ``Refusal`` when no record is the rule, its class has no field for that, or it does not check.
  public func turnRule(_ name: String, isOn: Bool) throws {
    let record = try interpreter.automation(named: name)
    let field = try interpreter.automationField(.enabled)
    try interpreter.writer.set(record, values: [(field, .value(.bool(isOn)))])
  }
}

extension Interpreter {
  fileprivate func automationClass() throws(Refusal) -> ClassDefinition {
    if let automations { return automations.definition }
    throw Refusal(
      .schema,
      "quartermaster.yaml names no class of rules; write "
        + "`automations: {class: Automation, trigger: trigger, action: action}`")
  }

  fileprivate func automationField(
    _ part: ProjectSettings.Automations.Part
  ) throws(Refusal) -> FieldDefinition {
    let definition = try automationClass()
    guard let name = settings.automations?.fields[part], let field = definition[name] else {
      throw Refusal(
        .schema,
        "\(definition.name) has no field for `\(part.rawValue)` of a rule; name one under "
          + "`automations:` in quartermaster.yaml")
    }
    return field
  }

  /// Returns the record of a rule.
  fileprivate func automation(named name: String) throws(Refusal) -> Record {
    let definition = try automationClass()
    if let rule = stored.rows.first(where: { $0.name == name }) {
      return store.record(definition.recordType, rule.id)
    }
    if let place = rulePlaces[name], ruleSet.rules[place].stored == nil {
      throw Refusal(
        .error,
        "\(name) stands in \(ruleSet.rules[place].span.file.name), and is no record of "
          + definition.name)
    }
    let hint = Suggestion.closest(to: name, among: stored.rows.map(\.name))
    throw Refusal(
      .error,
      "no record of \(definition.name) is the rule \(name)"
        + (hint.map { "; did you mean \($0)?" } ?? ""))
  }

  fileprivate func addAutomation(_ parts: StoredRuleParts) throws(Refusal) -> String {
    let definition = try automationClass()
    var values: [FieldAssignment] = []
    let named = parts.texts[.name].map(StoredRule.name)
    let known = named.flatMap { name in stored.rows.first { $0.name == name } }
    for part in ProjectSettings.Automations.Part.allCases where !part.isOfEngine && part != .enabled
    {
      guard let text = parts.texts[part] else {
        // What an earlier rule of the name had and this one has not goes.
        if known != nil, part != .name, let name = settings.automations?.fields[part],
          let field = definition[name]
        {
          values.append((field, .value(.null)))
        }
        continue
      }
      values.append((try automationField(part), .value(.string(text))))
    }
    if !parts.isEnabled || known != nil && settings.automations?.fields[.enabled] != nil {
      values.append((try automationField(.enabled), .value(.bool(parts.isEnabled))))
    }
    if let known {
      let record = store.record(definition.recordType, known.id)
      try writer.set(record, values: values)
      return known.id
    }
    return try writer.create(definition, values: values).id
  }
}
