import QuartermasterCEL

/// What all rules and tests of one load share.
final class RuleContext {
  let schema: Schema
  let settings: ProjectSettings
  let options: RuleCheckOptions
  let sink: DiagnosticSink
  /// Where queries are planned.
  let queries: (any QueryPlanner)?
  /// Where the parts of conditions are numbered; nil where nobody is going to ask for them.
  let branches: BranchBook?
  /// What who wrote the formulas may see; nil for all.
  var access: AccessView?
  /// The environment without the names of a rule: libraries, the host's functions, classes.
  let environment: CELEnvironment
  /// Classes by name, and those whose records have required fields without a default.
  private(set) var openFields: [String: Set<String>] = [:]

  init(
    schema: Schema, settings: ProjectSettings, options: RuleCheckOptions, sink: DiagnosticSink,
    queries: (any QueryPlanner)?, functions: CELLibrary?, branches: BranchBook? = nil
  ) {
    self.schema = schema
    self.settings = settings
    self.options = options
    self.sink = sink
    self.queries = queries
    self.branches = branches ?? (options.numbersBranches ? BranchBook() : nil)
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

  /// The classes that rules may write and start from.
  var classNames: [String] { schema.classes.filter { !$0.isSystem }.map(\.name) }

  /// Whether a group has this name.
  func isGroup(_ name: String) -> Bool {
    settings.groups[name] != nil || options.groups.contains(name)
  }

  /// Returns the class of a name that something is written to; an unknown one is reported.
  func definition(_ scalar: ScalarSyntax) -> ClassDefinition? {
    guard let found = schema[scalar.text] else {
      report(.unknownClass(scalar.text, known: classNames, at: scalar.span))
      return nil
    }
    if found.isSystem {
      report(.systemClass(found.name, at: scalar.span))
      return nil
    }
    return found
  }

  /// Plans a checked formula on a frame.
  ///
  /// - Parameters:
  ///   - checked: The formula.
  ///   - frame: The frame; it grows by what the program needs.
  ///   - observed: Whether the values that decide are going to be asked for.
  ///   - gate: Which condition of a rule it is; nil for what decides nothing.
  /// - Returns: What runs.
  func plan(
    _ checked: CheckedExpr, on frame: RuleFrame, observed: Bool = false,
    gate: RuleBranch.Gate? = nil
  ) -> Program {
    if let access {
      do throws(DiagnosticList) {
        let environment = AccessRewriter.environment(environment, of: checked)
        let seen = try environment.check(try AccessRewriter.rewrite(checked, for: access))
        return environment.plan(
          seen, layout: &frame.layout, queries: queries, observed: observed,
          branches: gate.flatMap { branches?.numbering(of: $0) })
      } catch { error.items.forEach(report) }
    }
    return environment.plan(
      checked, layout: &frame.layout, queries: queries, observed: observed,
      branches: gate.flatMap { branches?.numbering(of: $0) })
  }
}
