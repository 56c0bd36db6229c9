internal import QuartermasterCEL

/// Finds the slots of a class that formulas over its rows are made from.
final class DependencyReader {
  private let schema: Schema

  init(_ schema: Schema) { self.schema = schema }

  /// Returns the slots of the child that a roll-up is made from, without the pointer itself.
  func slots(of definition: RollUpDefinition, _ child: ClassDefinition) -> SlotSet {
    var slots = SlotSet()
    for field in fields(of: definition, child) {
      if let slot = child.fields[field].slot { slots.insert(slot) }
    }
    return slots
  }

  /// Returns how many roll-ups stand one above the other below a roll-up.
  func depth(of definition: RollUpDefinition, _ child: ClassDefinition) -> Int {
    var depth = 0
    for field in fields(of: definition, child) {
      guard case .rollUp(let inner) = child.fields[field].kind, let below = schema[inner.childClass]
      else { continue }
      depth = max(depth, self.depth(of: inner, below) + 1)
    }
    return depth
  }

  /// Returns the stored fields and roll-ups of a class that its own computed field or condition reads.
  func fields(_ checked: CheckedExpr, of definition: ClassDefinition) -> Set<Int> {
    var found: Set<Int> = []
    for reference in checked.references {
      guard case .field(let read)? = reference, let field = definition[read.name] else { continue }
      found.formUnion(fields(field, of: definition))
    }
    return found
  }

  private func fields(of definition: RollUpDefinition, _ child: ClassDefinition) -> Set<Int> {
    var found: Set<Int> = []
    if case .sum(let name) = definition.function, let field = child[name] {
      found.formUnion(fields(field, of: child))
    }
    if let condition = definition.condition { found.formUnion(fields(condition, of: child)) }
    return found
  }

  private func fields(_ field: FieldDefinition, of definition: ClassDefinition) -> Set<Int> {
    if case .computed(let checked) = field.kind { return fields(checked, of: definition) }
    return [field.index]
  }
}
