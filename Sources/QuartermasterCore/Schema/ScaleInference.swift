internal import QuartermasterCEL

/// Finds how many digits after the point a decimal expression has, from the expression alone.
///
/// `+` and `-` take the larger scale, `*` adds scales, `div` and `round` say theirs. A generated column needs to know,
/// because a decimal is stored as an integer of its last digit.
struct ScaleInference {
  private let checked: CheckedExpr
  private let draft: ClassDraft
  private var locals: [String: Int] = [:]

  init(_ checked: CheckedExpr, _ draft: ClassDraft) {
    self.checked = checked
    self.draft = draft
  }

  /// Returns the scale of a part, or nil when it cannot be told.
  func scale(of expr: Expr) -> Int? {
    if checked.types[expr.id].nonNull == .int { return 0 }
    switch expr.kind {
    case .literal(_, let text): return Self.scale(ofLiteral: text)
    case .name(let name, _): return locals[name]
    case .select(let select): return scale(of: select)
    case .call(let call): return scale(of: call)
    case .bind(let name, let value, let body):
      var inner = self
      inner.locals[name] = scale(of: value)
      return inner.scale(of: body)
    case .list, .map, .has, .comprehension: return nil
    }
  }

  private static func scale(ofLiteral text: String) -> Int? {
    if text == "null" { return 0 }
    return ExactDecimal(text)?.scale
  }

  private func scale(of select: Expr.Select) -> Int? {
    guard case .name(let name, _) = select.operand.kind, name == draft.variable else { return nil }
    if case .decimal(let scale)? = draft[select.field]?.type { return scale }
    return nil
  }

  private func scale(of call: Expr.Call) -> Int? {
    let operands = (call.target.map { [$0] } ?? []) + call.arguments
    switch call.function {
    case "_+_", "_-_": return widest(operands)
    case "_*_":
      guard operands.count == 2, let a = scale(of: operands[0]), let b = scale(of: operands[1])
      else { return nil }
      return a + b
    case "_?:_": return widest(Array(operands.dropFirst()))
    case "-_", "abs", "greatest", "least", "math.abs", "math.greatest", "math.least":
      return widest(operands.filter { !isNamespace($0) })
    case "div", "round", "roundEven":
      guard let last = operands.last, case .literal(.int(let scale), _) = last.kind,
        (0...Int64(ExactDecimal.maximumScale)).contains(scale)
      else { return nil }
      return Int(scale)
    case "decimal":
      guard let operand = operands.first else { return nil }
      if case .literal(.string(let text), _) = operand.kind { return ExactDecimal(text)?.scale }
      return scale(of: operand)
    default: return nil
    }
  }

  private func isNamespace(_ expr: Expr) -> Bool {
    if case .name("math", _) = expr.kind { true } else { false }
  }

  private func widest(_ operands: [Expr]) -> Int? {
    var widest = 0
    for operand in operands {
      guard let scale = scale(of: operand) else { return nil }
      widest = max(widest, scale)
    }
    return widest
  }
}
