import QuartermasterCEL

/// Asks SQLite how it would run the queries of rules, and notes those that read a table from end to end whenever a
/// record changes.
///
/// A schedule may take its time; a rule that starts with a change runs as often as somebody writes.
struct QueryReview {
  let schema: Schema
  let sink: DiagnosticSink
  private let planner: SQLQueryPlanner
  /// The same statement is asked about once.
  private var explained: [String: QueryExplanation] = [:]

  init(schema: Schema, sink: DiagnosticSink) {
    self.schema = schema
    self.sink = sink
    planner = SQLQueryPlanner(schema)
  }

  /// Makes the notes.
  ///
  /// - Throws: ``Refusal`` when SQLite cannot make an empty file in memory, or cannot read a statement.
  mutating func check(_ rules: [CheckedRule]) throws(Refusal) {
    let store = try Store.open(nil, schema: schema)
    for rule in rules where rule.recordTrigger != nil {
      // A rule that asks the same thing three times has one thing to mend.
      var seen: Set<String> = []
      let formulas = rule.conditions + rule.lets + rule.actions.flatMap(\.formulas)
      for checked in formulas {
        for (expr, query) in planner.placedQueries(in: checked) {
          let explanation = try explain(query, store)
          guard !explanation.usesIndex, seen.insert(explanation.sql).inserted else { continue }
          report(expr, checked, explanation)
        }
      }
    }
    try store.close()
  }

  private mutating func explain(
    _ query: CompiledQuery, _ store: Store
  ) throws(Refusal) -> QueryExplanation {
    if let known = explained[query.sql] { return known }
    var found: QueryExplanation?
    try store.perform { session throws(Refusal) in found = try query.explain(session) }
    guard let found else { throw Refusal(.error, "SQLite explains nothing") }
    explained[query.sql] = found
    return found
  }

  private func report(_ expr: Expr, _ checked: CheckedExpr, _ explanation: QueryExplanation) {
    guard let definition = scanned(expr, checked) else { return }
    let span = checked.parsed.source.span(expr.range)
    sink.report(
      .scansTable(
        definition.name, fields(of: definition, in: expr, checked), explanation.sql, at: span))
  }

  /// The class whose records are asked for.
  private func scanned(_ expr: Expr, _ checked: CheckedExpr) -> ClassDefinition? {
    var found: ClassDefinition?
    expr.visit { node in
      guard found == nil, case .list(.record(let name)) = checked.types[node.id].nonNull else {
        return
      }
      found = schema[name]
    }
    return found
  }

  /// The stored fields by which the records are looked for: those that must be equal first, then one that is compared.
  private func fields(
    of definition: ClassDefinition, in expr: Expr, _ checked: CheckedExpr
  ) -> [String] {
    var equal: [String] = []
    var ordered: [String] = []
    expr.visit { node in
      guard case .comprehension(let macro) = node.kind else { return }
      for part in macro.body.operands(of: "_&&_") {
        guard let (function, arguments) = part.operation, arguments.count == 2 else { continue }
        for argument in arguments {
          guard case .select(let select) = argument.kind,
            macro.variables.contains(select.operand.plainName ?? ""),
            case .record(definition.name) = checked.types[select.operand.id].nonNull,
            let field = definition[select.field], field.slot != nil
          else { continue }
          switch function {
          case "_==_", "@in": equal.append(field.name)
          case "_<_", "_<=_", "_>_", "_>=_": ordered.append(field.name)
          default: break
          }
        }
      }
    }
    return (equal + ordered.prefix(1)).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }
}

extension Diagnostic {
  static func scansTable(
    _ className: String, _ fields: [String], _ sql: String, at span: SourceSpan
  ) -> Diagnostic {
    let way: String
    if fields.isEmpty {
      way = "; ask for fewer by a field that has an index, or move it to a rule with a schedule"
    } else {
      let names = fields.map { "`\($0)`" }.joined(separator: " and ")
      way =
        ", because no index leads to \(names); add `index: [[\(fields.joined(separator: ", "))]]` to \(className) in schema.yaml"
    }
    return Diagnostic(
      .note, "rules/scan", "this reads every \(className) each time the rule runs" + way, at: span,
      notes: [Diagnostic(.note, "rules/scan", "SQLite is asked: \(sql)", at: span)])
  }

  static func queriesUnknown(_ why: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/scan",
      "whether the queries of these rules have indexes is not known, because SQLite said: \(why)",
      at: span)
  }
}
