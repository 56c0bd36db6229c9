import QuartermasterCEL

/// The paths that the conditions of a rule look at, such as `inventory.quantity`: what an explanation of a firing, or of
/// an error, shows with their values.
struct RuleOperands {
  private(set) var found: [(text: String, checked: CheckedExpr)] = []
  private let schema: Schema
  private var seen: Set<String> = []

  init(schema: Schema) { self.schema = schema }

  /// Adds the paths of a condition, in the order of the text; each once.
  mutating func add(_ checked: CheckedExpr) { walk(checked.root, checked, bound: []) }

  private mutating func walk(_ expr: Expr, _ checked: CheckedExpr, bound: Set<String>) {
    switch expr.kind {
    case .select:
      if isPath(expr, bound), isScalar(checked.types[expr.id]) {
        note(expr, checked)
        return
      }
    case .name(let name, _):
      if !bound.contains(name), isScalar(checked.types[expr.id]), name != "now" {
        note(expr, checked)
      }
      return
    case .comprehension(let macro):
      walk(macro.target, checked, bound: bound)
      let inner = bound.union(macro.variables)
      if let filter = macro.filter { walk(filter, checked, bound: inner) }
      walk(macro.body, checked, bound: inner)
      return
    case .bind(let name, let value, let body):
      walk(value, checked, bound: bound)
      walk(body, checked, bound: bound.union([name]))
      return
    default: break
    }
    for child in expr.children { walk(child, checked, bound: bound) }
  }

  private mutating func note(_ expr: Expr, _ checked: CheckedExpr) {
    let bytes = Array(checked.parsed.source.text.utf8)
    guard expr.range.upperBound <= bytes.count else { return }
    let text = String(decoding: bytes[expr.range], as: UTF8.self)
    guard seen.insert(text).inserted, !isSecret(expr, checked) else { return }
    let parsed = ParsedExpr(
      root: expr, source: checked.parsed.source, nodeCount: checked.parsed.nodeCount)
    found.append(
      (text, CheckedExpr(parsed: parsed, types: checked.types, references: checked.references)))
  }

  /// Whether an expression is a name followed by selections, the name not one of a macro.
  private func isPath(_ expr: Expr, _ bound: Set<String>) -> Bool {
    switch expr.kind {
    case .name(let name, _): !bound.contains(name)
    case .select(let select): isPath(select.operand, bound)
    default: false
    }
  }

  private func isSecret(_ expr: Expr, _ checked: CheckedExpr) -> Bool {
    guard case .select(let select) = expr.kind,
      case .record(let name) = checked.types[select.operand.id].nonNull
    else { return false }
    return schema[name]?[select.field]?.isSecret ?? false
  }

  private func isScalar(_ type: CELType) -> Bool {
    switch type.nonNull {
    case .record, .list, .map, .type, .abstract, .error: false
    default: true
    }
  }
}
