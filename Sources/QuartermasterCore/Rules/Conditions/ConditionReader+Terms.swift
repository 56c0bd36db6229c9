import QuartermasterCEL

// What the schema says of fields, and what arithmetic makes of it.
extension ConditionReader {
  /// Returns what a selected field may be.
  func field(_ select: Expr.Select, _ expr: Expr, _ facts: ConditionFacts) -> ValueDomain {
    let type = checked.types[expr.id]
    guard !select.isOptional, case .record(let name) = checked.types[select.operand.id].nonNull,
      let definition = schema[name]
    else { return ValueDomain(takesNull: true) }
    guard let field = definition[select.field] else {
      if select.field == "objectId" || select.field == "createdAt" {
        return ValueDomain(takesNull: false)
      }
      return ValueDomain(takesNull: type.acceptsNull || select.field == "updatedAt")
    }
    let owner = key(select.operand)
    let isOpen = owner.map { openRecords.contains($0) } ?? false
    switch field.kind {
    case .stored: return stored(field, isOpen: isOpen)
    case .rollUp(let rollUp):
      if isOpen, isNew { return ValueDomain(.int(0)) }
      return total(rollUp, field)
    case .computed(let formula):
      return computed(formula, of: definition, owner, field, isOpen: isOpen, facts)
    }
  }

  private func stored(_ field: FieldDefinition, isOpen: Bool) -> ValueDomain {
    var hasDefault = field.sequence != nil
    if case .null = field.defaultValue {} else { hasDefault = true }
    let takesNull = isOpen ? !hasDefault : field.isNullable
    var domain = ValueDomain(
      takesNull: takesNull, isWhole: field.type == .integer,
      only: field.type == .boolean ? [.bool(false), .bool(true)] : nil)
    // What is only being written is judged after the before rules.
    guard !isOpen else { return domain }
    if let minimum = field.minimum { domain.limit(from: .init(value: minimum, isIncluded: true)) }
    if let maximum = field.maximum { domain.limit(to: .init(value: maximum, isIncluded: true)) }
    if let texts = field.flow?.states ?? field.allowed { domain.keep(texts.map { .string($0) }) }
    return domain
  }

  private func total(_ rollUp: RollUpDefinition, _ field: FieldDefinition) -> ValueDomain {
    var domain = ValueDomain(takesNull: false, isWhole: field.type == .integer)
    // A sum of doubles is kept by differences, and may end a little beside 0.
    if field.type == .number { return domain }
    guard case .sum(let name) = rollUp.function else {
      domain.limit(from: Self.nought)
      return domain
    }
    guard let child = schema[rollUp.childClass], let part = child[name] else { return domain }
    let added: ValueDomain
    switch part.kind {
    case .stored: added = stored(part, isOpen: false)
    case .computed(let formula):
      added = computed(
        formula, of: child, "\(name) of a part", part, isOpen: false, ConditionFacts())
    case .rollUp(let inner): added = total(inner, part)
    }
    if added.isAtLeastZero { domain.limit(from: Self.nought) }
    if added.isAtMostZero { domain.limit(to: Self.nought) }
    return domain
  }

  private static let nought = ValueDomain.Bound(value: .int(0), isIncluded: true)

  private func computed(
    _ formula: CheckedExpr, of definition: ClassDefinition, _ owner: String?,
    _ field: FieldDefinition, isOpen: Bool, _ facts: ConditionFacts
  ) -> ValueDomain {
    let takesNull = isOpen || formula.type.acceptsNull
    var result = ValueDomain(
      takesNull: takesNull, isWhole: field.type == .integer,
      only: field.type == .boolean ? [.bool(false), .bool(true)] : nil)
    guard let owner, depth < 6 else { return result }
    var reader = ConditionReader(schema: schema, checked: formula)
    reader.aliases = [definition.variable: owner]
    reader.depth = depth + 1
    if isOpen {
      reader.openRecords = [owner]
      reader.isNew = isNew
    }
    if field.type == .boolean {
      var values: [Value] = []
      if reader.assume(formula.root, true, facts) != nil { values.append(.bool(true)) }
      if reader.assume(formula.root, false, facts) != nil { values.append(.bool(false)) }
      return ValueDomain(takesNull: takesNull, only: values)
    }
    let found = reader.domain(of: formula.root, facts)
    if field.type == .integer || field.type == .string {
      result.intersect(found)
      result.takesNull = takesNull
    } else {
      // The column keeps so many digits: rounding leaves the sign, at the most.
      if found.isAtLeastZero { result.limit(from: Self.nought) }
      if found.isAtMostZero { result.limit(to: Self.nought) }
    }
    return result
  }

  /// Returns what a function gives; nil where nothing is known of it.
  func result(of call: Expr.Call, _ type: CELType, _ facts: ConditionFacts) -> ValueDomain? {
    let parts = call.arguments
    switch (call.function, parts.count) {
    case ("size", _):
      var domain = ValueDomain(takesNull: false, isWhole: true)
      domain.limit(from: Self.nought)
      return domain
    case ("math.abs", 1):
      var domain = Self.domain(of: type)
      domain.limit(from: Self.nought)
      return domain
    case ("_?:_", 3):
      let (first, second) = (
        assume(parts[0], true, facts).map { domain(of: parts[1], $0) },
        assume(parts[0], false, facts).map { domain(of: parts[2], $0) }
      )
      guard let first else { return second }
      return second.map { first.joined($0) } ?? first
    case ("_+_", 2), ("_-_", 2), ("_*_", 2): return arithmetic(call.function, parts, type, facts)
    default: return nil
    }
  }

  private func arithmetic(
    _ function: String, _ parts: [Expr], _ type: CELType, _ facts: ConditionFacts
  ) -> ValueDomain? {
    switch type.nonNull {
    case .int, .decimal, .duration, .double: break
    default: return nil
    }
    let (a, b) = (domain(of: parts[0], facts), domain(of: parts[1], facts))
    var domain = ValueDomain(takesNull: type.acceptsNull, isWhole: type.nonNull == .int)
    func bound(
      _ x: ValueDomain.Bound?, _ y: ValueDomain.Bound?, _ combine: (Value, Value) throws -> Value
    ) -> ValueDomain.Bound? {
      guard let x, let y, let value = try? combine(x.value, y.value) else { return nil }
      // Doubles round, so that an end may be met after all.
      return .init(
        value: value, isIncluded: type.nonNull == .double || x.isIncluded && y.isIncluded)
    }
    switch function {
    case "_+_":
      if let end = bound(a.lowest, b.lowest, Value.add) { domain.limit(from: end) }
      if let end = bound(a.highest, b.highest, Value.add) { domain.limit(to: end) }
    case "_-_":
      if let end = bound(a.lowest, b.highest, Value.subtract) { domain.limit(from: end) }
      if let end = bound(a.highest, b.lowest, Value.subtract) { domain.limit(to: end) }
    default:
      // Of a product the sign is enough.
      guard type.nonNull == .int || type.nonNull == .decimal else { return domain }
      if a.isAtLeastZero, b.isAtLeastZero { domain.limit(from: Self.nought) }
    }
    return domain
  }

  // MARK: Keys

  /// Returns the text by which a term is known; nil when it may differ from one time to the next.
  func key(_ expr: Expr) -> String? {
    switch expr.kind {
    case .literal(_, let text): return text
    case .name(let name, _):
      if let alias = aliases[name] { return alias }
      return aliases.isEmpty ? name : nil
    case .select(let select): return selectKey(select)
    case .call(let call):
      if schema.functions[call.function] != nil { return nil }
      var text = ""
      if let target = call.target {
        guard let inner = key(target) else { return nil }
        text = inner + "."
      }
      text += call.function + "("
      for part in call.arguments {
        guard let inner = key(part) else { return nil }
        text += inner + ","
      }
      return text + ")"
    case .list(let elements):
      var text = "["
      for element in elements {
        guard !element.isOptional, let inner = key(element.value) else { return nil }
        text += inner + ","
      }
      return text + "]"
    case .has(let select): return selectKey(select).map { "has " + $0 }
    case .map, .comprehension, .bind:
      var callsHost = false
      expr.visit { node in
        if case .call(let call) = node.kind, schema.functions[call.function] != nil {
          callsHost = true
        }
      }
      return aliases.isEmpty && !callsHost ? expr.text : nil
    }
  }

  /// Returns the key of a selection.
  func selectKey(_ select: Expr.Select) -> String? {
    key(select.operand).map { $0 + (select.isOptional ? ".?" : ".") + select.field }
  }
}

extension ValueDomain {
  /// Whether it is never negative; null aside.
  fileprivate var isAtLeastZero: Bool {
    guard let lowest, let order = NumberOrder(lowest.value, .int(0)) else {
      return hasNoValue
    }
    return order == .greater || order == .equal
  }

  /// Whether it is never positive; null aside.
  fileprivate var isAtMostZero: Bool {
    guard let highest, let order = NumberOrder(highest.value, .int(0)) else {
      return hasNoValue
    }
    return order == .less || order == .equal
  }
}
