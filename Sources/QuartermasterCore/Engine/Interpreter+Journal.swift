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
    body.key(plain: "rules")
    body.int(ruleNumber)
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
      body.key(plain: "changes")
      body.beginArray()
      for place in changes.indices { try write(changes[place], to: &body) }
      body.endArray()
    }
    if !op.firings.isEmpty {
      body.key(plain: "firings")
      body.beginArray()
      for place in op.firings.indices { write(op.firings[place], to: &body) }
      body.endArray()
    }
    if !op.messages.isEmpty { writeMessages(to: &body) }
    body.endObject()
    try store.appendJournal(journalRow, at: now.milliseconds, body.octets)
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
    // The name may be that of a class that is no more, so all are looked at anew.
    lastDeletedIDs.removeAll(keepingCapacity: true)
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
    // Ids are made in order, so nearly every new record comes behind all that were deleted.
    let last = try lastDeleted(record.type)
    if last.isEmpty || UTF8Text.less(last, record.id) { return 0 }
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

  /// Returns the last of the ids of a class that were deleted; empty where none was.
  private func lastDeleted(_ type: RecordType) throws(Refusal) -> String {
    if let known = lastDeletedIDs[type.index] { return known }
    let statement = try store.statement(
      "SELECT id FROM _deleted WHERE class = ?1 ORDER BY id DESC LIMIT 1")
    try statement.bind(1, type.name)
    defer { statement.reset() }
    let last = try statement.step() ? statement.text(0) : ""
    lastDeletedIDs[type.index] = last
    return last
  }

  private func write(_ change: Change, to body: inout JSONBuffer) throws(Refusal) {
    let plan = journalPlans[change.record.type.index]
    let lastSlot = store.tables[change.record.type.index].lastSlot
    // The change holds its rows while their values are written.
    let (old, new) = (change.old?.values, change.new?.values)
    body.beginArray()
    body.text(json: plan.name)
    body.string(change.record.id)
    switch change.kind {
    case .created: body.string("+")
    case .changed: body.string("~")
    case .deleted: body.string("-")
    }
    if let old {
      if case .int(let previous) = old[lastSlot] { body.int(previous) } else { body.int(0) }
    } else {
      body.int(try earlierLife(of: change.record))
    }
    body.beginObject()
    for place in 0..<plan.fields.count {
      let field = plan.fields[place]
      if let old, let new {
        if Value.equal(at: old + field.slot, new + field.slot) { continue }
        body.key(json: plan.key(field))
        body.beginArray()
        body.value(at: old + field.slot)
        body.value(at: new + field.slot)
        body.endArray()
      } else if let row = new ?? old {
        if case .null = row[field.slot] { continue }
        body.key(json: plan.key(field))
        body.value(at: row + field.slot)
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
  ///
  /// `changes`: Its net changes, where they are known: one alone need not be made again.
  func outcome(_ changes: [Change]? = nil) -> Outcome {
    if let access {
      return Outcome(
        journalRow: op.journalRow, changes: OutcomeChanges(self.changes(seenBy: access), schema))
    }
    let written: [Change]
    if let changes, op.allChanges.entries.count == 1 {
      written = changes
    } else {
      written = op.allChanges.entries.map { entry in
        let record = entry.record
        return Change(record: record, old: entry.old, new: record.isLive ? record.row : nil)
      }
    }
    var details: Outcome.Details?
    if !op.firings.isEmpty || !op.messages.isEmpty || !op.calls.isEmpty || !op.notes.isEmpty
      || !op.nearMisses.isEmpty
    {
      details = Outcome.Details(
        firings: op.firings, notes: op.notes, messages: op.messages, calls: op.calls,
        nearMisses: op.nearMisses)
    }
    return Outcome(
      journalRow: op.journalRow, details: details,
      changes: OutcomeChanges(written, authors: op.authors, op.firings, schema))
  }
}
