internal import QuartermasterCEL

/// What stands beside the values of a record: when it was created and changed, and where its history goes on.
extension JournalUndo {
  /// Gives the records that were there at the instant their marks, as far as the journal still says them.
  func mark() throws(Refusal) {
    let begins = try JournalReader(store).beginning()?.at ?? instant
    for key in order {
      try update(key) { state throws(Refusal) in
        guard let row = state.row, state.isWritten else { return }
        try mark(row, state, begins)
      }
    }
  }

  private func mark(_ row: Row, _ state: State, _ begins: Timestamp) throws(Refusal) {
    var created: Timestamp?
    if !state.isRevived, case .timestamp(let at) = row.values[ClassDefinition.createdAtSlot] {
      created = at
    }
    var updated: Timestamp?
    var next = state.last
    while next > 0, updated == nil || created == nil, let entry = try entry(next),
      let change = entry.change(of: state.definition.name, state.record.id)
    {
      if change.kind == .created {
        created = created ?? entry.at
        updated = updated ?? entry.at
      } else if change.fields.contains(where: { state.definition[$0.name]?.isRollUp == false }) {
        updated = updated ?? entry.at
      }
      // Rows only ever point back.
      if change.previous >= next { break }
      next = change.previous
    }
    // Beyond where the journal begins nothing is known but that it was before.
    row.values[ClassDefinition.createdAtSlot] = .timestamp(created ?? begins)
    row.values[ClassDefinition.updatedAtSlot] = .timestamp(updated ?? created ?? begins)
  }

  /// Returns the row in which an earlier life of a record that was brought back ended; 0 for none.
  func earlierLife(_ state: State) throws(Refusal) -> Int64 {
    var next = state.last
    while next > 0, let entry = try entry(next),
      let change = entry.change(of: state.definition.name, state.record.id)
    {
      if change.kind == .created || change.previous >= next { return change.previous }
      next = change.previous
    }
    return 0
  }

  /// Returns an operation before the instant; many records share theirs.
  private func entry(_ row: Int64) throws(Refusal) -> JournalEntry? {
    if let known = entries[row] { return known }
    if entries.count > Self.mostEntries { entries.removeAll() }
    let entry = try JournalReader(store).entry(row)
    entries[row] = .some(entry)
    return entry
  }

  private static let mostEntries = 20_000
}

/// The tables of the engine.
extension JournalUndo {
  /// Takes out of the engine's tables what came since.
  func writeTables() throws(Refusal) {
    try run("DELETE FROM _journal WHERE seq >= ?1", cut)
    try writeDeleted()
    for id in messages {
      let statement = try store.statement("DELETE FROM \"Message\" WHERE \"objectId\" = ?1")
      try statement.bind(1, id)
      try statement.run()
    }
    let at = instant.milliseconds
    // What was delivered since was waiting.
    try run(
      "UPDATE \"Message\" SET state = 'queued' WHERE \"objectId\" IN "
        + "(SELECT message FROM _outbox WHERE at < ?1 AND ended >= ?1)", at)
    try run("DELETE FROM _outbox WHERE at >= ?1", at)
    try run(
      "UPDATE _outbox SET state = 'waiting', ended = NULL, error = NULL, claimed = NULL, "
        + "holder = NULL WHERE ended >= ?1", at)
    try run("DELETE FROM _refused WHERE at >= ?1", at)
    try run("DELETE FROM _once WHERE at >= ?1", at)
    try run("DELETE FROM _later WHERE at >= ?1", at)
    let rules = try JournalReader(store).end().flatMap { end throws(Refusal) in
      try JournalReader(store).entry(end.row)?.rules
    }
    try run("DELETE FROM _rules WHERE at >= ?1 AND number > \(rules ?? 0)", at)
    for table in ["_leases", "_progress", "_stats", "_timers", "_schedules"] {
      try store.execute("DELETE FROM \(table)")
    }
    for (name, number) in sequences.sorted(by: { $0.key < $1.key }) {
      let statement = try store.statement(
        number > 1
          ? "UPDATE _sequences SET value = min(value, ?2) WHERE name = ?1"
          : "DELETE FROM _sequences WHERE name = ?1")
      try statement.bind(1, name)
      if number > 1 { try statement.bind(2, number - 1) }
      try statement.run()
    }
    // Ids are made from the clock: those of the instant and later are all greater than this.
    let last = max(0, min(at, Int64.max >> 16) << 16 - 1)
    try run("UPDATE _meta SET value = min(value, ?1) WHERE key = 'lastId'", last)
    store.ids = IDSource()
    try ReplayClock.write(instant, to: store)
  }

  private func writeDeleted() throws(Refusal) {
    for key in order {
      guard let state = states[key] else { continue }
      let row: Int64
      if state.row == nil {
        row = state.last
      } else if state.isRevived {
        row = try earlierLife(state)
      } else {
        continue
      }
      let statement = try store.statement(
        row > 0
          ? "INSERT OR REPLACE INTO _deleted (class, id, seq) VALUES (?1, ?2, ?3)"
          : "DELETE FROM _deleted WHERE class = ?1 AND id = ?2")
      try statement.bind(1, state.definition.name)
      try statement.bind(2, state.record.id)
      if row > 0 { try statement.bind(3, row) }
      try statement.run()
    }
  }

  private func run(_ sql: String, _ bound: Int64) throws(Refusal) {
    let statement = try store.statement(sql)
    try statement.bind(1, bound)
    try statement.run()
  }
}
