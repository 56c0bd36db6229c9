import QuartermasterCEL

/// What a condition asks of one field of its record with a constant: what the index finds the rule by.
///
/// Read off the checked condition once, so that the tree need not stay in memory.
package struct RuleGuard: Sendable {
  /// What the field must be.
  enum Needed: Sendable {
    case oneOf([RuleIndex.Key])
    /// A number that is not less than the first and not greater than the second.
    case between(Double, Double)
  }

  let slot: Int
  let value: Needed
  /// Whether the field is one that can be set.
  let isWritable: Bool
  /// Whether it is that of `old` or `new`, which no firing changes any more.
  let isOfVersion: Bool
  /// Whether it is all that the condition asks.
  let isWhole: Bool

  /// Reads the guards of a condition, in the order in which they stand.
  ///
  /// - Parameters:
  ///   - checked: The condition.
  ///   - subject: The class whose changes wake the rule.
  ///   - names: The names under which a field counts.
  /// - Returns: The guards.
  static func read(
    _ checked: CheckedExpr, _ subject: ClassDefinition, names: Set<String>
  ) -> [RuleGuard] {
    GuardReader(checked: checked, subject: subject, names: names).guards
  }
}

/// Reads `record.field == constant`, `record.field in [constants]` and `record.field < constant` off a condition.
private struct GuardReader {
  let checked: CheckedExpr
  let subject: ClassDefinition
  let names: Set<String>

  var guards: [RuleGuard] {
    let parts = checked.root.operands(of: "_&&_")
    return parts.compactMap { read($0, isWhole: parts.count == 1) }
  }

  private func read(_ part: Expr, isWhole: Bool) -> RuleGuard? {
    func made(_ field: FieldDefinition, _ name: String, _ value: RuleGuard.Needed) -> RuleGuard? {
      guard let slot = field.slot else { return nil }
      return RuleGuard(
        slot: slot, value: value, isWritable: field.isWritable,
        isOfVersion: name == "new" || name == "old", isWhole: isWhole)
    }
    if let (field, name, low, high) = bound(part),
      let found = made(field, name, .between(low, high))
    {
      return found
    }
    guard let (field, name, values) = equality(part) else { return nil }
    let keys = values.compactMap { RuleIndex.Key($0) }
    guard keys.count == values.count, !keys.isEmpty else { return nil }
    return made(field, name, .oneOf(Array(Set(keys))))
  }

  /// Returns the field, and the numbers between which a comparison with a constant lets it be: as doubles, the ends
  /// with them, for rounding brings numbers together but never past each other.
  private func bound(_ part: Expr) -> (FieldDefinition, String, Double, Double)? {
    guard let (function, arguments) = part.operation, arguments.count == 2 else { return nil }
    let isLess: Bool
    switch function {
    case "_<_", "_<=_": isLess = true
    case "_>_", "_>=_": isLess = false
    default: return nil
    }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let (field, name) = own(arguments[side]), field.type.isNumber,
        let number = constant(arguments[other])?.nearestDouble, !number.isNaN
      else { continue }
      let isUpper = isLess == (side == 0)
      return isUpper
        ? (field, name, -Double.infinity, number) : (field, name, number, Double.infinity)
    }
    return nil
  }

  private func equality(_ part: Expr) -> (FieldDefinition, String, [Value])? {
    guard let (function, arguments) = part.operation, arguments.count == 2 else { return nil }
    if function == "_==_" {
      for (side, other) in [(0, 1), (1, 0)] {
        guard let (field, name) = own(arguments[side]), field.type.isKey,
          let value = constant(arguments[other])
        else { continue }
        return (field, name, [value])
      }
    }
    if function == "@in", let (field, name) = own(arguments[0]), field.type.isKey,
      case .list(let elements) = arguments[1].kind, !elements.isEmpty
    {
      let values = elements.compactMap { constant($0.value) }
      return values.count == elements.count ? (field, name, values) : nil
    }
    return nil
  }

  private func own(_ expr: Expr) -> (FieldDefinition, String)? {
    guard case .select(let select) = expr.kind, !select.isOptional,
      let name = select.operand.plainName, names.contains(name), let field = subject[select.field]
    else { return nil }
    return (field, name)
  }

  private func constant(_ expr: Expr) -> Value? {
    if case .constant(let value)? = checked.references[expr.id] { return value }
    if case .literal(let value, _) = expr.kind { return value }
    return nil
  }
}

extension FieldType {
  /// Whether a value of it can be looked up in a table.
  fileprivate var isKey: Bool {
    switch self {
    case .string, .integer, .boolean: true
    default: false
    }
  }

  /// Whether its values are numbers.
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number, .decimal: true
    default: false
    }
  }
}
