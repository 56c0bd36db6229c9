extension CELEnvironment {
  /// Returns a program for a checked expression, which runs on a frame that it shares with others.
  ///
  /// - Parameters:
  ///   - checked: What was checked in this environment.
  ///   - layout: The layout of the frame; grows by what the program needs.
  ///   - queries: Who may take macros over classes and relations as queries.
  ///   - observed: Whether ``Program/explain(_:)`` is going to be asked. An observed program is slower.
  ///   - branches: Numbers the parts that are true or false, each of which notes its values in the frame's log; nil for
  ///     a program that does not know of logs.
  /// - Returns: The program.
  package func plan(
    _ checked: CheckedExpr, layout: inout FrameLayout, queries: (any QueryPlanner)? = nil,
    observed: Bool = false, branches: BranchNumbering? = nil
  ) -> Program {
    let planner = Planner(
      self, parsed: checked.parsed, checked: checked, layout: layout, queries: queries,
      isObserved: observed, branches: branches)
    let root = StackRoom.run(levels: checked.parsed.levels) { planner.node(checked.root) }
    layout = planner.memory.layout
    return Program(root: root, type: checked.type, source: checked.parsed.source, layout: layout)
  }

  /// Returns a program for a checked expression.
  ///
  /// - Parameters:
  ///   - checked: What was checked in this environment.
  ///   - observed: Whether ``Program/explain(_:)`` is going to be asked. An observed program is slower; one that is not
  ///     pays nothing.
  /// - Returns: The program.
  public func program(_ checked: CheckedExpr, observed: Bool = false) -> Program {
    var layout = FrameLayout()
    return plan(checked, layout: &layout, observed: observed)
  }

  /// Reads, checks and plans an expression.
  ///
  /// ```swift
  /// var environment = CELEnvironment.quartermaster
  /// environment.declare(VariableDeclaration("quantity", .int))
  /// let program = try environment.compile("quantity <= 5")
  /// try program.evaluate(["quantity": .int(3)])  // true
  /// ```
  ///
  /// - Throws: All that is wrong with the text, in order of place.
  public func compile(_ text: String) throws(DiagnosticList) -> Program {
    program(try check(try parse(ExprSource(text))))
  }

  /// Returns a program for an expression that was not checked: its names and overloads are found each time it runs,
  /// and what is wrong with it is an error only when it is reached.
  public func uncheckedProgram(_ parsed: ParsedExpr) -> Program {
    let planner = Planner(self, parsed: parsed, layout: FrameLayout())
    let root = StackRoom.run(levels: parsed.levels) { planner.node(parsed.root) }
    return Program(root: root, type: .dyn, source: parsed.source, layout: planner.memory.layout)
  }
}
