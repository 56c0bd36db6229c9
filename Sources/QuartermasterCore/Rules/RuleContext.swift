import QuartermasterCEL

/// What all rules and tests of one load share.
final class RuleContext {
  let schema: Schema
  let settings: ProjectSettings
  let options: RuleCheckOptions
  let sink: DiagnosticSink
  /// Where queries are planned.
  let queries: (any QueryPlanner)?
  /// The environment without the names of a rule: libraries, the host's functions, classes.
  let environment: CELEnvironment
  /// Classes by name, and those whose records have required fields without a default.
  private(set) var openFields: [String: Set<String>] = [:]

  init(
    schema: Schema, settings: ProjectSettings, options: RuleCheckOptions, sink: DiagnosticSink,
    queries: (any QueryPlanner)?, functions: CELLibrary?
  ) {
    self.schema = schema
    self.settings = settings
    self.options = options
    self.sink = sink
    self.queries = queries
    var environment = CELEnvironment.quartermaster
    if let functions { environment.libraries.append(functions) }
    environment.recordTypes = schema
    environment.checksNull = options.checksNull
    environment.forbidsShadowing = true
    self.environment = environment
    for definition in schema.classes {
      let open = definition.fields.filter { field in
        guard field.isWritable, field.isRequired, field.sequence == nil else { return false }
        if case .null = field.defaultValue { return true }
        return false
      }
      openFields[definition.name] = Set(open.map(\.name))
    }
  }

  /// Adds a diagnostic.
  func report(_ diagnostic: Diagnostic) { sink.report(diagnostic) }

  /// The groups that `notify` may name.
  var groups: [String] { options.groups.union(settings.groups.keys).sorted() }

  /// Whether a group has this name.
  func isGroup(_ name: String) -> Bool {
    settings.groups[name] != nil || options.groups.contains(name)
  }

  /// Returns the class of a name; an unknown one is reported.
  func definition(_ scalar: ScalarSyntax) -> ClassDefinition? {
    if let found = schema[scalar.text] { return found }
    report(.unknownClass(scalar.text, known: schema.classes.map(\.name), at: scalar.span))
    return nil
  }

  /// Plans a checked formula on a frame.
  func plan(
    _ checked: CheckedExpr, on frame: RuleFrame, in environment: CELEnvironment? = nil
  ) -> Program {
    (environment ?? self.environment).plan(checked, layout: &frame.layout, queries: queries)
  }
}
