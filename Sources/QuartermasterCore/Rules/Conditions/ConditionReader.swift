import QuartermasterCEL

/// Works out what a condition makes of what is known: what must be so when it is true, or false, and whether it can.
///
/// It never says of a condition that it cannot be true when a record could make it true. What it cannot read, it takes
/// for something that may be either. An error is neither true nor false.
struct ConditionReader {
  let schema: Schema
  let checked: CheckedExpr
  /// What names are called in the keys of facts, where that is something else: the record of a computed field.
  var aliases: [String: String] = [:]
  /// The records of which the schema is not true yet, because they are only being written.
  var openRecords: Set<String> = []
  /// Whether the totals of such a record are 0 still.
  var isNew = false
  /// How deep in computed fields of computed fields it is.
  var depth = 0

  /// Returns what is known when an expression is true, or false; nil when it cannot be.
  func assume(_ expr: Expr, _ value: Bool, _ facts: ConditionFacts) -> ConditionFacts? {
    switch expr.kind {
    case .literal(.bool(let flag), _): return flag == value ? facts : nil
    case .call(let call) where call.target == nil:
      return assume(call, expr, value, facts)
    case .has(let select):
      // Whether a relation holds a record is not known.
      guard case .record(let name) = checked.types[select.operand.id].nonNull,
        schema[name]?[select.field] != nil
      else { return term(expr, value, facts) }
      var domain = field(select, expr, facts)
      if value {
        domain.exclude(.null)
      } else {
        domain.intersect(ValueDomain(.null))
      }
      return note(selectKey(select), domain, facts).flatMap { term(expr, value, $0) }
    case .comprehension(let macro): return assume(macro, expr, value, facts)
    case .bind(_, _, let body):
      return assume(body, value, facts) == nil ? nil : term(expr, value, facts)
    default: return term(expr, value, facts)
    }
  }

  private func assume(
    _ call: Expr.Call, _ expr: Expr, _ value: Bool, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    let parts = call.arguments
    switch (call.function, parts.count) {
    case ("!_", 1): return assume(parts[0], !value, facts)
    case ("_&&_", 2), ("_||_", 2):
      // Of both parts it is said, or of one of them.
      if (call.function == "_&&_") == value {
        return assume(parts[0], value, facts).flatMap { assume(parts[1], value, $0) }
      }
      return Self.either(assume(parts[0], value, facts), assume(parts[1], value, facts))
    case ("_?:_", 3):
      return Self.either(
        assume(parts[0], true, facts).flatMap { assume(parts[1], value, $0) },
        assume(parts[0], false, facts).flatMap { assume(parts[2], value, $0) })
    case ("_==_", 2): return equality(parts, value, facts).flatMap { term(expr, value, $0) }
    case ("_!=_", 2): return equality(parts, !value, facts).flatMap { term(expr, value, $0) }
    case ("_<_", 2), ("_<=_", 2), ("_>_", 2), ("_>=_", 2):
      return order(call.function, parts, value, facts).flatMap { term(expr, value, $0) }
    case ("@in", 2): return membership(parts, value, facts).flatMap { term(expr, value, $0) }
    default: return term(expr, value, facts)
    }
  }

  private static func either(_ a: ConditionFacts?, _ b: ConditionFacts?) -> ConditionFacts? {
    guard let a else { return b }
    guard let b else { return a }
    return a.joined(b)
  }

  /// What is true or false as a whole.
  private func term(_ expr: Expr, _ value: Bool, _ facts: ConditionFacts) -> ConditionFacts? {
    var domain = self.domain(of: expr, facts)
    domain.keep([.bool(value)])
    domain.exclude(.null)
    return note(key(expr), domain, facts)
  }

  private func note(
    _ key: String?, _ domain: ValueDomain, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    var facts = facts
    return facts.set(key, domain) ? facts : nil
  }

  // MARK: Comparisons

  private func equality(
    _ parts: [Expr], _ value: Bool, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    guard let facts = relate(parts, value ? .equal : .different, facts) else { return nil }
    // An integer beside a double is compared as a double, which near 2^53 is not exact.
    if (types(parts).filter { $0 == .double }).count == 1 { return facts }
    var (a, b) = (domain(of: parts[0], facts), domain(of: parts[1], facts))
    if value {
      let first = a
      a.intersect(b)
      b.intersect(first)
    } else {
      let (one, other) = (a.single, b.single)
      if let other { a.exclude(other) }
      if let one { b.exclude(one) }
    }
    return note(key(parts[0]), a, facts).flatMap { note(key(parts[1]), b, $0) }
  }

  private func order(
    _ function: String, _ parts: [Expr], _ value: Bool, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    let types = types(parts)
    // Null has no order: where there is a value, it was none. Not a number has one with nothing, so that what is
    // not less need not be greater.
    let isExact = types.allSatisfy { $0 != .double && $0 != .dyn && $0 != .error }
    if !isExact, !value { return facts }
    var isLess = function == "_<_" || function == "_<=_"
    var isStrict = function == "_<_" || function == "_>_"
    if !value {
      isLess.toggle()
      isStrict.toggle()
    }
    let (low, high) = isLess ? (parts[0], parts[1]) : (parts[1], parts[0])
    guard let facts = relate([low, high], isStrict ? .less : [.less, .equal], facts) else {
      return nil
    }
    if (types.filter { $0 == .double }).count == 1 { return facts }
    var (a, b) = (domain(of: low, facts), domain(of: high, facts))
    a.exclude(.null)
    b.exclude(.null)
    if let end = b.highest {
      a.limit(to: .init(value: end.value, isIncluded: end.isIncluded && !isStrict))
    }
    if let end = a.lowest {
      b.limit(from: .init(value: end.value, isIncluded: end.isIncluded && !isStrict))
    }
    return note(key(low), a, facts).flatMap { note(key(high), b, $0) }
  }

  /// Notes how two terms stand to each other.
  private func relate(
    _ parts: [Expr], _ order: ConditionFacts.Order, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    guard let a = key(parts[0]), let b = key(parts[1]) else { return facts }
    if a == b {
      // A value is equal to itself, if it is a number at all.
      switch checked.types[parts[0].id].nonNull {
      case .bool, .int, .uint, .decimal, .string, .bytes, .timestamp, .duration, .record:
        return order.contains(.equal) ? facts : nil
      default: return facts
      }
    }
    var facts = facts
    return facts.relate(a, b, order) ? facts : nil
  }

  private func membership(
    _ parts: [Expr], _ value: Bool, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    guard case .list(let elements) = parts[1].kind else { return facts }
    if value, elements.isEmpty { return nil }
    let values = elements.map { $0.isOptional ? nil : constant($0.value) }
    guard !types(parts.prefix(1) + elements.map(\.value)).contains(.double) else { return facts }
    var domain = domain(of: parts[0], facts)
    if value {
      var listed: [Value] = []
      var hasNull = false
      for value in values {
        guard let value else { return facts }
        if case .null = value { hasNull = true } else { listed.append(value) }
      }
      if !hasNull { domain.exclude(.null) }
      domain.keep(listed)
    } else {
      for case let value? in values { domain.exclude(value) }
    }
    return note(key(parts[0]), domain, facts)
  }

  private func types(_ parts: some Sequence<Expr>) -> [CELType] {
    parts.map { checked.types[$0.id].nonNull }
  }

  // MARK: Macros

  private func assume(
    _ macro: Expr.Comprehension, _ expr: Expr, _ value: Bool, _ facts: ConditionFacts
  ) -> ConditionFacts? {
    // What must hold of an element must be able to hold of one.
    switch (macro.macro, value) {
    case (.exists, true), (.existsOne, true):
      if assume(macro.body, true, facts) == nil { return nil }
    case (.all, false):
      if assume(macro.body, false, facts) == nil { return nil }
    default: break
    }
    return term(expr, value, facts)
  }

  // MARK: Values

  /// Returns the value of a literal.
  func constant(_ expr: Expr) -> Value? {
    switch checked.references[expr.id] {
    case .constant(let value)?: return value
    case .variable(let variable)?:
      if case .constant(let value) = variable.storage { return value }
      return nil
    default: break
    }
    switch expr.kind {
    case .literal(let value, _): return value
    case .call(let call) where call.function == "-_" && call.arguments.count == 1:
      return constant(call.arguments[0]).flatMap { try? Value.subtract(Self.zero(like: $0), $0) }
    default: return nil
    }
  }

  private static func zero(like value: Value) -> Value {
    switch value {
    case .double: .double(0)
    case .duration: .duration(TimeSpan(nanoseconds: 0))
    default: .int(0)
    }
  }

  /// Returns what an expression may be.
  func domain(of expr: Expr, _ facts: ConditionFacts) -> ValueDomain {
    if let value = constant(expr) { return ValueDomain(value) }
    var found = structure(expr, facts)
    if let key = key(expr), let known = facts[key] { found.intersect(known) }
    return found
  }

  private func structure(_ expr: Expr, _ facts: ConditionFacts) -> ValueDomain {
    if case .variable(let variable)? = checked.references[expr.id] {
      return Self.domain(of: variable.type)
    }
    let type = checked.types[expr.id]
    switch expr.kind {
    case .select(let select): return field(select, expr, facts)
    case .call(let call): return result(of: call, type, facts) ?? Self.domain(of: type)
    default: return Self.domain(of: type)
    }
  }

  static func domain(of type: CELType) -> ValueDomain {
    switch type.nonNull {
    case .bool: ValueDomain(takesNull: type.acceptsNull, only: [.bool(false), .bool(true)])
    case .null: ValueDomain(.null)
    case .int: ValueDomain(takesNull: type.acceptsNull, isWhole: true)
    default: ValueDomain(takesNull: type.acceptsNull)
    }
  }
}
