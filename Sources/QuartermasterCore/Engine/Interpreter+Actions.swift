internal import QuartermasterCEL

/// What actions do: `each`, then `when`, then `once`, then the verb, then `as`. LANGUAGE.md, section 14.
extension Interpreter {
  /// Runs the actions of a firing, in order.
  ///
  /// `incoming`: The row that a before rule may change; nil in the other phases.
  func act(_ runtime: RuleRuntime, about subject: Record?, incoming: IncomingRow?) throws(Refusal) {
    for (number, action) in runtime.rule.actions.enumerated() {
      try act(
        ActionContext(
          runtime: runtime, subject: subject, action: action, number: number, incoming: incoming))
    }
  }

  /// Runs one action, for each element of its `each`.
  func act(_ firing: ActionContext) throws(Refusal) {
    guard let each = firing.action.each else { return try run(firing) }
    let list = try firing.evaluate(each.list, in: self)
    guard case .list(let items) = list else {
      throw firing.error("each needs a list, not \(list.kindText)", each.list, in: self)
    }
    let frame = firing.runtime.frame
    for item in items {
      switch (each.place, item) {
      case (.record(let k), .record(let record)): frame.records[k] = record
      case (.record(let k), _): frame.records[k] = nil
      case (.slot(let k), _): frame.slots[k] = item
      }
      try run(firing)
    }
  }

  private func run(_ firing: ActionContext) throws(Refusal) {
    let frame = firing.runtime.frame
    let action = firing.action
    // With `each`, a name binds within the item.
    if action.each != nil, let k = action.result { frame.records[k] = nil }
    for condition in action.conditions {
      guard try firing.evaluateBool(condition.program, in: self) else { return }
    }
    op.onceKey = nil
    op.reachedInbox = false
    if let once = action.once {
      guard let key = try takeOnce(once, firing) else { return }
      op.onceKey = key
    }
    let result: Record?
    do { result = try perform(firing) } catch {
      throw firing.blamed(error)
    }
    if op.reachedInbox, let key = op.onceKey { try keepOnce(key, firing) }
    if let k = action.result { frame.records[k] = result }
  }

  /// Does what the verb says and returns the record that `as` binds.
  private func perform(_ firing: ActionContext) throws(Refusal) -> Record? {
    switch firing.action.verb {
    case .set(let target, let assignments):
      let record = try firing.record(target, "set", in: self)
      return try assign(assignments, to: record, firing)
    case .create(let classIndex, let assignments):
      let definition = schema.classes[classIndex]
      var inputs = try firing.inputs(assignments, in: self)
      if let complete = firing.complete { inputs = try complete(definition, inputs) }
      return try create(definition, inputs, firing)
    case .ensure(let classIndex, let match, let assignments):
      return try ensure(schema.classes[classIndex], match, assignments, firing)
    case .delete(let target):
      let record = try firing.record(target, "delete", in: self)
      guard try store.isThere(record) else { return nil }
      if firing.runtime.rule.isOfHost {
        try giveDelete(schema.classes[record.type.index], id: record.id)
        return nil
      }
      if let view = firing.runtime.view {
        try view.delete(
          schema.classes[record.type.index], id: record.id, rules: true, in: self)
      } else {
        try writer.delete(record)
      }
      op.deleters[ObjectIdentifier(record)] = firing.runtime.rule.name
      return nil
    case .advance(let target, let field, let state, let readsField):
      let record = try firing.record(target, "advance", in: self)
      try requireLive(record, firing, target)
      if let slot = field.slot, case .string(let present) = record.values[slot],
        UTF8Text.equal(present, state)
      {
        return record
      }
      let move = CompiledAssignment(
        field: field, slot: .constant(.string(state)), readsField: readsField)
      return try assign([move], to: record, firing)
    case .reject(let template):
      throw Refusal(
        .reject, try firing.words(template, in: self), rule: firing.runtime.rule.name,
        span: firing.action.span)
    case .signal(let name, let arguments):
      let payload = try firing.arguments(arguments, in: self)
      if firing.runtime.rule.isOfHost {
        op.given.append(.signal(name, payload))
        try access?.check(signal: name)
        try access?.check(records: payload, in: self)
      }
      try firing.runtime.view?.check(signal: name)
      op.signals.append(
        OperationState.RaisedSignal(name: name, payload: payload, cause: op.acting))
      return nil
    case .notify(let notice):
      if firing.runtime.rule.isOfHost { try access?.refuseMessages() }
      try notify(notice, firing)
      return nil
    case .call(let name, let arguments):
      if firing.runtime.rule.isOfHost { try access?.refuseMessages() }
      // What a call does nobody but the host knows: a rule file may name it, a rule that somebody stored may not.
      if firing.runtime.rule.authority == .author { try firing.runtime.view?.refuseMessages() }
      try queueCall(name, try firing.arguments(arguments, in: self), firing)
      return nil
    case .host(let definition, let target, let arguments):
      return try perform(definition, target, arguments, firing)
    }
  }

  // MARK: Writing

  private func assign(
    _ assignments: [CompiledAssignment], to record: Record, _ firing: ActionContext
  ) throws(Refusal) -> Record {
    let rule = firing.runtime.rule
    let inputs = try firing.inputs(assignments, in: self)
    if let incoming = firing.incoming {
      guard let row = incoming.row, Value.same(record, incoming.record) else {
        throw Refusal(
          .error, "a before rule sets fields of the incoming record only", rule: rule.name,
          span: firing.action.span)
      }
      let definition = schema.classes[record.type.index]
      try firing.runtime.view?.check(inputs, into: row, of: incoming.record, in: self)
      try writer.assign(inputs, to: row, of: definition)
      return record
    }
    if case .set(let target, _) = firing.action.verb { try requireLive(record, firing, target) }
    for (assignment, input) in zip(assignments, inputs) where !assignment.readsField {
      guard !rule.readFields.contains(assignment.field.name), case .value(let value) = input.input
      else { continue }
      if let other = op.ledger.assign(
        value, to: assignment.field, of: record, by: rule, firing: op.firingNumber)
      {
        throw conflict(rule, other, assignment.field, record, value)
      }
    }
    if rule.isOfHost {
      try giveSet(schema.classes[record.type.index], id: record.id, inputs)
    } else if let view = firing.runtime.view {
      let definition = schema.classes[record.type.index]
      try view.set(definition, id: record.id, inputs, rules: true, in: self)
    } else {
      try writer.set(record, values: inputs)
    }
    return record
  }

  private func ensure(
    _ definition: ClassDefinition, _ match: [CompiledAssignment],
    _ assignments: [CompiledAssignment], _ firing: ActionContext
  ) throws(Refusal) -> Record {
    let wanted = try firing.inputs(match, in: self)
    var conditions: [(slot: Int, value: Value)] = []
    for (field, input) in wanted {
      guard let slot = field.slot, case .value(let value) = input else { continue }
      conditions.append((slot, try field.accept(value, class: definition.name)))
    }
    let view = firing.runtime.rule.isOfHost ? access : firing.runtime.view
    try view?.check(looksFor: wanted.map(\.field), of: definition)
    if let found = try store.first(definition, where: conditions) {
      // What may not be read is not there.
      guard let view, try !view.reads(found, store) else { return found }
    }
    let values = wanted + (try firing.inputs(assignments, in: self))
    return try create(definition, values, firing)
  }

  private func create(
    _ definition: ClassDefinition, _ values: [FieldAssignment], _ firing: ActionContext
  ) throws(Refusal) -> Record {
    if firing.runtime.rule.isOfHost { return try giveCreate(definition, id: nil, values) }
    if let view = firing.runtime.view {
      return try view.create(definition, id: nil, values, rules: true, in: self)
    }
    return try writer.create(definition, values: values)
  }

  /// Fails when a record is not there (any more), naming the rule that deleted it.
  func requireLive(_ record: Record, _ firing: ActionContext, _ target: Program) throws(Refusal) {
    if try store.isThere(record) { return }
    throw firing.error(
      "\(Self.name(record)) is \(store.fate(of: record))", target, in: self)
  }

  private func conflict(
    _ rule: CompiledRule, _ other: (rule: CompiledRule, value: Value), _ field: FieldDefinition,
    _ record: Record, _ value: Value
  ) -> Refusal {
    let definition = schema.classes[record.type.index]
    let place = "\(definition.name).\(field.name)"
    let advice =
      other.rule.index == rule.index
      ? "both are firings of this rule; let it read the field that it writes"
      : "say which goes first with `follows:`"
    return Refusal(
      .conflict,
      "\(other.rule.name) and \(rule.name) set \(place) of \(record.id) to \(other.value.description) and "
        + "\(value.description) in one round; \(advice)",
      rule: rule.name, span: rule.span)
  }

  // MARK: Once

  /// Says in the journal why an action of a rule that fired did nothing.
  private func noteSeen(_ key: Value, at: Timestamp) {
    guard let acting = op.acting else { return }
    op.firings[acting].notes.append("\(Self.onceNote) \(key.description) was seen at \(at)")
  }

  /// What the note of an action begins with that was not done again.
  static let onceNote = "not done again, the once-key"

  /// Takes the key of `once`; nil when it was taken already (within the duration).
  private func takeOnce(_ once: CompiledSlot, _ firing: ActionContext) throws(Refusal) -> OnceKey? {
    let value = try firing.value(of: once, in: self)
    let key = OnceKey(action: firing.number, key: value.keyText)
    let rule = firing.runtime.rule.name
    let seen = try store.statement(
      "SELECT at FROM _once WHERE rule = ?1 AND action = ?2 AND key = ?3")
    defer { seen.reset() }
    try seen.bind(1, rule)
    try seen.bind(2, key.action)
    try seen.bind(3, key.key)
    if try seen.step() {
      let at = seen.int(0)
      if firing.action.within.map({ now.milliseconds - at < $0.milliseconds }) ?? true {
        noteSeen(value, at: Timestamp(milliseconds: at))
        return nil
      }
    }
    seen.reset()
    let write = try store.statement(
      "INSERT OR REPLACE INTO _once (rule, action, key, at) VALUES (?1, ?2, ?3, ?4)")
    try write.bind(1, rule)
    try write.bind(2, key.action)
    try write.bind(3, key.key)
    try write.bind(4, now.milliseconds)
    try write.run()
    return key
  }

  /// Keeps a key whatever becomes of the deliveries: a message that lies in an inbox has arrived.
  private func keepOnce(_ key: OnceKey, _ firing: ActionContext) throws(Refusal) {
    let keep = try store.statement(
      "UPDATE _outbox SET once = NULL WHERE rule = ?1 AND once = ?2 AND at = ?3")
    try keep.bind(1, firing.runtime.rule.name)
    try keep.bind(2, key.text)
    try keep.bind(3, now.milliseconds)
    try keep.run()
  }
}
