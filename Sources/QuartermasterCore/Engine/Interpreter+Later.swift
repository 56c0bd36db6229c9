internal import QuartermasterCEL

/// Rules of the phase later: after the commit, each firing in an operation of its own.
extension Interpreter {
  /// A firing of a later rule that waits for its turn.
  struct PendingLater {
    let rule: String
    let change: Change
    /// The row in `_later`; nil in a batch, whose commit holds the operation and its later firings together.
    let row: Int64?
  }

  /// Judges the later rules on the net change of the whole operation, once, and writes down those that it wakes.
  func queueLater(_ changes: [Change]) throws(Refusal) -> [PendingLater] {
    if laterRules.isEmpty || changes.isEmpty { return [] }
    var pending: [PendingLater] = []
    for place in laterRules {
      for change in changes {
        let wakes: Bool
        do { wakes = try runtimes[place].wakes(on: change) } catch {
          counters.failedAlone[ruleSet.rules[place].name, default: 0] += 1
          continue
        }
        guard wakes else { continue }
        let row = isBatch ? nil : try storeLater(place, change)
        pending.append(
          PendingLater(rule: ruleSet.rules[place].name, change: change, row: row))
      }
    }
    return pending
  }

  /// Runs the later firings of an operation that was kept.
  func runLater(_ pending: [PendingLater]) throws(Refusal) {
    for item in pending {
      try openCommit()
      if let row = item.row, try !hasLater(row) {
        // Another process, which opened the file meanwhile, ran it.
        if !isBatch { store.rollback() }
        continue
      }
      let change = try current(item.change)
      guard let place = rulePlaces[item.rule], ruleSet.rules[place].phase == .later,
        !isGone(change)
      else {
        try dropLater(item.row)
        continue
      }
      try alone(place) { () throws(Refusal) in
        try runFiring(
          .later(item.rule), FirstFiring(rule: place, change: change, record: nil)
        ) { () throws(Refusal) in
          if let row = item.row { try deleteLater(row) }
        }
      }
    }
  }

  /// Returns the change on the record as it is in memory now, which another process may have emptied.
  private func current(_ change: Change) throws(Refusal) -> Change {
    let record = store.record(change.record.type, change.record.id)
    _ = try store.isThere(record)
    if record === change.record { return change }
    return Change(record: record, old: change.old, new: change.new)
  }

  private func hasLater(_ row: Int64) throws(Refusal) -> Bool {
    let statement = try store.statement("SELECT 1 FROM _later WHERE number = ?1")
    defer { statement.reset() }
    try statement.bind(1, row)
    return try statement.step()
  }

  /// Runs the firings that were written down and not run when the file was last closed.
  package func resumeLater() throws(Refusal) {
    var rows: [(Int64, String, String, String, String?, String?, Int64)] = []
    let read = try store.statement(
      "SELECT number, rule, class, id, old, new, at FROM _later ORDER BY number")
    while try read.step() {
      rows.append(
        (
          read.int(0), read.text(1), read.text(2), read.text(3), read.optionalText(4),
          read.optionalText(5), read.int(6)
        ))
    }
    for (row, rule, className, id, old, new, at) in rows {
      guard let definition = schema[className] else {
        try openCommit()
        try dropLater(row)
        continue
      }
      let record = store.record(definition.recordType, id)
      _ = try store.isThere(record)
      let change = Change(
        record: record, old: try RowJSON.row(old, definition, store),
        new: try RowJSON.row(new, definition, store))
      now = max(now, Timestamp(milliseconds: at))
      try runLater([PendingLater(rule: rule, change: change, row: row)])
    }
  }

  private func storeLater(_ place: Int, _ change: Change) throws(Refusal) -> Int64 {
    let definition = schema.classes[change.record.type.index]
    let statement = try store.statement(
      "INSERT INTO _later (rule, class, id, old, new, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        + "RETURNING number")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, definition.name)
    try statement.bind(3, change.record.id)
    try statement.bind(4, change.old.map { RowJSON.text($0, definition) })
    try statement.bind(5, change.new.map { RowJSON.text($0, definition) })
    try statement.bind(6, now.milliseconds)
    defer { statement.reset() }
    guard try statement.step() else { throw Refusal(.storage, "a later firing was not stored") }
    return statement.int(0)
  }

  private func deleteLater(_ row: Int64) throws(Refusal) {
    let statement = try store.statement("DELETE FROM _later WHERE number = ?1")
    try statement.bind(1, row)
    try statement.run()
  }

  /// Drops a firing, and ends the commit that is open.
  private func dropLater(_ row: Int64?) throws(Refusal) {
    if let row { try deleteLater(row) }
    if !isBatch { try store.commit() }
  }
}
