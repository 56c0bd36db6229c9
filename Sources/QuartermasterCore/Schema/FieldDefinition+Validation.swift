package import QuartermasterCEL

extension ClassDefinition {
  /// Refuses a row that breaks what the schema asks of its fields: required, min and max, in, pattern, length, flow.
  ///
  /// A value that stays as it was is not judged again, so that a rule added to a schema later does not block all
  /// writes of older records.
  ///
  /// - Parameters:
  ///   - row: The row to be written; values are as ``FieldDefinition/accept(_:class:)`` gave them.
  ///   - old: The stored row; nil for a new record, whose status may be any.
  /// - Throws: ``Refusal`` for the first field that breaks a rule, in the order of the schema.
  package func validate(_ row: Row, was old: Row?) throws(Refusal) {
    let (new, was) = (row.values, old?.values)
    for place in constraints.indices {
      let slot = constraintSlots[place]
      guard let was else {
        try constraints[place].validate(new[slot], was: .null, class: name)
        continue
      }
      // Most values are there and what they were: then the constraint is not even looked at.
      if case .null = new[slot] {
        try constraints[place].validate(.null, was: was[slot], class: name)
      } else if !Value.equal(at: new + slot, was + slot) {
        try constraints[place].validate(new[slot], was: was[slot], class: name)
      }
    }
  }
}

extension FieldDefinition {
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
    try FieldConstraint(self)?.validate(value, was: old, class: className)
  }

  /// Refuses a password in clear that the schema does not allow; what is kept of it is judged as required alone.
  package func validateInClear(_ password: String, class className: String) throws(Refusal) {
    try FieldConstraint(self, isInClear: true)?
      .validate(.string(password), was: .null, class: className)
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

/// What a schema asks of a field besides its type.
///
/// A class, because each write goes through those of its class.
final class FieldConstraint: Sendable {
  /// The place in a row.
  let slot: Int
  private let name: String
  private let isRequired: Bool
  private let isSecret: Bool
  private let minimum: Value?, maximum: Value?
  private let allowed: [String]?
  private let pattern: String?
  private let expression: RegularExpression?
  private let maximumLength: Int?
  private let flow: FlowDefinition?

  /// Creates the constraint of a field; nil when a type is all that is asked, or the engine makes the value.
  ///
  /// - Parameters:
  ///   - field: The field.
  ///   - isInClear: Whether a password is judged as it was given, and not what is kept of it.
  init?(_ field: FieldDefinition, isInClear: Bool = false) {
    let judgesText = !field.isPassword || isInClear
    guard field.isWritable, let slot = field.slot,
      field.isRequired || judgesText && Self.judgesText(field) || field.minimum != nil
        || field.maximum != nil || field.flow != nil
    else { return nil }
    self.slot = slot
    name = field.name
    isRequired = field.isRequired
    isSecret = field.isSecret
    minimum = field.minimum
    maximum = field.maximum
    allowed = judgesText ? field.allowed : nil
    pattern = judgesText ? field.pattern : nil
    // The loader has read it once; a pattern that cannot be read never gets here.
    expression = pattern.flatMap { try? RegularExpression($0) }
    maximumLength = judgesText ? field.maximumLength : nil
    flow = field.flow
  }

  private static func judgesText(_ field: FieldDefinition) -> Bool {
    field.allowed != nil || field.pattern != nil || field.maximumLength != nil
  }

  /// Refuses a value that the schema does not allow.
  func validate(_ value: Value, was old: Value, class className: String) throws(Refusal) {
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
      if isSecret { throw Refusal(.schema, "\(className).\(name) may not be what was given") }
      throw .notAllowed(text, "\(className).\(name)", allowed)
    }
    if let expression, !expression.matches(text) {
      throw Refusal(
        .schema,
        "\(className).\(name) needs a text that matches \(pattern ?? ""), not \(shown(text))"
      )
    }
    if let maximumLength, text.utf8.count > maximumLength,
      text.unicodeScalars.count > maximumLength
    {
      throw Refusal(
        .schema,
        "\(className).\(name) takes at most \(maximumLength) characters, not \(text.unicodeScalars.count)"
      )
    }
    if let flow { try validateMove(flow, from: old, to: text, className) }
  }

  /// Returns a text for a message; a secret stays one.
  private func shown(_ text: String) -> String {
    isSecret ? "what was given" : FieldDefinition.shortened(text)
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
