internal import QuartermasterCEL

// Actions: exactly one verb, what belongs to it, and the keys that every verb may have.
extension RuleJSONSchema {
  private static let controls: [(key: String, value: JSONNode)] = [
    ("each", ["type": "string", "description": "NAME in LIST: does it for each item"]),
    ("when", SlotSchema.ref("formula", "Does it only if this holds")),
    ("as", SlotSchema.ref("name", "A name for the record that it gives")),
  ]
  private static let onceControls: [(key: String, value: JSONNode)] = [
    ("once", SlotSchema.ref("formula", "A key: done once per rule, action and key")),
    ("within", SlotSchema.ref("duration", "How long a key counts")),
  ]
  private static let testControls: [(key: String, value: JSONNode)] = [
    ("actor", SlotSchema.ref("formula", "Who does it"))
  ]

  private static let controlKeys = (controls + onceControls + testControls).map(\.key)

  private var ownVerbs: [String] { RuleFileLoader.verbs }

  private var hostVerbs: [VerbDefinition] {
    schema.verbs.values.sorted { UTF8Text.less($0.name, $1.name) }
  }

  /// Names of fields and arguments: a key that is called like a verb need not be one.
  private var slotNames: Set<String> {
    var names = Set(classes.flatMap { $0.fields.map(\.name) })
    for verb in schema.verbs.values { names.formUnion(verb.parameters.map(\.name)) }
    for call in schema.calls.values { names.formUnion(call.parameters.map(\.name)) }
    for signal in schema.signals.values { names.formUnion(signal.parameters.map(\.name)) }
    return names
  }

  func action(inTest: Bool) -> JSONNode {
    let verbs =
      ownVerbs.filter { !inTest || $0 != "reject" }
      + hostVerbs.map(\.name).filter { !ownVerbs.contains($0) }
    let certain = verbs.filter { !slotNames.contains($0) }
    let suffix = inTest ? "InTest" : ""
    var parts: [JSONNode] = verbs.map { verb in
      let isIt: JSONNode = ["required": .texts([verb])]
      let condition: JSONNode =
        certain.contains(verb)
        ? isIt
        : ["allOf": [isIt, ["not": ["anyOf": .array(certain.map { ["required": .texts([$0])] })]]]]
      return ["if": condition, "then": SlotSchema.ref("verb-\(verb)\(suffix)")]
    }
    if !inTest { parts.append(["dependentRequired": ["within": ["once"]]]) }
    let required = verbs.map { verb -> JSONNode in ["required": .texts([verb])] }
    let oneVerb: (key: String, value: JSONNode) =
      certain.count == verbs.count ? ("oneOf", .array(required)) : ("anyOf", .array(required))
    return .object([("type", "object"), oneVerb, ("allOf", .array(parts))])
  }

  /// What belongs to each verb, in rules and in tests.
  func verbDefinitions() -> [(key: String, value: JSONNode)] {
    let verbs: [(String, JSONNode)] =
      ownVerbs.map { ($0, ownVerb($0)) }
      + hostVerbs.filter { !ownVerbs.contains($0.name) }.map { ($0.name, hostVerb($0)) }
    return verbs.flatMap { name, verb -> [(key: String, value: JSONNode)] in
      [
        ("verb-\(name)", verb.extending("properties", by: Self.controls + Self.onceControls)),
        ("verb-\(name)InTest", verb.extending("properties", by: Self.controls + Self.testControls)),
      ]
    }
  }

  private func ownVerb(_ verb: String) -> JSONNode {
    switch verb {
    case "set":
      return withAnyField("set", SlotSchema.ref("formula", "Sets fields of this record"))
    case "create":
      return withFieldsOfClass(
        "create", SlotSchema.ref("class", "Makes a record of this class"), more: [])
    case "ensure":
      return withFieldsOfClass(
        "ensure", SlotSchema.ref("class", "Finds a record of this class, or makes it"),
        more: [
          (
            "match",
            ["type": "object", "minProperties": 1, "description": "The fields to find it by"]
          )
        ])
    case "delete": return closed("delete", SlotSchema.ref("formula", "Deletes this record"))
    case "advance":
      let states = classes.flatMap { $0.fields.flatMap { $0.flow?.states ?? [] } }
      var unique: [String] = []
      for state in states where !unique.contains(state) { unique.append(state) }
      return closed(
        "advance", SlotSchema.ref("formula", "Moves the status of this record along its flow"),
        more: [("to", ["enum": .texts(unique), "description": "The status to move to"])],
        required: ["to"])
    case "notify":
      return closed(
        "notify", SlotSchema.ref("recipients", "Who is told: a group, a record, an address"),
        more: [
          ("message", SlotSchema.ref("words", "The text; ${…} for a value")),
          ("title", SlotSchema.ref("words", "The title")),
          ("by", SlotSchema.ref("channels", "The ways to deliver it")),
        ], required: ["message"])
    case "reject":
      return closed("reject", SlotSchema.ref("words", "Refuses the operation with these words"))
    case "signal":
      return withArguments(
        "signal", signalName, schema.signals.mapValues(\.parameters), "Raises a signal")
    default:
      return withArguments(
        "call", ["enum": .texts(schema.calls.keys.sorted())], schema.calls.mapValues(\.parameters),
        "Calls a function of the host through the outbox")
    }
  }

  private func closed(
    _ verb: String, _ target: JSONNode, more: [(key: String, value: JSONNode)] = [],
    required: [String] = []
  ) -> JSONNode {
    [
      "properties": .object([(verb, target)] + more), "required": .texts([verb] + required),
      "additionalProperties": false,
    ]
  }

  /// `set`: which class is meant is known from the rule, if at all; any field may stand here.
  private func withAnyField(_ verb: String, _ target: JSONNode) -> JSONNode {
    var names: [String] = []
    for field in classes.flatMap(\.fields) where field.isWritable && !names.contains(field.name) {
      names.append(field.name)
    }
    let fields = names.map { (key: $0, value: SlotSchema.ref("formula")) }
    return [
      "properties": .object(
        [(verb, target)] + fields.filter { $0.key != verb && !Self.controlKeys.contains($0.key) }
          + [
            (
              "fields",
              ["type": "object", "additionalProperties": false, "properties": .object(fields)]
            )
          ]),
      "additionalProperties": false,
    ]
  }

  private func withFieldsOfClass(
    _ verb: String, _ target: JSONNode, more: [(key: String, value: JSONNode)]
  ) -> JSONNode {
    [
      "properties": .object([(verb, target), ("fields", ["type": "object"])] + more),
      "required": .texts([verb] + more.map(\.key)),
      "allOf": .array(
        classes.map { definition in
          [
            "if": Self.condition(verb, is: definition.name),
            "then": [
              "$ref": .string("#/$defs/\(verb)Of\(definition.name)")
            ],
          ]
        }),
    ]
  }

  /// Holds where a key has one certain value.
  private static func condition(_ key: String, is value: String) -> JSONNode {
    let constant: JSONNode = ["const": .string(value)]
    return ["properties": .object([(key, constant)])]
  }

  private func withArguments(
    _ verb: String, _ target: JSONNode, _ known: [String: [ParameterDefinition]], _ text: String
  ) -> JSONNode {
    let cases = known.sorted { UTF8Text.less($0.key, $1.key) }.map { name, parameters -> JSONNode in
      [
        "if": Self.condition(verb, is: name),
        "then": arguments(parameters, besides: [verb]),
      ]
    }
    return [
      "properties": .object([
        (verb, target.with([("title", .string(text))])), ("fields", ["type": "object"]),
      ]),
      "required": .texts([verb]), "allOf": .array(cases),
    ]
  }

  private func hostVerb(_ verb: VerbDefinition) -> JSONNode {
    let target = verb.targets.isEmpty ? "" : " a \(verb.targets.joined(separator: " or "))"
    let result = verb.result.map { "; gives a \($0)" } ?? ""
    let known = arguments(verb.parameters, besides: [verb.name])
    return .object([
      (
        "properties",
        .object([
          (verb.name, SlotSchema.ref("formula", "\(verb.name)\(target)\(result)")),
          ("fields", ["type": "object"]),
        ])
      ), ("required", .texts([verb.name])), ("allOf", [known]),
    ])
  }

  /// The arguments by name, here or below `fields`, and no other key.
  private func arguments(_ parameters: [ParameterDefinition], besides own: [String]) -> JSONNode {
    let properties = parameters.map { (key: $0.name, value: SlotSchema.argument($0)) }
    let needed = parameters.filter(\.isRequired).map(\.name)
    let keys =
      own + parameters.map(\.name) + ["fields"]
      + Self.controlKeys
    return [
      "properties": .object(
        properties + [
          (
            "fields",
            ["type": "object", "additionalProperties": false, "properties": .object(properties)]
          )
        ]),
      "propertyNames": ["enum": .texts(keys)],
      "anyOf": [["required": ["fields"]], ["required": .texts(needed)]],
    ]
  }

  // MARK: - Classes

  /// What is known where a class is: its fields in `create`, `ensure`, fixtures, and of its record in its rules.
  func classDefinitions(_ definition: ClassDefinition) -> [(key: String, value: JSONNode)] {
    let fields = definition.fields.filter(\.isWritable)
      .map { (key: $0.name, value: SlotSchema.field($0, of: definition)) }
    let all = definition.fields.map { (key: $0.name, value: SlotSchema.field($0, of: definition)) }
    let name = definition.name
    let own: JSONNode = [
      "type": "object", "additionalProperties": false, "properties": .object(fields),
    ]
    func actionFields(_ verb: String, _ more: [(key: String, value: JSONNode)]) -> JSONNode {
      let keys =
        [verb] + more.map(\.key) + fields.map(\.key) + ["fields"]
        + Self.controlKeys
      // A field that is called like a key of the action stands below `fields`.
      let taken = Set(
        [verb] + Self.controlKeys
          + more.map(\.key))
      return [
        "properties": .object(
          fields.filter { !taken.contains($0.key) } + more + [
            ("fields", SlotSchema.ref("fieldsOf\(name)"))
          ]),
        "propertyNames": ["enum": .texts(keys)],
      ]
    }
    let record = definition.variable
    let isRecord: JSONNode = ["const": .string(record)]
    var narrow: [JSONNode] = [
      [
        "if": ["required": ["set"], "properties": ["set": isRecord]],
        "then": actionFields("set", []),
      ]
    ]
    if let states = definition.fields.compactMap(\.flow).first?.states {
      narrow.append([
        "if": ["required": ["advance"], "properties": ["advance": isRecord]],
        "then": ["properties": ["to": ["enum": .texts(states)]]],
      ])
    }
    return [
      ("fieldsOf\(name)", own),
      (
        "fixtureOf\(name)",
        [
          "type": ["object", "null", "string"], "maxLength": 0, "additionalProperties": false,
          "properties": .object(all),
        ]
      ),
      ("createOf\(name)", actionFields("create", [])),
      ("ensureOf\(name)", actionFields("ensure", [("match", SlotSchema.ref("fieldsOf\(name)"))])),
      ("actionsOn\(name)", ["type": "object", "allOf": .array(narrow)]),
    ]
  }
}
