import QuartermasterCEL

/// What the index knows of one rule.
struct RuleIndexEntry {
  /// A field, and the constants of which it must be one.
  struct Choice {
    let slot: Int
    let keys: [RuleIndex.Key]
  }

  /// A field, and the numbers between which it must be.
  struct Range {
    let slot: Int
    var low = -Double.infinity
    var high = Double.infinity
    /// Whether it is all that `becomes` asks, so that a value that was inside already wakes nothing.
    let isWholeEdge: Bool
  }

  /// The rule's own index.
  let rule: Int
  let kinds: CompiledTrigger.RecordTrigger.Kinds
  /// The slots of which one must differ; nil for any.
  let slots: [Int]?
  /// The fields that it can be found by.
  let choices: [Choice]
  /// The numbers that it can be found by.
  let ranges: [Range]

  init(
    _ rule: CompiledRule, _ trigger: CompiledTrigger.RecordTrigger, schema: Schema,
    writes: RuleWrites
  ) {
    let subject = schema.classes[trigger.classIndex]
    let isTimed = trigger.hold != nil || trigger.due != nil
    self.rule = rule.index
    kinds = trigger.kinds
    slots = isTimed ? nil : Self.slots(trigger, subject, rule.phase, writes)
    var reader = ChoiceReader(subject: subject, phase: rule.phase, writes: writes)
    if let becomes = trigger.becomes {
      reader.read(becomes.checked, isEdge: true, names: [subject.variable])
    }
    // An error of the edge must come to light, so nothing behind it may hide the rule. A timer's `when` is evaluated
    // when it fires, that of a later rule when it runs.
    let isEdgeSafe = trigger.becomes.map { Safety.cannotFail($0.checked, subject) } ?? true
    if isEdgeSafe, !isTimed {
      for condition in rule.conditions {
        var names: Set<String> = trigger.kinds == .deleted ? ["old"] : ["new"]
        if rule.phase != .later, trigger.kinds != .deleted { names.insert(subject.variable) }
        reader.read(condition.checked, isEdge: false, names: names)
        if !Safety.cannotFail(condition.checked, subject) { break }
      }
    }
    choices = reader.choices
    ranges = isTimed ? [] : reader.ranges
  }

  /// The slots that the trigger's fields depend on; nil when a before rule may change one on the way.
  private static func slots(
    _ trigger: CompiledTrigger.RecordTrigger, _ subject: ClassDefinition,
    _ phase: CompiledRule.Phase, _ writes: RuleWrites
  ) -> [Int]? {
    guard let fields = trigger.fields else { return nil }
    var slots: Set<Int> = []
    for place in fields {
      let field = subject.fields[place]
      if let slot = field.slot {
        slots.insert(slot)
      } else {
        guard case .computed(let checked) = field.kind else { return nil }
        guard let read = storedSlots(checked.root, subject, depth: 0) else { return nil }
        slots.formUnion(read)
      }
    }
    if phase == .before, !slots.isDisjoint(with: writes.beforeSlots[subject.index]) { return nil }
    return slots.sorted()
  }

  /// The slots of the stored fields that a computed field reads, through other computed ones.
  private static func storedSlots(
    _ expr: Expr, _ subject: ClassDefinition, depth: Int
  ) -> Set<Int>? {
    guard depth < 50 else { return nil }
    var slots: Set<Int> = []
    var isWhole = true
    expr.visit { node in
      let select: Expr.Select
      switch node.kind {
      case .select(let found), .has(let found): select = found
      default: return
      }
      guard select.operand.plainName == subject.variable else { return }
      if select.field == "objectId" { return }
      if select.field == "createdAt" || select.field == "updatedAt" {
        isWhole = false
        return
      }
      guard let field = subject[select.field] else {
        isWhole = false
        return
      }
      if let slot = field.slot {
        slots.insert(slot)
      } else if case .computed(let inner) = field.kind,
        let more = storedSlots(inner.root, subject, depth: depth + 1)
      {
        slots.formUnion(more)
      } else {
        isWhole = false
      }
    }
    return isWhole ? slots : nil
  }
}

/// Reads `record.field == constant`, `record.field in [constants]` and `record.field < constant` off conditions.
private struct ChoiceReader {
  let subject: ClassDefinition
  let phase: CompiledRule.Phase
  let writes: RuleWrites
  var choices: [RuleIndexEntry.Choice] = []
  var ranges: [RuleIndexEntry.Range] = []

  mutating func read(_ checked: CheckedExpr, isEdge: Bool, names: Set<String>) {
    let parts = checked.root.operands(of: "_&&_")
    for part in parts {
      if let (field, name, low, high) = bound(part, checked, names), let slot = field.slot,
        isSteady(field, slot, isEdge: isEdge, name)
      {
        narrow(slot, low, high, isWholeEdge: isEdge && parts.count == 1)
        continue
      }
      guard let (field, name, values) = equality(part, checked, names), let slot = field.slot,
        isSteady(field, slot, isEdge: isEdge, name)
      else { continue }
      let keys = values.compactMap { RuleIndex.Key($0) }
      guard keys.count == values.count, !keys.isEmpty else { continue }
      choices.append(RuleIndexEntry.Choice(slot: slot, keys: Array(Set(keys))))
    }
  }

  /// Whether a field has the value that the index looks at when the condition is evaluated.
  private func isSteady(
    _ field: FieldDefinition, _ slot: Int, isEdge: Bool, _ name: String
  ) -> Bool {
    // A before rule is judged on the row as those before it left it.
    if phase == .before { return !writes.beforeSlots[subject.index].contains(slot) }
    // The edge, `new` and `old` are fixed as the round begins; the record itself is what earlier firings made of it.
    if isEdge || name == "new" || name == "old" { return true }
    guard field.isWritable, !writes.hasHostVerbs else { return false }
    return !writes.afterSlots[subject.index].contains(slot)
  }

  private mutating func narrow(
    _ slot: Int, _ low: Double, _ high: Double, isWholeEdge: Bool
  ) {
    guard let place = ranges.firstIndex(where: { $0.slot == slot && !$0.isWholeEdge }),
      !isWholeEdge
    else {
      ranges.append(
        RuleIndexEntry.Range(slot: slot, low: low, high: high, isWholeEdge: isWholeEdge))
      return
    }
    ranges[place].low = max(ranges[place].low, low)
    ranges[place].high = min(ranges[place].high, high)
  }

  /// Returns the field, and the numbers between which a comparison with a constant lets it be: as doubles, the ends
  /// with them, for rounding brings numbers together but never past each other.
  private func bound(
    _ part: Expr, _ checked: CheckedExpr, _ names: Set<String>
  ) -> (FieldDefinition, String, Double, Double)? {
    guard let (function, arguments) = part.operation, arguments.count == 2 else { return nil }
    let isLess: Bool
    switch function {
    case "_<_", "_<=_": isLess = true
    case "_>_", "_>=_": isLess = false
    default: return nil
    }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let (field, name) = own(arguments[side], names), field.type.isNumber,
        let number = Self.constant(arguments[other], checked)?.nearestDouble, !number.isNaN
      else { continue }
      let isUpper = isLess == (side == 0)
      return isUpper
        ? (field, name, -Double.infinity, number) : (field, name, number, Double.infinity)
    }
    return nil
  }

  private func equality(
    _ part: Expr, _ checked: CheckedExpr, _ names: Set<String>
  ) -> (FieldDefinition, String, [Value])? {
    guard let (function, arguments) = part.operation, arguments.count == 2 else { return nil }
    if function == "_==_" {
      for (side, other) in [(0, 1), (1, 0)] {
        guard let (field, name) = own(arguments[side], names), field.type.isKey,
          let value = Self.constant(arguments[other], checked)
        else { continue }
        return (field, name, [value])
      }
    }
    if function == "@in", let (field, name) = own(arguments[0], names), field.type.isKey,
      case .list(let elements) = arguments[1].kind, !elements.isEmpty
    {
      let values = elements.compactMap { Self.constant($0.value, checked) }
      return values.count == elements.count ? (field, name, values) : nil
    }
    return nil
  }

  private func own(_ expr: Expr, _ names: Set<String>) -> (FieldDefinition, String)? {
    guard case .select(let select) = expr.kind, !select.isOptional,
      let name = select.operand.plainName, names.contains(name), let field = subject[select.field]
    else { return nil }
    return (field, name)
  }

  private static func constant(_ expr: Expr, _ checked: CheckedExpr) -> Value? {
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

extension Value {
  /// The double nearest to a number; nil for what is none.
  var nearestDouble: Double? {
    switch self {
    case .int(let number): Double(number)
    case .uint(let number): Double(number)
    case .double(let number): number
    case .decimal(let number): number.doubleValue
    default: nil
    }
  }
}

/// Which stored fields the rules of a set may write, by class.
struct RuleWrites {
  /// The slots that before rules set.
  private(set) var beforeSlots: [Set<Int>]
  /// The slots that rules of the phase after set, or clear by deleting what they point at.
  private(set) var afterSlots: [Set<Int>]
  /// Whether one of those uses a verb of the host, of which nobody can say what it writes.
  private(set) var hasHostVerbs = false

  init(_ rules: [CompiledRule], schema: Schema) {
    let empty: [Set<Int>] = Array(repeating: [], count: schema.classes.count)
    (beforeSlots, afterSlots) = (empty, empty)
    for rule in rules where rule.phase != .later {
      for action in rule.actions { note(action.verb, rule.phase, schema) }
    }
  }

  private mutating func note(
    _ verb: CompiledAction.Verb, _ phase: CompiledRule.Phase, _ schema: Schema
  ) {
    switch verb {
    case .set(let target, let given):
      for assignment in given { add(target.type, assignment.field, phase, schema) }
    case .advance(let target, let field, _, _): add(target.type, field, phase, schema)
    case .delete:
      // Whatever goes with it: any pointer may be cleared.
      for definition in schema.classes {
        for field in definition.fields where field.target != nil {
          if let slot = field.slot { afterSlots[definition.index].insert(slot) }
        }
      }
    case .host: hasHostVerbs = true
    case .create, .ensure, .notify, .reject, .signal, .call: break
    }
  }

  private mutating func add(
    _ type: CELType, _ field: FieldDefinition, _ phase: CompiledRule.Phase, _ schema: Schema
  ) {
    guard case .record(let name) = type.nonNull, let definition = schema[name],
      let slot = field.slot
    else { return }
    if phase == .before {
      beforeSlots[definition.index].insert(slot)
    } else {
      afterSlots[definition.index].insert(slot)
    }
  }
}

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
