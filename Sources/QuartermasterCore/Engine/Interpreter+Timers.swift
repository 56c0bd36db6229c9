package import QuartermasterCEL

/// Timers (`for`, `repeat`, `due`) and schedules. LANGUAGE.md, sections 5 and 14.
extension Interpreter {
  /// Starts, moves and stops the timers of the records that an operation changed, at its end.
  func followTimers(_ changes: [Change]) throws(Refusal) {
    for change in changes {
      for place in timedRules[change.record.type.index] {
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

  private func startTimer(_ place: Int, _ record: Record, due: Timestamp, isLive: Bool)
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

  private func stopTimer(_ place: Int, _ record: Record) throws(Refusal) {
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

  // MARK: The clock

  /// Starts the schedules that have no next instant yet; those that no rule has any more are dropped.
  package func startSchedules() throws(Refusal) {
    let known = Set(scheduledRules.map { ruleSet.rules[$0].name })
    var stored: Set<String> = []
    let read = try store.statement("SELECT rule FROM _schedules")
    while try read.step() { stored.insert(read.text(0)) }
    for name in stored.subtracting(known).sorted() {
      let drop = try store.statement("DELETE FROM _schedules WHERE rule = ?1")
      try drop.bind(1, name)
      try drop.run()
    }
    for place in scheduledRules where !stored.contains(ruleSet.rules[place].name) {
      try moveSchedule(place, after: now)
    }
    nextDue = nil
  }

  /// Moves schedules to their next instant after now, without firing those that have passed: a load without rules
  /// may have moved the clock by months.
  func skipSchedules() throws(Refusal) {
    for place in scheduledRules { try moveSchedule(place, after: now) }
  }

  private func moveSchedule(_ place: Int, after: Timestamp) throws(Refusal) {
    let rule = ruleSet.rules[place]
    guard case .schedule(let trigger) = rule.trigger,
      let next = Schedule.next(trigger, after: after)
    else { return }
    let statement = try store.statement(
      "INSERT OR REPLACE INTO _schedules (rule, next) VALUES (?1, ?2)")
    try statement.bind(1, rule.name)
    try statement.bind(2, next.milliseconds)
    try statement.run()
    nextDue = nil
  }

  /// The instant at which the next timer or schedule is due, or nil when none waits.
  package func nextInstant() throws(Refusal) -> Timestamp? {
    // Where the rules of the file are not in force here, what waits in it is for a process that has them.
    if ruleProblem != nil || (!waits && laterRules.isEmpty) { return nil }
    if nextDue == nil {
      let timer = try store.integer("SELECT min(due) FROM _timers WHERE live") ?? .max
      let schedule = try store.integer("SELECT min(next) FROM _schedules") ?? .max
      nextDue = min(timer, schedule, try nextLater() ?? .max)
    }
    guard let nextDue, nextDue != .max else { return nil }
    return Timestamp(milliseconds: nextDue)
  }

  /// Moves the clock forward; timers and schedules in between fire, each at its own instant and in an operation of
  /// its own: by instant, then the order of the rules, then by record.
  ///
  /// - Parameter instant: Where the clock stops; one in the past fires only what is due already.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func advance(to instant: Timestamp) throws(Refusal) {
    while let next = try nextInstant(), next <= instant {
      try openCommit()
      // Another process may have fired it, or brought other rules, while this one waited for the lock.
      guard let due = try nextInstant(), due <= instant else {
        if !isBatch { store.rollback() }
        continue
      }
      now = max(now, due)
      try fireDue(at: due)
    }
    now = max(now, instant)
  }

  /// Opens a commit for an operation at an instant: what others did is taken over, and what is due fires before.
  package func open(at instant: Timestamp?) throws(Refusal) {
    try openCommit(at: instant)
    guard let instant else { return }
    while let due = try nextInstant(), due <= instant {
      now = max(now, due)
      try fireDue(at: due)
      try openCommit(at: instant)
    }
    now = max(now, instant)
  }

  /// Fires the first of what is due at an instant, and ends the commit that is open: later rules that are tried again
  /// come before timers.
  private func fireDue(at instant: Timestamp) throws(Refusal) {
    if try fireLater(at: instant) { return }
    var best: (place: Int, record: String)?
    let timers = try store.statement("SELECT rule, record FROM _timers WHERE live AND due = ?1")
    try timers.bind(1, instant.milliseconds)
    while try timers.step() {
      guard let place = rulePlaces[timers.text(0)] else { continue }
      let record = timers.text(1)
      if let b = best, b.place < place || (b.place == place && !UTF8Text.less(record, b.record)) {
        continue
      }
      best = (place, record)
    }
    let schedules = try store.statement("SELECT rule FROM _schedules WHERE next = ?1")
    try schedules.bind(1, instant.milliseconds)
    while try schedules.step() {
      guard let place = rulePlaces[schedules.text(0)] else { continue }
      if best.map({ place < $0.place }) ?? true { best = (place, "") }
    }
    nextDue = nil
    guard let best else { return try dropOrphans(at: instant) }
    if case .schedule = ruleSet.rules[best.place].trigger {
      try fireSchedule(best.place, at: instant)
    } else {
      try fireTimer(best.place, best.record, at: instant)
    }
  }

  /// Timers of rules that are not in force any more do not hold up the clock.
  private func dropOrphans(at instant: Timestamp) throws(Refusal) {
    let timers = try store.statement("UPDATE _timers SET live = 0 WHERE due = ?1")
    try timers.bind(1, instant.milliseconds)
    try timers.run()
    let schedules = try store.statement("DELETE FROM _schedules WHERE next = ?1")
    try schedules.bind(1, instant.milliseconds)
    try schedules.run()
    if !isBatch { try store.commit() }
  }

  private func fireSchedule(_ place: Int, at instant: Timestamp) throws(Refusal) {
    let name = ruleSet.rules[place].name
    try alone(place) { () throws(Refusal) in
      try runFiring(
        .schedule(name), FirstFiring(rule: place, change: nil, record: nil)
      ) { () throws(Refusal) in
        try moveSchedule(place, after: instant)
      }
    }
  }

  /// Fires one timer.
  ///
  /// It is used up, or moved on, even when the firing is refused.
  private func fireTimer(_ place: Int, _ id: String, at instant: Timestamp) throws(Refusal) {
    guard let trigger = runtimes[place].recordTrigger else { return try dropOrphans(at: instant) }
    let record = store.record(schema.classes[trigger.classIndex].recordType, id)
    let runtime = runtimes[place]
    let isThere = try store.isThere(record)
    var holds = isThere
    if isThere, trigger.becomes != nil {
      do { holds = try runtime.holds(record) } catch {
        // It cannot be judged: the timer is used up, and the failure counts.
        counters.failedAlone[runtime.rule.name, default: 0] += 1
        try inCommit { () throws(Refusal) in try useUp(place, record, trigger, at: instant) }
        return
      }
    }
    if !holds {
      return try inCommit { () throws(Refusal) in try stopTimer(place, record) }
    }
    try alone(place) { () throws(Refusal) in
      try runFiring(
        .timer(runtime.rule.name), FirstFiring(rule: place, change: nil, record: record)
      ) { () throws(Refusal) in
        try useUp(place, record, trigger, at: instant)
      }
    }
  }

  private func useUp(
    _ place: Int, _ record: Record, _ trigger: CompiledTrigger.RecordTrigger, at instant: Timestamp
  ) throws(Refusal) {
    if let again = trigger.again {
      // Repeats that were missed fire once: the next one is in the future.
      var next = instant.adding(again) ?? instant
      while next <= now, again.nanoseconds > 0, let later = next.adding(again) { next = later }
      try startTimer(place, record, due: next, isLive: true)
    } else if trigger.due != nil {
      try startTimer(place, record, due: instant, isLive: false)
    } else {
      try stopTimer(place, record)
    }
  }

  private func inCommit(_ body: () throws(Refusal) -> Void) throws(Refusal) {
    try body()
    if !isBatch { try store.commit() }
  }

  /// Runs an operation whose refusal concerns nobody else: it is counted and listed, and the clock goes on.
  func alone(_ place: Int, _ body: () throws(Refusal) -> Void) throws(Refusal) {
    do { try body() } catch {
      if error.reason == .storage { throw error }
      counters.failedAlone[ruleSet.rules[place].name, default: 0] += 1
    }
  }
}
