internal import QuartermasterCEL

/// The reading of `automations:`.
extension SettingsLoader {
  /// Reads `{class: Automation, trigger: trigger, action: action}`.
  ///
  /// A part that is not named is the field of its own name, where the class has one that fits.
  func automations(_ node: YAMLNode) -> ProjectSettings.Automations? {
    typealias Part = ProjectSettings.Automations.Part
    let keys = ["class"] + Part.allCases.map(\.rawValue)
    let options = self.options(of: node, known: keys, what: "automations")
    guard let classNode = options["class"], let name = text(classNode, "the name of a class") else {
      if options["class"] == nil {
        report(.settingsAutomationsNeed("class", of: nil, at: node.span))
      }
      return nil
    }
    guard let definition = schema[name], !definition.isSystem else {
      report(.settingsUnknownClass(name, schema, at: classNode.span))
      return nil
    }
    var fields: [Part: String] = [:]
    for part in Part.allCases {
      if let node = options[part.rawValue] {
        guard let name = text(node, "the name of a field") else { continue }
        guard let field = definition[name] else {
          report(.settingsUnknownField(name, of: definition, at: node.span))
          continue
        }
        if !part.fits(field) {
          report(.settingsAutomationsField(name, wanted: part.wanted, at: node.span))
        }
        fields[part] = name
      } else if let field = definition[part.rawValue], part.fits(field) {
        fields[part] = field.name
      }
    }
    for part in [Part.trigger, .action]
    where fields[part] == nil && options[part.rawValue] == nil {
      report(.settingsAutomationsNeed(part.rawValue, of: name, at: node.span))
    }
    guard fields[.trigger] != nil, fields[.action] != nil else { return nil }
    return ProjectSettings.Automations(className: name, fields: fields)
  }
}

extension ProjectSettings.Automations.Part {
  /// The parts that are written as in a rule file, in the order in which a rule has them.
  package static let texts: [Self] = [
    .trigger, .let, .when, .action, .phase, .follows, .failure,
  ]

  /// What the engine writes, whatever a client gives.
  package var isOfEngine: Bool { self == .author || self == .problem }

  fileprivate var wanted: String {
    switch self {
    case .enabled: "a Boolean"
    case .author: "a String, or a pointer that deleting does not clear,"
    default: "a String"
    }
  }

  fileprivate func fits(_ field: FieldDefinition) -> Bool {
    guard field.isWritable, !field.isSecret else { return false }
    switch (self, field.type) {
    case (.enabled, .boolean): return true
    // Whose rights a rule has may not be lost on the way.
    case (.author, .pointer): return field.onDelete != .clear
    case (.enabled, _): return false
    case (_, .string): return field.flow == nil
    default: return false
    }
  }
}
