/// Operators, functions and macros.
extension Planner {
  func call(_ expr: Expr, _ call: Expr.Call) -> Node {
    if call.target == nil, let node = builtIn(expr, call) { return node }
    if let checked = checked, case .overloads(let overloads)? = checked.references[expr.id],
      let kind = overloads.first
    {
      let isMethod = kind.isMember
      let arguments = ((isMethod ? call.target.map { [$0] } : nil) ?? []) + call.arguments
      return function(expr, call.function, overloads, arguments)
    }
    return unchecked(expr, call)
  }

  /// Plans a call whose function and overload are found when it runs.
  private func unchecked(_ expr: Expr, _ call: Expr.Call) -> Node {
    guard let target = call.target else {
      let isRooted = call.function.hasPrefix(".")
      let name = isRooted ? String(call.function.dropFirst()) : call.function
      for candidate in candidateNames(name, isRooted: isRooted) {
        let overloads = environment.overloads(of: candidate).filter { !$0.isMember }
        if !overloads.isEmpty { return function(expr, candidate, overloads, call.arguments) }
      }
      return noFunction(call.function, expr)
    }
    // `math.abs(x)`: a function of a namespace, unless the chain begins with a variable of a macro.
    if let (names, isRooted) = chain(target) {
      let name = (names + [call.function]).joined(separator: ".")
      for candidate in candidateNames(name, isRooted: isRooted) {
        let overloads = environment.overloads(of: candidate).filter { !$0.isMember }
        if !overloads.isEmpty { return function(expr, candidate, overloads, call.arguments) }
      }
    }
    let overloads = environment.overloads(of: call.function).filter(\.isMember)
    if overloads.isEmpty { return noFunction(call.function, expr) }
    return function(expr, call.function, overloads, [target] + call.arguments)
  }

  private func noFunction(_ name: String, _ expr: Expr) -> Node {
    FailureNode(.unknownFunction, "there is no function `\(name)`", range: expr.range)
  }

  /// Plans a function with the overloads that may fit.
  private func function(
    _ expr: Expr, _ name: String, _ overloads: [Overload], _ arguments: [Expr]
  ) -> Node {
    let range = expr.range
    let nodes = arguments.map(node)
    if let test = Self.textTests[overloads[0].id], overloads.count == 1, nodes.count == 2 {
      return folded(
        TextTestNode(test, observed(nodes[0]), observed(nodes[1]), range: range), nodes)
    }
    if name == "size", nodes.count == 1, let filter = nodes[0] as? FilterNode {
      return CountNode(filter, range: range)
    }
    if let node = OptionalElseNode(overloads, nodes, range: range) { return folded(node, nodes) }
    if name == "matches", nodes.count == 2, overloads.allSatisfy({ $0.id.hasPrefix("matches") }) {
      return folded(MatchNode(observed(nodes[0]), nodes[1], range: range), nodes)
    }
    // Without the checker nobody has looked whether the arguments fit.
    guard checked != nil, overloads.count == 1, let overload = overloads.first else {
      return folded(DispatchNode(name, overloads, nodes, range: range), nodes)
    }
    if overload.id == "int64_to_double", nodes.count == 1 {
      return folded(IntToDoubleNode(nodes[0], range: range), nodes)
    }
    let cost = CostModel(of: name, overload)
    switch overload.body {
    case .unary(let body) where nodes.count == 1:
      return folded(UnaryCallNode(body, nodes[0], cost: cost, range: range), nodes)
    case .binary(let body) where nodes.count == 2:
      return folded(BinaryCallNode(body, nodes[0], nodes[1], cost: cost, range: range), nodes)
    case .variadic(let body):
      return folded(VariadicCallNode(body, nodes, cost: cost, range: range), nodes)
    case .unary, .binary, .intrinsic:
      return FailureNode(
        .noSuchOverload, "\(name)() cannot be called with \(nodes.count) arguments", range: range)
    }
  }

  private static let textTests: [String: TextTestNode.Test] = [
    "starts_with_string": .startsWith, "ends_with_string": .endsWith, "contains_string": .contains,
  ]

  // MARK: Macros

  func comprehension(_ expr: Expr, _ loop: Expr.Comprehension) -> Node {
    let target = node(loop.target)
    if loop.macro == .optMap || loop.macro == .optFlatMap {
      let slot = memory.layout.takeSlot()
      locals.append(Local(name: loop.variables[0], storage: .slot(slot)))
      defer { locals.removeLast() }
      return OptionalMapNode(
        target, slot: slot, isFlat: loop.macro == .optFlatMap, body: node(loop.body),
        range: expr.range)
    }
    let outer = locals
    defer { locals = outer }
    let parts = self.parts(target, loop)
    let filter = loop.filter.map(node)
    let body = node(loop.body)
    switch loop.macro {
    case .exists, .all:
      return QuantifierNode(
        parts, decisive: loop.macro == .exists, body: body, range: expr.range)
    case .existsOne: return ExistsOneNode(parts, body: body, range: expr.range)
    case .filter: return FilterNode(parts, body: body, range: expr.range)
    case .map, .transformList:
      return MapLoopNode(parts, filter: filter, body: body, range: expr.range)
    case .sortBy: return SortNode(parts, body: body, range: expr.range)
    case .groupBy: return GroupNode(parts, body: body, range: expr.range)
    case .transformMap, .transformMapEntry, .optMap, .optFlatMap:
      return TransformMapNode(
        parts, filter: filter, givesEntries: loop.macro == .transformMapEntry, body: body,
        range: expr.range)
    }
  }

  /// Takes places for the variables of a macro and brings them into scope.
  private func parts(_ target: Node, _ loop: Expr.Comprehension) -> LoopNode.Parts {
    let element: LoopVariable
    if case .list(.record) = type(loop.target).nonNull {
      element = .record(memory.layout.takeRecord())
    } else {
      element = .place(memory.layout.takePlace())
    }
    let isPair = loop.variables.count == 2
    let first = isPair ? LoopVariable.place(memory.layout.takePlace()) : element
    locals.append(Local(name: loop.variables[0], storage: .loop(first)))
    if isPair { locals.append(Local(name: loop.variables[1], storage: .loop(element))) }
    return LoopNode.Parts(
      target: target, first: first, second: isPair ? element : nil,
      indexSlot: isPair ? memory.layout.takeSlot() : 0,
      variableRange: loop.variableRanges.first ?? loop.functionRange)
  }
}
