package import QuartermasterCEL

extension RuleSet {
  /// Reads, checks and compiles rule files.
  ///
  /// Nothing stops at the first mistake: the diagnostics hold all that was found in all files, in order of place. A
  /// rule that is switched off keeps nothing from running: its errors are warnings.
  ///
  /// - Parameters:
  ///   - files: The files; their order is that of their names, as UTF-8 bytes.
  ///   - schema: The classes, and what rules may name besides.
  ///   - settings: The groups, the inbox, the zone.
  ///   - options: Which of the further checks are made.
  ///   - functions: The bodies of the functions that the schema declares. Without one a function can be checked, and
  ///     a call of it fails when it runs.
  ///   - queries: Who turns queries into SQL; nil to run them in memory.
  /// - Returns: The rules, or nil when one of them has an error; the tests that have none; and what was found.
  package static func load(
    files: [SourceFile], schema: Schema, settings: ProjectSettings,
    options: RuleCheckOptions = RuleCheckOptions(),
    functions: [String: @Sendable ([Value]) throws(EvaluationError) -> Value] = [:],
    queries: (any QueryPlanner)? = nil
  ) -> (rules: RuleSet?, tests: [RuleTest], diagnostics: [Diagnostic]) {
    // What a template brings comes before what builds on it.
    let files = files.sorted {
      $0.isOfTemplate == $1.isOfTemplate ? UTF8Text.less($0.name, $1.name) : $0.isOfTemplate
    }
    let sink = DiagnosticSink()
    let context = RuleContext(
      schema: schema, settings: settings, options: options, sink: sink, queries: queries,
      functions: schema.functionLibrary(functions))
    var loader = RuleFileLoader(schema: schema, sink: sink)
    for file in files { loader.load(file) }
    let written = loader.result
    let (rules, disabled) = compile(written.rules, context, hasShapeErrors: sink.errorCount > 0)
    let ruleErrors = sink.errorCount
    let names = Set(written.rules.map(\.name.text))
    let tests = written.tests.compactMap { test in
      TestChecker(test, in: context, ruleNames: names).check()
    }
    let diagnostics = DiagnosticList(sink.items).items
    guard ruleErrors == 0, let rules else { return (nil, tests, diagnostics) }
    let set = RuleSet(
      rules: rules, disabled: disabled, files: files, branches: context.branches?.found ?? [])
    return (set, tests, diagnostics)
  }

  private static func compile(
    _ written: [RuleSyntax], _ context: RuleContext, hasShapeErrors: Bool
  ) -> (rules: [CompiledRule]?, disabled: [String]) {
    let sink = context.sink
    let forced = context.options.enabled
    let enabled = written.filter { $0.isEnabled || forced.contains($0.name.text) }
    let disabled = written.filter { !$0.isEnabled && !forced.contains($0.name.text) }
    for rule in disabled {
      let start = sink.items.count
      _ = RuleChecker(rule, in: context).check()
      sink.soften(from: start)
    }
    let order = FollowsOrder(enabled, disabledNames: disabled.map(\.name.text), sink: sink)
    let checked = enabled.map { rule in
      context.branches?.enter(rule.name.text)
      defer { context.branches?.leave() }
      return RuleChecker(rule, in: context).check()
    }
    let whole = checked.compactMap { $0 }
    RuleSetChecker(
      rules: whole, names: Set(enabled.map(\.name.text)), closures: closures(enabled, order),
      context: context
    ).check()
    let names = disabled.map(\.name.text)
    guard sink.errorCount == 0, !hasShapeErrors, order.order.count == enabled.count else {
      return (nil, names)
    }
    let compiler = RuleCompiler(context: context)
    var rules: [CompiledRule] = []
    rules.reserveCapacity(order.order.count)
    for place in order.order {
      guard let rule = checked[place] else { return (nil, names) }
      rules.append(
        compiler.compile(rule, index: rules.count, follows: order.closures[place]))
    }
    return (rules, names)
  }

  private static func closures(
    _ rules: [RuleSyntax], _ order: FollowsOrder
  ) -> [String: Set<String>] {
    Dictionary(
      zip(rules.map(\.name.text), order.closures), uniquingKeysWith: { first, _ in first })
  }
}

extension RuleSet {
  /// Returns the names of the rules in files, in order; what is wrong with the files does not matter.
  package static func names(in files: [SourceFile], schema: Schema) -> [String] {
    var loader = RuleFileLoader(schema: schema, sink: DiagnosticSink())
    for file in files { loader.load(file) }
    return loader.result.rules.map(\.name.text)
  }
}
