/// Names, chains of names, and fields.
extension Planner {
  func name(_ expr: Expr, _ name: String, isRooted: Bool) -> Node {
    switch reference(expr) {
    case .local(let name)?: return local(named: name, expr.range) ?? unknown(name, expr.range)
    case .variable(let variable)?: return self.variable(variable, expr.range)
    case .constant(let value)?: return ConstantNode(value, range: expr.range)
    case .field?, .overloads?, nil: break
    }
    if !isRooted, let local = local(named: name, expr.range) { return local }
    return unchecked([name], isRooted: isRooted, expr)
  }

  private func unknown(_ name: String, _ range: Range<Int>) -> Node {
    FailureNode(.unknownName, "`\(name)` is not defined", range: range)
  }

  private func local(named name: String, _ range: Range<Int>) -> Node? {
    guard let local = locals.last(where: { $0.name == name }) else { return nil }
    switch local.storage {
    case .slot(let slot): return SlotNode(slot, range: range)
    case .bound(let slot, let state): return BoundNode(slot: slot, state: state, range: range)
    case .loop(.record(let slot)): return RecordNode(slot, range: range)
    case .loop(.place(let index)): return ElementNode(index, range: range)
    }
  }

  func variable(_ variable: VariableDeclaration, _ range: Range<Int>) -> Node {
    if let record, record.name == variable.name { return RecordNode(record.slot, range: range) }
    switch variable.storage {
    case .slot(let slot):
      memory.layout.cover(slot: slot)
      return SlotNode(slot, range: range)
    case .record(let slot):
      memory.layout.read(record: slot)
      return RecordNode(slot, range: range)
    case .collection(let type): return CollectionNode(type, range: range)
    case .lazy(let value, let state, let program):
      memory.layout.cover(slot: max(value, state))
      memory.layout.cover(program.layout)
      return LazyNode(value: value, state: state, program, range: range)
    case .activation:
      let slot = memory.layout.slot(given: variable.name)
      return ActivationNode(variable.name, slot: slot, range: range)
    case .constant(let value): return ConstantNode(value, range: range)
    }
  }

  // MARK: Unchecked names

  /// Plans a name, or a chain of them, whose meaning is found when it runs.
  private func unchecked(_ chain: [String], isRooted: Bool, _ expr: Expr) -> Node {
    var candidates: [UncheckedNameNode.Candidate] = []
    for length in stride(from: chain.count, to: 0, by: -1) {
      let name = chain.prefix(length).joined(separator: ".")
      let fields = Array(chain.dropFirst(length))
      for full in candidateNames(name, isRooted: isRooted) {
        candidates.append(
          UncheckedNameNode.Candidate(
            name: full, declared: declared(full, expr.range), fields: fields))
      }
    }
    return UncheckedNameNode(chain.joined(separator: "."), candidates, range: expr.range)
  }

  /// Returns what a name may stand for: in the container, in what is around it, and among all.
  func candidateNames(_ name: String, isRooted: Bool) -> [String] {
    var result: [String] = []
    if !isRooted {
      var container = environment.container[...]
      while !container.isEmpty {
        result.append(container + "." + name)
        container = container.lastIndex(of: ".").map { container[..<$0] } ?? ""
      }
    }
    result.append(name)
    return result
  }

  private func declared(_ name: String, _ range: Range<Int>) -> Node? {
    if let variable = environment.variables[name] {
      // Those without a place are given by name, which was tried.
      if case .activation = variable.storage { return nil }
      return self.variable(variable, range)
    }
    if let type = environment.recordTypes?.recordType(named: name) {
      return CollectionNode(type, range: range)
    }
    guard environment.functions.typeNames[name] != nil else { return nil }
    return ConstantNode(.type(TypeValue(name)), range: range)
  }

  /// Returns the names of a chain such as `a.b.c` that begins with no local; nil for any other expression.
  func chain(_ expr: Expr) -> (names: [String], isRooted: Bool)? {
    switch expr.kind {
    case .name(let name, let isRooted):
      if !isRooted, locals.contains(where: { $0.name == name }) { return nil }
      return ([name], isRooted)
    case .select(let select) where !select.isOptional:
      guard let (names, isRooted) = chain(select.operand) else { return nil }
      return (names + [select.field], isRooted)
    default: return nil
    }
  }

  // MARK: Fields

  func select(_ expr: Expr, _ select: Expr.Select) -> Node {
    switch reference(expr) {
    case .variable(let variable)?: return self.variable(variable, expr.range)
    case .constant(let value)?: return ConstantNode(value, range: expr.range)
    case .field(let field)? where !select.isOptional:
      if case .record(let name) = type(select.operand).nonNull {
        return self.field(field, of: name, select.operand, expr.range)
      }
    default: break
    }
    if checked == nil, !select.isOptional, let (names, isRooted) = chain(expr) {
      return unchecked(names, isRooted: isRooted, expr)
    }
    let operand = node(select.operand)
    if case .map = type(select.operand).nonNull, operand.hasPlace, !select.isOptional {
      return KeyNode(operand, select.field, range: expr.range)
    }
    return SelectNode(
      operand, select.field, isOptional: select.isOptional, range: expr.range)
  }

  private func field(
    _ field: RecordField, of typeName: String, _ operand: Expr, _ range: Range<Int>
  ) -> Node {
    switch field.access {
    case .id: return IDNode(node(operand), operandText: text(operand), range: range)
    case .stored(let slot): return stored(field.name, slot, operand, range)
    case .pointer(let slot, let target):
      return PointerNode(stored(field.name, slot, operand, range), target: target)
    case .relation(let relation):
      return RelationNode(
        node(operand), relation, field: field.name, operandText: text(operand), range: range)
    case .computed(let parsed):
      guard let type = environment.recordTypes?.recordType(named: typeName) else {
        return FailureNode(.unknownName, "there is no class \(typeName)", range: range)
      }
      let record = node(operand)
      if let variable = record as? RecordNode {
        return ComputedNode(
          nil, slot: variable.slot,
          body: computed(field, parsed, of: type, slot: variable.slot, range: range),
          field: field.name, operandText: text(operand), range: range)
      }
      let slot = memory.layout.takeRecord()
      return ComputedNode(
        record, slot: slot, body: computed(field, parsed, of: type, slot: slot, range: range),
        field: field.name, operandText: text(operand), range: range)
    }
  }

  private func stored(
    _ name: String, _ slot: Int, _ operand: Expr, _ range: Range<Int>
  ) -> PlacedNode {
    let record = node(operand)
    if let variable = record as? RecordNode {
      return VariableFieldNode(
        record: variable.slot, slot: slot, field: name, operandText: text(operand), range: range)
    }
    return StoredFieldNode(
      record, slot: slot, field: name, operandText: text(operand), range: range)
  }

  /// Plans the expression of a computed field, with the record in a slot.
  func computed(
    _ field: RecordField, _ parsed: ParsedExpr, of type: RecordType, slot: Int, range: Range<Int>
  ) -> Node {
    guard depth < 32 else {
      return FailureNode(
        .limit, "`\(field.name)` of \(type.name) is computed from itself", range: range)
    }
    switch type.computed.checked(field, parsed, in: type) {
    case .success(let checked):
      let inner = Planner(ComputedFields.environment(of: type), checked: checked, inside: self)
      inner.record = (type.variable, slot)
      return inner.node(checked.root)
    case .failure(let list):
      let message = list.items.first?.message ?? "its expression is wrong"
      return FailureNode(
        .invalidArgument, "`\(field.name)` of \(type.name): \(message)", range: range)
    }
  }

  // MARK: Presence

  func has(_ expr: Expr, _ select: Expr.Select) -> Node {
    switch reference(expr) {
    case .variable(let variable)?:
      return NullTestNode(
        self.variable(variable, expr.range), isNull: false, range: expr.range)
    case .field(let field)?:
      if case .record(let name) = type(select.operand).nonNull {
        return HasNode(self.field(field, of: name, select.operand, expr.range), range: expr.range)
      }
    default: break
    }
    return DynamicHasNode(node(select.operand), select.field, range: expr.range)
  }
}
