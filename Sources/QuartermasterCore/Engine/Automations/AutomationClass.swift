internal import QuartermasterCEL

/// The class whose records are rules, with the slots of what a rule is made of.
struct AutomationClass {
  typealias Part = ProjectSettings.Automations.Part

  /// The class.
  let definition: ClassDefinition
  private let slots: [Part: Int]
  /// The class that a pointer to the author points at; nil where the author is a text.
  private let authorClass: String?

  /// Finds the class that the settings name; nil where they name none, or it is not one of the schema.
  init?(_ settings: ProjectSettings, in schema: Schema) {
    guard let automations = settings.automations, let definition = schema[automations.className]
    else { return nil }
    self.definition = definition
    var slots: [Part: Int] = [:]
    for (part, name) in automations.fields { slots[part] = definition[name]?.slot }
    self.slots = slots
    authorClass = automations.fields[.author].flatMap { definition[$0]?.target }
  }

  /// Whether a record is a rule.
  func isRule(_ record: Record) -> Bool { record.type.index == definition.index }

  /// Returns the rule that a row says.
  func rule(_ id: String, _ row: Row) -> StoredRule {
    var parts: [Part: String] = [:]
    for (part, slot) in slots {
      if case .string(let text) = row.values[slot] { parts[part] = text }
    }
    var isEnabled = true
    if let slot = slots[.enabled], case .bool(let flag) = row.values[slot] { isEnabled = flag }
    var rule = StoredRule(
      className: definition.name, id: id, parts: parts, isEnabled: isEnabled)
    rule.author = parts[.author].map { text in authorClass.map { "\($0)/\(text)" } ?? text }
    rule.problem = parts[.problem]
    return rule
  }

  /// Writes who wrote a rule, and what is wrong with it, into a row of it, as far as the class has fields for that.
  ///
  /// - Returns: Whether the row is another now.
  @discardableResult
  func write(_ rule: StoredRule, to row: Row) -> Bool {
    var author = rule.author
    if let authorClass {
      // An author of another class has no place in the pointer; `rules list` knows all the same.
      author = author.flatMap { name in
        UTF8Text.starts(name, with: authorClass + "/")
          ? String(decoding: name.utf8.dropFirst(authorClass.utf8.count + 1), as: UTF8.self) : nil
      }
    }
    var differs = false
    for (part, text) in [(Part.author, author), (.problem, rule.problem)] {
      guard let slot = slots[part] else { continue }
      let value = text.map { Value.string($0) } ?? .null
      if !Value.equal(row.values[slot], value) {
        row.values[slot] = value
        differs = true
      }
    }
    return differs
  }
}
