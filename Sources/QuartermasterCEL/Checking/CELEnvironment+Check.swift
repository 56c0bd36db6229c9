extension CELEnvironment {
  /// Returns a parsed expression with the type of each node and what its names mean.
  ///
  /// A literal takes the type that it stands beside: `10` in `order.total > 10` is a decimal where the total is one;
  /// the reference of its node is then the constant.
  ///
  /// `math.abs(x)` is a call of the function `math.abs` when one is declared: its overloads are no members although
  /// the call has a target, and the target `math` has no reference. The longest name that is declared wins:
  /// `signal.bin` is one variable if there is one of that name, and a field of `signal` otherwise.
  ///
  /// - Parameters:
  ///   - parsed: What ``parse(_:)`` gave.
  ///   - expected: The type that the whole must have; nil for any. A literal takes this type too, and an integer is
  ///     accepted where a decimal is expected (the type of the whole stays `int`).
  ///   - narrowed: What is known not to be null, from conditions that hold where this expression is evaluated.
  /// - Returns: The tree with what was found.
  /// - Throws: All that is wrong with the expression, in order of place.
  public func check(
    _ parsed: ParsedExpr, expecting expected: CELType? = nil,
    narrowed: NarrowedPaths = NarrowedPaths()
  ) throws(DiagnosticList) -> CheckedExpr {
    try StackRoom.run(levels: parsed.levels) { () throws(DiagnosticList) in
      var checker = Checker(parsed, in: self, narrowed: narrowed)
      return try checker.check(parsed, expecting: expected)
    }
  }

  /// Parses and checks an expression.
  ///
  /// - Parameters:
  ///   - source: The text.
  ///   - expected: The type that the whole must have; nil for any.
  ///   - narrowed: What is known not to be null.
  /// - Returns: The tree with what was found.
  /// - Throws: All that is wrong with the text, or, when its form is right, with its names and types.
  public func checked(
    _ source: ExprSource, expecting expected: CELType? = nil,
    narrowed: NarrowedPaths = NarrowedPaths()
  ) throws(DiagnosticList) -> CheckedExpr {
    try check(try parse(source), expecting: expected, narrowed: narrowed)
  }
}
