/// Operators: logic, equality, arithmetic, membership, indices.
extension Checker {
  /// Returns the type of an operator, or nil when the function is none.
  mutating func checkOperator(_ expr: Expr, _ call: Expr.Call) -> CELType? {
    let arguments = call.arguments
    switch (call.function, arguments.count) {
    case ("_&&_", 2), ("_||_", 2):
      check(arguments[0])
      let outer = facts
      if environment.checksNull {
        facts = outer.union(known(arguments[0], call.function == "_&&_"))
      }
      check(arguments[1])
      facts = outer
      for argument in arguments { requireBool(argument, of: call) }
      return declared(expr, call, .bool)
    case ("!_", 1):
      check(arguments[0])
      requireBool(arguments[0], of: call)
      return declared(expr, call, .bool)
    case ("_?:_", 3): return checkConditional(expr, call)
    case ("_==_", 2), ("_!=_", 2):
      for argument in arguments { check(argument) }
      checkEquality(call)
      return declared(expr, call, .bool)
    case ("@in", 2):
      for argument in arguments { check(argument) }
      checkMembership(call)
      return declared(expr, call, .bool)
    case ("_[_]", 2), ("_[?_]", 2):
      for argument in arguments { check(argument) }
      return checkIndex(expr, call)
    case ("-_", 1):
      check(arguments[0])
      return checkArithmetic(expr, call)
    default:
      guard Precedence.byFunction[call.function] != nil, arguments.count == 2 else { return nil }
      for argument in arguments { check(argument) }
      harmonize(arguments[0], arguments[1])
      return checkArithmetic(expr, call)
    }
  }

  /// What is not null when a part that was checked is true, or false.
  func known(_ expr: Expr, _ value: Bool) -> NarrowedPaths {
    FactFinder(types: types, references: references).facts(expr, value) ?? NarrowedPaths()
  }

  /// Notes the overloads of an operator that fit; what it takes was checked apart.
  private mutating func declared(_ expr: Expr, _ call: Expr.Call, _ result: CELType) -> CELType {
    let candidates = environment.overloads(of: call.function)
    let saved = unifier
    let found = resolve(candidates, call.arguments.map { type($0).nonNull }, isMember: false)
    unifier = saved
    references[expr.id] = .overloads(found?.overloads ?? candidates)
    return result
  }

  /// Demands true or false of an operand.
  mutating func requireBool(_ expr: Expr, of call: Expr.Call) {
    requireBool(expr, of: "`\(Self.symbol(call.function))`")
  }

  /// Demands true or false of a part of an operator or a macro.
  mutating func requireBool(_ expr: Expr, of what: String) {
    switch type(expr) {
    case .bool, .dyn, .error: break
    case .nullable(.bool): reportNullable(expr)
    case .parameter: _ = unifier.assign(types[expr.id], to: .bool)
    case let other: report(.needsBool(what, text(expr), other, at: span(expr)))
    }
  }

  // MARK: Conditional

  private mutating func checkConditional(_ expr: Expr, _ call: Expr.Call) -> CELType {
    let (condition, first, second) = (call.arguments[0], call.arguments[1], call.arguments[2])
    check(condition)
    requireBool(condition, of: call)
    let outer = facts
    if environment.checksNull { facts = outer.union(known(condition, true)) }
    check(first)
    if environment.checksNull { facts = outer.union(known(condition, false)) }
    check(second)
    facts = outer
    harmonize(first, second)
    references[expr.id] = .overloads(environment.overloads(of: call.function))
    if let type = unifier.join(type(first), type(second)) { return type }
    if !reportMoneyBesideDouble([first, second]) {
      report(
        .differentBranches(
          text(first), type(first), text(second), type(second), at: span(second)))
    }
    return .error
  }

  // MARK: Equality and membership

  private mutating func checkEquality(_ call: Expr.Call) {
    let (left, right) = (call.arguments[0], call.arguments[1])
    harmonize(left, right)
    let (a, b) = (type(left), type(right))
    if comparableWithNull(a, b) || comparable(a.nonNull, b.nonNull) { return }
    reportIncomparable(left, right, at: call)
  }

  /// Whether one side is null, and the other may be compared with it.
  ///
  /// Where null is told apart from other values, whatever may be null may also be found not to be; the definition alone
  /// compares null with few types.
  private func comparableWithNull(_ a: CELType, _ b: CELType) -> Bool {
    guard a == .null || b == .null else { return false }
    if environment.checksNull { return true }
    switch a == .null ? b : a {
    case .parameter: return true
    case let other: return Unifier.standsForNull(other)
    }
  }

  private mutating func comparable(_ a: CELType, _ b: CELType) -> Bool {
    if (a == .decimal && b == .int) || (a == .int && b == .decimal) { return true }
    return unifier.assign(a, to: b) || unifier.assign(b, to: a)
  }

  private mutating func checkMembership(_ call: Expr.Call) {
    let (element, whole) = (call.arguments[0], call.arguments[1])
    harmonize(element: element, list: whole)
    let wanted: CELType
    switch type(whole) {
    case .dyn, .error, .parameter: return
    case .nullable(let inner):
      reportNullable(whole)
      guard let key = Self.member(of: inner) else { return }
      wanted = key
    case let other:
      guard let key = Self.member(of: other) else {
        report(.notIterable("in", text(whole), other, at: span(whole)))
        return
      }
      wanted = key
    }
    let (a, b) = (type(element), unifier.head(wanted))
    if comparableWithNull(a, b) || comparable(a.nonNull, b.nonNull) { return }
    report(.notAMember(text(element), a, text(whole), b, at: span(element)))
  }

  private static func member(of type: CELType) -> CELType? {
    switch type {
    case .list(let element): element
    case .map(let key, _): key
    default: nil
    }
  }

  private mutating func reportIncomparable(_ left: Expr, _ right: Expr, at call: Expr.Call) {
    let (a, b) = (type(left).nonNull, type(right).nonNull)
    if reportMoneyBesideDouble([left, right]) { return }
    for (record, other) in [(left, right), (right, left)] {
      guard case .record(let name) = type(record).nonNull, type(other).nonNull == .string,
        let id = environment.recordTypes?.recordType(named: name)?.idField
      else { continue }
      report(
        .recordBesideText(
          text(record), .record(name), idField: id,
          comparison: "\(text(record)).\(id) \(Self.symbol(call.function)) \(text(other))",
          at: source.span(left.range.lowerBound..<right.range.upperBound)))
      return
    }
    report(
      .incomparable(
        text(left), a, text(right), b, hint: conversionHint(left, right),
        at: source.span(left.range.lowerBound..<right.range.upperBound)))
  }

  // MARK: Arithmetic and order

  private mutating func checkArithmetic(_ expr: Expr, _ call: Expr.Call) -> CELType {
    let arguments = call.arguments
    let candidates = environment.overloads(of: call.function)
    if let found = resolve(candidates, arguments.map(type), isMember: false) {
      return settle(expr, found, arguments)
    }
    if arguments.contains(where: { type($0) == .error }) { return .error }
    let symbol = Self.symbol(call.function)
    if let null = arguments.first(where: { type($0) == .null }) {
      report(.nullArgument(symbol, at: span(null)))
    } else if arguments.count == 1 {
      report(.noUnary(symbol, text(arguments[0]), type(arguments[0]), at: span(arguments[0])))
    } else if call.function == "_/_", arguments.contains(where: { type($0).nonNull == .decimal }) {
      report(.noDivision(arguments.map(text), at: source.span(call.functionRange)))
    } else if Self.isOrder(call.function) {
      reportIncomparable(arguments[0], arguments[1], at: call)
    } else if !reportMoneyBesideDouble(arguments) {
      report(
        .noOperator(
          symbol, arguments.map { (text($0), type($0).nonNull) },
          hint: conversionHint(arguments[0], arguments[1]), at: source.span(call.functionRange)))
    }
    return Self.isOrder(call.function) ? .bool : .error
  }

  private static func isOrder(_ function: String) -> Bool {
    ["_<_", "_<=_", "_>_", "_>=_"].contains(function)
  }

  /// What is written for an operator.
  static func symbol(_ function: String) -> String {
    Precedence.byFunction[function]?.symbol
      ?? (function == "!_" ? "!" : function == "-_" ? "-" : function == "_?:_" ? "?:" : "[ ]")
  }

  /// What to write when two kinds of value do not go together.
  private func conversionHint(_ left: Expr, _ right: Expr) -> String? {
    for (a, b) in [(left, right), (right, left)] {
      switch (type(a).nonNull, type(b).nonNull) {
      case (.string, .int), (.string, .uint), (.string, .double), (.string, .decimal),
        (.string, .bool), (.string, .timestamp), (.string, .duration):
        return "write string(\(text(b))) for its text"
      case (.double, .int), (.double, .uint): return "write double(\(text(b)))"
      case (.int, .uint): return "write int(\(text(b)))"
      default: continue
      }
    }
    return nil
  }

  // MARK: Indices

  private mutating func checkIndex(_ expr: Expr, _ call: Expr.Call) -> CELType {
    let (operand, key) = (call.arguments[0], call.arguments[1])
    let isOptional = call.function == "_[?_]"
    var whole = type(operand)
    var wrap = isOptional
    if case .optional(let inner) = whole {
      wrap = true
      whole = unifier.head(inner)
    }
    // `Inventory["000123"]` is one record or null; only the name of a class can be indexed so.
    let isCollection: Bool
    if case .variable(let variable)? = references[operand.id], case .collection = variable.storage {
      isCollection = true
    } else {
      isCollection = false
    }
    let candidates = environment.overloads(of: "_[_]").filter { overload in
      isCollection || overload.id != "index_collection"
    }
    guard let found = resolve(candidates, [whole, type(key)], isMember: false) else {
      if whole != .error, type(key) != .error {
        report(.noIndex(text(operand), whole, text(key), type(key), at: span(key)))
      }
      return .error
    }
    var result = settle(expr, found, [operand, key])
    if isOptional { references[expr.id] = .overloads(environment.overloads(of: "_[?_]")) }
    if wrap, result != .error {
      if case .optional = result {} else { result = .optional(result.nonNull) }
    }
    return result
  }
}

extension RecordType {
  /// The name of the field that is the id.
  var idField: String? {
    fields.values.first { field in
      if case .id = field.access { true } else { false }
    }?.name
  }
}
