package import QuartermasterCEL

/// A verb as in rule files that somebody typed: checked and planned, with the records that its names stand for.
package struct PromptAction {
  /// What is done.
  package let action: CompiledAction
  /// What a frame for it needs.
  package let layout: FrameLayout
  /// Where `now` and `actor` are in that frame.
  package let names: RuleNames
  /// The records that belong into the frame.
  package let records: [(place: Int, record: Record)]
  /// The name that `as` gives the result, and where the result is.
  package let result: (name: String, place: Int)?
  /// Where the verb stands.
  package let span: SourceSpan

  /// Checks and plans an action.
  ///
  /// - Parameters:
  ///   - node: The action as a mapping, the verb its first key.
  ///   - schema: The classes, and the verbs of the host.
  ///   - settings: The groups.
  ///   - access: What who types may see; nil for all.
  ///   - find: Returns the record that a name stands for at the prompt, or nil.
  /// - Throws: All that is wrong with it.
  package init(
    _ node: YAMLNode, schema: Schema, settings: ProjectSettings, access: AccessView? = nil,
    find: (String) -> Record?
  ) throws(DiagnosticList) {
    let sink = DiagnosticSink()
    // Null is not checked: who types sees at once that something is not there.
    let options = RuleCheckOptions(checksNull: false)
    let context = RuleContext(
      schema: schema, settings: settings, options: options, sink: sink,
      queries: SQLQueryPlanner(schema), functions: schema.functionLibrary([:]))
    context.access = access
    let loader = RuleFileLoader(schema: schema, sink: sink)
    let point = ScopeChecker(context)
    point.isTest = true
    point.bindClock()
    for name in ["old", "new", "signal"] {
      point.scope.explainAbsence(of: name, "nothing was changed yet")
    }
    var names: Set<String> = []
    Self.collectNames(in: node, context, into: &names)
    var records: [(place: Int, record: Record)] = []
    for name in names.sorted() where schema[name] == nil && !point.scope.bound.contains(name) {
      guard let record = find(name) else { continue }
      let place = point.frame.layout.takeRecord()
      point.scope.bind(name, .record(record.type.name), .record(place))
      records.append((place, record))
    }
    guard let written = loader.action(node, in: .test), sink.errorCount == 0,
      let checked = point.action(written), sink.errorCount == 0
    else { throw DiagnosticList(sink.items) }
    action = RuleCompiler(context: context).action(checked, point.frame)
    // What may not be seen is found as it is planned.
    if sink.errorCount > 0 { throw DiagnosticList(sink.items) }
    layout = point.frame.layout
    self.names = point.frame.names
    self.records = records
    if let name = written.result?.text, let place = action.result {
      result = (name, place)
    } else {
      result = nil
    }
    span = written.span
  }

  /// The keys whose values are fixed words, or bind names of their own.
  private static let wordKeys: Set<String> = ["as", "to", "by", "within"]
  private static let wordVerbs: Set<String> = ["create", "ensure", "signal", "call"]

  /// Collects the names that formulas and holes use and do not bind themselves.
  private static func collectNames(
    in node: YAMLNode, _ context: RuleContext, into names: inout Set<String>
  ) {
    for (place, pair) in (node.pairs ?? []).enumerated() {
      let key = pair.key.text ?? ""
      if place == 0 ? wordVerbs.contains(key) : wordKeys.contains(key) { continue }
      collectNames(of: pair.value, context, into: &names, isEach: key == "each")
    }
  }

  private static func collectNames(
    of value: YAMLNode, _ context: RuleContext, into names: inout Set<String>, isEach: Bool = false
  ) {
    switch value.kind {
    case .empty: return
    case .mapping: collectNames(in: value, context, into: &names)
    case .sequence(let items):
      for item in items { collectNames(of: item, context, into: &names) }
    case .scalar(let source, let style):
      let scalar = ScalarSyntax(source: source, style: style, span: value.span)
      if let text = try? TextSyntax(scalar), text.constant == nil {
        for case .hole(let hole, _) in text.pieces {
          (try? context.environment.parse(hole))?.root.collectFreeNames(into: &names)
        }
      } else if let root = (try? context.environment.parse(source))?.root {
        // Of `line in order.lines` the first is the name that is bound.
        (isEach ? root.operation?.arguments.last ?? root : root).collectFreeNames(into: &names)
      }
    }
  }
}
