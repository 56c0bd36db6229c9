package import QuartermasterCEL

/// Makes SQL of the parts of expressions that ask for records of a class or of a relation.
///
/// Made once per schema. What SQL cannot say exactly as the language means it is left to the language, over the
/// records that SQL could narrow it to.
package final class SQLQueryPlanner: QueryPlanner {
  private let schema: Schema
  private let tables: [ClassTable]
  private let countsVisits: Bool
  private let holdsRelations: Bool

  /// Creates a planner for the classes of a schema.
  package convenience init(_ schema: Schema) {
    self.init(schema, countsVisits: false, holdsRelations: true)
  }

  /// Creates a planner for tests.
  ///
  /// - Parameters:
  ///   - schema: The schema.
  ///   - countsVisits: Whether statements call `visit(table, row)` for each row that they read.
  ///   - holdsRelations: Whether what is asked of a short relation is answered in memory.
  init(_ schema: Schema, countsVisits: Bool, holdsRelations: Bool) {
    self.schema = schema
    self.countsVisits = countsVisits
    self.holdsRelations = holdsRelations
    tables = schema.classes.map { ClassTable($0) }
  }

  package func plan(
    _ expr: Expr, in checked: CheckedExpr, parameter: (Expr) -> Node, inMemory: () -> Node
  ) -> QueryPlan? {
    guard let result = compiled(expr, in: checked) else { return nil }
    let used = result.query.usedParameters
    let nodes = result.parameters.enumerated().map { place, part in
      used.contains(place) ? parameter(part) : nil
    }
    let relation = holdsRelations ? result.relation.map { (owner: parameter($0.owner), $0.1) } : nil
    if result.query.isNarrowed {
      return .narrowed(
        QueryBody(result.query, nodes, relation, fallback: parameter(result.source)))
    }
    return .whole(QueryBody(result.query, nodes, relation, fallback: inMemory()))
  }

  private func compiled(_ expr: Expr, in checked: CheckedExpr) -> QueryCompiler.Result? {
    QueryCompiler.compile(expr, in: checked, schema, tables, countsVisits: countsVisits)
  }

  /// Returns the queries that a checked expression leads to, outermost first: what `explain` shows.
  package func queries(in checked: CheckedExpr) -> [CompiledQuery] {
    placedQueries(in: checked).map(\.query)
  }

  /// Returns the same with the part of the expression that each query stands for.
  func placedQueries(in checked: CheckedExpr) -> [(expr: Expr, query: CompiledQuery)] {
    var found: [(expr: Expr, query: CompiledQuery)] = []
    collect(checked.root, checked, into: &found)
    return found
  }

  private func collect(
    _ expr: Expr, _ checked: CheckedExpr, into found: inout [(expr: Expr, query: CompiledQuery)]
  ) {
    if let result = compiled(expr, in: checked) {
      found.append((expr, result.query))
      for (place, part) in result.parameters.enumerated()
      where result.query.usedParameters.contains(place) {
        collect(part, checked, into: &found)
      }
      // What runs in memory may ask for other records in each step.
      if result.query.isNarrowed, case .comprehension(let macro) = expr.kind {
        if let filter = macro.filter { collect(filter, checked, into: &found) }
        collect(macro.body, checked, into: &found)
      }
      return
    }
    for part in expr.parts { collect(part, checked, into: &found) }
  }
}

/// A query as a part of a program: evaluates its parameters, runs, or falls back to memory.
final class QueryBody: QueryNodeBody, @unchecked Sendable {
  let query: CompiledQuery
  /// The parameters, by ``QueryBinding/parameter``; nil for those that no longer count.
  let parameters: [Node?]
  /// Gives the value without SQL: the whole sub-expression, or, for a narrowed list, the whole list.
  let fallback: Node
  /// The relation that is asked, and the record whose it is: where it is in memory, the fallback is the quicker way.
  let relation: (owner: Node, RecordField.Relation)?

  init(
    _ query: CompiledQuery, _ parameters: [Node?],
    _ relation: (owner: Node, RecordField.Relation)?, fallback: Node
  ) {
    self.query = query
    self.parameters = parameters
    self.relation = relation
    self.fallback = fallback
  }

  func evaluate(_ frame: Frame) throws(EvaluationError) -> Value {
    guard let session = frame.host as? StoreSession else { return try fallback.eval(frame) }
    if let relation, try isHeld(relation.owner, relation.1, session, frame) {
      return try fallback.eval(frame)
    }
    var values: [Value] = []
    values.reserveCapacity(parameters.count)
    for parameter in parameters {
      guard let parameter else {
        values.append(.null)
        continue
      }
      // The language evaluates a parameter where it stands: perhaps never, and beside something false its error does
      // not count. So its failure is no failure of the query.
      do throws(EvaluationError) { values.append(try parameter.eval(frame)) } catch {
        if !error.isAbsorbed { throw error }
        return try fallback.eval(frame)
      }
    }
    if let value = try session.run(query, values) { return value }
    return try fallback.eval(frame)
  }

  private func isHeld(
    _ owner: Node, _ relation: RecordField.Relation, _ session: StoreSession, _ frame: Frame
  ) throws(EvaluationError) -> Bool {
    let record: Unmanaged<Record>?
    do throws(EvaluationError) { record = try owner.lentRecord(frame) } catch {
      // What fails here fails there as well, or is not asked.
      if error.isAbsorbed { return true }
      throw error
    }
    guard let record else { return false }
    return try session.holds(record._withUnsafeGuaranteedRef { $0 }, relation)
  }
}

extension CompiledQuery {
  /// The places of the parameters that are bound somewhere.
  var usedParameters: Set<Int> {
    var used: Set<Int> = []
    for statement in [statement] + guards {
      for case .parameter(let binding) in statement.bounds { used.insert(binding.parameter) }
    }
    var bounds: [SliceBound] = slice.map { [$0.start, $0.end] } ?? []
    if case .average(_, let places?) = shape { bounds.append(places) }
    for case .parameter(let place) in bounds { used.insert(place) }
    return used
  }
}

extension Expr {
  /// The direct parts of an expression.
  fileprivate var parts: [Expr] {
    switch kind {
    case .literal, .name: []
    case .select(let select), .has(let select): [select.operand]
    case .call(let call): (call.target.map { [$0] } ?? []) + call.arguments
    case .list(let elements): elements.map(\.value)
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let macro):
      [macro.target] + (macro.filter.map { [$0] } ?? []) + [macro.body]
    case .bind(_, let value, let body): [value, body]
    }
  }
}
