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
    if let becomes = trigger.becomes { reader.read(becomes.guards, isEdge: true) }
    // An error of the edge must come to light, so nothing behind it may hide the rule. A timer's `when` is evaluated
    // when it fires, that of a later rule when it runs.
    if trigger.becomes?.cannotFail ?? true, !isTimed {
      for condition in rule.conditions {
        reader.read(condition.guards, isEdge: false)
        if !condition.cannotFail { break }
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

/// Takes those guards of conditions that hold when the index is asked as they do when the condition is evaluated.
private struct ChoiceReader {
  let subject: ClassDefinition
  let phase: CompiledRule.Phase
  let writes: RuleWrites
  var choices: [RuleIndexEntry.Choice] = []
  var ranges: [RuleIndexEntry.Range] = []

  mutating func read(_ guards: [RuleGuard], isEdge: Bool) {
    for item in guards where isSteady(item, isEdge: isEdge) {
      switch item.value {
      case .oneOf(let keys): choices.append(RuleIndexEntry.Choice(slot: item.slot, keys: keys))
      case .between(let low, let high):
        narrow(item.slot, low, high, isWholeEdge: isEdge && item.isWhole)
      }
    }
  }

  /// Whether a field has the value that the index looks at when the condition is evaluated.
  private func isSteady(_ item: RuleGuard, isEdge: Bool) -> Bool {
    // A before rule is judged on the row as those before it left it.
    if phase == .before { return !writes.beforeSlots[subject.index].contains(item.slot) }
    // The edge, `new` and `old` are fixed as the round begins; the record itself is what earlier firings made of it.
    if isEdge || item.isOfVersion { return true }
    guard item.isWritable, !writes.hasHostVerbs else { return false }
    return !writes.afterSlots[subject.index].contains(item.slot)
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
