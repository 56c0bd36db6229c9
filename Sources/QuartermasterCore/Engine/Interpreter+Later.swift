internal import QuartermasterCEL

/// Rules of the phase later: after the commit, each firing in an operation of its own.
extension Interpreter {
  /// A firing of a later rule that waits for its turn.
  struct PendingLater {
    let rule: Int
    let change: Change
    /// The row in `_later`; nil in a batch, whose commit holds the operation and its later firings together.
    let row: Int64?
    /// The journal row of the operation that woke it.
    let cause: Int64?
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
        pending.append(PendingLater(rule: place, change: change, row: row, cause: journalRow))
      }
    }
    return pending
  }

  /// Runs the later firings of an operation that was kept.
  func runLater(_ pending: [PendingLater]) throws(Refusal) {
    for item in pending {
      let name = ruleSet.rules[item.rule].name
      if isGone(item.change) {
        try dropLater(item.row)
        continue
      }
      try alone(item.rule) { () throws(Refusal) in
        try runFiring(
          .later(name),
          FirstFiring(rule: item.rule, change: item.change, record: nil, cause: item.cause)
        ) { () throws(Refusal) in
          if let row = item.row { try deleteLater(row) }
        }
      }
    }
  }

  /// Runs the firings that were written down and not run when the file was last closed.
  package func resumeLater() throws(Refusal) {
    var rows: [(Int64, String, String, String, String?, String?, Int64, Int64?)] = []
    let read = try store.statement(
      "SELECT number, rule, class, id, old, new, at, cause FROM _later ORDER BY number")
    while try read.step() {
      rows.append(
        (
          read.int(0), read.text(1), read.text(2), read.text(3), read.optionalText(4),
          read.optionalText(5), read.int(6), read.optionalInt(7)
        ))
    }
    for (row, rule, className, id, old, new, at, cause) in rows {
      guard let place = rulePlaces[rule], let definition = schema[className] else {
        try dropLater(row)
        continue
      }
      let record = store.record(definition.recordType, id)
      _ = try store.isThere(record)
      let change = Change(
        record: record, old: try RowJSON.row(old, definition, store),
        new: try RowJSON.row(new, definition, store))
      now = max(now, Timestamp(milliseconds: at))
      try runLater([PendingLater(rule: place, change: change, row: row, cause: cause)])
    }
  }

  private func storeLater(_ place: Int, _ change: Change) throws(Refusal) -> Int64 {
    let definition = schema.classes[change.record.type.index]
    let statement = try store.statement(
      "INSERT INTO _later (rule, class, id, old, new, at, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        + "RETURNING number")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, definition.name)
    try statement.bind(3, change.record.id)
    try statement.bind(4, change.old.map { RowJSON.text($0, definition) })
    try statement.bind(5, change.new.map { RowJSON.text($0, definition) })
    try statement.bind(6, now.milliseconds)
    try statement.bind(7, journalRow)
    defer { statement.reset() }
    guard try statement.step() else { throw Refusal(.storage, "a later firing was not stored") }
    return statement.int(0)
  }

  private func deleteLater(_ row: Int64) throws(Refusal) {
    let statement = try store.statement("DELETE FROM _later WHERE number = ?1")
    try statement.bind(1, row)
    try statement.run()
  }

  private func dropLater(_ row: Int64?) throws(Refusal) {
    guard let row else { return }
    if !isBatch { try store.begin() }
    try deleteLater(row)
    if !isBatch { try store.commit() }
  }
}
