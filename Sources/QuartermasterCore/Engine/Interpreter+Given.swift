internal import QuartermasterCEL

/// Something that the host asked for in an operation.
enum GivenChange {
  /// A new record; its id is known once it is made.
  case create(ClassDefinition, id: String?, [FieldAssignment])
  case set(ClassDefinition, id: String, [FieldAssignment])
  case delete(ClassDefinition, id: String)
  case verb(VerbCall)
  case signal(String, [String: Value])
}

/// What the host gives passes here on its way to the writer, so that the journal can say it apart from what rules made
/// of it. Docs/Decisions/0170.
extension Interpreter {
  /// Creates a record that the host asked for.
  func giveCreate(
    _ definition: ClassDefinition, id: String?, _ values: [FieldAssignment], rules: Bool = true
  ) throws(Refusal) -> Record {
    let place = op.given.count
    op.given.append(.create(definition, id: id, values))
    let record: Record
    if let access {
      record = try access.create(definition, id: id, values, rules: rules, in: self)
    } else {
      record = try writer.create(definition, id: id, values: values, rules: rules)
    }
    if id == nil { op.given[place] = .create(definition, id: record.id, values) }
    return record
  }

  /// Sets fields of a record as the host asked.
  func giveSet(
    _ definition: ClassDefinition, id: String, _ values: [FieldAssignment], rules: Bool = true
  ) throws(Refusal) {
    op.given.append(.set(definition, id: id, values))
    if let access {
      return try access.set(definition, id: id, values, rules: rules, in: self)
    }
    try writer.set(try existing(definition, id), values: values, rules: rules)
  }

  /// Deletes a record as the host asked.
  func giveDelete(_ definition: ClassDefinition, id: String, rules: Bool = true) throws(Refusal) {
    op.given.append(.delete(definition, id: id))
    if let access { return try access.delete(definition, id: id, rules: rules, in: self) }
    try writer.delete(try existing(definition, id), rules: rules)
  }

  /// Runs a verb that the host asked for.
  func givePerform(_ call: VerbCall) throws(Refusal) -> Record? {
    op.given.append(.verb(call))
    try access?.check(call, in: self)
    return try perform(call, rule: nil, subject: nil)
  }

  // MARK: The journal

  /// Writes what the host gave as the member `given`.
  ///
  /// Where it can be told from the changes nothing is written, or `true` where rules wrote records, too: then all of
  /// theirs are theirs alone.
  func writeGiven(_ changes: [Change], to body: inout JSONBuffer) throws(Refusal) {
    if op.given.isEmpty { return }
    if isImplied(by: changes) {
      if !op.authors.isEmpty { body.member("given", .bool(true)) }
      return
    }
    body.key("given")
    try writeGiven(to: &body)
  }

  /// Writes what the host gave as a list of `[kind, name, id, fields, operators]`.
  ///
  /// - Throws: A refusal when a value is not of the field's type, as in an operation that was refused for it.
  func writeGiven(to body: inout JSONBuffer) throws(Refusal) {
    body.beginArray()
    for change in op.given {
      body.beginArray()
      switch change {
      case .create(let definition, let id, let values):
        body.string("+")
        body.string(definition.name)
        if let id { body.string(id) } else { body.null() }
        try write(values, of: definition, to: &body)
      case .set(let definition, let id, let values):
        body.string("~")
        body.string(definition.name)
        body.string(id)
        try write(values, of: definition, to: &body)
      case .delete(let definition, let id):
        body.string("-")
        body.string(definition.name)
        body.string(id)
      case .verb(let call):
        body.string("verb")
        body.string(call.verb)
        if let target = call.target { body.string(Self.name(target)) } else { body.null() }
        write(call.arguments, to: &body)
      case .signal(let name, let payload):
        body.string("signal")
        body.string(name)
        body.null()
        write(payload, to: &body)
      }
      body.endArray()
    }
    body.endArray()
  }

  private func write(_ values: [String: Value], to body: inout JSONBuffer) {
    body.beginObject()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) { body.member(name, value) }
    body.endObject()
  }

  private func write(
    _ values: [FieldAssignment], of definition: ClassDefinition, to body: inout JSONBuffer
  ) throws(Refusal) {
    var updates: [(name: String, update: FieldUpdate)] = []
    body.beginObject()
    for (field, input) in values where !field.isSecret {
      switch input {
      case .value(let value):
        body.member(field.name, try field.accept(value, class: definition.name))
      case .update(.set(let value)): body.member(field.name, value)
      case .update(let update): updates.append((field.name, update))
      }
    }
    body.endObject()
    if updates.isEmpty { return }
    body.beginObject()
    for (name, update) in updates {
      body.key(name)
      body.beginArray()
      let (word, operand) = update.parts
      body.string(word)
      body.value(operand)
      body.endArray()
    }
    body.endObject()
  }

  /// Whether what the host gave can be told from the net changes: plain values, one write for each record that no rule
  /// touched, in the order in which the journal lists them.
  private func isImplied(by changes: [Change]) -> Bool {
    // A before rule has no change of its own: what it set stands in that of the host.
    if op.firings.contains(where: { $0.round == 0 }) { return false }
    var place = 0
    for number in changes.indices {
      let change = changes[number]
      if !op.authors.isEmpty, op.authors[ObjectIdentifier(change.record)] != nil { continue }
      if change.kind == .changed, !hasOwnDifference(change) { continue }
      guard place < op.given.count, implies(change, op.given[place]) else { return false }
      place += 1
    }
    return place == op.given.count
  }

  /// Whether a field differs that is no total.
  private func hasOwnDifference(_ change: Change) -> Bool {
    change.differs(in: journalPlans[change.record.type.index].ownSlots)
  }

  private func implies(_ change: Change, _ given: GivenChange) -> Bool {
    func isOf(_ definition: ClassDefinition, _ id: String?) -> Bool {
      definition.index == change.record.type.index
        && id.map { UTF8Text.equal($0, change.record.id) } == true
    }
    func isPlain(_ input: FieldInput) -> Bool {
      switch input {
      case .value, .update(.set): true
      case .update: false
      }
    }
    switch given {
    case .create(let definition, let id, let values):
      return change.kind == .created && isOf(definition, id)
        && values.allSatisfy { isPlain($0.input) && $0.field.sequence == nil }
    case .set(let definition, let id, let values):
      // What was given and was so already would be left out.
      return change.kind == .changed && isOf(definition, id)
        && values.allSatisfy { field, input in
          isPlain(input) && field.slot.map { change.differs(slot: $0) } == true
        }
    case .delete(let definition, let id): return change.kind == .deleted && isOf(definition, id)
    case .verb, .signal: return false
    }
  }
}

extension FieldUpdate {
  /// The word under which the journal keeps an operator, and what it is applied with.
  var parts: (word: String, operand: Value) {
    switch self {
    case .set(let value): ("set", value)
    case .increment(let amount): ("increment", amount)
    case .add(let items): ("add", .list(items))
    case .addUnique(let items): ("addUnique", .list(items))
    case .remove(let items): ("remove", .list(items))
    case .delete: ("delete", .null)
    case .setOnInsert(let value): ("setOnInsert", value)
    }
  }

  /// Reads an operator of the journal; nil for a word that is none.
  init?(word: String, operand: Value) {
    let items: [Value] = if case .list(let items) = operand { items } else { [operand] }
    switch word {
    case "set": self = .set(operand)
    case "increment": self = .increment(operand)
    case "add": self = .add(items)
    case "addUnique": self = .addUnique(items)
    case "remove": self = .remove(items)
    case "delete": self = .delete
    case "setOnInsert": self = .setOnInsert(operand)
    default: return nil
    }
  }
}
