internal import QuartermasterCEL
internal import Synchronization

/// A planned expression, and where its names are in its frame.
struct PreparedQuery: Sendable {
  let program: Program
  let now: Int
  let names: [(name: String, place: Place)]

  enum Place { case slot(Int), record(Int) }
}

/// The expressions that were asked for in one schema with one view, planned: kept from one read to the next.
///
/// Safe to use from any thread.
final class QueryShelf: Sendable {
  /// What is kept at the most.
  ///
  /// Whoever writes values into texts in place of naming them loses what is kept now and then.
  private static let most = 512

  private let prepared = Mutex<[String: PreparedQuery]>([:])

  subscript(key: String) -> PreparedQuery? {
    get { prepared.withLock { $0[key] } }
    set {
      prepared.withLock { known in
        if known.count >= Self.most { known.removeAll() }
        known[key] = newValue
      }
    }
  }
}

/// Expressions that verbs and hosts run again and again with other values: checked and planned once for each text and
/// types of values.
struct PreparedQueries {
  private let schema: Schema
  /// What may be seen; nil for all.
  private let access: AccessView?
  private let shelf: QueryShelf

  /// - Parameters:
  ///   - schema: The classes.
  ///   - access: What may be seen; nil for all.
  ///   - shelf: Where planned expressions are kept; that of `access` where it is not nil.
  init(_ schema: Schema, access: AccessView? = nil, shelf: QueryShelf) {
    self.schema = schema
    self.access = access
    self.shelf = access?.shelf ?? shelf
  }

  /// Returns the value of an expression over classes, `now` and names.
  func evaluate(
    _ text: String, _ names: [String: Value], now: Timestamp, host: any RecordHost
  ) throws -> Value {
    let types = names.mapValues(CELType.init(of:)).sorted { $0.key < $1.key }
    let key = types.reduce(into: text) { $0 += "\n\($1.key): \($1.value)" }
    let query: PreparedQuery
    if let known = shelf[key] {
      query = known
    } else {
      query = try prepare(text, types, host as? StoreSession)
      shelf[key] = query
    }
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

  private func prepare(
    _ text: String, _ types: [(key: String, value: CELType)], _ session: StoreSession?
  ) throws -> PreparedQuery {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    var layout = FrameLayout()
    let now = layout.takeSlot()
    environment.declare(VariableDeclaration("now", .timestamp, storage: .slot(now)))
    var names: [(name: String, place: PreparedQuery.Place)] = []
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
      let seen = try AccessRewriter.rewrite(checked, for: access) { definition, field, id in
        session?.hasFew(definition, whose: field, is: id) ?? false
      }
      checked = try environment.check(seen)
    }
    let program = environment.plan(
      checked, layout: &layout, queries: SQLQueryPlanner(schema))
    return PreparedQuery(program: program, now: now, names: names)
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
