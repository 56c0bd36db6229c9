internal import QuartermasterCEL

/// A JSON Schema (draft 2020-12) of the rule files of one project: the keys of the language with its classes, fields,
/// statuses, verbs, signals, groups and channels.
///
/// It is for editors: it completes, explains and marks what is wrong in shape. Formulas are text to it; `check` reads them.
package struct RuleJSONSchema {
  let schema: Schema
  let settings: ProjectSettings
  /// The rules of the project, which editors offer where one is named.
  let ruleNames: [String]

  /// Creates the schema of a project.
  package init(schema: Schema, settings: ProjectSettings, ruleNames: [String]) {
    self.schema = schema
    self.settings = settings
    self.ruleNames = ruleNames
  }

  /// The classes that rules write to.
  var classes: [ClassDefinition] { schema.classes.filter { !$0.isSystem } }

  /// Returns the JSON Schema.
  package func json() -> JSONValue { node.schema }

  private var node: JSONNode {
    var definitions = SlotSchema.definitions
    definitions += [
      ("ruleName", ruleName), ("class", ["enum": .texts(classes.map(\.name))]),
      ("subject", subject), ("rule", rule), ("trigger", trigger), ("test", test),
      ("given", given), ("step", step), ("expectation", expectation),
      ("action", action(inTest: false)),
      ("testAction", action(inTest: true)), ("recipients", recipients), ("channels", channels),
    ]
    definitions += verbDefinitions()
    definitions += classes.flatMap(classDefinitions)
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": .string("Rules of \(schema.domain.isEmpty ? "this project" : schema.domain)"),
      "description":
        "A list of rules and tests. Made by `quartermaster schema json-schema`; make it anew when schema.yaml changes.",
      "type": ["array", "null", "string"], "maxLength": 0,
      "items": [
        "type": "object", "if": ["required": ["test"]], "then": SlotSchema.ref("test"),
        "else": SlotSchema.ref("rule"),
      ],
      "$defs": .object(definitions),
    ]
  }

  // MARK: - Rules

  private var ruleName: JSONNode {
    SlotSchema.known(ruleNames, or: SlotSchema.ref("kebab"), "The name of a rule")
  }

  private var subject: JSONNode {
    let names = classes.flatMap { definition in
      [definition.name] + definition.fields.map { "\(definition.name).\($0.name)" }
    }
    return ["enum": .texts(names)]
  }

  private var rule: JSONNode {
    [
      "type": "object", "required": ["rule", "trigger", "action"],
      "additionalProperties": false,
      "properties": [
        "rule": SlotSchema.ref(
          "kebab", "The name, once in the project: small letters, digits, dashes"),
        "description": SlotSchema.ref("words", "What it is for, in words"),
        "trigger": SlotSchema.ref("trigger", "What wakes it"),
        "let": [
          "type": "object", "description": "Names for values, computed when first used",
          "propertyNames": SlotSchema.ref("name"),
          "additionalProperties": SlotSchema.ref("formula"),
        ],
        "when": SlotSchema.oneOrMore(
          SlotSchema.ref("formula"), "Conditions: all must hold, in order"),
        "action": SlotSchema.oneOrMore(
          SlotSchema.ref("action"), "What it does: the verb is the first key"),
        "phase": [
          "enum": ["before", "after", "later"],
          "description":
            "before: may set fields of the record or refuse it; after (default): in the same operation; later: by itself, after the commit",
        ],
        "follows": SlotSchema.oneOrMore(
          SlotSchema.ref("ruleName"), "The rules of this phase that go first"),
        "failure": [
          "enum": ["stop", "skip"],
          "description": "stop (default): an error undoes the operation; skip: this firing alone",
        ],
        "authority": [
          "enum": ["system", "actor"],
          "description":
            "system (default): the rule may do everything; actor: only what who made the change may do by access.yaml",
        ],
        "enabled": SlotSchema.ref("flag", "false switches it off"),
      ],
      // Within the rule of a class its record has one name, so its fields and statuses are known.
      "allOf": .array(classes.map(narrowing)),
    ]
  }

  private func narrowing(_ definition: ClassDefinition) -> JSONNode {
    let isIt: JSONNode = [
      "type": "string", "pattern": .string("^\(definition.name)(\\.|$)"),
    ]
    let events = TriggerSyntax.Record.Event.allCases.map { event -> JSONNode in
      let either: JSONNode = ["anyOf": [isIt, ["type": "array", "contains": isIt]]]
      return [
        "required": .array([.string(event.rawValue)]),
        "properties": .object([(event.rawValue, either)]),
      ]
    }
    return [
      "if": [
        "required": ["trigger"],
        "properties": ["trigger": ["type": "object", "anyOf": .array(events)]],
      ],
      "then": [
        "properties": [
          "action": SlotSchema.oneOrMore(SlotSchema.ref("actionsOn\(definition.name)"))
        ]
      ],
    ]
  }

  private var trigger: JSONNode {
    let events = TriggerSyntax.Record.Event.allCases.map(\.rawValue)
    let starts = events + ["every", "cron", "signal"]
    func only(_ start: String, _ keys: [String]) -> JSONNode {
      [
        "if": ["required": .texts([start])],
        "then": ["propertyNames": ["enum": .texts([start] + keys)]],
      ]
    }
    let texts = [
      "created": "A record was made", "changed": "A value of a record differs from before",
      "saved": "A record was made or changed", "deleted": "A record was deleted",
    ]
    var properties: [(key: String, value: JSONNode)] = events.map { event in
      (event, SlotSchema.oneOrMore(SlotSchema.ref("subject"), texts[event]))
    }
    properties += [
      (
        "becomes",
        SlotSchema.ref("formula", "True now and not before; reads the record's own row only")
      ),
      ("for", SlotSchema.ref("duration", "How long `becomes` must stay true")),
      ("repeat", SlotSchema.ref("duration", "How often it fires again")),
      (
        "due", SlotSchema.ref("formula", "The instant at which it fires, from the record's own row")
      ),
      (
        "every",
        SlotSchema.known(
          [
            "minute", "hour", "day", "weekday", "month", "monday", "tuesday", "wednesday",
            "thursday",
            "friday", "saturday", "sunday",
          ], or: SlotSchema.ref("duration"), "How often: a word or a duration")
      ),
      (
        "at",
        [
          "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$",
          "description": "The local time, as \"08:00\"",
        ]
      ),
      ("zone", SlotSchema.ref("zone", "The time zone; the project's if not said")),
      (
        "cron",
        ["type": "string", "description": "minute hour day month weekday, as \"0 6 * * 1-5\""]
      ),
      ("signal", signalName),
    ]
    return [
      "type": "object", "additionalProperties": false, "properties": .object(properties),
      "oneOf": .array(starts.map { ["required": .texts([$0])] }),
      "dependentRequired": ["for": ["becomes"], "repeat": ["for"]],
      "not": ["required": ["for", "due"]],
      "allOf": .array(
        ["created", "changed", "saved"].map { only($0, ["becomes", "for", "repeat", "due"]) }
          + [
            only("deleted", []), only("every", ["at", "zone"]), only("cron", ["zone"]),
            only("signal", []),
          ]),
    ]
  }

  var signalName: JSONNode {
    [
      "enum": .texts(schema.signals.keys.sorted()),
      "description": "A signal that schema.yaml declares",
    ]
  }

  // MARK: - Tests

  private var test: JSONNode {
    [
      "type": "object", "required": ["test"],
      "anyOf": [["required": ["do"]], ["required": ["expect"]]],
      "additionalProperties": false,
      "properties": [
        "test": SlotSchema.ref("words", "What it shows"),
        "now": [
          "type": "string", "description": "Where its clock starts, as 2026-03-02T09:00:00Z",
        ],
        "given": SlotSchema.ref("given", "The records that are there: class, id, fields"),
        "do": SlotSchema.oneOrMore(SlotSchema.ref("step"), "What is done"),
        "expect": SlotSchema.oneOrMore(SlotSchema.ref("expectation"), "What must then hold"),
      ],
    ]
  }

  private var given: JSONNode {
    let properties = classes.map { definition -> (key: String, value: JSONNode) in
      (
        definition.name,
        [
          "type": ["object", "null", "string"], "maxLength": 0,
          "additionalProperties": SlotSchema.ref("fixtureOf\(definition.name)"),
        ]
      )
    }
    return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
  }

  private var step: JSONNode {
    [
      "type": "object",
      "if": [
        "anyOf": [["required": ["wait"]], ["required": ["together"]], ["required": ["expect"]]]
      ],
      "then": [
        "additionalProperties": false,
        "oneOf": [["required": ["wait"]], ["required": ["together"]], ["required": ["expect"]]],
        "dependentRequired": ["actor": ["expect"]],
        "properties": [
          "actor": SlotSchema.ref("formula", "Who looks: he sees what he may"),
          "wait": SlotSchema.ref("duration", "Moves the clock"),
          "together": SlotSchema.oneOrMore(SlotSchema.ref("step"), "Steps that are one operation"),
          "expect": SlotSchema.oneOrMore(SlotSchema.ref("expectation"), "What must hold here"),
        ],
      ],
      "else": SlotSchema.ref("testAction"),
    ]
  }

  private var expectation: JSONNode {
    let words = [
      ("fired", SlotSchema.ref("ruleName", "The rule fired")),
      ("quiet", SlotSchema.ref("ruleName", "The rule did not fire")),
      ("notified", SlotSchema.ref("words", "A group, a record or an address got a message")),
      ("rejected", SlotSchema.ref("words", "A step was refused with words that contain these")),
      ("called", SlotSchema.ref("words", "A function of the host was called")),
      ("denied", SlotSchema.ref("words", "A step was denied")),
    ]
    return [
      "anyOf": [
        ["type": ["string", "boolean", "number"]],
        [
          "type": "object", "additionalProperties": false,
          "properties": .object(
            words.map { (key: $0.0, value: $0.1) }
              + [("message", SlotSchema.ref("words", "The text of the message"))]),
          "oneOf": .array(words.map { ["required": .texts([$0.0])] }),
          "dependentRequired": ["message": ["notified"]],
        ],
      ]
    ]
  }

  // MARK: - People and ways to reach them

  private var recipients: JSONNode {
    SlotSchema.oneOrMore(
      SlotSchema.known(
        settings.groups.keys.sorted(), or: ["type": "string"],
        "A group of quartermaster.yaml, a record with a contact, or an address"))
  }

  private var channels: JSONNode {
    SlotSchema.oneOrMore(["enum": .texts(settings.channelNames.sorted())])
  }
}
