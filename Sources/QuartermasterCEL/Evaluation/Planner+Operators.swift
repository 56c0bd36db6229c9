/// Operators: the nodes that fit the types of their operands.
extension Planner {
  /// Plans an operator; nil when the function is none.
  func builtIn(_ expr: Expr, _ call: Expr.Call) -> Node? {
    let arguments = call.arguments
    let range = expr.range
    switch (call.function, arguments.count) {
    case ("_&&_", 2): return AndNode(operand(arguments[0]), operand(arguments[1]), range: range)
    case ("_||_", 2): return OrNode(operand(arguments[0]), operand(arguments[1]), range: range)
    case ("!_", 1): return NotNode(operand(arguments[0]), range: range)
    case ("_?:_", 3), ("_?_:_", 3):
      return ConditionalNode(
        operand(arguments[0]), node(arguments[1]), node(arguments[2]), range: range)
    case ("-_", 1):
      let value = node(arguments[0])
      // Found by the types of values where nobody has checked: some libraries let more than numbers have a sign.
      if checked == nil {
        let overloads = environment.overloads(of: call.function)
        return folded(DispatchNode("`-`", overloads, [value], range: range), [value])
      }
      return folded(UnaryCallNode(Value.negate, value, range: range), [value])
    case ("@in", 2): return membership(arguments[0], arguments[1], range)
    case ("_[_]", 2), ("_[?_]", 2):
      return index(arguments[0], arguments[1], isOptional: call.function == "_[?_]", range)
    case (let function, 2):
      if let comparison = Comparison(function: function) {
        return compare(comparison, arguments[0], arguments[1], range)
      }
      if let operation = Arithmetic(function: function) {
        return arithmetic(operation, arguments[0], arguments[1], range)
      }
      return nil
    default: return nil
    }
  }

  // MARK: Comparisons

  private func compare(
    _ comparison: Comparison, _ a: Expr, _ b: Expr, _ range: Range<Int>
  ) -> Node {
    let (left, right) = (operand(a), operand(b))
    let isEquality = comparison == .equal || comparison == .notEqual
    if isEquality {
      if case .null? = right.constant {
        return NullTestNode(left, isNull: comparison == .equal, range: range)
      }
      if case .null? = left.constant {
        return NullTestNode(right, isNull: comparison == .equal, range: range)
      }
      if let node = textComparison(comparison, left, right, range)
        ?? textComparison(comparison, right, left, range)
      {
        return node
      }
    }
    // A null is unequal to a number, but has no order: only equality has to see it.
    let (x, y) = isEquality ? (type(a), type(b)) : (type(a).nonNull, type(b).nonNull)
    switch (x, y) {
    case (.int, .int): return intComparison(comparison, left, right, range)
    case (.double, .double): return DoubleCompareNode(comparison, left, right, range: range)
    case (.decimal, .decimal), (.decimal, .int), (.int, .decimal):
      return DecimalCompareNode(comparison, left, right, range: range)
    default: break
    }
    if isEquality, case .record(let x) = type(a).nonNull, case .record(let y) = type(b).nonNull,
      UTF8Text.equal(x, y)
    {
      return RecordCompareNode(comparison, left, right, range: range)
    }
    if left.hasPlace, right.hasPlace {
      return folded(PlaceCompareNode(comparison, left, right, range: range), [left, right])
    }
    return folded(ValueCompareNode(comparison, left, right, range: range), [left, right])
  }

  private func textComparison(
    _ comparison: Comparison, _ side: Node, _ constant: Node, _ range: Range<Int>
  ) -> Node? {
    guard case .string(let text)? = constant.constant, side.hasPlace, side.constant == nil else {
      return nil
    }
    let wanted = comparison == .equal
    if let field = side as? VariableFieldNode {
      return FieldTextConstantNode(field, equals: text, wanted: wanted, range: range)
    }
    return TextConstantNode(side, equals: text, wanted: wanted, range: range)
  }

  private func intComparison(
    _ comparison: Comparison, _ left: Node, _ right: Node, _ range: Range<Int>
  ) -> Node {
    if let field = left as? VariableFieldNode {
      if case .int(let number)? = right.constant {
        return FieldIntConstantNode(comparison, field, number, range: range)
      }
      if let other = right as? VariableFieldNode {
        return FieldIntFieldNode(comparison, field, other, range: range)
      }
    } else if let field = right as? VariableFieldNode, case .int(let number)? = left.constant {
      return FieldIntConstantNode(comparison.mirrored, field, number, range: range)
    }
    return folded(IntCompareNode(comparison, left, right, range: range), [left, right])
  }

  // MARK: Arithmetic

  private func arithmetic(
    _ operation: Arithmetic, _ a: Expr, _ b: Expr, _ range: Range<Int>
  ) -> Node {
    let (left, right) = (node(a), node(b))
    let node: Node
    switch (type(a).nonNull, type(b).nonNull) {
    case (.int, .int): node = IntArithmeticNode(operation, left, right, range: range)
    case (.double, .double): node = DoubleArithmeticNode(operation, left, right, range: range)
    case (.decimal, .decimal), (.decimal, .int), (.int, .decimal):
      node = DecimalArithmeticNode(operation, left, right, range: range)
    default: node = BinaryCallNode(operation.body, left, right, range: range)
    }
    return folded(node, [left, right])
  }

  // MARK: Membership and indices

  private func membership(_ a: Expr, _ b: Expr, _ range: Range<Int>) -> Node {
    let (element, whole) = (operand(a), node(b))
    if case .list(let items)? = whole.constant {
      var texts: [String] = []
      for case .string(let text) in items { texts.append(text) }
      if texts.count == items.count, !items.isEmpty {
        return folded(TextSetNode(element, in: texts, range: range), [element])
      }
    }
    return folded(InNode(element, whole, range: range), [element, whole])
  }

  private func index(
    _ a: Expr, _ b: Expr, isOptional: Bool, _ range: Range<Int>
  ) -> Node {
    if case .variable(let variable)? = reference(a), case .collection(let type) = variable.storage,
      !isOptional, self.type(b).nonNull == .string || self.type(b) == .dyn
    {
      return LookUpNode(type, id: node(b), range: range)
    }
    let (whole, key) = (node(a), node(b))
    return folded(IndexNode(whole, key, isOptional: isOptional, range: range), [whole, key])
  }
}
