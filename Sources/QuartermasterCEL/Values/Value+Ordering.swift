extension Value {
  /// Returns whether one value is less than another: `<`.
  ///
  /// - Throws: ``EvaluationError`` when values of these types have no order: null, lists, maps, different types. Int,
  ///   uint and double are ordered with each other, and int, uint and decimal; a double and a decimal are not.
  public static func less(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
    switch (a, b) {
    case (.int(let x), .int(let y)): return x < y
    case (.string(let x), .string(let y)): return UTF8Text.less(x, y)
    case (.bool(let x), .bool(let y)): return !x && y
    case (.bytes(let x), .bytes(let y)): return x.lexicographicallyPrecedes(y)
    case (.timestamp(let x), .timestamp(let y)): return x < y
    case (.duration(let x), .duration(let y)): return x < y
    case (.decimal, .double), (.double, .decimal): throw .noOverload("<", a, b)
    default:
      guard let order = NumberOrder(a, b) else { throw .noOverload("<", a, b) }
      return order == .less
    }
  }

  /// Returns whether one value is at most another: `<=`.
  public static func lessOrEqual(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
    switch (a, b) {
    case (.int(let x), .int(let y)): return x <= y
    case (.string, .string), (.bool, .bool), (.bytes, .bytes), (.timestamp, .timestamp),
      (.duration, .duration):
      return try !less(b, a)
    case (.decimal, .double), (.double, .decimal): throw .noOverload("<=", a, b)
    default:
      guard let order = NumberOrder(a, b) else { throw .noOverload("<=", a, b) }
      return order == .less || order == .equal
    }
  }
}

extension EvaluationError {
  /// An operator was given types that it does not take.
  package static func noOverload(_ function: String, _ a: Value, _ b: Value) -> EvaluationError {
    if case .null = a { return nullOperand(function) }
    if case .null = b { return nullOperand(function) }
    switch (a, b) {
    case (.decimal, .double), (.double, .decimal):
      return EvaluationError(
        .noSuchOverload,
        "`\(function)` mixes a decimal and a double; write decimal(x) to say you accept rounding")
    default:
      return EvaluationError(
        .noSuchOverload, "`\(function)` cannot take \(a.kindText) and \(b.kindText)")
    }
  }

  private static func nullOperand(_ function: String) -> EvaluationError {
    EvaluationError(.nullValue, "`\(function)` was given null")
  }
}
