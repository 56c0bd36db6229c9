/// Literals take the type of what they stand beside: `price > 10`, `rate * 2`, `price in [10, 20.5]`.
extension Checker {
  /// Returns whether an expression is made of number literals and may become a value of another type.
  func canAdapt(_ expr: Expr, to wanted: CELType) -> Bool {
    guard environment.adaptsLiterals else { return false }
    switch expr.kind {
    case .literal(.int, _): return wanted == .decimal || wanted == .double
    case .literal(.double, _): return wanted == .decimal || wanted == .double
    case .list(let elements):
      guard case .list(let element) = wanted else { return false }
      return elements.allSatisfy {
        !$0.isOptional && (type($0.value) == element || canAdapt($0.value, to: element))
      }
    case .call(let call) where call.target == nil:
      switch call.function {
      case "-_", "_+_", "_-_", "_*_":
        return wanted.isPlainNumber || wanted == .decimal
          ? call.arguments.allSatisfy { canAdapt($0, to: wanted) } : false
      case "_?:_":
        return call.arguments.count == 3
          && call.arguments.dropFirst().allSatisfy {
            type($0) == wanted || canAdapt($0, to: wanted)
          }
      default: return false
      }
    default: return false
    }
  }

  /// Gives an expression for which ``canAdapt(_:to:)`` is true another type.
  mutating func adapt(_ expr: Expr, to wanted: CELType) {
    if type(expr) == wanted, references[expr.id] == nil, !expr.isNumberLiteral { return }
    types[expr.id] = wanted
    switch expr.kind {
    case .literal(let value, let text): adaptLiteral(expr, value, text, to: wanted)
    case .list(let elements):
      guard case .list(let element) = wanted else { return }
      for part in elements where canAdapt(part.value, to: element) {
        adapt(part.value, to: element)
      }
    case .call(let call):
      let parts = call.function == "_?:_" ? call.arguments.dropFirst() : call.arguments[...]
      for part in parts where canAdapt(part, to: wanted) { adapt(part, to: wanted) }
      let found = resolve(
        environment.overloads(of: call.function), call.arguments.map(type), isMember: false)
      references[expr.id] = .overloads(found?.overloads ?? [])
    default: break
    }
  }

  private mutating func adaptLiteral(
    _ expr: Expr, _ value: Value, _ text: String, to wanted: CELType
  ) {
    switch (value, wanted) {
    case (.int(let number), .decimal):
      references[expr.id] = .constant(.decimal(ExactDecimal(number)))
    case (.int(let number), .double): references[expr.id] = .constant(.double(Double(number)))
    case (.double, .decimal):
      // From what was written: 0.10 is a tenth, which no double is.
      if let exact = ExactDecimal(text) {
        references[expr.id] = .constant(.decimal(exact))
      } else {
        report(.tooManyDigits(text, at: span(expr)))
      }
    default: references[expr.id] = nil
    }
  }

  /// Gives a literal on one side of an operator the type of the other side.
  mutating func harmonize(_ left: Expr, _ right: Expr) {
    let (a, b) = (type(left).nonNull, type(right).nonNull)
    if a == b { return }
    if a == .decimal || (a == .double && b == .int) {
      if canAdapt(right, to: a) { adapt(right, to: a) }
    } else if b == .decimal || (b == .double && a == .int) {
      if canAdapt(left, to: b) { adapt(left, to: b) }
    } else if case .list(let x) = a, case .list(let y) = b {
      let (x, y) = (unifier.head(x), unifier.head(y))
      if x.nonNull == .decimal || x.nonNull == .double, canAdapt(right, to: .list(x.nonNull)) {
        adapt(right, to: .list(x.nonNull))
      } else if y.nonNull == .decimal || y.nonNull == .double,
        canAdapt(left, to: .list(y.nonNull))
      {
        adapt(left, to: .list(y.nonNull))
      }
    }
  }

  /// Gives a literal the type of the elements of a list, or the elements of a literal list its type: `x in [..]`.
  mutating func harmonize(element: Expr, list: Expr) {
    guard case .list(let inner) = type(list).nonNull else { return }
    let (a, b) = (type(element).nonNull, unifier.head(inner).nonNull)
    if a == b { return }
    if a == .decimal || a == .double, canAdapt(list, to: .list(a)) {
      adapt(list, to: .list(a))
    } else if b == .decimal || b == .double, a.isPlainNumber, canAdapt(element, to: b) {
      adapt(element, to: b)
    }
  }
}

extension Expr {
  /// Whether it is a number that was written as one.
  var isNumberLiteral: Bool {
    switch kind {
    case .literal(.int, _), .literal(.double, _): true
    default: false
    }
  }
}
