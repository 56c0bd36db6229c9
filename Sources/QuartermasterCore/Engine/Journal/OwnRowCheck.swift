internal import QuartermasterCEL

/// Whether a condition reads nothing but the row of its own record (its two ends included): then what it was can be told
/// exactly from the journal, whenever that was.
struct OwnRowCheck {
  private let checked: CheckedExpr
  private let definition: ClassDefinition
  private let names: Set<String>

  /// Returns whether a condition of a rule on a class reads the own row only.
  static func reads(_ checked: CheckedExpr, _ definition: ClassDefinition) -> Bool {
    let check = OwnRowCheck(
      checked: checked, definition: definition, names: ["old", "new", definition.variable])
    return check.isOwn(checked.root, [])
  }

  private func isOwn(_ expr: Expr, _ locals: Set<String>) -> Bool {
    switch expr.kind {
    case .literal: return true
    // Named values (`let`) may read anything, `actor` is another record.
    case .name(let name, _):
      return locals.contains(name) || name == "now" || names.contains(name)
    case .select(let select), .has(let select):
      guard case .record = checked.types[select.operand.id].nonNull else {
        return isOwn(select.operand, locals)
      }
      guard case .name(let name, _) = select.operand.kind, names.contains(name),
        !locals.contains(name)
      else { return false }
      return definition[select.field] != nil || Self.stamps.contains(select.field)
    case .comprehension(let macro):
      let inner = locals.union(macro.variables)
      return isOwn(macro.target, locals) && (macro.filter.map { isOwn($0, inner) } ?? true)
        && isOwn(macro.body, inner)
    case .bind(let name, let value, let body):
      return isOwn(value, locals) && isOwn(body, locals.union([name]))
    case .call, .list, .map:
      return expr.children.allSatisfy { isOwn($0, locals) }
    }
  }

  private static let stamps: Set<String> = ["objectId", "createdAt", "updatedAt"]
}
