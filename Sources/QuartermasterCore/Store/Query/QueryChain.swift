internal import QuartermasterCEL

/// A sub-expression over a class or a relation as what it is: a source, and what is done to its records in turn.
struct QueryChain {
  /// Where the records come from.
  enum Source {
    /// All records of a class.
    case collection(ClassDefinition)
    /// The records that point at one record.
    case related(owner: Expr, RecordField.Relation)
  }

  /// One step of a chain.
  enum Step {
    case filter(String, Expr)
    case sortBy(String, Expr)
    case map(String, filter: Expr?, Expr)
    case exists(String, Expr)
    case all(String, Expr)
    case existsOne(String, Expr)
    case slice(Expr, Expr)
    case size, first, last, distinct, sum, min, max
    /// The scale is nil where the method has no argument.
    case average(Expr?)
  }

  /// Where the records come from.
  let source: Source
  /// The expression of the source alone, `Order` or `order.lines`.
  let sourceExpr: Expr
  /// What is done to them, in order.
  let steps: [Step]

  /// Reads an expression as a chain; nil when it is none, or has a step that is none of these.
  init?(_ expr: Expr, in checked: CheckedExpr, _ schema: Schema) {
    var steps: [Step] = []
    var current = expr
    while true {
      if let source = Self.source(current, in: checked, schema) {
        self.source = source
        sourceExpr = current
        self.steps = steps.reversed()
        return
      }
      guard let (step, target) = Self.step(current) else { return nil }
      steps.append(step)
      current = target
    }
  }

  private static func source(_ expr: Expr, in checked: CheckedExpr, _ schema: Schema) -> Source? {
    switch (checked.references[expr.id], expr.kind) {
    case (.variable(let variable), _):
      guard case .collection(let type) = variable.storage,
        schema.classes.indices.contains(type.index),
        schema.classes[type.index].recordType === type
      else { return nil }
      return .collection(schema.classes[type.index])
    case (.field(let field), .select(let select)):
      guard case .relation(let relation) = field.access, !relation.isUnique,
        schema.classes.indices.contains(relation.source.index),
        schema.classes[relation.source.index].recordType === relation.source
      else { return nil }
      return .related(owner: select.operand, relation)
    default: return nil
    }
  }

  private static func step(_ expr: Expr) -> (Step, target: Expr)? {
    switch expr.kind {
    case .comprehension(let macro):
      guard macro.variables.count == 1 else { return nil }
      let name = macro.variables[0]
      switch macro.macro {
      case .filter: return (.filter(name, macro.body), macro.target)
      case .sortBy: return (.sortBy(name, macro.body), macro.target)
      case .map: return (.map(name, filter: macro.filter, macro.body), macro.target)
      case .exists: return (.exists(name, macro.body), macro.target)
      case .all: return (.all(name, macro.body), macro.target)
      case .existsOne: return (.existsOne(name, macro.body), macro.target)
      case .groupBy, .transformList, .transformMap, .transformMapEntry, .optMap, .optFlatMap:
        return nil
      }
    case .call(let call):
      if call.target == nil, call.function == "size", call.arguments.count == 1 {
        return (.size, call.arguments[0])
      }
      guard let target = call.target else { return nil }
      switch (call.function, call.arguments.count) {
      case ("size", 0): return (.size, target)
      case ("first", 0): return (.first, target)
      case ("last", 0): return (.last, target)
      case ("distinct", 0): return (.distinct, target)
      case ("sum", 0): return (.sum, target)
      case ("min", 0): return (.min, target)
      case ("max", 0): return (.max, target)
      case ("avg", 0): return (.average(nil), target)
      case ("avg", 1): return (.average(call.arguments[0]), target)
      case ("slice", 2): return (.slice(call.arguments[0], call.arguments[1]), target)
      default: return nil
      }
    default: return nil
    }
  }
}
