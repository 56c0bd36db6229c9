/// `a.or(b)` and `a.orValue(b)`: the second is evaluated only where the first is not there.
final class OptionalElseNode: Node, @unchecked Sendable {
  private let first: Node
  private let other: Node
  /// Whether the other is an optional value too, as the result is then.
  private let isOptional: Bool

  init(_ first: Node, _ other: Node, isOptional: Bool, range: Range<Int>) {
    self.first = first
    self.other = other
    self.isOptional = isOptional
    super.init(at: range)
  }

  /// Creates the node that a call is, or nil when it is none of these two.
  convenience init?(_ overloads: [Overload], _ nodes: [Node], range: Range<Int>) {
    guard nodes.count == 2, overloads.count == 1, let id = overloads.first?.id,
      id == "optional_or_optional" || id == "optional_orValue_value"
    else { return nil }
    self.init(nodes[0], nodes[1], isOptional: id == "optional_or_optional", range: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let value = try first.eval(frame)
    guard case .optional(let box) = value else { throw first.mismatch(value, "an optional value") }
    if let inner = box.value { return isOptional ? value : inner }
    let result = try other.eval(frame)
    guard isOptional else { return result }
    guard case .optional = result else { throw other.mismatch(result, "an optional value") }
    return result
  }
}
