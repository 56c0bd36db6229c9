/// A node whose value is true or false.
class BoolNode: Node, @unchecked Sendable {
  override final func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    .bool(try evalBool(frame))
  }
}

/// `a && b`: false on either side decides, also beside an error.
final class AndNode: BoolNode, @unchecked Sendable {
  private let left: Node
  private let right: Node

  init(_ left: Node, _ right: Node, range: Range<Int>) {
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    do throws(EvaluationError) {
      if !(try left.evalBool(frame)) { return false }
    } catch {
      try absorb(error, frame)
      return false
    }
    return try right.evalBool(frame)
  }

  /// Returns when the right side is false; else throws the error of the left.
  @inline(never)
  private func absorb(_ error: EvaluationError, _ frame: Frame) throws(EvaluationError) {
    guard error.isAbsorbed else { throw error }
    do throws(EvaluationError) {
      if !(try right.evalBool(frame)) { return }
    } catch let second {
      if !second.isAbsorbed { throw second }
    }
    throw error
  }
}

/// `a || b`: true on either side decides, also beside an error.
final class OrNode: BoolNode, @unchecked Sendable {
  private let left: Node
  private let right: Node

  init(_ left: Node, _ right: Node, range: Range<Int>) {
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    do throws(EvaluationError) {
      if try left.evalBool(frame) { return true }
    } catch {
      try absorb(error, frame)
      return true
    }
    return try right.evalBool(frame)
  }

  /// Returns when the right side is true; else throws the error of the left.
  @inline(never)
  private func absorb(_ error: EvaluationError, _ frame: Frame) throws(EvaluationError) {
    guard error.isAbsorbed else { throw error }
    do throws(EvaluationError) {
      if try right.evalBool(frame) { return }
    } catch let second {
      if !second.isAbsorbed { throw second }
    }
    throw error
  }
}

/// `!a`.
final class NotNode: BoolNode, @unchecked Sendable {
  private let operand: Node
  init(_ operand: Node, range: Range<Int>) {
    self.operand = operand
    super.init(at: range)
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    try !operand.evalBool(frame)
  }
}

/// `a == null` and `a != null`.
final class NullTestNode: BoolNode, @unchecked Sendable {
  private let operand: Node
  private let wanted: Bool
  init(_ operand: Node, isNull wanted: Bool, range: Range<Int>) {
    self.operand = operand
    self.wanted = wanted
    super.init(at: range)
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    try operand.evalIsNull(frame) == wanted
  }
}

/// `a ? b : c`.
final class ConditionalNode: Node, @unchecked Sendable {
  private let condition: Node
  private let first: Node
  private let second: Node

  init(_ condition: Node, _ first: Node, _ second: Node, range: Range<Int>) {
    self.condition = condition
    self.first = first
    self.second = second
    super.init(at: range)
  }

  private func branch(_ frame: Frame) throws(EvaluationError) -> Node {
    try condition.evalBool(frame) ? first : second
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try branch(frame).eval(frame)
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    try branch(frame).evalBool(frame)
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    try branch(frame).evalInt(frame)
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    try branch(frame).evalDouble(frame)
  }
  override func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    try branch(frame).evalDecimal(frame)
  }
  override func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    try branch(frame).evalRecord(frame)
  }
}
