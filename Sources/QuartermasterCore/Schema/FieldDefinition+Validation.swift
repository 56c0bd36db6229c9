package import QuartermasterCEL

extension ClassDefinition {
  /// Refuses a row that breaks what the schema asks of its fields: required, min and max, in, pattern, length, flow.
  ///
  /// - Parameters:
  ///   - row: The row to be written; values are as ``FieldDefinition/accept(_:class:)`` gave them.
  ///   - old: The stored row; nil for a new record, whose status may be any.
  /// - Throws: ``Refusal`` for the first field that breaks a rule, in the order of the schema.
  package func validate(_ row: Row, was old: Row?) throws(Refusal) {
    for place in constrainedFields {
      let field = fields[place]
      guard let slot = field.slot else { continue }
      try field.validate(row.values[slot], was: old?.values[slot] ?? .null, class: name)
    }
  }
}

extension FieldDefinition {
  /// Whether a value of the type may be refused by ``validate(_:was:class:)``.
  var isConstrained: Bool {
    isWritable
      && (isRequired || minimum != nil || maximum != nil || allowed != nil || pattern != nil
        || maximumLength != nil || flow != nil)
  }

  /// Refuses a value that the schema does not allow for the field.
  ///
  /// - Parameters:
  ///   - value: A value as ``accept(_:class:)`` gave it.
  ///   - old: The stored value; null for a new record.
  ///   - className: The class, for messages.
  /// - Throws: ``Refusal`` with what is allowed.
  package func validate(
    _ value: Value, was old: Value, class className: String
  ) throws(Refusal) {
    if case .null = value {
      if isRequired { throw Refusal(.schema, "\(className).\(name) is required") }
      if flow != nil, case .string(let state) = old {
        throw Refusal(
          .schema, "\(className).\(name) may not go back from \(state) to nothing")
      }
      return
    }
    if minimum != nil || maximum != nil { try validateRange(value, className) }
    guard case .string(let text) = value else { return }
    if let allowed, !allowed.contains(where: { UTF8Text.equal($0, text) }) {
      throw .notAllowed(text, "\(className).\(name)", allowed)
    }
    if let expression, !expression.matches(text) {
      throw Refusal(
        .schema,
        "\(className).\(name) needs a text that matches \(pattern ?? ""), not \(Self.shortened(text))"
      )
    }
    if let maximumLength, text.utf8.count > maximumLength, text.unicodeScalars.count > maximumLength
    {
      throw Refusal(
        .schema,
        "\(className).\(name) takes at most \(maximumLength) characters, not \(text.unicodeScalars.count)"
      )
    }
    if let flow { try validateMove(flow, from: old, to: text, className) }
  }

  private func validateRange(_ value: Value, _ className: String) throws(Refusal) {
    func isLess(_ a: Value, _ b: Value) -> Bool { (try? Value.less(a, b)) ?? false }
    if let minimum, isLess(value, minimum) {
      throw Refusal(
        .schema, "\(className).\(name) is out of range: at least \(minimum), not \(value)")
    }
    if let maximum, isLess(maximum, value) {
      throw Refusal(
        .schema, "\(className).\(name) is out of range: at most \(maximum), not \(value)")
    }
  }

  private func validateMove(
    _ flow: FlowDefinition, from old: Value, to state: String, _ className: String
  ) throws(Refusal) {
    guard flow.states.contains(where: { UTF8Text.equal($0, state) }) else {
      throw .unknownStatus(state, className, flow.states)
    }
    guard case .string(let before) = old, !UTF8Text.equal(before, state) else { return }
    // A status that the schema no longer has leads nowhere, but a row that has it may be mended.
    guard let moves = flow.moves[before] else { return }
    if moves.contains(where: { UTF8Text.equal($0, state) }) { return }
    let allowed = moves.isEmpty ? "\(before) is an end" : moves.joined(separator: ", ")
    throw Refusal(
      .schema, "\(className).\(name) may not go from \(before) to \(state) (\(allowed))")
  }

  /// Returns a text in quotes, cut to what fits in a message.
  static func shortened(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > 60 else { return Value.quoted(text) }
    var cut = String.UnicodeScalarView()
    cut.append(contentsOf: scalars.prefix(57))
    return Value.quoted(String(cut) + "…")
  }
}

extension Refusal {
  /// A text that `in:` does not list.
  static func notAllowed(_ text: String, _ field: String, _ allowed: [String]) -> Refusal {
    Refusal(
      .schema,
      "\(field) may not be \(FieldDefinition.shortened(text)) (\(allowed.joined(separator: ", ")))"
        + suggestion(text, allowed))
  }

  /// A status that the flow does not have.
  static func unknownStatus(_ text: String, _ className: String, _ states: [String]) -> Refusal {
    Refusal(
      .schema,
      "\(FieldDefinition.shortened(text)) is not a status of \(className) (\(states.joined(separator: ", ")))"
        + suggestion(text, states))
  }

  private static func suggestion(_ text: String, _ candidates: [String]) -> String {
    Suggestion.closest(to: text, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
  }
}
