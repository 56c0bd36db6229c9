import QuartermasterCEL

extension Expr {
  /// The parts of a node, in the order of the text.
  var children: [Expr] {
    switch kind {
    case .literal, .name: return []
    case .select(let select), .has(let select): return [select.operand]
    case .call(let call): return (call.target.map { [$0] } ?? []) + call.arguments
    case .list(let elements): return elements.map(\.value)
    case .map(let entries): return entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let macro):
      return [macro.target] + (macro.filter.map { [$0] } ?? []) + [macro.body]
    case .bind(_, let value, let body): return [value, body]
    }
  }

  /// Calls a closure for each node, the root first.
  func visit(_ body: (Expr) -> Void) {
    body(self)
    for child in children { child.visit(body) }
  }

  /// The operands of a chain of one logical operator: `a && b && c` gives the three.
  func operands(of function: String) -> [Expr] {
    guard case .call(let call) = kind, call.function == function, call.target == nil else {
      return [self]
    }
    return call.arguments.flatMap { $0.operands(of: function) }
  }

  /// The name, when the node is a plain name.
  var plainName: String? {
    if case .name(let name, isRooted: false) = kind { name } else { nil }
  }

  /// The operator or function and its arguments, when the node is a call without a receiver.
  var operation: (function: String, arguments: [Expr])? {
    guard case .call(let call) = kind, call.target == nil else { return nil }
    return (call.function, call.arguments)
  }

  /// The names of all fields that are selected anywhere: what makes an assignment to one of them not blind.
  func collectSelectedFields(into fields: inout Set<String>) {
    switch kind {
    case .select(let select), .has(let select): fields.insert(select.field)
    default: break
    }
    for child in children { child.collectSelectedFields(into: &fields) }
  }

  /// The names that are used but not bound inside: variables, classes, namespaces.
  package func collectFreeNames(into names: inout Set<String>, bound: Set<String> = []) {
    switch kind {
    case .name(let name, let isRooted):
      if isRooted || !bound.contains(name) { names.insert(name) }
    case .comprehension(let macro):
      macro.target.collectFreeNames(into: &names, bound: bound)
      let inner = bound.union(macro.variables)
      macro.filter?.collectFreeNames(into: &names, bound: inner)
      macro.body.collectFreeNames(into: &names, bound: inner)
    case .bind(let name, let value, let body):
      value.collectFreeNames(into: &names, bound: bound)
      body.collectFreeNames(into: &names, bound: bound.union([name]))
    default:
      for child in children { child.collectFreeNames(into: &names, bound: bound) }
    }
  }
}

extension CheckedExpr {
  /// A field of a class.
  struct FieldUse: Hashable {
    /// The name of the class.
    let className: String
    /// The name of the field.
    let field: String
  }

  /// Returns the class and the field that a node selects, or nil when it selects no field of a record.
  func field(_ expr: Expr) -> FieldUse? {
    switch expr.kind {
    case .select(let select), .has(let select):
      guard case .record(let name) = types[select.operand.id].nonNull else { return nil }
      return FieldUse(className: name, field: select.field)
    default: return nil
    }
  }

  /// Returns the field that a node selects straight from a variable: `order.status`.
  func ownField(_ expr: Expr, of variable: String) -> String? {
    guard case .select(let select) = expr.kind, select.operand.plainName == variable else {
      return nil
    }
    return select.field
  }

  /// All fields of records that are selected, and relations and collections as the field they hang on.
  func collectFieldUses(except fixed: Set<String>, into uses: inout Set<FieldUse>) {
    parsed.root.visit { node in
      guard case .select(let select) = node.kind, let use = field(node) else { return }
      if let name = select.operand.plainName, fixed.contains(name) { return }
      uses.insert(use)
    }
  }

  /// Returns the same expression with a record read from another place of the frame.
  func reading(_ variable: String, from place: Int) -> CheckedExpr {
    let moved = references.map { reference -> Reference? in
      guard case .variable(let known)? = reference, known.name == variable else { return reference }
      return .variable(VariableDeclaration(known.name, known.type, storage: .record(place)))
    }
    return CheckedExpr(parsed: parsed, types: types, references: moved)
  }
}
