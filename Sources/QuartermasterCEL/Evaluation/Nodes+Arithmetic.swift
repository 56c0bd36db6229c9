/// The operations of arithmetic that have nodes of their own.
enum Arithmetic: Sendable {
  case add, subtract, multiply, divide, remainder

  init?(function: String) {
    switch function {
    case "_+_": self = .add
    case "_-_": self = .subtract
    case "_*_": self = .multiply
    case "_/_": self = .divide
    case "_%_": self = .remainder
    default: return nil
    }
  }

  /// The operation on any two values.
  var body: @Sendable (Value, Value) throws(EvaluationError) -> Value {
    switch self {
    case .add: Value.add
    case .subtract: Value.subtract
    case .multiply: Value.multiply
    case .divide: Value.divide
    case .remainder: Value.remainder
    }
  }

  /// What is written for it.
  var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .remainder: "%"
    }
  }
}

/// Arithmetic of integers.
final class IntArithmeticNode: Node, @unchecked Sendable {
  private let operation: Arithmetic
  private let left: Node
  private let right: Node

  init(_ operation: Arithmetic, _ left: Node, _ right: Node, range: Range<Int>) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    let a = try left.evalInt(frame)
    let b = try right.evalInt(frame)
    let (result, over): (Int64, Bool)
    switch operation {
    case .add: (result, over) = a.addingReportingOverflow(b)
    case .subtract: (result, over) = a.subtractingReportingOverflow(b)
    case .multiply: (result, over) = a.multipliedReportingOverflow(by: b)
    case .divide:
      if b == 0 { throw EvaluationError.divisionByZero.at(range) }
      (result, over) = a.dividedReportingOverflow(by: b)
    case .remainder:
      if b == 0 { throw EvaluationError.divisionByZero.at(range) }
      (result, over) = a.remainderReportingOverflow(dividingBy: b)
    }
    if over { throw EvaluationError.overflow(operation.symbol).at(range) }
    return result
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { .int(try evalInt(frame)) }
  override func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    ExactDecimal(try evalInt(frame))
  }
}

/// Arithmetic of doubles.
final class DoubleArithmeticNode: Node, @unchecked Sendable {
  private let operation: Arithmetic
  private let left: Node
  private let right: Node

  init(_ operation: Arithmetic, _ left: Node, _ right: Node, range: Range<Int>) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    let a = try left.evalDouble(frame)
    let b = try right.evalDouble(frame)
    switch operation {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    case .remainder:
      throw EvaluationError(.noSuchOverload, "doubles have no `%`", range: range)
    }
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    .double(try evalDouble(frame))
  }
}

/// `+ - *` of decimals and integers.
final class DecimalArithmeticNode: Node, @unchecked Sendable {
  private let operation: Arithmetic
  private let left: Node
  private let right: Node

  init(_ operation: Arithmetic, _ left: Node, _ right: Node, range: Range<Int>) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    let a = try left.evalDecimal(frame)
    let b = try right.evalDecimal(frame)
    let result: ExactDecimal?
    switch operation {
    case .add: result = a.adding(b)
    case .subtract: result = a.subtracting(b)
    case .multiply: result = a.multiplied(by: b)
    case .divide, .remainder:
      throw EvaluationError.noOverload(operation.symbol, .decimal(a), .decimal(b)).at(range)
    }
    guard let result else { throw EvaluationError.overflow(operation.symbol).at(range) }
    return result
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    .decimal(try evalDecimal(frame))
  }
}

/// `double(x)` of an integer.
final class IntToDoubleNode: Node, @unchecked Sendable {
  private let operand: Node
  init(_ operand: Node, range: Range<Int>) {
    self.operand = operand
    super.init(at: range)
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    Double(try operand.evalInt(frame))
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    .double(try evalDouble(frame))
  }
}
