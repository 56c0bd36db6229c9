import QuartermasterCEL

/// What conditions and earlier actions say of the statuses of records, so that a move that the flow does not allow is
/// found before it is tried.
struct KnownStates {
  /// A status, and whether it is sure: an edge was judged as the round began, and other rules ran since.
  struct State {
    let text: String
    let isSure: Bool
  }

  private var states: [String: State] = [:]
  private var classes: [String: String] = [:]

  /// Returns what is known of a record by its name.
  subscript(name: String) -> State? { states[name] }

  /// Reads `order.status == "paid"` off a condition that holds.
  mutating func read(_ checked: CheckedExpr, isSure: Bool, in schema: Schema) {
    for part in checked.root.operands(of: "_&&_") {
      guard let (function, arguments) = part.operation, function == "_==_", arguments.count == 2
      else { continue }
      for (side, other) in [(0, 1), (1, 0)] {
        guard case .select(let select) = arguments[side].kind, let name = select.operand.plainName,
          name != "old", name != "new", let use = checked.field(arguments[side]),
          let definition = schema[use.className], definition.flowField?.name == use.field,
          case .literal(.string(let text), _) = arguments[other].kind
        else { continue }
        states[name] = State(text: text, isSure: isSure)
        classes[name] = use.className
      }
    }
  }

  /// Notes that a record has a status now.
  mutating func set(_ name: String, of className: String, to text: String) {
    states[name] = State(text: text, isSure: true)
    classes[name] = className
  }

  /// Keeps only what another account says too.
  mutating func keep(_ other: KnownStates) {
    for (name, state) in states where other.states[name]?.text != state.text { states[name] = nil }
  }

  /// Forgets the statuses of the records of a class, or of all.
  mutating func forget(_ className: String? = nil) {
    guard let className else {
      states = [:]
      return
    }
    for (name, owner) in classes where owner == className { states[name] = nil }
  }
}

extension ScopeChecker {
  /// Checks a move of a flow, as far as the status before it is known, and notes the one after it.
  ///
  /// - Parameters:
  ///   - target: The record.
  ///   - definition: Its class.
  ///   - field: The field with the flow.
  ///   - status: The status that it is set to.
  ///   - isCertain: Whether the action runs in any case, once.
  ///   - span: Where the status stands.
  func checkMove(
    of target: CheckedExpr, _ definition: ClassDefinition, _ field: FieldDefinition,
    to status: String, isCertain: Bool, at span: SourceSpan
  ) {
    guard isStored, !isTest, let flow = field.flow else { return }
    let name = target.root.plainName
    let known = name.flatMap { states[$0] }
    if let known, !UTF8Text.equal(known.text, status) {
      let allowed = flow.moves[known.text] ?? []
      if !allowed.contains(where: { UTF8Text.equal($0, status) }) {
        context.report(
          .forbiddenMove(
            definition.name, from: known.text, to: status, allowed, isSure: known.isSure, at: span))
      }
    } else if known == nil,
      !flow.moves.values.contains(where: { $0.contains { UTF8Text.equal($0, status) } })
    {
      context.report(.noMoveTo(status, of: definition.name, at: span))
    }
    // Another name may mean the same record.
    states.forget(definition.name)
    if let name, isCertain { states.set(name, of: definition.name, to: status) }
  }
}

extension Diagnostic {
  static func forbiddenMove(
    _ className: String, from: String, to: String, _ allowed: [String], isSure: Bool,
    at span: SourceSpan
  ) -> Diagnostic {
    let list = allowed.isEmpty ? "it is an end" : allowed.joined(separator: ", ")
    return Diagnostic(
      isSure ? .error : .warning, "rules/flow",
      "\(className) may not go from \(from) to \(to) (\(list))", at: span)
  }

  static func noMoveTo(_ status: String, of className: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/flow", "no move of the flow of \(className) leads to \(status)", at: span)
  }
}
