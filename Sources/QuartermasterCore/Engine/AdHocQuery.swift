internal import QuartermasterCEL

/// Expressions that are typed at a prompt or given by a host, over the classes of a file.
enum AdHocQuery {
  /// The names that such an expression may use besides classes and functions.
  static func environment(schema: Schema, now: Timestamp) -> CELEnvironment {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    environment.declare(
      VariableDeclaration("now", .timestamp, storage: .constant(.timestamp(now))))
    return environment
  }

  /// Returns the value of an expression.
  static func evaluate(_ text: String, schema: Schema, session: StoreSession, now: Timestamp) throws
    -> Value
  {
    let environment = environment(schema: schema, now: now)
    let checked = try environment.checked(ExprSource(text))
    var layout = FrameLayout()
    let program = environment.plan(
      checked, layout: &layout, queries: SQLQueryPlanner(schema))
    return try program.root.eval(Frame(layout, host: session))
  }
}
