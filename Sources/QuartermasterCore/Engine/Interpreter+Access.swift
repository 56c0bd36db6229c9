internal import QuartermasterCEL

/// What somebody asks for in an operation, judged by what he may do. What rules make of it is not.
extension AccessView {
  /// Creates a record that somebody asked for.
  func create(
    _ definition: ClassDefinition, id: String?, _ values: [FieldAssignment], rules: Bool,
    in interpreter: Interpreter
  ) throws(Refusal) -> Record {
    try requireRules(rules)
    let condition = self[definition][.create]
    if condition == .never { throw denied("create records of \(definition.name)") }
    if id != nil {
      throw Refusal(
        .denied,
        "\(addressee) may not choose the objectId of a new record of \(definition.name); leave it out, and one is made"
      )
    }
    try check(values, of: definition, nil, interpreter)
    let record = try outward { () throws(Refusal) in
      try interpreter.writer.create(definition, id: nil, values: values, rules: rules)
    }
    guard try holds(condition, for: record, interpreter.store) else {
      throw denied("create a record of \(definition.name) with these values")
    }
    for (field, _) in values {
      let may = try mayWrite(field, of: record, interpreter.store)
      if !may { throw denied("set \(definition.name).\(field.name)") }
    }
    return record
  }

  /// Sets fields of a record as somebody asked.
  func set(
    _ definition: ClassDefinition, id: String, _ values: [FieldAssignment], rules: Bool,
    in interpreter: Interpreter
  ) throws(Refusal) {
    try requireRules(rules)
    let store = interpreter.store
    let record = try interpreter.existing(definition, id)
    try require(.update, record, interpreter)
    try check(values, of: definition, record, interpreter)
    try outward { () throws(Refusal) in
      _ = try interpreter.writer.set(record, values: values, rules: rules)
    }
    // Nobody hands a record away, or takes one, unless he may change what he does not own.
    guard try holds(self[definition].afterUpdate, for: record, store) else {
      throw Refusal(
        .denied,
        "\(addressee) may not change \(Interpreter.name(record)) so that \(addressee) could not change it any more"
      )
    }
  }

  /// Refuses what a rule of the phase before may not set in a row that is about to be written.
  func check(
    _ values: [FieldAssignment], into row: Row, of record: Record, in interpreter: Interpreter
  ) throws(Refusal) {
    let definition = schema.classes[record.type.index]
    let version = Record(type: record.type, id: record.id, pinned: row)
    let isNew = record.row == nil
    let verb = isNew ? AccessPolicy.Verb.create : .update
    guard try holds(self[definition][verb], for: version, interpreter.store) else {
      throw denied(
        "\(verb.rawValue) \(isNew ? "records of \(definition.name)" : Interpreter.name(record))")
    }
    try check(values, of: definition, version, interpreter)
  }

  /// Deletes a record as somebody asked.
  func delete(
    _ definition: ClassDefinition, id: String, rules: Bool, in interpreter: Interpreter
  ) throws(Refusal) {
    try requireRules(rules)
    let record = try interpreter.existing(definition, id)
    try require(.delete, record, interpreter)
    try outward { () throws(Refusal) in try interpreter.writer.delete(record, rules: rules) }
  }

  /// Refuses a verb of the host that may not be run, or that is given what may not be read.
  func check(_ call: VerbCall, in interpreter: Interpreter) throws(Refusal) {
    if !allows(verb: call.verb) { throw denied("run \(call.verb)") }
    if let target = call.target { try requireReadable(target, interpreter) }
    try check(records: call.arguments, in: interpreter)
  }

  /// Refuses records that may not be read among values.
  func check(records values: [String: Value], in interpreter: Interpreter) throws(Refusal) {
    for (_, value) in values.sorted(by: { $0.key < $1.key }) {
      if case .record(let record) = value { try requireReadable(record, interpreter) }
    }
  }

  /// Refuses a signal that may not be raised.
  func check(signal name: String) throws(Refusal) {
    if !allows(signal: name) { throw denied("raise the signal \(name)") }
  }

  /// Refuses to look for records by fields that are hidden.
  func check(looksFor fields: [FieldDefinition], of definition: ClassDefinition) throws(Refusal) {
    for field in fields
    where visibility(of: field.name, in: definition.recordType) != .always {
      throw Refusal(.denied, "\(definition.name).\(field.name) is hidden from \(addressee)")
    }
  }

  /// Messages and calls are for rules and for the host.
  func refuseMessages() throws(Refusal) { throw denied("send messages or call the host") }

  // MARK: Parts

  private func denied(_ what: String) -> Refusal {
    let who = principal.userID == nil ? "without signing in \(addressee)" : addressee
    return Refusal(.denied, "\(who) may not \(what)")
  }

  private func requireRules(_ rules: Bool) throws(Refusal) {
    if !rules { throw denied("write without the rules") }
  }

  /// Refuses to change a record; one that may not be read either is not there.
  private func require(
    _ verb: AccessPolicy.Verb, _ record: Record, _ interpreter: Interpreter
  ) throws(Refusal) {
    if try holds(self[record.type][verb], for: record, interpreter.store) { return }
    try requireReadable(record, interpreter)
    throw denied("\(verb.rawValue) \(Interpreter.name(record))")
  }

  private func requireReadable(_ record: Record, _ interpreter: Interpreter) throws(Refusal) {
    if try reads(record, interpreter.store) { return }
    throw Refusal(.schema, "\(Interpreter.name(record)) is not there")
  }

  /// Refuses values for fields that are hidden or read-only, and pointers to what may not be read.
  ///
  /// `record`: The record as it is; nil for a new one, of which more is known once it is there.
  private func check(
    _ values: [FieldAssignment], of definition: ClassDefinition, _ record: Record?,
    _ interpreter: Interpreter
  ) throws(Refusal) {
    for (field, input) in values {
      if visibility(of: field.name, in: definition.recordType) == .never {
        throw Refusal(.denied, "\(definition.name).\(field.name) is hidden from \(addressee)")
      }
      let may: Bool
      if let record {
        may = try mayWrite(field, of: record, interpreter.store)
      } else {
        may = self[definition].writable[field.name] != .never
      }
      if !may { throw denied("set \(definition.name).\(field.name)") }
      guard let target = field.target.flatMap({ schema[$0] }),
        let id = try Self.pointer(input, field, definition)
      else { continue }
      if let record, let slot = field.slot, case .string(let known) = record.row?.values[slot],
        UTF8Text.equal(known, id)
      {
        continue
      }
      if try !reads(interpreter.store.record(target.recordType, id), interpreter.store) {
        throw Writer.missing(field, of: definition, target.name, id)
      }
    }
  }

  private func mayWrite(
    _ field: FieldDefinition, of record: Record, _ session: StoreSession
  ) throws(Refusal) -> Bool {
    let condition = AccessCondition.both([
      visibility(of: field.name, in: record.type),
      self[record.type].writable[field.name] ?? .always,
    ])
    return try holds(condition, for: record, session)
  }

  /// The id that a write gives a pointer.
  private static func pointer(
    _ input: FieldInput, _ field: FieldDefinition, _ definition: ClassDefinition
  ) throws(Refusal) -> String? {
    let value: Value
    switch input {
    case .value(let given): value = try field.accept(given, class: definition.name)
    case .update(.set(let given)), .update(.setOnInsert(let given)): value = given
    case .update: return nil
    }
    if case .string(let id) = value { return id }
    return nil
  }

  /// Says nothing of other records.
  private func outward<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    do { return try body() } catch {
      guard let text = error.outward else { throw error }
      throw Refusal(error.reason, text)
    }
  }
}

extension Interpreter {
  /// Returns the net changes of the operation as somebody may see them.
  func changes(seenBy access: AccessView) -> [ChangeReport] {
    var seen: [ChangeReport] = []
    for entry in op.allChanges.entries {
      let (record, old) = (entry.record, entry.old)
      let new = record.isLive ? record.row : nil
      // A record that cannot be judged is not shown.
      guard
        let change = try? access.seen(record.type, record.id, old: old, new: new, store)
      else { continue }
      seen.append(
        ChangeReport(
          className: record.type.name, id: record.id, kind: change.kind, fields: change.fields,
          rules: []))
    }
    return seen
  }
}
