extension Value {
  /// Returns a sum: of numbers of one type, of a decimal and an int, of texts, bytes, lists, times and durations.
  public static func add(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      let (sum, over) = x.addingReportingOverflow(y)
      if over { throw .overflow("+") }
      return .int(sum)
    case (.uint(let x), .uint(let y)):
      let (sum, over) = x.addingReportingOverflow(y)
      if over { throw .overflow("+") }
      return .uint(sum)
    case (.double(let x), .double(let y)): return .double(x + y)
    case (.string(let x), .string(let y)):
      try checkSize(x.utf8.count + y.utf8.count, "+")
      return .string(x + y)
    case (.bytes(let x), .bytes(let y)):
      try checkSize(x.count + y.count, "+")
      return .bytes(x + y)
    case (.list(let x), .list(let y)):
      try checkSize((x.count + y.count) * MemoryLayout<Value>.stride, "+")
      return .list(x + y)
    case (.timestamp(let x), .duration(let y)), (.duration(let y), .timestamp(let x)):
      guard let sum = x.adding(y) else { throw .timeRange }
      return .timestamp(sum)
    case (.duration(let x), .duration(let y)):
      let (sum, over) = x.nanoseconds.addingReportingOverflow(y.nanoseconds)
      if over { throw .overflow("+") }
      return .duration(TimeSpan(nanoseconds: sum))
    default:
      guard let (x, y) = decimals(a, b) else { throw .noOverload("+", a, b) }
      guard let sum = x.adding(y) else { throw .overflow("+") }
      return .decimal(sum)
    }
  }

  /// Returns a difference.
  public static func subtract(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      let (difference, over) = x.subtractingReportingOverflow(y)
      if over { throw .overflow("-") }
      return .int(difference)
    case (.uint(let x), .uint(let y)):
      let (difference, over) = x.subtractingReportingOverflow(y)
      if over { throw .overflow("-") }
      return .uint(difference)
    case (.double(let x), .double(let y)): return .double(x - y)
    case (.timestamp(let x), .timestamp(let y)):
      guard let span = x.since(y) else { throw .timeRange }
      return .duration(span)
    case (.timestamp(let x), .duration(let y)):
      guard y.nanoseconds != .min, let sum = x.adding(TimeSpan(nanoseconds: -y.nanoseconds)) else {
        throw .timeRange
      }
      return .timestamp(sum)
    case (.duration(let x), .duration(let y)):
      let (difference, over) = x.nanoseconds.subtractingReportingOverflow(y.nanoseconds)
      if over { throw .overflow("-") }
      return .duration(TimeSpan(nanoseconds: difference))
    default:
      guard let (x, y) = decimals(a, b) else { throw .noOverload("-", a, b) }
      guard let difference = x.subtracting(y) else { throw .overflow("-") }
      return .decimal(difference)
    }
  }

  /// Returns a product.
  public static func multiply(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      let (product, over) = x.multipliedReportingOverflow(by: y)
      if over { throw .overflow("*") }
      return .int(product)
    case (.uint(let x), .uint(let y)):
      let (product, over) = x.multipliedReportingOverflow(by: y)
      if over { throw .overflow("*") }
      return .uint(product)
    case (.double(let x), .double(let y)): return .double(x * y)
    default:
      guard let (x, y) = decimals(a, b) else { throw .noOverload("*", a, b) }
      guard let product = x.multiplied(by: y) else { throw .overflow("*") }
      return .decimal(product)
    }
  }

  /// Returns a quotient: truncated for integers, as IEEE 754 has it for doubles.
  ///
  /// Decimals have none.
  public static func divide(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      if y == 0 { throw .divisionByZero }
      let (quotient, over) = x.dividedReportingOverflow(by: y)
      if over { throw .overflow("/") }
      return .int(quotient)
    case (.uint(let x), .uint(let y)):
      if y == 0 { throw .divisionByZero }
      return .uint(x / y)
    case (.double(let x), .double(let y)): return .double(x / y)
    default:
      if decimals(a, b) != nil {
        throw EvaluationError(
          .noSuchOverload, "decimals have no `/`; write div(a, b, places) to say how it is rounded")
      }
      throw .noOverload("/", a, b)
    }
  }

  /// Returns a remainder, with the sign of the dividend.
  public static func remainder(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      if y == 0 { throw .divisionByZero }
      let (rest, over) = x.remainderReportingOverflow(dividingBy: y)
      if over { throw .overflow("%") }
      return .int(rest)
    case (.uint(let x), .uint(let y)):
      if y == 0 { throw .divisionByZero }
      return .uint(x % y)
    default: throw .noOverload("%", a, b)
    }
  }

  /// Returns a number or a duration with the other sign.
  public static func negate(_ a: Value) throws(EvaluationError) -> Value {
    switch a {
    case .int(let x):
      if x == .min { throw .overflow("-") }
      return .int(-x)
    case .double(let x): return .double(-x)
    case .decimal(let x):
      guard let negated = x.negated else { throw .overflow("-") }
      return .decimal(negated)
    case .duration(let x):
      if x.nanoseconds == .min { throw .overflow("-") }
      return .duration(TimeSpan(nanoseconds: -x.nanoseconds))
    case .null: throw EvaluationError(.nullValue, "`-` was given null")
    default: throw EvaluationError(.noSuchOverload, "`-` cannot take \(a.kindText)")
    }
  }

  /// The largest text, bytes or list that an operation makes, in bytes: texts that are put together again and again
  /// grow as fast as anything can.
  static let largestResult = 1 << 26

  /// Fails for a result that would be too large to make.
  static func checkSize(_ bytes: Int, _ function: String) throws(EvaluationError) {
    if bytes > largestResult {
      throw EvaluationError(.limit, "the result of `\(function)` would be too large")
    }
  }

  /// Returns two numbers as decimals when one is a decimal and the other a decimal or an integer.
  private static func decimals(_ a: Value, _ b: Value) -> (ExactDecimal, ExactDecimal)? {
    switch (a, b) {
    case (.decimal(let x), .decimal(let y)): (x, y)
    case (.decimal(let x), .int(let y)): (x, ExactDecimal(y))
    case (.int(let x), .decimal(let y)): (ExactDecimal(x), y)
    default: nil
    }
  }
}

extension EvaluationError {
  /// A result does not fit its type.
  package static func overflow(_ function: String) -> EvaluationError {
    EvaluationError(.overflow, "the result of `\(function)` is too large for its type")
  }

  /// A division by zero.
  package static var divisionByZero: EvaluationError {
    EvaluationError(.divisionByZero, "division by zero")
  }

  /// A time outside the years 1 to 9999, or a duration of more than 292 years.
  package static var timeRange: EvaluationError {
    EvaluationError(.overflow, "the result is outside the range of times")
  }
}
