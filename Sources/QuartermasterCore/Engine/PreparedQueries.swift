internal import QuartermasterCEL

/// Expressions that verbs and hosts run again and again with other values: checked and planned once for each text and
/// types of values.
final class PreparedQueries {
  /// A planned expression, and where its names are in its frame.
  private struct Prepared {
    let program: Program
    let now: Int
    let names: [(name: String, place: Place)]

    enum Place { case slot(Int), record(Int) }
  }

  private var prepared: [String: Prepared] = [:]
  private let schema: Schema
  private let queries: SQLQueryPlanner
  /// What may be seen; nil for all.
  private let access: AccessView?

  init(_ schema: Schema, access: AccessView? = nil) {
    self.schema = schema
    self.access = access
    queries = SQLQueryPlanner(schema)
  }

  /// Returns the value of an expression over classes, `now` and names.
  func evaluate(
    _ text: String, _ names: [String: Value], now: Timestamp, host: any RecordHost
  ) throws -> Value {
    let types = names.mapValues(CELType.init(of:)).sorted { $0.key < $1.key }
    let key = types.reduce(into: text) { $0 += "\n\($1.key): \($1.value)" }
    let query = try prepared[key] ?? prepare(text, types)
    prepared[key] = query
    let frame = Frame(query.program.layout, host: host)
    frame.slots[query.now] = .timestamp(now)
    for (name, place) in query.names {
      switch (place, names[name]) {
      case (.record(let k), .record(let record)?): frame.records[k] = record
      case (.slot(let k), let value?): frame.slots[k] = value
      default: break
      }
    }
    return try query.program.root.eval(frame)
  }

  private func prepare(_ text: String, _ types: [(key: String, value: CELType)]) throws -> Prepared
  {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    var layout = FrameLayout()
    let now = layout.takeSlot()
    environment.declare(VariableDeclaration("now", .timestamp, storage: .slot(now)))
    var names: [(name: String, place: Prepared.Place)] = []
    for (name, type) in types {
      if case .record = type {
        let k = layout.takeRecord()
        environment.declare(VariableDeclaration(name, type, storage: .record(k)))
        names.append((name, .record(k)))
      } else {
        let k = layout.takeSlot()
        environment.declare(VariableDeclaration(name, type, storage: .slot(k)))
        names.append((name, .slot(k)))
      }
    }
    var checked = try environment.check(try environment.parse(ExprSource(text)))
    if let access {
      environment = AccessRewriter.environment(environment)
      checked = try environment.check(try AccessRewriter.rewrite(checked, for: access))
    }
    let program = environment.plan(checked, layout: &layout, queries: queries)
    return Prepared(program: program, now: now, names: names)
  }
}

extension CELType {
  /// The static type of a name that has a value.
  fileprivate init(of value: Value) {
    switch value {
    case .null: self = .null
    case .bool: self = .bool
    case .int: self = .int
    case .uint: self = .uint
    case .double: self = .double
    case .decimal: self = .decimal
    case .string: self = .string
    case .bytes: self = .bytes
    case .timestamp: self = .timestamp
    case .duration: self = .duration
    case .list: self = .list(.dyn)
    case .map: self = .map(key: .dyn, value: .dyn)
    case .record(let record): self = .record(record.type.name)
    case .type: self = .type(nil)
    case .optional: self = .optional(.dyn)
    case .opaque(let box): self = .abstract(box.typeName, [])
    }
  }
}

extension Interpreter {
  /// Returns the value of an expression of a verb or a host over classes, `now` and names.
  ///
  /// - Throws: ``Refusal`` when the text is wrong, or when it fails.
  func query(_ text: String, _ names: [String: Value]) throws(Refusal) -> Value {
    do {
      return try preparedQueries.evaluate(text, names, now: now, host: store)
    } catch let error as EvaluationError {
      throw Refusal(error.code == .storage ? .storage : .error, "`\(text)`: \(error.message)")
    } catch let list as DiagnosticList {
      throw Refusal(
        .error, "`\(text)`: " + list.items.map(\.message).joined(separator: "; "))
    } catch { throw Refusal(.error, "`\(text)`: \(error)") }
  }
}
