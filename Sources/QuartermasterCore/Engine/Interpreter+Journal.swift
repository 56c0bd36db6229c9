internal import QuartermasterCEL

/// The journal: one appended row per operation. Docs/Decisions/0003 describes the encoding.
extension Interpreter {
  /// Writes the row of the operation.
  ///
  /// `cause` is the row of the operation that woke a later rule. `changes` is a list of `[class, id, kind, previous row, fields, authors]`: kind is `+`, `~` or `-`; the previous
  /// row of the record chains its history; fields hold `[old, new]` for `~` and the values for the other kinds;
  /// authors are the places of the firings that wrote the record, none for the host. `firings` is a list of
  /// `[rule, record, round, cause, operands, notes, skipped]`, `messages` one of `[id, place of the firing]`.
  func writeJournal(_ changes: [Change]) throws(Refusal) {
    // The buffer is taken out while it is written to, so that its memory is used again and never copied.
    var body = JSONBuffer()
    swap(&body, &journalBuffer)
    defer { swap(&body, &journalBuffer) }
    body.clear()
    body.beginObject()
    if op.origin == .host {
      if let actor { body.member("actor", Self.name(actor)) }
    } else {
      body.member("origin", op.origin.text)
      if op.origin.isActed, let actor { body.member("actor", Self.name(actor)) }
    }
    if let cause = op.cause { body.member("cause", cause) }
    body.member("rules", ruleNumber)
    if op.origin.isOfClock, let dueInstant { write(dueInstant, to: &body) }
    stream?.write(to: &body)
    if op.origin == .mending {
      body.key("mended")
      body.beginArray()
      for note in op.notes { body.string(note) }
      body.endArray()
    }
    try writeGiven(changes, to: &body)
    if !changes.isEmpty {
      body.key("changes")
      body.beginArray()
      for change in changes { try write(change, to: &body) }
      body.endArray()
    }
    if !op.firings.isEmpty {
      body.key("firings")
      body.beginArray()
      for firing in op.firings { write(firing, to: &body) }
      body.endArray()
    }
    if !op.messages.isEmpty { writeMessages(to: &body) }
    body.endObject()
    let statement = try journalStatement()
    try statement.bind(1, journalRow)
    try statement.bind(2, now.milliseconds)
    try statement.bind(3, body.octets)
    // A delete has made its savepoint already, so what follows can be undone.
    try statement.runLast()
    for change in changes where change.kind == .deleted {
      try noteDeletion(change.record.type.name, change.record.id, row: journalRow)
    }
  }

  /// Writes when a timer or a schedule was due, where that is not the instant of the row, and how late it ran.
  private func write(_ instant: DueInstant, to body: inout JSONBuffer) {
    if instant.due != now { body.member("due", instant.due.milliseconds) }
    if instant.late != nil, let ran = instant.ran { body.member("ran", ran.milliseconds) }
    if instant.missed > 0 { body.member("missed", instant.missed) }
  }

  /// Writes down where the history of a record that is gone ends, so that it can still be asked for.
  func noteDeletion(_ className: String, _ id: String, row: Int64) throws(Refusal) {
    let statement = try store.statement(
      "INSERT OR REPLACE INTO _deleted (class, id, seq) VALUES (?1, ?2, ?3)")
    try statement.bind(1, className)
    try statement.bind(2, id)
    try statement.bind(3, row)
    try statement.run()
  }

  private func journalStatement() throws(Refusal) -> PreparedStatement {
    if let insertJournal { return insertJournal }
    let made = try store.statement("INSERT INTO _journal (seq, at, body) VALUES (?1, ?2, ?3)")
    insertJournal = made
    return made
  }

  private func writeMessages(to body: inout JSONBuffer) {
    body.key("messages")
    body.beginArray()
    for message in op.messages {
      body.beginArray()
      body.string(message.id)
      if let place = message.firing { body.int(Int64(place)) } else { body.null() }
      body.endArray()
    }
    body.endArray()
  }

  /// Returns the row in which an earlier record of the same id was deleted; 0 for none.
  private func earlierLife(of record: Record) throws(Refusal) -> Int64 {
    let statement: PreparedStatement
    if let held = selectDeleted {
      statement = held
    } else {
      statement = try store.statement("SELECT seq FROM _deleted WHERE class = ?1 AND id = ?2")
      selectDeleted = statement
    }
    try statement.bind(1, record.type.name)
    try statement.bind(2, record.id)
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) : 0
  }

  private func write(_ change: Change, to body: inout JSONBuffer) throws(Refusal) {
    let definition = schema.classes[change.record.type.index]
    let lastSlot = store.tables[change.record.type.index].lastSlot
    body.beginArray()
    body.string(definition.name)
    body.string(change.record.id)
    switch change.kind {
    case .created: body.string("+")
    case .changed: body.string("~")
    case .deleted: body.string("-")
    }
    if let old = change.old {
      if case .int(let previous) = old.values[lastSlot] { body.int(previous) } else { body.int(0) }
    } else {
      body.int(try earlierLife(of: change.record))
    }
    body.beginObject()
    for field in definition.fields {
      guard let slot = field.slot, !field.isSecret, change.differs(slot: slot) else { continue }
      body.key(field.name)
      if let old = change.old, let new = change.new {
        body.beginArray()
        body.value(old.values[slot])
        body.value(new.values[slot])
        body.endArray()
      } else if let row = change.new ?? change.old {
        body.value(row.values[slot])
      }
    }
    body.endObject()
    if !op.authors.isEmpty, let authors = op.authors[ObjectIdentifier(change.record)] {
      body.beginArray()
      for author in authors { body.int(Int64(author)) }
      body.endArray()
    }
    body.endArray()
  }

  private func write(_ firing: FiringReport, to body: inout JSONBuffer) {
    body.beginArray()
    body.string(firing.rule)
    if let record = firing.record { body.string(record) } else { body.null() }
    body.int(Int64(firing.round))
    if let cause = firing.cause { body.int(Int64(cause)) } else { body.null() }
    body.beginObject()
    for operand in firing.operands { body.member(operand.text, operand.value.description) }
    body.endObject()
    if !firing.notes.isEmpty || firing.skipped != nil {
      body.beginArray()
      for note in firing.notes { body.string(note) }
      body.endArray()
    }
    if let skipped = firing.skipped { body.string(skipped) }
    body.endArray()
  }

  /// Returns what the operation that just ended did.
  func outcome() -> Outcome {
    var outcome = Outcome()
    outcome.journalRow = op.journalRow
    if let access {
      outcome.changes = changes(seenBy: access)
      return outcome
    }
    outcome.notes = op.notes
    outcome.firings = op.firings
    outcome.messages = op.messages
    outcome.calls = op.calls
    outcome.nearMisses = op.nearMisses
    for (record, old) in op.allChanges.entries {
      let change = Change(
        record: record, old: old, new: record.state == .live ? record.row : nil)
      let definition = schema.classes[record.type.index]
      var fields: [(name: String, old: Value, new: Value)] = []
      for field in definition.fields {
        guard let slot = field.slot, !field.isSecret, change.differs(slot: slot) else { continue }
        fields.append(
          (field.name, change.old?.values[slot] ?? .null, change.new?.values[slot] ?? .null))
      }
      if change.old == nil, change.new == nil || fields.isEmpty && change.kind == .changed {
        continue
      }
      if change.kind == .changed, fields.isEmpty { continue }
      let kind: ChangeReport.Kind =
        switch change.kind {
        case .created: .created
        case .changed: .changed
        case .deleted: .deleted
        }
      var rules: [String] = []
      for author in op.authors[ObjectIdentifier(record)] ?? []
      where op.firings.indices.contains(author) && !rules.contains(op.firings[author].rule) {
        rules.append(op.firings[author].rule)
      }
      outcome.changes.append(
        ChangeReport(
          className: definition.name, id: record.id, kind: kind, fields: fields, rules: rules))
    }
    return outcome
  }
}
