/// A planned expression: immutable, run any number of times, on any thread, each with a frame of its own.
public final class Program: Sendable {
  /// What runs.
  package let root: Node
  /// The static type of the result.
  public let type: CELType
  /// The text, for errors.
  public let source: ExprSource
  /// What a frame needs.
  package let layout: FrameLayout

  package init(root: Node, type: CELType, source: ExprSource, layout: FrameLayout) {
    self.root = root
    self.type = type
    self.source = source
    self.layout = layout
  }

  /// Returns the value for variables given by name.
  ///
  /// - Parameter bindings: The values of the variables that were declared without a place of their own, and, for an
  ///   unchecked program, of any name.
  /// - Throws: ``EvaluationError`` when the expression fails.
  public func evaluate(_ bindings: [String: Value] = [:]) throws(EvaluationError) -> Value {
    let frame = Frame(layout)
    frame.activation = bindings
    return try root.eval(frame)
  }
}

/// What a host offers to do with a sub-expression over a class or a relation.
package enum QueryPlan {
  /// The host gives the value of the whole sub-expression.
  case whole(any QueryNodeBody)
  /// The host gives a shorter list of records that leads to the same result: the sub-expression runs in memory,
  /// over this list in place of its innermost collection or relation.
  case narrowed(any QueryNodeBody)
}

/// Makes queries of sub-expressions: the seam at which a store pushes work down to SQL.
package protocol QueryPlanner: Sendable {
  /// Plans a sub-expression whose innermost receiver is a collection or a relation. Offered outermost first, before
  /// its parts are.
  ///
  /// - Parameters:
  ///   - expr: A macro or a method call, such as `Order.filter(o, …).sortBy(o, o.createdAt).first()`.
  ///   - checked: The expression that it is a part of.
  ///   - parameter: Plans a part that does not mention the macro variables of `expr`, in the scope around it.
  ///   - inMemory: Plans `expr` itself as if this offer were declined (its parts are offered in turn): what the host
  ///     runs where a parameter fails, because the language may absorb that error.
  /// - Returns: What the host offers, or nil to run the sub-expression in memory.
  func plan(
    _ expr: Expr, in checked: CheckedExpr, parameter: (Expr) -> Node, inMemory: () -> Node
  ) -> QueryPlan?
}
