internal import QuartermasterCEL

/// What hosts and streams give: names and values that are checked here, with messages that say what to do.
extension Interpreter {
  /// Returns a record that is there.
  func existing(_ definition: ClassDefinition, _ id: String) throws(Refusal) -> Record {
    if let record = try store.existing(definition.recordType, id) { return record }
    throw Refusal(.schema, "\(definition.name)/\(id) is not there")
  }

  /// Returns typed inputs of values that a host wrote: a text for a pointer is an id.
  func hostInputs(_ fields: [String: Value], _ definition: ClassDefinition) throws(Refusal)
    -> [(field: FieldDefinition, input: FieldInput)]
  {
    if fields.count == 1, let only = fields.first {
      let field = try field(only.key, of: definition)
      if field.target == nil, case .int = only.value, field.type == .integer {
        return [(field, .value(only.value))]
      }
    }
    var inputs: [(field: FieldDefinition, input: FieldInput)] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      let field = try field(name, of: definition)
      if let target = field.target, case .string(let id) = value {
        let record = store.record(try self.definition(target).recordType, id)
        inputs.append((field, .value(.record(record))))
      } else if case .double(let number) = value, case .decimal = field.type {
        throw Refusal(
          .schema,
          "\(definition.name).\(name) is an exact decimal; \(number) is a double: give a text such as \"12.50\""
        )
      } else if case .string(let text) = value, case .decimal = field.type {
        guard let number = ExactDecimal(text) else {
          throw Refusal(.schema, "\(definition.name).\(name): \"\(text)\" is no number")
        }
        inputs.append((field, .value(.decimal(number))))
      } else if case .string(let text) = value, field.type == .date || field.type == .duration {
        guard let moment = field.type.value(text: text) else {
          throw Refusal(
            .schema,
            "\(definition.name).\(name): \"\(text)\" is not \(field.type.literalHint)")
        }
        inputs.append((field, .value(moment)))
      } else {
        inputs.append((field, .value(value)))
      }
    }
    return inputs
  }

  /// Checks what a host gives to a verb against its declaration.
  func hostCall(_ name: String, _ target: Record?, _ arguments: [String: Value]) throws(Refusal)
    -> VerbCall
  {
    guard let verb = schema.verbs[name] else {
      let hint = Suggestion.closest(to: name, among: Array(schema.verbs.keys))
      throw Refusal(.schema, "no verb \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    if verb.targets.isEmpty, let target {
      throw Refusal(.schema, "\(name) takes no record, and was given \(Self.name(target))")
    }
    if !verb.targets.isEmpty, !verb.targets.contains(where: { $0 == target?.type.name }) {
      let given = target.map { "a \($0.type.name)" } ?? "nothing"
      throw Refusal(
        .schema, "\(name) is about a \(verb.targets.joined(separator: " or a ")), not \(given)")
    }
    for given in arguments.keys.sorted()
    where !verb.parameters.contains(where: { $0.name == given }) {
      let hint = Suggestion.closest(to: given, among: verb.parameters.map(\.name))
      throw Refusal(
        .schema, "\(name) has no \(given)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    var values: [String: Value] = [:]
    for parameter in verb.parameters {
      guard let value = arguments[parameter.name] else {
        if parameter.isRequired { throw Refusal(.schema, "\(name) needs \(parameter.name)") }
        continue
      }
      if case .pointer(let target) = parameter.type {
        switch value {
        case .string(let id): values[parameter.name] = .record(try existing(definition(target), id))
        case .record(let record) where record.type.name == target: values[parameter.name] = value
        case .null: values[parameter.name] = value
        default:
          throw Refusal(
            .schema, "\(name): \(parameter.name) needs a \(target), not \(value.kindText)")
        }
      } else {
        values[parameter.name] = try parameter.type.accept(value, at: "\(name): \(parameter.name)")
      }
    }
    return VerbCall(verb: name, target: target, arguments: values)
  }

  /// Raises a signal from outside, in the operation that runs.
  func raise(_ name: String, _ payload: [String: Value]) throws(Refusal) {
    guard let signal = schema.signals[name] else {
      let hint = Suggestion.closest(to: name, among: Array(schema.signals.keys))
      throw Refusal(
        .schema, "no signal \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    try access?.check(signal: name)
    var values: [String: Value] = [:]
    for parameter in signal.parameters {
      guard let value = payload[parameter.name] else {
        if parameter.isRequired {
          throw Refusal(.schema, "the signal \(name) needs \(parameter.name)")
        }
        continue
      }
      if case .pointer(let target) = parameter.type, case .string(let id) = value {
        let definition = try definition(target)
        values[parameter.name] = .record(try existing(definition, id))
      } else {
        values[parameter.name] = value
      }
    }
    try access?.check(records: values, in: self)
    for given in payload.keys.sorted()
    where !signal.parameters.contains(where: { $0.name == given }) {
      throw Refusal(.schema, "the signal \(name) has no \(given)")
    }
    op.given.append(.signal(name, values))
    op.signals.append(OperationState.RaisedSignal(name: name, payload: values, cause: nil))
  }

  /// Returns what the last operation of ``run(input:_:)`` did.
  func lastOutcome() -> Outcome { reported }
}
