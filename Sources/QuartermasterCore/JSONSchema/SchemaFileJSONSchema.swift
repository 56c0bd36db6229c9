internal import QuartermasterCEL

/// A JSON Schema (draft 2020-12) of schema.yaml: the same for all projects, with the classes of this one for completion.
package struct SchemaFileJSONSchema {
  /// The classes of the project.
  private let classNames: [String]

  /// Creates the schema.
  package init(classNames: [String]) { self.classNames = classNames }

  /// Returns the JSON Schema.
  package func json() -> JSONValue { node.schema }

  private var node: JSONNode {
    var definitions: [(key: String, value: JSONNode)] = SlotSchema.definitions.filter {
      ["formula", "flag", "name"].contains($0.key)
    }
    definitions += [
      ("typeName", typeName), ("type", type), ("field", field), ("stored", stored),
      ("computed", computed), ("rollUp", rollUp), ("fieldList", Self.fieldList),
      ("flow", Self.flow),
      ("class", classDefinition), ("argument", argument), ("arguments", arguments),
      ("scalar", ["type": ["string", "number", "boolean"]]),
      ("count", ["type": ["integer", "string"], "pattern": "^[0-9]+$"]),
    ]
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "schema.yaml",
      "description": "Classes and fields, and what rules may name of the host.", "type": "object",
      "required": ["classes"], "additionalProperties": false,
      "properties": [
        "domain": [
          "type": "string",
          "description": "What the schema calls itself; `supply` brings the verbs of supply",
        ],
        "classes": [
          "type": "object", "minProperties": 1,
          "propertyNames": ["pattern": "^[A-Z][A-Za-z0-9_]*$"],
          "additionalProperties": SlotSchema.ref("class"),
        ],
        "signals": named(
          SlotSchema.ref("arguments"), "What happens outside: a name and its payload"),
        "verbs": named(verb, "The verbs of the host or the domain"),
        "functions": [
          "type": "object", "description": "Functions of the host for formulas",
          "propertyNames": SlotSchema.ref("name"),
          "additionalProperties": object(
            [("arguments", SlotSchema.ref("arguments")), ("result", SlotSchema.ref("type"))],
            required: ["result"]),
        ],
        "calls": named(
          object([("arguments", SlotSchema.ref("arguments"))]),
          "Functions of the host behind the outbox"),
      ],
      "$defs": .object(definitions),
    ]
  }

  private func object(
    _ properties: [(key: String, value: JSONNode)], required: [String] = []
  ) -> JSONNode {
    [
      "type": "object", "additionalProperties": false, "properties": .object(properties),
      "required": .texts(required),
    ]
  }

  private func named(_ value: JSONNode, _ description: String) -> JSONNode {
    [
      "type": "object", "description": .string(description),
      "propertyNames": ["pattern": "^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$"],
      "additionalProperties": value,
    ]
  }

  // MARK: - Types

  private var typeName: JSONNode {
    SlotSchema.known(
      SchemaLoader.typeNames + classNames,
      or: ["type": "string", "pattern": "^[A-Z][A-Za-z0-9_]*$"],
      "A type, or a class for a pointer to one of its records")
  }

  /// `Integer`, `{type: Decimal, scale: 4}`, or a shape: names and types.
  private var type: JSONNode {
    [
      "anyOf": [
        SlotSchema.ref("typeName"),
        [
          "type": "object", "propertyNames": SlotSchema.ref("name"),
          "additionalProperties": ["anyOf": [SlotSchema.ref("type"), SlotSchema.ref("scalar")]],
        ],
      ]
    ]
  }

  private var argument: JSONNode {
    [
      "anyOf": [
        object(
          [
            ("type", SlotSchema.ref("typeName")), ("scale", SlotSchema.ref("count")),
            ("of", SlotSchema.ref("type")), ("required", SlotSchema.ref("flag")),
          ], required: ["type"]), SlotSchema.ref("type"),
      ]
    ]
  }

  private var arguments: JSONNode {
    [
      "type": ["object", "null", "string"], "maxLength": 0,
      "propertyNames": SlotSchema.ref("name"), "additionalProperties": SlotSchema.ref("argument"),
    ]
  }

  private var verb: JSONNode {
    object([
      (
        "target",
        SlotSchema.oneOrMore(SlotSchema.ref("typeName"), "The classes of what it is done to")
      ),
      ("arguments", SlotSchema.ref("arguments")),
      ("result", SlotSchema.ref("typeName", "The class of the record that `as` names")),
      (
        "directions",
        [
          "type": "object",
          "description":
            "Fields that it only raises, only lowers, or leaves: for the check of loops",
          "propertyNames": ["pattern": "^[A-Z][A-Za-z0-9_]*\\.[A-Za-z][A-Za-z0-9_]*$"],
          "additionalProperties": ["enum": ["up", "down", "same"]],
        ]
      ),
    ])
  }

  // MARK: - Classes and fields

  private var classDefinition: JSONNode {
    let options: [(key: String, value: JSONNode)] = [
      ("record", ["type": "string", "description": "What rules call a record of the class"]),
      (
        "contact",
        object([
          ("user", ["type": "string", "description": "The field that points at the user"]),
          ("email", ["type": "string", "description": "The field with the address"]),
        ])
      ),
      (
        "index",
        SlotSchema.ref("fieldList", "Fields to be found by, [[supplier, status], [status]]")
      ),
      ("unique", SlotSchema.ref("fieldList", "Fields that no two records may share")),
      ("was", ["type": "string", "description": "The former name"]),
      (
        "acl",
        [
          "type": "boolean",
          "description": "Whether records say who may read and write them, in the field ACL",
        ]
      ),
    ]
    // A field may be called like one of these options: then it says its type.
    let either = options.map { key, value -> (key: String, value: JSONNode) in
      (key, ["anyOf": [value, SlotSchema.ref("field")]])
    }
    return [
      "type": ["object", "null", "string"], "maxLength": 0,
      "propertyNames": ["pattern": "^[A-Za-z][A-Za-z0-9_]*$"],
      "properties": .object(either), "additionalProperties": SlotSchema.ref("field"),
    ]
  }

  private static let fieldList: JSONNode = [
    "anyOf": [
      ["type": "string"],
      [
        "type": "array",
        "items": ["anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]],
      ],
    ]
  ]

  private static let flow: JSONNode = [
    "type": "object", "minProperties": 1,
    "description": "A status: each state with those that may follow; [] is an end",
    "additionalProperties": [
      "anyOf": [
        ["type": ["string", "null"]],
        ["type": "array", "items": ["type": ["string", "number", "boolean"]]],
      ]
    ],
  ]

  private var field: JSONNode {
    [
      "anyOf": [SlotSchema.ref("typeName"), ["type": "object"]],
      "if": ["type": "object"],
      "then": [
        "oneOf": [
          ["required": ["type"]], ["required": ["computed"]], ["required": ["sum"]],
          ["required": ["count"]],
        ],
        "allOf": [
          ["if": ["required": ["type"]], "then": SlotSchema.ref("stored")],
          ["if": ["required": ["computed"]], "then": SlotSchema.ref("computed")],
          [
            "if": ["anyOf": [["required": ["sum"]], ["required": ["count"]]]],
            "then": SlotSchema.ref("rollUp"),
          ],
        ],
      ],
    ]
  }

  private var stored: JSONNode {
    object([
      ("type", SlotSchema.ref("typeName")),
      ("required", SlotSchema.ref("flag", "Whether a record must have it")),
      ("unique", SlotSchema.ref("flag", "Whether no two records may have the same")),
      ("default", ["description": "What a new record has"]),
      ("min", SlotSchema.ref("scalar", "The least")), ("max", SlotSchema.ref("scalar", "The most")),
      ("in", SlotSchema.oneOrMore(SlotSchema.ref("scalar"), "The texts that it may be")),
      ("pattern", ["type": "string", "description": "A regular expression", "format": "regex"]),
      ("maxLength", SlotSchema.ref("count", "How many characters at most")),
      ("scale", SlotSchema.ref("count", "Of a Decimal: the digits after the point, 2 if not said")),
      ("of", SlotSchema.ref("type", "Of an Array: its items; of an Object: its shape")),
      ("flow", SlotSchema.ref("flow")),
      (
        "sequence",
        [
          "type": "string", "description": "Numbers by themselves, as SO-%05d",
          "pattern": "%(0[0-9]+)?d",
        ]
      ),
      (
        "inverse", SlotSchema.ref("name", "What the other class calls the records that point at it")
      ),
      (
        "onDelete",
        [
          "enum": ["restrict", "clear", "cascade"],
          "description": "What a delete of the record pointed at does",
        ]
      ),
      ("secret", SlotSchema.ref("flag", "Never shown")),
      ("was", ["type": "string", "description": "The former name"]),
    ])
  }

  private var computed: JSONNode {
    object(
      [
        ("computed", SlotSchema.ref("formula", "A formula over the record's own fields")),
        ("scale", SlotSchema.ref("count")), ("was", ["type": "string"]),
      ], required: ["computed"])
  }

  private var rollUp: JSONNode {
    object([
      (
        "sum",
        [
          "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*\\.[A-Za-z][A-Za-z0-9_]*$",
          "description": "relation.field",
        ]
      ),
      (
        "count",
        ["type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "description": "A relation"]
      ),
      ("where", SlotSchema.ref("formula", "Only those of which this holds")),
      ("was", ["type": "string"]),
    ])
  }
}
