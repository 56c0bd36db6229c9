internal import QuartermasterCEL

/// Makes one statement of a chain: the source, filters, order, slice and what is asked of the rows.
///
/// Filters, sorting and projections are gathered while they are exact. A step that SQL cannot say gives the whole up:
/// the steps before it are offered again by themselves, and the rest runs in memory over their result.
final class QueryCompiler {
  /// What came of a sub-expression.
  struct Result {
    let query: CompiledQuery
    /// The expressions whose values are bound.
    let parameters: [Expr]
    /// The collection or relation in whose place a narrowed list stands.
    let source: Expr
    /// The relation that is asked, and the expression of the record whose it is; nil where a class is asked.
    let relation: (owner: Expr, RecordField.Relation)?
  }

  let translator: QueryTranslator
  let chain: QueryChain
  let expr: Expr
  private let source: QueryTranslator.OpenSource
  private var conditions: [QueryCondition]
  private var known: Set<ColumnKey> = []
  private var order: [(column: QueryColumn, isDescending: Bool)] = []
  private var slice: (start: CompiledQuery.SliceBound, end: CompiledQuery.SliceBound)?
  private var projection: QueryColumn?
  private var isDistinct = false
  private var guards: [SQLText.Select] = []
  private var isNarrowed = false
  private var pushed: [String] = []
  private var residual: [String] = []
  private var countsVisits = false

  /// Compiles a sub-expression.
  ///
  /// - Parameters:
  ///   - expr: The sub-expression.
  ///   - checked: The expression that it is a part of.
  ///   - schema: The classes.
  ///   - tables: Their tables, by place.
  ///   - countsVisits: Whether each row that is read is counted; for tests.
  /// - Returns: The query, or nil when neither the whole nor a list of fewer records can be one.
  static func compile(
    _ expr: Expr, in checked: CheckedExpr, _ schema: Schema, _ tables: [ClassTable],
    countsVisits: Bool = false
  ) -> Result? {
    guard let chain = QueryChain(expr, in: checked, schema), !chain.steps.isEmpty else {
      return nil
    }
    for attempt in [compileWhole, compileNarrowed] {
      let translator = QueryTranslator(schema: schema, tables: tables, checked: checked)
      guard let compiler = QueryCompiler(expr, chain, translator) else { return nil }
      compiler.countsVisits = countsVisits
      if let query = attempt(compiler)(), isShallow(query.sql) {
        var relation: (owner: Expr, RecordField.Relation)?
        if case .related(let owner, let found) = chain.source { relation = (owner, found) }
        return Result(
          query: query, parameters: translator.parameters, source: chain.sourceExpr,
          relation: relation)
      }
    }
    return nil
  }

  /// How many AND and OR a statement may have: SQLite refuses expressions of more than 1000 levels.
  private static let mostOperators = 800

  /// Whether SQLite takes a statement; what is longer runs in memory.
  private static func isShallow(_ sql: String) -> Bool {
    // Most are so short that there is nothing to count.
    if sql.utf8.count < 4 * mostOperators { return true }
    let words = sql.split(separator: " ")
    return words.count { $0 == "AND" || $0 == "OR" } <= mostOperators
  }

  private init?(_ expr: Expr, _ chain: QueryChain, _ translator: QueryTranslator) {
    guard let source = translator.open(chain.source, named: Self.name(chain, translator), [])
    else { return nil }
    self.expr = expr
    self.chain = chain
    self.translator = translator
    self.source = source
    conditions = source.anchor.map { [$0] } ?? []
  }

  /// The name of the table: that of the first macro variable, or of a record of the class.
  private static func name(_ chain: QueryChain, _ translator: QueryTranslator) -> String {
    for step in chain.steps {
      switch step {
      case .filter(let name, _), .sortBy(let name, _), .map(let name, _, _), .exists(let name, _),
        .all(let name, _), .existsOne(let name, _):
        return name
      default: continue
      }
    }
    switch chain.source {
    case .collection(let definition): return definition.variable
    case .related(_, let relation): return relation.source.variable
    }
  }

  // MARK: Whole

  private func compileWhole() -> CompiledQuery? {
    for step in chain.steps.dropLast() {
      guard take(step) else { return nil }
    }
    guard let last = chain.steps.last else { return nil }
    pushed = [text(expr)]
    return finish(last)
  }

  /// Takes a step that leads to another list; false when SQL cannot say it.
  private func take(_ step: QueryChain.Step) -> Bool {
    switch step {
    case .filter(let name, let body):
      guard projection == nil, slice == nil, let condition = exact(name, body) else { return false }
      conditions.append(condition)
      learn(name, body)
      return true
    case .sortBy(let name, let key):
      guard projection == nil, slice == nil else { return false }
      return sort(name, key)
    case .map(let name, let filter, let body):
      guard projection == nil else { return false }
      if let filter {
        guard slice == nil, let condition = exact(name, filter) else { return false }
        conditions.append(condition)
        learn(name, filter)
      }
      return project(name, body)
    case .slice(let start, let end):
      guard slice == nil, !isDistinct, let start = bound(start), let end = bound(end) else {
        return false
      }
      slice = (start, end)
      return true
    case .distinct:
      guard let column = projection, order.isEmpty, slice == nil, !isDistinct else { return false }
      switch column.type {
      case .opaque, .real: return false
      default: isDistinct = true
      }
      return true
    case .exists, .all, .existsOne, .size, .first, .last, .sum, .min, .max, .average:
      return false
    }
  }

  private func exact(_ name: String, _ body: Expr, negated: Bool = false) -> QueryCondition? {
    let truth = truth(name, body, negated: negated)
    return truth.isExact ? truth.upper : nil
  }

  private func truth(_ name: String, _ body: Expr, negated: Bool = false) -> Truth {
    translator.with(name, as: source.row) {
      translator.truth(body, negated: negated, known: known)
    }
  }

  private func learn(_ name: String, _ body: Expr) {
    known = translator.with(name, as: source.row) { translator.columnsKnown(by: body, known) }
  }

  /// Takes a stable sort: a later `sortBy` comes first.
  ///
  /// A key that may fail or be null is an error in the language, and SQL does not sort by it.
  private func sort(_ name: String, _ key: Expr) -> Bool {
    var (expr, isDescending) = (key, false)
    if case .call(let call) = key.kind, call.function == "-_", call.arguments.count == 1 {
      (expr, isDescending) = (call.arguments[0], true)
    }
    guard let column = column(name, expr),
      translator.failures(of: column, isOrdered: true, known).isEmpty
    else { return false }
    switch column.type {
    case .opaque, .pointer: return false
    case .text, .boolean, .instant: if isDescending { return false }
    case .integer: if isDescending { guardNegation(column) }
    case .real, .decimal, .span: break
    }
    order.insert((column, isDescending), at: 0)
    return true
  }

  /// The least integer has no negation: where there is one, `-x` is an error.
  private func guardNegation(_ column: QueryColumn) {
    if case .int(let least) = column.minimum, least > .min { return }
    var select = SQLText.Select(
      scope: source.scope, columns: .expressions([.text("1")]),
      conditions: conditions + [.compare(.key(column.key), .equal, .integer(.min))])
    select.limit = 1
    guards.append(select)
  }

  private func project(_ name: String, _ body: Expr) -> Bool {
    guard let column = column(name, body),
      translator.failures(of: column, isOrdered: false, known).isEmpty
    else { return false }
    projection = column
    return true
  }

  private func column(_ name: String, _ expr: Expr) -> QueryColumn? {
    translator.with(name, as: source.row) { translator.path(expr)?.column }
  }

  private func bound(_ expr: Expr) -> CompiledQuery.SliceBound? {
    if case .int(let number) = translator.constant(expr) { return .constant(number) }
    guard translator.type(of: expr) == .int else { return nil }
    return .parameter(translator.parameter(expr))
  }

  // MARK: The last step

  private func finish(_ last: QueryChain.Step) -> CompiledQuery? {
    switch last {
    case .filter, .sortBy, .map, .slice, .distinct:
      guard take(last) else { return nil }
      return list(isFirst: false, isReversed: false)
    case .first: return list(isFirst: true, isReversed: false)
    case .last:
      guard slice == nil, !isDistinct else { return nil }
      return list(isFirst: true, isReversed: true)
    case .exists(let name, let body):
      guard projection == nil, slice == nil, let condition = exact(name, body) else { return nil }
      return presence(condition, limit: 1, .presence(of: true))
    case .all(let name, let body):
      guard projection == nil, slice == nil, let condition = exact(name, body, negated: true)
      else { return nil }
      return presence(condition, limit: 1, .presence(of: false))
    case .existsOne(let name, let body):
      guard projection == nil, slice == nil, let condition = exact(name, body) else { return nil }
      return presence(condition, limit: 2, .uniqueness)
    case .size: return size()
    case .sum, .min, .max, .average: return total(last)
    }
  }

  private func list(isFirst: Bool, isReversed: Bool) -> CompiledQuery? {
    let shape: CompiledQuery.Shape
    var select = SQLText.Select(
      scope: source.scope,
      columns: .row(translator.tables[source.scope.definition.index]), conditions: conditions)
    if let projection {
      select.columns = .expressions([.column(projection.key)])
      shape = isFirst ? .value(reader(projection)) : .values(reader(projection))
    } else {
      let type = source.scope.definition.recordType
      shape = isFirst ? .record(type) : .records(type)
    }
    if isDistinct, let projection {
      select.groupBy = projection.key
      select.orderBy = [(.function("MIN(%)", id), false)]
    } else {
      select.orderBy = order.map { (.column($0.column.key), $0.isDescending != isReversed) }
      // Named twice, it would keep SQLite from reading the order off an index.
      if order.last?.column.key != id { select.orderBy.append((.column(id), isReversed)) }
    }
    if isFirst, slice == nil { select.limit = 1 }
    limit(&select, toOne: isFirst)
    return query(select, shape)
  }

  /// Writes a slice between constants into the statement; one with parameters is bound each time.
  private func limit(_ select: inout SQLText.Select, toOne isFirst: Bool) {
    guard let bounds = slice else { return }
    guard case (.constant(let start), .constant(let end)) = bounds else {
      select.isSliced = true
      return
    }
    let offset = max(start, 0)
    let count = end > offset ? end - offset : 0
    select.limit = isFirst ? min(count, 1) : count
    select.offset = offset
    slice = nil
  }

  private var id: ColumnKey { ColumnKey(alias: source.scope.alias, name: "objectId") }

  private func reader(_ column: QueryColumn) -> CompiledQuery.ColumnReader {
    var target: RecordType?
    if case .pointer(let place) = column.type {
      target = translator.schema.classes[place].recordType
    }
    return CompiledQuery.ColumnReader(codec: column.codec, target: target)
  }

  private func presence(
    _ condition: QueryCondition, limit: Int64, _ shape: CompiledQuery.Shape
  ) -> CompiledQuery? {
    var select = SQLText.Select(
      scope: source.scope, columns: .expressions([.text("1")]),
      conditions: conditions + [condition])
    select.limit = limit
    return query(select, shape)
  }

  private func size() -> CompiledQuery? {
    var select = SQLText.Select(
      scope: source.scope, columns: .expressions([.text("COUNT(*)")]), conditions: conditions)
    if slice == nil, !isDistinct { return query(select, .count) }
    select.columns = .expressions([.text("1")])
    select.groupBy = isDistinct ? projection?.key : nil
    limit(&select, toOne: false)
    return query(select, .count) { "SELECT COUNT(*) FROM (\($0))" }
  }

  private func total(_ last: QueryChain.Step) -> CompiledQuery? {
    guard let column = projection, slice == nil, !isDistinct,
      translator.failures(of: column, isOrdered: true, known).isEmpty
    else { return nil }
    var functions: [SQLText.ColumnExpression]
    let shape: CompiledQuery.Shape
    switch (last, column.type) {
    case (.min, .text), (.min, .integer), (.min, .real), (.min, .decimal), (.min, .instant),
      (.min, .span):
      functions = [.function("MIN(%)", column.key)]
      shape = .value(reader(column))
    case (.max, .text), (.max, .integer), (.max, .real), (.max, .decimal), (.max, .instant),
      (.max, .span):
      functions = [.function("MAX(%)", column.key)]
      shape = .value(reader(column))
    case (.sum, .integer), (.sum, .decimal), (.sum, .span):
      functions = sums(column)
      shape = .sum(reader(column))
    case (.average(nil), .integer):
      functions = sums(column) + [.text("COUNT(*)")]
      shape = .average(reader(column), places: nil)
    case (.average(let places?), .integer), (.average(let places?), .decimal):
      guard let places = bound(places) else { return nil }
      functions = sums(column) + [.text("COUNT(*)")]
      shape = .average(reader(column), places: places)
    default: return nil
    }
    return query(
      SQLText.Select(
        scope: source.scope, columns: .expressions(functions), conditions: conditions), shape)
  }

  /// A decimal has 128 bits in memory, so that no order of adding overflows; integers and spans have 64.
  private func sums(_ column: QueryColumn) -> [SQLText.ColumnExpression] {
    if case .decimal = column.type { return [.function("SUM(%)", column.key)] }
    if case .int(let least) = column.minimum, least >= 0 {
      return [.function("SUM(%)", column.key)]
    }
    return [.function("SUM(MAX(%, 0))", column.key), .function("SUM(MIN(%, 0))", column.key)]
  }

  // MARK: Narrowed

  /// Finds the records on which the last step can depend: those for which its condition is not false (for `all`,
  /// not true).
  private func compileNarrowed() -> CompiledQuery? {
    for step in chain.steps.dropLast() {
      guard case .filter = step, take(step) else { return nil }
    }
    let (name, body, negated): (String, Expr, Bool)
    switch chain.steps.last {
    case .filter(let variable, let condition), .exists(let variable, let condition),
      .existsOne(let variable, let condition), .map(let variable, let condition?, _):
      (name, body, negated) = (variable, condition, false)
    case .all(let variable, let condition): (name, body, negated) = (variable, condition, true)
    default: return nil
    }
    if let upper = truth(name, body, negated: negated).upper { conditions.append(upper) }
    // A whole relation, or a whole class, is read as well without a query.
    guard QueryCondition.all(conditions).conjuncts.count > (source.anchor == nil ? 0 : 1) else {
      return nil
    }
    isNarrowed = true
    explain(name, body, negated: negated)
    return list(isFirst: false, isReversed: false)
  }

  private func explain(_ name: String, _ body: Expr, negated: Bool) {
    for step in chain.steps.dropLast() {
      if case .filter(_, let body) = step { pushed.append(text(body)) }
    }
    if !negated { learn(name, body) }
    for part in translator.flattened(body, negated ? "_||_" : "_&&_") {
      let truth = truth(name, part, negated: negated)
      if truth.upper != nil { pushed.append(text(part)) }
      if !truth.isExact { residual.append(text(part)) }
    }
  }

  private func text(_ expr: Expr) -> String {
    let bytes = Array(translator.checked.parsed.source.text.utf8)
    return String(decoding: bytes[expr.range], as: UTF8.self)
  }

  // MARK: The statement

  private func query(
    _ select: SQLText.Select, _ shape: CompiledQuery.Shape, _ wrap: (String) -> String = { $0 }
  ) -> CompiledQuery {
    CompiledQuery(
      statement(select, wrap), shape, guards: guards.map { statement($0) { $0 } }, slice: slice,
      isPick: select.conditions.isEmpty && (select.limit != nil || select.isSliced),
      isNarrowed: isNarrowed, pushed: pushed, residual: residual)
  }

  private func statement(_ select: SQLText.Select, _ wrap: (String) -> String)
    -> CompiledQuery.Statement
  {
    var writer = SQLText()
    writer.countsVisits = countsVisits
    let sql = wrap(writer.select(select))
    return CompiledQuery.Statement(
      sql,
      writer.used.map {
        switch $0 {
        case .binding(let place): .parameter(translator.bindings[place])
        case .real(let number): .real(number)
        }
      })
  }
}
