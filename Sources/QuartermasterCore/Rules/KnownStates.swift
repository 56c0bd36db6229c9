import QuartermasterCEL

/// What conditions and earlier actions say of the statuses of records, so that a move that the flow does not allow is
/// found before it is tried.
struct KnownStates {
  /// The statuses that a record may have, and whether that is sure: an edge was judged as the round began, and other
  /// rules ran since.
  struct State {
    let texts: [String]
    let isSure: Bool
  }

  private var states: [String: State] = [:]
  private var classes: [String: String] = [:]

  /// Returns what is known of a record by its name.
  subscript(name: String) -> State? { states[name] }

  /// Reads `order.status == "paid"` and its like off a condition that holds: `!=`, `in`, and several joined by `||`.
  mutating func read(_ checked: CheckedExpr, isSure: Bool, in schema: Schema) {
    for part in checked.root.operands(of: "_&&_") {
      var found: (name: String, className: String, texts: [String])?
      for side in part.operands(of: "_||_") {
        guard let (name, definition, texts) = Self.statuses(side, checked, schema),
          found == nil || found?.name == name
        else {
          found = nil
          break
        }
        let before = found?.texts ?? []
        found = (name, definition.name, before + texts.filter { !before.contains($0) })
      }
      guard let (name, className, texts) = found else { continue }
      var left = texts
      // What a condition says, it says beside those before it; an edge is past.
      if isSure, let known = states[name], known.isSure {
        left = texts.filter { known.texts.contains($0) }
        if left.isEmpty { left = texts }
      }
      states[name] = State(texts: left, isSure: isSure)
      classes[name] = className
    }
  }

  /// The statuses that one comparison leaves, and of which record.
  private static func statuses(
    _ part: Expr, _ checked: CheckedExpr, _ schema: Schema
  ) -> (name: String, definition: ClassDefinition, texts: [String])? {
    guard let (function, arguments) = part.operation, arguments.count == 2,
      ["_==_", "_!=_", "@in"].contains(function)
    else { return nil }
    for (side, other) in function == "@in" ? [(0, 1)] : [(0, 1), (1, 0)] {
      guard case .select(let select) = arguments[side].kind, let name = select.operand.plainName,
        name != "old", name != "new", let use = checked.field(arguments[side]),
        let definition = schema[use.className], definition.flowField?.name == use.field,
        let flow = definition.flowField?.flow
      else { continue }
      switch (function, arguments[other].kind) {
      case ("_==_", .literal(.string(let text), _)): return (name, definition, [text])
      case ("_!=_", .literal(.string(let text), _)):
        // A status that is null differs too.
        if definition.flowField?.isNullable ?? true { return nil }
        return (name, definition, flow.states.filter { !UTF8Text.equal($0, text) })
      case ("@in", .list(let elements)):
        var texts: [String] = []
        for element in elements {
          guard case .literal(.string(let text), _) = element.value.kind else { return nil }
          texts.append(text)
        }
        return (name, definition, texts)
      default: continue
      }
    }
    return nil
  }

  /// Notes that a record has a status now.
  mutating func set(_ name: String, of className: String, to text: String) {
    states[name] = State(texts: [text], isSure: true)
    classes[name] = className
  }

  /// Keeps only what another account says too.
  mutating func keep(_ other: KnownStates) {
    for (name, state) in states {
      guard let theirs = other.states[name] else {
        states[name] = nil
        continue
      }
      states[name] = State(
        texts: state.texts + theirs.texts.filter { !state.texts.contains($0) },
        isSure: state.isSure && theirs.isSure)
    }
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
    if let known {
      // Staying is always allowed, and one status that may move is enough.
      let isPossible = known.texts.contains { from in
        UTF8Text.equal(from, status)
          || flow.moves[from]?.contains { UTF8Text.equal($0, status) } ?? false
      }
      if !isPossible {
        context.report(
          .forbiddenMove(
            definition.name, from: known.texts, to: status, flow, isSure: known.isSure, at: span))
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
    _ className: String, from: [String], to: String, _ flow: FlowDefinition, isSure: Bool,
    at span: SourceSpan
  ) -> Diagnostic {
    let moves = from.map { state in
      let allowed = flow.moves[state] ?? []
      if allowed.isEmpty { return from.count == 1 ? "it is an end" : "\(state) is an end" }
      let list = allowed.joined(separator: ", ")
      return from.count == 1 ? list : "\(state) leads to \(list)"
    }
    return Diagnostic(
      isSure ? .error : .warning, "rules/flow",
      "\(className) may not go from \(from.joined(separator: " or ")) to \(to) (\(moves.joined(separator: "; ")))",
      at: span)
  }

  static func noMoveTo(_ status: String, of className: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/flow",
      "no move of the flow of \(className) leads to \(status), so a record gets there only when it is created; add the move to the flow, or take this action out",
      at: span)
  }
}
