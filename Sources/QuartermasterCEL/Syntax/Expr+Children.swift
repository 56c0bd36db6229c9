extension Expr {
  /// The nodes right below this one, in the order in which they are written.
  public var children: [Expr] {
    switch kind {
    case .literal, .name: []
    case .select(let select), .has(let select): [select.operand]
    case .call(let call): (call.target.map { [$0] } ?? []) + call.arguments
    case .list(let elements): elements.map(\.value)
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let loop): [loop.target] + (loop.filter.map { [$0] } ?? []) + [loop.body]
    case .bind(_, let value, let body): [value, body]
    }
  }

  /// Calls a closure with this node and all below it, each before its children.
  public func walk(_ visit: (Expr) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }
}
