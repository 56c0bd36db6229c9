public import QuartermasterCEL

/// What a host may do inside an operation.
///
/// In the write of a handle for somebody (``Engine/as(_:)``) each call does what he may: a record that he may not read
/// is not there, and what he may not do is refused.
public final class WriteContext {
  let interpreter: Interpreter
  /// What may be seen; nil for all.
  private let access: AccessView?
  private let queries: PreparedQueries
  private let fields: FieldReader

  init(_ interpreter: Interpreter) {
    self.interpreter = interpreter
    access = interpreter.access
    if let access {
      queries = PreparedQueries(interpreter.schema, access: access, shelf: access.shelf)
      fields = FieldReader(
        schema: interpreter.schema, session: interpreter.store, computed: interpreter.computed,
        access: access)
    } else {
      queries = interpreter.preparedQueries
      fields = interpreter.fields
    }
  }

  /// Creates a record and returns its id.
  ///
  /// - Parameters:
  ///   - className: The class.
  ///   - id: The id; nil for one that the engine makes.
  ///   - fields: The values by field; pointers as records or as ids.
  /// - Returns: The id, given or made.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  @discardableResult
  public func create(_ className: String, id: String? = nil, _ fields: [String: Value]) throws
    -> String
  {
    let definition = try interpreter.definition(className)
    let inputs = try interpreter.hostInputs(fields, definition)
    return try interpreter.giveCreate(definition, id: id, inputs).id
  }

  /// Sets fields of a record.
  public func set(_ className: String, id: String, _ fields: [String: Value]) throws {
    let definition = try interpreter.definition(className)
    try interpreter.giveSet(definition, id: id, try interpreter.hostInputs(fields, definition))
  }

  /// Deletes a record.
  public func delete(_ className: String, id: String) throws {
    let definition = try interpreter.definition(className)
    try interpreter.giveDelete(definition, id: id)
  }

  /// Raises a signal; rules hear it after the body.
  public func signal(_ name: String, _ payload: [String: Value] = [:]) throws {
    try interpreter.raise(name, payload)
  }

  /// Runs a verb that the host or a domain registered.
  ///
  /// - Parameters:
  ///   - verb: The name, as the schema declares it.
  ///   - target: The record that it is about; nil when it takes none.
  ///   - arguments: The arguments by name; pointers as records or as ids.
  /// - Returns: The record that the verb gives, or nil.
  /// - Throws: ``Refusal`` when the schema declares no such verb, target or argument, and what the verb throws.
  @discardableResult
  public func perform(
    _ verb: String, _ target: Record? = nil, _ arguments: [String: Value] = [:]
  ) throws -> Record? {
    let call = try interpreter.hostCall(verb, target, arguments)
    return try interpreter.givePerform(call)
  }

  /// Returns a record, or nil when there is none.
  public func find(_ className: String, id: String) throws -> Record? {
    let definition = try interpreter.definition(className)
    return try access.existing(definition, id, interpreter.store)
  }

  /// Returns the value of a field of a record: stored, computed, rolled up, a pointer as its record, or an inverse.
  public func value(_ record: Record, _ field: String) throws -> Value {
    try fields.value(of: record, field)
  }

  /// Returns the value of an expression over the classes, such as `Product.filter(p, p.onHand <= p.reorderPoint)`.
  ///
  /// - Parameters:
  ///   - text: The expression. It is checked once and kept, so that asking again costs little.
  ///   - names: The values that it may name besides classes and `now`.
  /// - Returns: The value; a query over a class gives a list of records.
  /// - Throws: `DiagnosticList` when the text is wrong; `EvaluationError` when it fails.
  public func query(_ text: String, _ names: [String: Value] = [:]) throws -> Value {
    try queries.evaluate(text, names, now: interpreter.now, host: interpreter.store)
  }

  /// Returns a reader of the fields of a record, as the types of a host.
  public func reader(of record: Record) -> RecordReader { RecordReader(record, fields) }
}

/// What a host may do inside a batch: run operations.
public final class BatchContext {
  private let interpreter: Interpreter
  private let context: WriteContext

  init(_ interpreter: Interpreter) {
    self.interpreter = interpreter
    context = WriteContext(interpreter)
  }

  /// Runs one operation inside the batch's commit.
  ///
  /// A refused one is undone alone.
  @discardableResult
  public func write(_ body: (WriteContext) throws -> Void) throws -> Outcome {
    var failure: (any Error)?
    do {
      try interpreter.run { () throws(Refusal) in
        do { try body(context) } catch let refusal as Refusal {
          throw refusal
        } catch {
          failure = error
          throw Refusal(.error, "\(error)")
        }
      }
    } catch { throw failure ?? error }
    return interpreter.lastOutcome()
  }
}

/// What a host may read: one state of the file.
///
/// In the read of a handle for somebody (``Engine/as(_:)``) it is what he may see.
public final class ReadContext {
  private let session: StoreSession
  private let schema: Schema
  private let now: Timestamp
  /// What may be seen; nil for all.
  private let access: AccessView?
  private let queries: PreparedQueries

  init(
    session: StoreSession, schema: Schema, now: Timestamp, access: AccessView? = nil,
    shelf: QueryShelf
  ) {
    self.session = session
    self.schema = schema
    self.now = now
    self.access = access
    queries = PreparedQueries(schema, access: access, shelf: shelf)
  }

  /// Returns the value of an expression over the classes.
  ///
  /// Records in it must not leave the body of the read.
  ///
  /// - Parameters:
  ///   - text: The expression.
  ///   - names: The values that it may name besides classes and `now`.
  /// - Returns: The value; a query over a class gives a list of records.
  /// - Throws: `DiagnosticList` when the text is wrong; `EvaluationError` when it fails.
  public func query(_ text: String, _ names: [String: Value] = [:]) throws -> Value {
    try queries.evaluate(text, names, now: now, host: session)
  }

  /// Returns a record, or nil when there is none.
  ///
  /// It must not leave the body of the read.
  public func find(_ className: String, id: String) throws -> Record? {
    guard let definition = schema[className] else {
      let hint = Suggestion.closest(to: className, among: schema.recordTypeNames)
      throw Refusal(
        .schema, "no class \(className)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    return try access.existing(definition, id, session)
  }

  /// Returns the value of a field of a record: stored, computed, rolled up, a pointer as its record, or an inverse.
  public func value(_ record: Record, _ field: String) throws -> Value {
    try fields.value(of: record, field)
  }

  /// Returns a reader of the fields of a record, as the types of a host.
  public func reader(of record: Record) -> RecordReader { RecordReader(record, fields) }

  private lazy var fields = FieldReader(
    schema: schema, session: session, computed: ComputedFields(schema: schema, host: session),
    access: access)
}
