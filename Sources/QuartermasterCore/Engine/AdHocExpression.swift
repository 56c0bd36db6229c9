package import QuartermasterCEL

/// An expression that somebody typed, over the classes of a file and over records that have names at the prompt.
///
/// Null is not checked: who types an expression sees at once that something is not there.
package struct AdHocExpression {
  /// What was checked.
  package let checked: CheckedExpr
  private let program: Program
  private let planner: SQLQueryPlanner
  private let named: [Record]

  /// Checks and plans an expression.
  ///
  /// - Parameters:
  ///   - text: The expression.
  ///   - schema: The classes.
  ///   - now: The instant that `now` stands for.
  ///   - access: What may be seen; nil for all.
  ///   - find: Returns the record that a name stands for at the prompt, or nil.
  /// - Throws: All that is wrong with the text.
  package init(
    _ text: String, schema: Schema, now: Timestamp, access: AccessView? = nil,
    find: (String) -> Record? = { _ in nil }
  ) throws(DiagnosticList) {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    environment.checksNull = false
    environment.declare(
      VariableDeclaration("now", .timestamp, storage: .constant(.timestamp(now))))
    let parsed = try environment.parse(ExprSource(text))
    var names: Set<String> = []
    parsed.root.collectFreeNames(into: &names)
    var layout = FrameLayout()
    var named: [Record] = []
    for name in names.sorted()
    where environment.variables[name] == nil && schema[name] == nil {
      guard let record = find(name) else { continue }
      let place = layout.takeRecord()
      environment.declare(
        VariableDeclaration(name, .record(record.type.name), storage: .record(place)))
      named.append(record)
    }
    self.named = named
    let written = try environment.check(parsed)
    if let access {
      environment = AccessRewriter.environment(environment)
      checked = try environment.check(try AccessRewriter.rewrite(written, for: access))
    } else {
      checked = written
    }
    planner = SQLQueryPlanner(schema)
    program = environment.plan(checked, layout: &layout, queries: planner)
  }

  /// Returns the value.
  ///
  /// Records in it must not leave the session.
  package func evaluate(_ session: StoreSession) throws(EvaluationError) -> Value {
    let frame = Frame(program.layout, host: session)
    for (place, record) in named.enumerated() { frame.records[place] = record }
    return try program.root.eval(frame)
  }

  /// Returns what becomes of its parts over classes and relations, outermost first.
  package func explain(_ session: StoreSession) throws(Refusal) -> [QueryExplanation] {
    var explanations: [QueryExplanation] = []
    for query in planner.queries(in: checked) { explanations.append(try query.explain(session)) }
    return explanations
  }
}

/// Reads fields of records by name, computed ones too, on one session.
package final class RecordValues {
  private let session: StoreSession
  private let computed: ComputedFields
  private let access: AccessView?

  /// Creates a reader.
  ///
  /// `access`: What may be seen; nil for all.
  package init(_ session: StoreSession, access: AccessView? = nil) {
    self.session = session
    self.access = access
    computed = ComputedFields(schema: session.schema, host: session)
  }

  /// Returns the value of a field as it is stored, or computed: a pointer is the id.
  ///
  /// Secrets are null, and what may not be seen.
  package func value(of record: Record, _ field: FieldDefinition) throws -> Value {
    if field.isSecret { return .null }
    let value = try stored(record, field)
    return try access?.shown(value, field, of: record, session) ?? value
  }

  /// Returns the fields of a class that may be seen, in all records or in some.
  package func fields(of definition: ClassDefinition) -> [FieldDefinition] {
    definition.fields.filter { field in
      access.map { $0.visibility(of: field.name, in: definition.recordType) != .never } ?? true
    }
  }

  private func stored(_ record: Record, _ field: FieldDefinition) throws -> Value {
    if record.isUnloaded { try session.fetch(record) }
    guard record.isLive || record.isPinned else { return .null }
    if let slot = field.slot { return record.values[slot] }
    guard let field = computed.field(record.type.index, field.index) else { return .null }
    return try field.value(of: record)
  }
}
