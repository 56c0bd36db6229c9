internal import QuartermasterCEL

/// The changes of a stream: JSON in Parse's encoding, through the one door.
extension Interpreter {
  /// Writes what a line says, inside an operation.
  func apply(_ line: StreamLine, rules: Bool) throws(Refusal) {
    if line.operation == .signal {
      let payload = try payload(line)
      // Without rules nobody hears it, but it is checked all the same.
      if rules { try raise(line.name, payload) }
      return
    }
    let definition = try definition(line.name)
    if definition.isSystem {
      throw Refusal(.schema, "\(definition.name) is written by the engine alone")
    }
    switch line.operation {
    case .create:
      _ = try giveCreate(definition, id: line.id, try inputs(line, definition), rules: rules)
    case .set:
      try giveSet(definition, id: line.id ?? "", try inputs(line, definition), rules: rules)
    case .delete: try giveDelete(definition, id: line.id ?? "", rules: rules)
    case .signal: break
    }
  }

  /// Writes what a plain line says, inside an operation.
  func apply(_ line: PlainStreamLine, rules: Bool) throws(Refusal) {
    switch line.operation {
    case .create:
      _ = try giveCreate(line.definition, id: line.id, line.inputs, rules: rules)
    case .set: try giveSet(line.definition, id: line.id ?? "", line.inputs, rules: rules)
    case .delete: try giveDelete(line.definition, id: line.id ?? "", rules: rules)
    case .signal: break
    }
  }

  private func inputs(_ line: StreamLine, _ definition: ClassDefinition) throws(Refusal)
    -> [FieldAssignment]
  {
    var inputs: [FieldAssignment] = []
    inputs.reserveCapacity(line.fields.count)
    for (name, value) in line.fields {
      let field = try field(name, of: definition)
      inputs.append((field, .update(try field.update(json: value, class: definition.name))))
    }
    return inputs
  }

  private func payload(_ line: StreamLine) throws(Refusal) -> [String: Value] {
    var payload: [String: Value] = [:]
    let parameters = schema.signals[line.name]?.parameters ?? []
    for (name, json) in line.fields {
      // An unknown name is refused where the signal is raised, with the same words as for a host.
      let parameter = parameters.first { UTF8Text.equal($0.name, name) }
      payload[name] =
        try parameter?.type.value(json: json, at: "\(line.name).\(name)") ?? .null
    }
    return payload
  }

  /// The most characters of a line that the row of a refusal keeps.
  private static let shownLength = 2000

  /// Returns a line as the row of a refusal keeps it: without the values of secret fields.
  func shown(_ line: StreamLine) -> String {
    let definition = schema[line.name]
    let fields: [(key: String, value: JSONValue)] = line.fields.map { name, value in
      (name, definition?[name]?.isSecret == true ? .string("•••") : value)
    }
    var members: [(key: String, value: JSONValue)] = [("op", .string(line.operation.rawValue))]
    members.append((line.operation == .signal ? "name" : "class", .string(line.name)))
    if let id = line.id { members.append(("id", .string(id))) }
    if !fields.isEmpty { members.append(("fields", .object(fields))) }
    let text = JSONWriter.text(.object(members))
    guard text.utf8.count > Self.shownLength else { return text }
    return String(text.prefix(Self.shownLength)) + "…"
  }

  /// Returns a line that can be read as the row of a refusal keeps it.
  func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    (try? StreamLine(bytes)).map(shown) ?? ""
  }

  /// Runs one operation without rules: the schema holds, nothing fires, no timer starts.
  ///
  /// Journaled as such.
  func runWithoutRules<T>(
    input: @autoclosure () -> String = "", _ body: () throws(Refusal) -> T
  ) throws(Refusal) -> T {
    try operate(.withoutRules, first: nil, prepare: {}, input: input, body).0
  }
}
