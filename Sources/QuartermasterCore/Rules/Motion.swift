import QuartermasterCEL

/// What a write can do to a value, as far as the rule files tell.
enum Motion: Sendable, Hashable {
  /// It stays.
  case same
  /// It stays or grows; of a condition: it can become true, not false.
  case up
  /// It stays or shrinks; of a condition: it can become false, not true.
  case down
  /// Anything.
  case any

  /// The opposite direction.
  var reversed: Motion {
    switch self {
    case .up: .down
    case .down: .up
    case .same, .any: self
    }
  }

  /// What comes of two parts that add up.
  func joined(_ other: Motion) -> Motion {
    if self == other || other == .same { return self }
    return self == .same ? other : .any
  }
}

/// What is known of a value after a write.
struct Knowledge: Sendable {
  /// The value itself, where the rule files say it.
  var value: Value?
  /// How it moved.
  var motion: Motion

  /// Nothing is known.
  static let nothing = Knowledge(value: nil, motion: .any)
  /// It is what it was, and nobody knows what that is.
  static let untouched = Knowledge(value: nil, motion: .same)

  /// The value as a condition.
  var flag: Bool? {
    if case .bool(let flag) = value { flag } else { nil }
  }
}

/// Works out what a write makes of expressions over one record: enough to see that an edge cannot be, never more
/// than the write itself says.
struct MotionReader {
  /// The class of the record.
  let subject: ClassDefinition
  /// The names under which the record as it is now is known: its own and `new`.
  let names: Set<String>
  /// The name under which it is known as it was, if any.
  let oldName: String?
  /// Whether there was a record under that name.
  let wasThere: Bool
  /// What is known of a stored field or a roll-up.
  let known: (FieldDefinition) -> Knowledge
  /// What a verb declares of a computed field, which then need not be worked out.
  let declared: (FieldDefinition) -> Knowledge?

  /// Returns what is known of an expression.
  func read(_ expr: Expr) -> Knowledge {
    switch expr.kind {
    case .literal(let value, _): return Knowledge(value: value, motion: .same)
    case .select(let select):
      guard let name = select.operand.plainName else { return .nothing }
      if name == oldName { return .untouched }
      guard names.contains(name) else { return .nothing }
      return read(field: select.field)
    case .call(let call) where call.target == nil: return read(call.function, call.arguments)
    default: return .nothing
    }
  }

  /// Returns what is known of a field of the record.
  func read(field name: String) -> Knowledge {
    guard let field = subject[name] else {
      return name == "objectId" ? .untouched : .nothing
    }
    if case .computed(let checked) = field.kind {
      if let knowledge = declared(field) { return knowledge }
      let inner = MotionReader(
        subject: subject, names: [subject.variable], oldName: nil, wasThere: false, known: known,
        declared: declared)
      return inner.read(checked.root)
    }
    return known(field)
  }

  private func read(_ function: String, _ arguments: [Expr]) -> Knowledge {
    switch (function, arguments.count) {
    case ("!_", 1):
      let inner = read(arguments[0])
      return Knowledge(value: inner.flag.map { .bool(!$0) }, motion: inner.motion.reversed)
    case ("_&&_", 2): return logical(arguments, deciding: false)
    case ("_||_", 2): return logical(arguments, deciding: true)
    case ("_?:_", 3):
      let condition = read(arguments[0])
      let (first, second) = (read(arguments[1]), read(arguments[2]))
      if let flag = condition.flag {
        let taken = flag ? first : second
        return Knowledge(
          value: taken.value, motion: condition.motion == .same ? taken.motion : .any)
      }
      return Knowledge(
        value: nil, motion: condition.motion == .same ? first.motion.joined(second.motion) : .any)
    case ("_+_", 2):
      return Knowledge(
        value: nil, motion: read(arguments[0]).motion.joined(read(arguments[1]).motion))
    case ("_-_", 2):
      return Knowledge(
        value: nil, motion: read(arguments[0]).motion.joined(read(arguments[1]).motion.reversed))
    case ("-_", 1): return Knowledge(value: nil, motion: read(arguments[0]).motion.reversed)
    case ("_*_", 2): return product(arguments)
    case ("_==_", 2), ("_!=_", 2), ("_<_", 2), ("_<=_", 2), ("_>_", 2), ("_>=_", 2):
      return comparison(function, arguments)
    case ("@in", 2): return membership(arguments)
    default:
      let all = arguments.map { read($0).motion }
      return Knowledge(value: nil, motion: all.allSatisfy { $0 == .same } ? .same : .any)
    }
  }

  private func logical(_ arguments: [Expr], deciding: Bool) -> Knowledge {
    let parts = arguments.map { read($0) }
    let motion = parts[0].motion.joined(parts[1].motion)
    if parts.contains(where: { $0.flag == deciding }) {
      return Knowledge(value: .bool(deciding), motion: motion)
    }
    if parts.allSatisfy({ $0.flag == !deciding }) {
      return Knowledge(value: .bool(!deciding), motion: motion)
    }
    return Knowledge(value: nil, motion: motion)
  }

  private func product(_ arguments: [Expr]) -> Knowledge {
    let parts = arguments.map { read($0) }
    for (factor, other) in [(0, 1), (1, 0)] {
      guard parts[factor].motion == .same, let value = parts[factor].value,
        let order = NumberOrder(value, .int(0))
      else { continue }
      let motion = parts[other].motion
      switch order {
      case .greater: return Knowledge(value: nil, motion: motion)
      case .less: return Knowledge(value: nil, motion: motion.reversed)
      case .equal: return .untouched
      case .unordered: return .nothing
      }
    }
    return Knowledge(value: nil, motion: parts.allSatisfy { $0.motion == .same } ? .same : .any)
  }

  private func comparison(_ function: String, _ arguments: [Expr]) -> Knowledge {
    let (a, b) = (read(arguments[0]), read(arguments[1]))
    if let flag = newAgainstOld(function, arguments) ?? oldAgainstNull(function, arguments) {
      return Knowledge(value: .bool(flag), motion: .any)
    }
    var result = Knowledge(value: nil, motion: .any)
    let apart = a.motion.joined(b.motion.reversed)
    switch function {
    case "_>_", "_>=_": result.motion = apart
    case "_<_", "_<=_": result.motion = apart.reversed
    default: result.motion = apart == .same ? .same : .any
    }
    if let x = a.value, let y = b.value {
      result.value = Self.holds(function, x, y).map(Value.bool)
    }
    return result
  }

  private static func holds(_ function: String, _ a: Value, _ b: Value) -> Bool? {
    switch function {
    case "_==_": Value.equal(a, b)
    case "_!=_": !Value.equal(a, b)
    case "_<_": try? Value.less(a, b)
    case "_<=_": try? Value.lessOrEqual(a, b)
    case "_>_": try? Value.less(b, a)
    default: try? Value.lessOrEqual(b, a)
    }
  }

  /// Returns false for `new.quantity > old.quantity` when the quantity only falls, and nil where that cannot be told.
  private func newAgainstOld(_ function: String, _ arguments: [Expr]) -> Bool? {
    for (mine, other) in [(0, 1), (1, 0)] {
      guard case .select(let new) = arguments[mine].kind,
        case .select(let old) = arguments[other].kind,
        new.field == old.field, let name = new.operand.plainName, names.contains(name),
        let oldName, old.operand.plainName == oldName
      else { continue }
      let motion = read(field: new.field).motion
      let grows = (function == "_>_") == (mine == 0)
      switch function {
      case "_>_", "_<_":
        if motion == .same || motion == (grows ? .down : .up) { return false }
      case "_!=_": if motion == .same { return false }
      default: break
      }
    }
    return nil
  }

  /// `old == null` holds of a new record and of no other.
  private func oldAgainstNull(_ function: String, _ arguments: [Expr]) -> Bool? {
    guard let oldName, function == "_==_" || function == "_!=_",
      arguments.contains(where: { $0.plainName == oldName }),
      arguments.contains(where: { if case .literal(.null, _) = $0.kind { true } else { false } })
    else { return nil }
    return wasThere == (function == "_!=_")
  }

  private func membership(_ arguments: [Expr]) -> Knowledge {
    let value = read(arguments[0])
    guard case .list(let elements) = arguments[1].kind else { return .nothing }
    let values = elements.map { read($0.value) }
    guard values.allSatisfy({ $0.value != nil && $0.motion == .same }) else { return .nothing }
    return Knowledge(
      value: value.value.map { wanted in
        .bool(values.contains { $0.value.map { Value.equal($0, wanted) } ?? false })
      }, motion: value.motion == .same ? .same : .any)
  }
}
