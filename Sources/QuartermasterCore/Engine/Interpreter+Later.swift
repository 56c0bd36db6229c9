internal import QuartermasterCEL

/// Rules of the phase later: after the commit, each firing in an operation of its own.
///
/// A firing is a row of `_later`, written in the operation that woke it, so that it survives whatever happens between.
/// It goes in the operation in which it ran. One that is refused is tried again after the delays of the outbox, and is a
/// dead letter in the end, listed with those of the outbox.
extension Interpreter {
  /// A firing of a later rule that waits for its turn.
  struct PendingLater {
    let rule: String
    let change: Change
    /// The row in `_later`; nil in a batch, whose commit holds the operation and its later firings together.
    let row: Int64?
    /// The journal row of the operation that woke it.
    var cause: Int64?
  }

  /// Judges the later rules on the net change of the whole operation, once, and writes down those that it wakes.
  func queueLater(_ changes: [Change]) throws(Refusal) -> [PendingLater] {
    if laterRules.isEmpty || changes.isEmpty { return [] }
    var candidates: [(place: Int, change: Change)] = []
    var places: [Int] = []
    for change in changes {
      places.removeAll(keepingCapacity: true)
      index.candidates(for: change, phase: .later, into: &places)
      candidates += places.map { ($0, change) }
    }
    var pending: [PendingLater] = []
    // By rule, then in the order of the changes; the sort is stable.
    for (place, change) in candidates.sorted(by: { $0.place < $1.place }) {
      let wakes: Bool
      do { wakes = try runtimes[place].wakes(on: change) } catch {
        formerCounters.failedAlone[ruleSet.rules[place].name, default: 0] += 1
        continue
      }
      guard wakes else { continue }
      let row = isBatch ? nil : try storeLater(place, change, cause: journalRow)
      pending.append(
        PendingLater(rule: ruleSet.rules[place].name, change: change, row: row, cause: journalRow))
    }
    return pending
  }

  /// Runs the later firings of an operation that was kept.
  func runLater(_ pending: [PendingLater]) throws(Refusal) {
    for item in pending {
      try openCommit()
      let change = try current(item.change)
      guard let place = rulePlaces[item.rule], ruleSet.rules[place].phase == .later else {
        try inLaterCommit { () throws(Refusal) in
          if let row = item.row { try giveUpLater(row, "the rule \(item.rule) is not in force") }
        }
        continue
      }
      if isGone(change) {
        try inLaterCommit { () throws(Refusal) in try deleteLater(item.row) }
      } else if let row = item.row {
        try runLater(row, place, change, cause: item.cause)
      } else {
        try runUnstored(place, change, cause: item.cause)
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

  /// Runs a firing whose row is in the file.
  private func runLater(
    _ row: Int64, _ place: Int, _ change: Change, cause: Int64?
  ) throws(Refusal) {
    let name = ruleSet.rules[place].name
    // Another process may have run it since, or an operator dropped it.
    guard let tried = try noteLaterTry(row) else {
      if !isBatch { store.rollback() }
      return
    }
    do {
      let first = FirstFiring(rule: place, change: change, record: nil, cause: cause)
      // What is written before the operation stands even when it is refused: the try, as one that failed.
      let (_, later) = try operate(
        .later(name), first: first,
        prepare: { () throws(Refusal) in try noteLaterFailure(row, tried, error: nil) },
        input: { "" }, { () throws(Refusal) in try deleteLater(row) })
      try runLater(later)
    } catch {
      if error.reason == .storage { throw error }
      formerCounters.failedAlone[name, default: 0] += 1
      try inLaterCommit { () throws(Refusal) in
        try noteLaterFailure(row, tried, error: error.message)
      }
    }
  }

  /// Runs a firing of a batch; its row is written only when it fails.
  private func runUnstored(_ place: Int, _ change: Change, cause: Int64?) throws(Refusal) {
    let name = ruleSet.rules[place].name
    do {
      try runFiring(
        .later(name), FirstFiring(rule: place, change: change, record: nil, cause: cause)
      ) {}
    } catch {
      if error.reason == .storage { throw error }
      formerCounters.failedAlone[name, default: 0] += 1
      let row = try storeLater(place, change, cause: cause)
      try noteLaterFailure(
        row, LaterTry(number: 1, since: now.milliseconds), error: error.message)
    }
  }

  // MARK: Tries

  /// A try of a firing.
  private struct LaterTry {
    /// Which one it is, from 1.
    let number: Int
    /// When the first one could have been, in milliseconds.
    let since: Int64
  }

  /// Returns which try a firing has now; nil when it does not wait any more.
  private func noteLaterTry(_ row: Int64) throws(Refusal) -> LaterTry? {
    let read = try store.statement(
      "SELECT tries, coalesce(since, at) FROM _later WHERE number = ?1 AND state = 'waiting'")
    defer { read.reset() }
    try read.bind(1, row)
    return try read.step() ? LaterTry(number: Int(read.int(0)) + 1, since: read.int(1)) : nil
  }

  /// Notes that a try failed: when the next one is, or that there is none.
  private func noteLaterFailure(_ row: Int64, _ tried: LaterTry, error: String?) throws(Refusal) {
    let schedule = RetrySchedule(settings: settings.outbox, chance: jitter)
    let verdict = schedule.afterFailure(
      tries: tried.number, since: tried.since, now: now.milliseconds)
    let note = try store.statement(
      "UPDATE _later SET tries = ?2, next = ?3, state = ?4, ended = ?5, error = coalesce(?6, error) "
        + "WHERE number = ?1")
    try note.bind(1, row)
    try note.bind(2, Int64(tried.number))
    switch verdict {
    case .again(let instant):
      try note.bind(3, instant)
      try note.bind(4, "waiting")
      try note.bindNull(5)
    case .dead:
      try note.bind(3, now.milliseconds)
      try note.bind(4, "dead")
      try note.bind(5, now.milliseconds)
    }
    try note.bind(6, error)
    try note.run()
    nextDue = nil
  }

  // MARK: Firings that were written down

  /// Runs the firings that were written down and not run when the file was last closed, and those whose next try is due.
  package func resumeLater() throws(Refusal) {
    for row in try dueLater(at: now.milliseconds, limit: .max) { try resume(row) }
  }

  /// Runs the first firing whose next try is due at an instant.
  ///
  /// - Returns: Whether there was one.
  func fireLater(at instant: Timestamp) throws(Refusal) -> Bool {
    guard let row = try dueLater(at: instant.milliseconds, limit: 1).first else { return false }
    nextDue = nil
    try resume(row)
    return true
  }

  /// The instant at which the next try of a later rule is due, in milliseconds; nil when none waits.
  func nextLater() throws(Refusal) -> Int64? {
    try store.integer("SELECT min(next) FROM _later WHERE state = 'waiting'")
  }

  private func dueLater(at instant: Int64, limit: Int64) throws(Refusal) -> [Int64] {
    let read = try store.statement(
      "SELECT number FROM _later WHERE state = 'waiting' AND next <= ?1 ORDER BY number LIMIT ?2")
    defer { read.reset() }
    try read.bind(1, instant)
    try read.bind(2, limit)
    var rows: [Int64] = []
    while try read.step() { rows.append(read.int(0)) }
    return rows
  }

  private func resume(_ row: Int64) throws(Refusal) {
    let read = try store.statement(
      "SELECT rule, class, id, old, new, at, actor, cause FROM _later WHERE number = ?1")
    defer { read.reset() }
    try read.bind(1, row)
    guard try read.step() else { return }
    let (rule, className, id) = (read.text(0), read.text(1), read.text(2))
    let (old, new, at) = (read.optionalText(3), read.optionalText(4), read.int(5))
    let (actorName, cause) = (read.optionalText(6), read.optionalInt(7))
    read.reset()
    guard rulePlaces[rule] != nil, let definition = schema[className] else {
      return try inLaterCommit { () throws(Refusal) in
        try giveUpLater(row, "the rule \(rule) is not in force, or its class is not there any more")
      }
    }
    let record = store.record(definition.recordType, id)
    _ = try store.isThere(record)
    let change = Change(
      record: record, old: try RowJSON.row(old, definition, store),
      new: try RowJSON.row(new, definition, store))
    now = max(now, Timestamp(milliseconds: at))
    let present = actor
    defer { actor = present }
    actor = try actorName.flatMap { name throws(Refusal) in try self.record(named: name) }
    try runLater([PendingLater(rule: rule, change: change, row: row, cause: cause)])
  }

  private func record(named name: String) throws(Refusal) -> Record? {
    guard let slash = name.firstIndex(of: "/"), let definition = schema[String(name[..<slash])]
    else { return nil }
    return try store.existing(
      definition.recordType, String(name[name.index(after: slash)...]))
  }

  // MARK: Rows

  private func storeLater(_ place: Int, _ change: Change, cause: Int64?) throws(Refusal) -> Int64 {
    let definition = schema.classes[change.record.type.index]
    let statement = try store.statement(
      "INSERT INTO _later (rule, class, id, old, new, at, next, actor, rules, cause) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9) RETURNING number")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, definition.name)
    try statement.bind(3, change.record.id)
    try statement.bind(4, change.old.map { RowJSON.text($0, definition) })
    try statement.bind(5, change.new.map { RowJSON.text($0, definition) })
    try statement.bind(6, now.milliseconds)
    try statement.bind(7, actor.map(Self.name))
    try statement.bind(8, ruleNumber)
    try statement.bind(9, cause)
    defer { statement.reset() }
    guard try statement.step() else { throw Refusal(.storage, "a later firing was not stored") }
    return statement.int(0)
  }

  private func deleteLater(_ row: Int64?) throws(Refusal) {
    guard let row else { return }
    let statement = try store.statement("DELETE FROM _later WHERE number = ?1")
    try statement.bind(1, row)
    try statement.run()
  }

  private func giveUpLater(_ row: Int64, _ error: String) throws(Refusal) {
    let note = try store.statement(
      "UPDATE _later SET state = 'dead', ended = ?2, error = ?3 WHERE number = ?1")
    try note.bind(1, row)
    try note.bind(2, now.milliseconds)
    try note.bind(3, error)
    try note.run()
  }

  /// Writes in the commit that is open, or in one of its own, and ends it.
  private func inLaterCommit(_ body: () throws(Refusal) -> Void) throws(Refusal) {
    if !isBatch, !store.isBegun { try store.begin() }
    try body()
    if !isBatch { try store.commit() }
  }
}
