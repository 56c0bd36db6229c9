internal import QuartermasterCEL

/// Doing again what a host did.
extension Interpreter {
  /// Does an operation again, at the instant at which the clock stands.
  ///
  /// - Throws: A refusal, as then or otherwise.
  func replay(_ operation: HostOperation) throws(Refusal) {
    actor = try operation.actor.flatMap { name throws(Refusal) in
      guard let (definition, id) = named(name) else { return nil }
      return try store.existing(definition.recordType, id)
    }
    defer { actor = nil }
    switch operation.manner {
    case .plain:
      try run(input: "") { () throws(Refusal) in
        for change in operation.changes { try replay(change) }
      }
    case .outside:
      try run(input: "") { () throws(Refusal) in
        for change in operation.changes { try replay(change, rules: false) }
      }
    case .withoutRules:
      try runWithoutRules(input: "") { () throws(Refusal) in
        for change in operation.changes { try replay(change, rules: false) }
      }
    }
  }

  private func replay(_ change: HostChange, rules: Bool = true) throws(Refusal) {
    switch change.kind {
    case .create:
      let definition = try definition(change.name)
      _ = try giveCreate(
        definition, id: change.id, try inputs(change, definition, isNew: true), rules: rules)
    case .set:
      let definition = try definition(change.name)
      try giveSet(
        definition, id: change.id ?? "", try inputs(change, definition, isNew: false),
        rules: rules)
    case .delete: try giveDelete(try definition(change.name), id: change.id ?? "", rules: rules)
    case .verb:
      let target = try change.id.flatMap { name throws(Refusal) in
        try named(name).map { definition, id throws(Refusal) in try existing(definition, id) }
      }
      _ = try givePerform(
        try hostCall(
          change.name, target,
          arguments(change, schema.verbs[change.name]?.parameters.map { ($0.name, $0.type) })))
    case .signal:
      try raise(
        change.name,
        arguments(change, schema.signals[change.name]?.parameters.map { ($0.name, $0.type) }))
    }
  }

  private func inputs(_ change: HostChange, _ definition: ClassDefinition, isNew: Bool)
    throws(Refusal) -> [FieldAssignment]
  {
    var inputs: [FieldAssignment] = []
    for (name, json) in change.fields {
      let field = try field(name, of: definition)
      guard let value = RowJSON.stored(json, field.type) else {
        throw Refusal(.schema, "\(definition.name).\(name) cannot hold what it was given then")
      }
      inputs.append((field, .update(.set(value))))
    }
    for (name, word, operand) in change.operators {
      let field = try field(name, of: definition)
      let type: FieldType
      switch field.type {
      case .array(let of) where word != "setOnInsert": type = .array(of: of)
      default: type = field.type
      }
      guard let value = RowJSON.stored(operand, type),
        let update = FieldUpdate(word: word, operand: value)
      else {
        throw Refusal(.schema, "\(definition.name).\(name) cannot hold what it was given then")
      }
      inputs.append((field, .update(update)))
    }
    if isNew { inputs += secrets(definition, besides: inputs) }
    return inputs
  }

  /// Secrets are not in the journal: where one is needed, an empty text stands for it.
  private func secrets(_ definition: ClassDefinition, besides given: [FieldAssignment])
    -> [FieldAssignment]
  {
    definition.fields.compactMap { field in
      guard field.isSecret, field.isRequired, field.type == .string,
        !given.contains(where: { $0.field.name == field.name })
      else { return nil }
      return (field, .update(.set(.string(field.isPassword ? PasswordHash.locked : ""))))
    }
  }

  private func arguments(_ change: HostChange, _ parameters: [(name: String, type: FieldType)]?)
    -> [String: Value]
  {
    var values: [String: Value] = [:]
    for (name, json) in change.fields {
      guard let type = parameters?.first(where: { $0.name == name })?.type else { continue }
      // A pointer is given by its id.
      values[name] = RowJSON.stored(json, type) ?? .null
    }
    return values
  }

  /// Returns the class and the id of `Class/id`.
  private func named(_ name: String) -> (ClassDefinition, String)? {
    guard let slash = name.firstIndex(of: "/"), let definition = schema[String(name[..<slash])]
    else { return nil }
    return (definition, String(name[name.index(after: slash)...]))
  }
}
