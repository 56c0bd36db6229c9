extension CELEnvironment {
  /// Returns the tree of an expression.
  ///
  /// Names are not looked up; of the environment, only the macros of ``libraries`` matter here.
  /// A call of a namespaced function such as `math.abs(x)` is a call of the method `abs` on the name `math`; a
  /// rooted call `.f(x)` has the function name `.f`. Who looks names up takes `a.b.f(x)` for a call of the function
  /// `a.b.f` when one is declared, and for a method otherwise.
  ///
  /// - Parameter source: The text, and where it stands.
  /// - Returns: The tree, with its source.
  /// - Throws: All that is wrong with the text, in order of place.
  public func parse(_ source: ExprSource) throws(DiagnosticList) -> ParsedExpr {
    let length = source.text.utf8.count
    guard length <= maximumLength else {
      throw DiagnosticList([
        .tooLong(length, limit: maximumLength, at: source.span(0..<min(length, 1)))
      ])
    }
    let levels = min(StackRoom.levels(in: source.text), maximumDepth + 1)
    return try StackRoom.run(levels: levels) { () throws(DiagnosticList) in
      var parser = Parser(
        source, macros: usesMacros ? functions.macros : [], maximumDepth: maximumDepth)
      return try parser.parse()
    }
  }
}
