/// Comparisons of stored fields, made one node: what most conditions of rules are.
///
/// Each reads the values where they stand in the rows; a value of another kind (a null) goes the way of the plain
/// node, which words the error.

/// `inventory.quantity <= 5`.
final class FieldIntConstantNode: BoolNode, @unchecked Sendable {
  private let comparison: Comparison
  private let field: VariableFieldNode
  private let record: Int
  private let slot: Int
  private let number: Int64

  init(_ comparison: Comparison, _ field: VariableFieldNode, _ number: Int64, range: Range<Int>) {
    self.comparison = comparison
    self.field = field
    record = field.record
    slot = field.slot
    self.number = number
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if let values = frame.values(record), case .int(let found) = values[slot] {
      return comparison.holds(found, number)
    }
    return comparison.holds(try field.evalInt(frame), number)
  }
}

/// `inventory.quantity <= inventory.threshold`.
final class FieldIntFieldNode: BoolNode, @unchecked Sendable {
  private let comparison: Comparison
  private let left: VariableFieldNode
  private let right: VariableFieldNode

  init(
    _ comparison: Comparison, _ left: VariableFieldNode, _ right: VariableFieldNode,
    range: Range<Int>
  ) {
    self.comparison = comparison
    self.left = left
    self.right = right
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if let a = frame.values(left.record), let b = frame.values(right.record),
      case .int(let x) = a[left.slot], case .int(let y) = b[right.slot]
    {
      return comparison.holds(x, y)
    }
    let x = try left.evalInt(frame)
    return comparison.holds(x, try right.evalInt(frame))
  }
}

/// `product.category == "tools"`.
final class FieldTextConstantNode: BoolNode, @unchecked Sendable {
  private let field: VariableFieldNode
  private let record: Int
  private let slot: Int
  private let text: String
  private let wanted: Bool

  init(_ field: VariableFieldNode, equals text: String, wanted: Bool, range: Range<Int>) {
    self.field = field
    record = field.record
    slot = field.slot
    self.text = text
    self.wanted = wanted
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if let values = frame.values(record), case .string(let found) = values[slot] {
      return UTF8Text.equal(found, text) == wanted
    }
    guard case .string(let found) = try field.place(frame).pointee else { return !wanted }
    return UTF8Text.equal(found, text) == wanted
  }
}
