internal import QuartermasterCEL

/// Says of expressions that their evaluation cannot fail.
enum Safety {
  /// Whether evaluation can give nothing but a value.
  ///
  /// So it is with comparisons of fields of the record itself, of one type, not null, and with what logic makes of
  /// them. Arithmetic can overflow, and other records can be gone.
  static func cannotFail(_ checked: CheckedExpr, _ subject: ClassDefinition) -> Bool {
    cannotFail(checked.root, checked, subject)
  }

  private static func cannotFail(
    _ expr: Expr, _ checked: CheckedExpr, _ subject: ClassDefinition
  ) -> Bool {
    switch expr.kind {
    case .literal: return true
    case .name:
      if case .variable(let variable)? = checked.references[expr.id],
        case .lazy = variable.storage
      {
        return false
      }
      return true
    case .select(let select):
      guard let name = select.operand.plainName, [subject.variable, "new", "old"].contains(name),
        !checked.types[select.operand.id].acceptsNull
      else { return false }
      // A deleted record fails; the engine drops its firing before.
      if let field = subject[select.field] { return field.slot != nil }
      return ["objectId", "createdAt", "updatedAt"].contains(select.field)
    case .call(let call):
      guard call.target == nil, call.arguments.allSatisfy({ cannotFail($0, checked, subject) })
      else { return false }
      switch call.function {
      case "_==_", "_!=_": return true
      case "_&&_", "_||_", "!_", "_?:_":
        return call.arguments.prefix(call.function == "_?:_" ? 1 : 2).allSatisfy {
          checked.types[$0.id] == .bool
        }
      case "_<_", "_<=_", "_>_", "_>=_":
        let types = call.arguments.map { checked.types[$0.id] }
        return types[0] == types[1] && isOrdered(types[0])
      case "@in": return true
      default: return false
      }
    case .list(let elements):
      return elements.allSatisfy { !$0.isOptional && cannotFail($0.value, checked, subject) }
    default: return false
    }
  }

  private static func isOrdered(_ type: CELType) -> Bool {
    switch type {
    case .int, .double, .string, .decimal, .timestamp, .duration, .bool: true
    default: false
    }
  }
}
