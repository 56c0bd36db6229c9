extension CELEnvironment {
  /// Returns a parsed expression with the type of each node and what its names mean.
  ///
  /// A literal takes the type that it stands beside: `10` in `order.total > 10` is a decimal where the total is one;
  /// the reference of its node is then the constant.
  ///
  /// - Parameters:
  ///   - parsed: What ``parse(_:)`` gave.
  ///   - expected: The type that the whole must have; nil for any. A literal takes this type too, and an integer is
  ///     accepted where a decimal is expected (the type of the whole stays `int`).
  ///   - narrowed: What is known not to be null, from conditions that hold where this expression is evaluated.
  /// - Throws: All that is wrong with the expression, in order of place.
  public func check(
    _ parsed: ParsedExpr, expecting expected: CELType? = nil,
    narrowed: NarrowedPaths = NarrowedPaths()
  ) throws(DiagnosticList) -> CheckedExpr {
    var checker = Checker(parsed, in: self, narrowed: narrowed)
    return try checker.check(parsed, expecting: expected)
  }

  /// Parses and checks an expression.
  ///
  /// - Parameters:
  ///   - source: The text.
  ///   - expected: The type that the whole must have; nil for any.
  ///   - narrowed: What is known not to be null.
  /// - Throws: All that is wrong with the text, or, when its form is right, with its names and types.
  public func checked(
    _ source: ExprSource, expecting expected: CELType? = nil,
    narrowed: NarrowedPaths = NarrowedPaths()
  ) throws(DiagnosticList) -> CheckedExpr {
    try check(try parse(source), expecting: expected, narrowed: narrowed)
  }
}
