package import QuartermasterCEL

/// The rules in force with those that are records: what the files say, and the records behind them in key order.
package struct StoredRules: Sendable {
  /// All records that are rules, in key order, with what is wrong with them.
  package let rows: [StoredRule]
  /// The mistakes of those that cannot run, by the place of the record.
  package let findings: [String: [Diagnostic]]
  /// The rules of the files, and those of the records that can run.
  package let ruleSet: RuleSet
}

/// Checks and compiles rules that are records, each by itself, behind the rules of the files.
///
/// What was compiled is kept by its text, so that a change of one record costs one rule.
package final class StoredRuleCompiler {
  private let schema: Schema
  private let settings: ProjectSettings
  private let library: CELLibrary?
  private let options: RuleCheckOptions
  private let queries: any QueryPlanner
  private var known: [String: Unit] = [:]

  /// A rule by itself, whatever the others are.
  private struct Unit {
    let syntax: RuleSyntax?
    let compiled: CompiledRule?
    let errors: [Diagnostic]
  }

  package init(
    schema: Schema, settings: ProjectSettings, options: RuleCheckOptions = RuleCheckOptions(),
    functions: [String: @Sendable ([Value]) throws(EvaluationError) -> Value] = [:],
    queries: any QueryPlanner
  ) {
    self.schema = schema
    self.settings = settings
    library = schema.functionLibrary(functions)
    self.options = options
    self.queries = queries
  }

  /// Returns what is wrong with a rule by itself; names and `follows` are judged with the others.
  package func errors(of rule: StoredRule) -> [Diagnostic] { unit(rule).errors }

  /// Returns a rule by itself as it was compiled; nil for one with mistakes.
  package func compiled(_ rule: StoredRule) -> CompiledRule? { unit(rule).compiled }

  /// Puts records behind the rules of files.
  ///
  /// A record that cannot run is left out, and its problem says why; nothing stops the others.
  ///
  /// - Parameters:
  ///   - rows: The records, in key order.
  ///   - base: The rules of the files.
  /// - Returns: The rules, the records with their problems, and the mistakes.
  package func put(_ rows: [StoredRule], behind base: RuleSet) -> StoredRules {
    if rows.isEmpty { return StoredRules(rows: [], findings: [:], ruleSet: base) }
    let keys = Set(rows.map(Self.key))
    if known.count > 2 * keys.count + 16 { known = known.filter { keys.contains($0.key) } }
    var findings: [String: [Diagnostic]] = [:]
    var holders: [String: String] = [:]
    // Without its path, which depends on where the project was opened from: problems are compared.
    for name in base.rules.map(\.name) + base.disabled { holders[name] = "a rule file" }
    var disabled = base.disabled
    var able: [(row: StoredRule, unit: Unit, syntax: RuleSyntax)] = []
    for row in rows {
      let unit = unit(row)
      var errors = unit.errors
      if let syntax = unit.syntax {
        let span = SourceSpan(file: row.file, range: syntax.name.span.range)
        if let holder = holders[row.name] {
          errors.append(.ruleNameTaken(row.name, by: holder, at: span))
        } else {
          holders[row.name] = row.place
        }
      }
      if !errors.isEmpty { findings[row.place] = errors }
      guard errors.isEmpty, row.isEnabled, let syntax = unit.syntax else {
        // It may be named by `follows`, and counts for nothing.
        if !base.disabled.contains(row.name) { disabled.append(row.name) }
        continue
      }
      able.append((row, unit, syntax))
    }
    let rules = arrange(&able, base, &disabled, &findings)
    let judged = rows.map { row in
      var row = row
      row.problem = findings[row.place].map { errors in
        errors.map(row.line).joined(separator: "\n")
      }
      return row
    }
    return StoredRules(
      rows: judged, findings: findings,
      ruleSet: RuleSet(
        rules: base.rules + rules, disabled: disabled, files: base.files + judged.map(\.file)))
  }

  /// Puts the rules in order by `follows`; one whose `follows` is wrong is left out, until the rest stands.
  private func arrange(
    _ able: inout [(row: StoredRule, unit: Unit, syntax: RuleSyntax)], _ base: RuleSet,
    _ disabled: inout [String], _ findings: inout [String: [Diagnostic]]
  ) -> [CompiledRule] {
    var before: [String: FollowsOrder.Placed] = [:]
    for rule in base.rules {
      before[rule.name] = FollowsOrder.Placed(phase: rule.phase, follows: rule.follows)
    }
    while true {
      let sink = DiagnosticSink()
      let order = FollowsOrder(
        able.map(\.syntax), disabledNames: disabled, before: before, sink: sink)
      if sink.errorCount == 0 {
        return order.order.enumerated().compactMap { place, number in
          able[number].unit.compiled.map {
            CompiledRule(
              $0, index: base.rules.count + place, follows: order.closures[number],
              stored: able[number].row)
          }
        }
      }
      let wrong = Set(sink.items.map(\.span.file.name))
      for item in sink.items { findings[item.span.file.name, default: []].append(item) }
      disabled += able.filter { wrong.contains($0.row.place) }.map(\.row.name)
      able.removeAll { wrong.contains($0.row.place) }
      if wrong.isEmpty { return [] }
    }
  }

  /// The place is part of it: messages name it.
  private static func key(_ row: StoredRule) -> String { row.place + "\n" + row.text }

  private func unit(_ row: StoredRule) -> Unit {
    let key = Self.key(row)
    if let unit = known[key] { return unit }
    let unit = compile(row)
    known[key] = unit
    return unit
  }

  private func compile(_ row: StoredRule) -> Unit {
    let sink = DiagnosticSink()
    var loader = RuleFileLoader(schema: schema, sink: sink)
    // Read as if it were switched on: what is wrong with it is told, and kept, in each case.
    loader.load(SourceFile(name: row.place, text: row.isEnabled ? row.text : row.enabledText))
    let context = RuleContext(
      schema: schema, settings: settings, options: options, sink: sink,
      queries: queries, functions: library)
    var compiled: CompiledRule?
    let syntax = loader.result.rules.first
    if let syntax, let checked = RuleChecker(syntax, in: context).check(), sink.errorCount == 0 {
      compiled = RuleCompiler(context: context).compile(
        checked, index: 0, follows: [], authority: .author)
    }
    return Unit(
      syntax: syntax, compiled: compiled, errors: sink.items.filter { $0.severity == .error })
  }
}

extension Diagnostic {
  static func ruleNameTaken(_ name: String, by holder: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duplicate",
      "\(holder) has a rule `\(name)` already; give this one another name", at: span)
  }
}
