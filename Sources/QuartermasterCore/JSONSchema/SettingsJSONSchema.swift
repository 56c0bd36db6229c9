internal import QuartermasterCEL

/// A JSON Schema (draft 2020-12) of quartermaster.yaml.
package struct SettingsJSONSchema {
  private let schema: Schema

  /// Creates the schema for a project with these classes.
  package init(schema: Schema) { self.schema = schema }

  /// Returns the JSON Schema.
  package func json() -> JSONValue { node.schema }

  private var node: JSONNode {
    let definitions = SlotSchema.definitions.filter { ["zone", "duration"].contains($0.key) }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "quartermaster.yaml",
      "description": "The settings of a project.", "type": ["object", "null", "string"],
      "maxLength": 0, "additionalProperties": false, "properties": .object(properties + template),
      "$defs": .object(definitions + [("count", Self.count)]),
    ]
  }

  private static let count: JSONNode = ["type": ["integer", "string"], "pattern": "^[0-9]+$"]

  private func object(_ properties: [(key: String, value: JSONNode)], _ text: String) -> JSONNode {
    [
      "type": "object", "additionalProperties": false, "description": .string(text),
      "properties": .object(properties),
    ]
  }

  private var properties: [(key: String, value: JSONNode)] {
    [
      ("zone", SlotSchema.ref("zone", "Of schedules that name none; UTC if not said")),
      (
        "durability",
        ["enum": ["full", "relaxed"], "description": "full: a commit survives a power cut"]
      ),
      ("data", ["type": "string", "description": "The data file, below this folder"]),
      (
        "groups",
        [
          "type": "object",
          "description": "Whom a name stands for: a query, an address, a list of addresses",
          "propertyNames": ["pattern": "^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$"],
          "additionalProperties": SlotSchema.oneOrMore(["type": "string", "minLength": 1]),
        ]
      ), ("inbox", inbox), ("channels", channels),
      (
        "outbox",
        object(
          [
            ("tries", SlotSchema.ref("count")), ("age", SlotSchema.ref("duration")),
            ("delays", SlotSchema.oneOrMore(SlotSchema.ref("duration"))),
            ("jitter", SlotSchema.ref("count")), ("lanes", SlotSchema.ref("count")),
            ("lease", SlotSchema.ref("duration")),
          ], "How deliveries are tried")
      ),
      (
        "journal",
        object(
          [
            ("keep", SlotSchema.ref("duration", "How long operations stay")),
            ("size", ["type": ["string", "integer"], "pattern": "^[0-9]+([kKmMgGtT]?[bB])?$"]),
            ("refused", SlotSchema.ref("duration")), ("delivered", SlotSchema.ref("duration")),
          ], "What is forgotten; nothing if not said")
      ),
      (
        "outside",
        [
          "enum": ["on", "off", true, false, "true", "false"],
          "description": "Whether what other programs write is taken in",
        ]
      ),
      (
        "limits",
        object(
          [("rounds", SlotSchema.ref("count")), ("firings", SlotSchema.ref("count"))],
          "After how much an operation is undone")
      ),
    ]
  }

  private var template: [(key: String, value: JSONNode)] {
    [
      ("extends", ["type": "string", "description": "The template that the project builds on"]),
      (
        "rules",
        object(
          [("off", SlotSchema.oneOrMore(["type": "string"], "Their names"))],
          "Rules of the template that the project does without, or has anew")
      ),
    ]
  }

  private var inbox: JSONNode {
    let classes = schema.classes.filter { !$0.isSystem }.map(\.name)
    var fields: [(key: String, value: JSONNode)] = [
      ("class", ["enum": .texts(classes), "description": "The class of the records"])
    ]
    let texts = [
      ("user", "the user"), ("text", "the message"), ("title", "the title"),
      ("read", "whether it was read"), ("rule", "the rule that sent it"),
      ("firing", "the row of the journal"),
    ]
    for (name, text) in texts {
      fields.append((name, ["type": "string", "description": .string("The field for \(text)")]))
    }
    return object(fields, "How a message to a user becomes a record")
      .with([("required", ["class", "text"])])
  }

  private var channels: JSONNode {
    let text: JSONNode = ["type": ["string", "number", "boolean"]]
    let kinds = SettingsLoader.kinds.sorted { UTF8Text.less($0.key, $1.key) }
    let cases = kinds.compactMap { name, kind -> JSONNode? in
      guard let keys = kind.keys else { return nil }
      return [
        "if": ["properties": ["kind": ["const": .string(name)]]],
        "then": [
          "propertyNames": ["enum": .texts(["kind", "to"] + keys)],
          "allOf": .array(
            kind.needed.map { group in
              ["anyOf": .array(group.map { ["required": .texts([$0])] })]
            }),
        ],
      ]
    }
    return [
      "type": "object", "description": "Ways to deliver messages, by name",
      "properties": [
        "default": SlotSchema.oneOrMore(["type": "string"], "Of a notify that names none")
      ],
      "additionalProperties": [
        "type": "object", "required": ["kind"],
        "properties": ["kind": ["enum": .texts(kinds.map(\.key))]],
        "additionalProperties": text, "allOf": .array(cases),
      ],
    ]
  }
}
