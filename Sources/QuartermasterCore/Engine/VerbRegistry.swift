public import QuartermasterCEL

/// What a verb of a host or of a domain may do: read, and write through the one door, inside the operation.
public final class VerbContext {
  let interpreter: Interpreter
  /// The rule that the verb runs for; nil when a host or an operator called it.
  public let rule: String?
  /// The record that woke the rule, if any.
  public let subject: Record?

  init(_ interpreter: Interpreter, rule: String?, subject: Record?) {
    self.interpreter = interpreter
    self.rule = rule
    self.subject = subject
  }

  /// The one instant of the operation.
  public var now: Timestamp { interpreter.now }
  /// The schema.
  public var schema: Schema { interpreter.schema }
  /// The number of the rule set in force, as the file counts them; 0 when it was not published.
  public var ruleSetVersion: Int64 { interpreter.ruleNumber }
  /// The number that the operation has in the journal.
  public var journalRow: Int64 { interpreter.journalRow }

  /// Returns a record by class and id, or nil when there is none.
  ///
  /// - Throws: ``Refusal`` when the class is unknown or the file cannot be read.
  public func find(_ className: String, id: String) throws(Refusal) -> Record? {
    try interpreter.store.existing(try interpreter.definition(className).recordType, id)
  }

  /// Returns the first record in key order whose stored fields have these values, or nil.
  public func first(_ className: String, where fields: [String: Value]) throws(Refusal) -> Record? {
    let definition = try interpreter.definition(className)
    var conditions: [(slot: Int, value: Value)] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      let field = try interpreter.field(name, of: definition)
      guard let slot = field.slot else {
        throw Refusal(.error, "\(className).\(name) is not stored; look for stored fields")
      }
      conditions.append((slot, try field.accept(value, class: definition.name)))
    }
    return try interpreter.store.first(definition, where: conditions)
  }

  /// Returns the records that an inverse gives, in key order: `related(order, "lines")`.
  public func related(_ record: Record, _ inverse: String) throws(Refusal) -> [Record] {
    guard case .relation(let relation)? = record.type.fields[inverse]?.access else {
      throw Refusal(.error, "\(record.type.name) has no inverse \(inverse)")
    }
    return try interpreter.store.pointing(
      at: record.id, from: relation.source, slot: relation.slot)
  }

  /// Returns the value of a field of a record: stored, computed, rolled up, a pointer as its record, or an inverse.
  public func value(_ record: Record, _ field: String) throws(Refusal) -> Value {
    try interpreter.value(of: record, field)
  }

  /// Creates a record and returns it.
  @discardableResult
  public func create(_ className: String, id: String? = nil, _ fields: [String: Value])
    throws(Refusal) -> Record
  {
    let definition = try interpreter.definition(className)
    return try interpreter.writer.create(
      definition, id: id, values: try interpreter.inputs(fields, definition))
  }

  /// Sets fields of a record.
  public func set(_ record: Record, _ fields: [String: Value]) throws(Refusal) {
    let definition = interpreter.schema.classes[record.type.index]
    try interpreter.writer.set(record, values: try interpreter.inputs(fields, definition))
  }

  /// Deletes a record.
  public func delete(_ record: Record) throws(Refusal) {
    try interpreter.writer.delete(record)
  }

  /// Leaves a line in the trace of the firing: why nothing was done, or what was chosen.
  public func note(_ text: String) { interpreter.note(text) }
}

/// What a verb is given: checked against its declaration in the schema.
public struct VerbCall {
  /// The name of the verb.
  public let verb: String
  /// The record that the verb is about; nil when it has none.
  public let target: Record?
  /// The arguments that were given, by name.
  public let arguments: [String: Value]
}

/// The verbs that a host or a domain adds.
///
/// The schema declares their names and types.
public struct VerbRegistry: Sendable {
  /// What a verb does; it returns the record that `as` binds, or nil.
  public typealias Body = @Sendable (VerbCall, VerbContext) throws -> Record?

  private(set) var bodies: [String: Body] = [:]

  /// Creates a registry without verbs.
  public init() {}

  /// Adds a verb; one of the same name is replaced.
  public mutating func register(_ name: String, _ body: @escaping Body) { bodies[name] = body }
}

extension Interpreter {
  /// Runs a verb of the host as an action of a rule.
  func perform(
    _ definition: VerbDefinition, _ target: Program?,
    _ arguments: [(name: String, slot: CompiledSlot)], _ firing: ActionContext
  ) throws(Refusal) -> Record? {
    let record = try target.map { program throws(Refusal) in
      try firing.record(program, definition.name, in: self)
    }
    let call = VerbCall(
      verb: definition.name, target: record,
      arguments: try firing.arguments(arguments, in: self))
    if firing.runtime.rule.isOfHost {
      op.given.append(.verb(call))
      try access?.check(call, in: self)
    }
    try firing.runtime.view?.check(call, in: self)
    return try perform(call, rule: firing.runtime.rule, subject: firing.subject)
  }

  /// Runs a verb of the host.
  func perform(_ call: VerbCall, rule: CompiledRule?, subject: Record?) throws(Refusal) -> Record? {
    let name = call.verb
    guard let body = verbs.bodies[name] else {
      throw Refusal(
        .error, "the host has not registered the verb \(name), which the schema declares",
        rule: rule?.name, span: rule?.span)
    }
    if let target = call.target, try !store.isThere(target) {
      throw Refusal(
        .error, "\(Self.name(target)) is \(store.fate(of: target))", rule: rule?.name,
        span: rule?.span)
    }
    do {
      return try body(call, VerbContext(self, rule: rule?.name, subject: subject))
    } catch var refusal as Refusal {
      if refusal.rule == nil { refusal.rule = rule?.name }
      if refusal.span == nil { refusal.span = rule?.span }
      throw refusal
    } catch let error as EvaluationError {
      throw Refusal(.error, "\(name): \(error.message)", rule: rule?.name, span: rule?.span)
    } catch {
      throw Refusal(.error, "\(name): \(error)", rule: rule?.name, span: rule?.span)
    }
  }

  /// Leaves a line in the trace of the firing that acts.
  func note(_ text: String) {
    if let acting = op.acting {
      op.firings[acting].notes.append(text)
    } else {
      op.notes.append(text)
    }
  }

  // MARK: Names given by hosts

  func definition(_ name: String) throws(Refusal) -> ClassDefinition {
    if let found = schema[name] { return found }
    let hint = Suggestion.closest(to: name, among: schema.recordTypeNames)
    throw Refusal(
      .schema, "no class \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
  }

  func field(_ name: String, of definition: ClassDefinition) throws(Refusal) -> FieldDefinition {
    if let found = definition[name] { return found }
    let hint = Suggestion.closest(to: name, among: definition.fields.map(\.name))
    throw Refusal(
      .schema,
      "\(definition.name) has no field \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
  }

  func inputs(_ fields: [String: Value], _ definition: ClassDefinition) throws(Refusal)
    -> [(field: FieldDefinition, input: FieldInput)]
  {
    var inputs: [(field: FieldDefinition, input: FieldInput)] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      inputs.append((try field(name, of: definition), .value(value)))
    }
    return inputs
  }

  /// Returns the value of any field of a record.
  func value(of record: Record, _ name: String) throws(Refusal) -> Value {
    try fields.value(of: record, name)
  }
}
