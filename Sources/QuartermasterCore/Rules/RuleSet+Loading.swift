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
    let sink = DiagnosticSink()
    let context = RuleContext(
      schema: schema, settings: settings, options: options, sink: sink, queries: queries,
      functions: schema.functionLibrary(functions))
    let (files, written) = read(files, context)
    let set = check(written.rules, context)
    let rules = set.compiled(context)
    let ruleErrors = sink.errorCount
    if options.checksQueries, ruleErrors == 0 { checkQueries(of: set, context) }
    let names = Set(written.rules.map(\.name.text))
    let tests = written.tests.compactMap { test in
      TestChecker(test, in: context, ruleNames: names).check()
    }
    let diagnostics = DiagnosticList(sink.items).items
    guard ruleErrors == 0, let rules else { return (nil, tests, diagnostics) }
    let found = RuleSet(
      rules: rules, disabled: set.disabled, files: files, branches: context.branches?.found ?? [])
    return (found, tests, diagnostics)
  }

  /// Reads and checks rule files and returns which rules may wake which.
  ///
  /// - Throws: All that was found, when there is an error.
  package static func graph(
    files: [SourceFile], schema: Schema, settings: ProjectSettings,
    options: RuleCheckOptions = RuleCheckOptions()
  ) throws(DiagnosticList) -> RuleGraph {
    let sink = DiagnosticSink()
    let context = RuleContext(
      schema: schema, settings: settings, options: options, sink: sink, queries: nil,
      functions: schema.functionLibrary([:]))
    let (_, written) = read(files, context)
    let set = check(written.rules, context)
    if sink.errorCount > 0 { throw DiagnosticList(sink.items) }
    let footprints = set.order.order.compactMap { set.rules[$0] }
      .map { RuleFootprint($0, in: context) }
    return RuleGraph(footprints)
  }

  private static func read(
    _ files: [SourceFile], _ context: RuleContext
  ) -> (files: [SourceFile], written: RuleFileSyntax) {
    // What a template brings comes before what builds on it.
    let files = files.sorted {
      $0.isOfTemplate == $1.isOfTemplate ? UTF8Text.less($0.name, $1.name) : $0.isOfTemplate
    }
    var loader = RuleFileLoader(schema: context.schema, sink: context.sink)
    for file in files { loader.load(file) }
    return (files, loader.result)
  }

  /// Rules that were checked, each by itself and all together.
  private struct CheckedSet {
    /// Those that are switched on, in the order of the files; nil for one with an error.
    let rules: [CheckedRule?]
    /// The names of those that are switched off.
    let disabled: [String]
    let order: FollowsOrder
    /// Whether all that was written could be read.
    let isWhole: Bool

    /// Returns what the engine runs; nil when there is an error.
    func compiled(_ context: RuleContext) -> [CompiledRule]? {
      guard isWhole, context.sink.errorCount == 0, order.order.count == rules.count else {
        return nil
      }
      let compiler = RuleCompiler(context: context)
      var compiled: [CompiledRule] = []
      compiled.reserveCapacity(rules.count)
      for place in order.order {
        guard let rule = rules[place] else { return nil }
        compiled.append(
          compiler.compile(rule, index: compiled.count, follows: order.closures[place]))
      }
      return compiled
    }
  }

  private static func check(_ written: [RuleSyntax], _ context: RuleContext) -> CheckedSet {
    let sink = context.sink
    let isWhole = sink.errorCount == 0
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
    RuleSetChecker(
      rules: checked.compactMap { $0 }, names: Set(enabled.map(\.name.text)),
      closures: closures(enabled, order), context: context
    ).check()
    return CheckedSet(
      rules: checked, disabled: disabled.map(\.name.text), order: order, isWhole: isWhole)
  }

  private static func checkQueries(of set: CheckedSet, _ context: RuleContext) {
    var review = QueryReview(schema: context.schema, sink: context.sink)
    let rules = set.rules.compactMap { $0 }
    do throws(Refusal) { try review.check(rules) } catch {
      guard let rule = rules.first else { return }
      context.report(.queriesUnknown(error.message, at: rule.syntax.span))
    }
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
