internal import QuartermasterCEL

/// What YAML editors accept where rules have a slot.
///
/// The loader reads every scalar as text, while editors read `20`, `true` and `null` as what they look like: both are accepted.
enum SlotSchema {
  /// How the schemas of all kinds of slots are called.
  static let definitions: [(key: String, value: JSONNode)] = [
    ("formula", ["type": ["string", "number", "boolean", "null"]]),
    ("words", ["type": ["string", "number", "boolean", "null"]]),
    ("name", ["type": ["string", "number"], "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"]),
    ("kebab", ["type": ["string", "number"], "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"]),
    (
      "duration",
      [
        "type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(d|h|m|s|ms))+$",
        "examples": ["24h", "3d", "15m"],
      ]
    ),
    ("flag", ["enum": [true, false, "true", "false"]]),
    ("zone", zone),
  ]

  /// A reference to a definition with the text that an editor shows.
  static func ref(_ name: String, _ description: String? = nil) -> JSONNode {
    var members: [(key: String, value: JSONNode)] = [("$ref", .string("#/$defs/" + name))]
    if let description { members.append(("description", .string(description))) }
    return .object(members)
  }

  /// One item or a list of them: no key of the language has a plural.
  static func oneOrMore(_ item: JSONNode, _ description: String? = nil) -> JSONNode {
    let either: JSONNode = ["anyOf": [item, ["type": "array", "items": item, "minItems": 1]]]
    return description.map { either.with([("description", .string($0))]) } ?? either
  }

  /// Some words that are known, offered while typing, and any other of a form.
  static func known(
    _ words: [String], or other: JSONNode, _ description: String
  ) -> JSONNode {
    if words.isEmpty { return other.with([("description", .string(description))]) }
    return [
      "anyOf": [["enum": .texts(words)], other], "description": .string(description),
    ]
  }

  /// The zones that are written most; any other name of the IANA database or an offset is accepted.
  private static let zone: JSONNode = [
    "anyOf": [
      [
        "enum": [
          "UTC", "Europe/London", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Rome",
          "Europe/Warsaw", "Europe/Kyiv", "Europe/Istanbul", "America/New_York", "America/Chicago",
          "America/Denver", "America/Los_Angeles", "America/Toronto", "America/Mexico_City",
          "America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Africa/Cairo",
          "Africa/Lagos", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi",
          "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta", "Asia/Singapore",
          "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul", "Australia/Perth",
          "Australia/Sydney", "Pacific/Auckland",
        ]
      ],
      [
        "type": "string",
        "pattern": "^([A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*|[+-]?[0-9]{2}:[0-9]{2})$",
      ],
    ]
  ]

  /// What may be written for a field.
  static func field(_ field: FieldDefinition, of owner: ClassDefinition) -> JSONNode {
    let description = describe(field, of: owner)
    if let states = field.flow?.states ?? field.allowed {
      return [
        "anyOf": [
          ["enum": .texts(states)], ["type": "string", "pattern": "\\$\\{"],
        ],
        "description": .string(description),
      ]
    }
    return ref(field.type == .string ? "words" : "formula", description)
  }

  /// What may be written for an argument.
  static func argument(_ parameter: ParameterDefinition) -> JSONNode {
    let need = parameter.isRequired ? "" : ", may be left out"
    return ref(
      parameter.type == .string ? "words" : "formula",
      "\(slot(parameter.type)): \(parameter.type.schemaName)\(need)")
  }

  private static func slot(_ type: FieldType) -> String {
    switch type {
    case .string: "words, ${…} for a value"
    case .date: "an instant such as 2026-03-02T09:00:00Z, or a formula"
    case .duration: "a duration such as 3d, or a formula"
    default: "a formula"
    }
  }

  /// The text that an editor shows for a field.
  static func describe(_ field: FieldDefinition, of owner: ClassDefinition) -> String {
    var parts = ["\(owner.name).\(field.name): \(field.type.schemaName)"]
    if case .decimal(let scale) = field.type { parts.append("\(scale) digits after the point") }
    if field.isRequired { parts.append("required") }
    if field.isUnique { parts.append("unique") }
    if let minimum = field.minimum { parts.append("from \(text(minimum))") }
    if let maximum = field.maximum { parts.append("to \(text(maximum))") }
    if let length = field.maximumLength { parts.append("at most \(length) characters") }
    if let pattern = field.pattern { parts.append("like \(pattern)") }
    if field.sequence != nil { parts.append("numbered by itself") }
    if case .null = field.defaultValue {
    } else {
      parts.append("default \(text(field.defaultValue))")
    }
    if let flow = field.flow {
      let moves = flow.states.map { state in
        let next = flow.moves[state] ?? []
        return next.isEmpty ? "\(state) (an end)" : "\(state) → \(next.joined(separator: ", "))"
      }
      parts.append("moves: " + moves.joined(separator: "; "))
    }
    switch field.kind {
    case .stored: break
    case .computed(let formula): parts.append("computed: \(formula.root.text)")
    case .rollUp: parts.append("kept by the engine")
    }
    return parts.joined(separator: ", ") + " — " + slot(field.type)
  }

  private static func text(_ value: Value) -> String {
    if case .string(let text) = value { return text }
    return value.description
  }
}
