internal import QuartermasterCEL

/// Timers (`for`, `repeat`, `due`): rows that follow the records. LANGUAGE.md, sections 5 and 14.
extension Interpreter {
  /// Starts, moves and stops the timers of the records that an operation changed, at its end.
  func followTimers(_ changes: [Change]) throws(Refusal) {
    var places: [Int] = []
    for change in changes where !timedRules[change.record.type.index].isEmpty {
      places.removeAll(keepingCapacity: true)
      index.timedCandidates(for: change, into: &places)
      for place in places {
        do {
          if runtimes[place].recordTrigger?.hold != nil {
            try followHold(place, change)
          } else {
            try followDue(place, change)
          }
        } catch let error as EvaluationError {
          throw refusal(error, in: place, about: change.record)
        } catch let error as Refusal { throw error } catch {
          throw Refusal(.error, "\(error)")
        }
      }
    }
  }

  private func followHold(_ place: Int, _ change: Change) throws {
    let runtime = runtimes[place]
    guard let new = change.newRecord, try runtime.holds(new) else {
      return try stopTimer(place, change.record)
    }
    guard try runtime.wakes(on: change), let hold = runtime.recordTrigger?.hold else { return }
    let due = now.adding(hold) ?? now
    try startTimer(place, change.record, due: due, isLive: true)
  }

  /// The row of a `due` timer remembers its instant after it fired, so that only a moved instant fires again.
  private func followDue(_ place: Int, _ change: Change) throws {
    let runtime = runtimes[place]
    guard let new = change.newRecord, try runtime.holds(new) else {
      return try stopTimer(place, change.record)
    }
    let was = try timerInstant(place, change.record)
    if was == nil, try !runtime.wakes(on: change) { return }
    guard let due = try runtime.dueInstant(change.record) else {
      return try stopTimer(place, change.record)
    }
    if was != due.milliseconds {
      try startTimer(place, change.record, due: due, isLive: true)
    }
  }

  // MARK: Rows

  func startTimer(_ place: Int, _ record: Record, due: Timestamp, isLive: Bool)
    throws(Refusal)
  {
    let statement = try store.statement(
      "INSERT INTO _timers (rule, record, since, due, live) VALUES (?1, ?2, ?3, ?4, ?5) "
        + "ON CONFLICT (rule, record) DO UPDATE SET since = ?3, due = ?4, live = ?5, fired = 0")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, record.id)
    try statement.bind(3, now.milliseconds)
    try statement.bind(4, due.milliseconds)
    try statement.bind(5, Int64(isLive ? 1 : 0))
    try statement.run()
    nextDue = nil
  }

  func stopTimer(_ place: Int, _ record: Record) throws(Refusal) {
    let statement = try store.statement("DELETE FROM _timers WHERE rule = ?1 AND record = ?2")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, record.id)
    try statement.run()
    nextDue = nil
  }

  private func timerInstant(_ place: Int, _ record: Record) throws(Refusal) -> Int64? {
    let statement = try store.statement("SELECT due FROM _timers WHERE rule = ?1 AND record = ?2")
    defer { statement.reset() }
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, record.id)
    return try statement.step() ? statement.int(0) : nil
  }

  /// Moves a timer on after it fired; when its condition became true stays known.
  ///
  /// `count`: How many instants it stands for: one, and those that were missed.
  func repeatTimer(_ place: Int, _ record: Record, due: Timestamp, count: Int64) throws(Refusal) {
    let statement = try store.statement(
      "UPDATE _timers SET due = ?3, fired = fired + ?4, live = 1 WHERE rule = ?1 AND record = ?2")
    try statement.bind(1, ruleSet.rules[place].name)
    try statement.bind(2, record.id)
    try statement.bind(3, due.milliseconds)
    try statement.bind(4, count)
    try statement.run()
    nextDue = nil
  }
}
