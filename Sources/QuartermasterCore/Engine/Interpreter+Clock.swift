package import QuartermasterCEL

/// When a timer or a schedule was due, and when it ran.
package struct DueInstant: Sendable, Equatable {
  /// The instant for which it stands.
  package let due: Timestamp
  /// When the computer's clock let it run; nil when the clock is moved by hand, and then it is never late.
  package let ran: Timestamp?
  /// How many instants before this one were missed, for which it runs as well.
  package let missed: Int64

  /// From when on it is worth saying that it ran late.
  private static let tolerance: Int64 = 1000

  /// How late it ran, in milliseconds, where that is worth saying; else nil.
  package var late: Int64? {
    guard let ran, ran.milliseconds - due.milliseconds >= Self.tolerance else { return nil }
    return ran.milliseconds - due.milliseconds
  }
}

/// The clock: timers and schedules fire as it moves. Docs/Decisions/0093.
extension Interpreter {
  /// The instant at which the next timer or schedule is due, or nil when none waits.
  package func nextInstant() throws(Refusal) -> Timestamp? {
    // Where the rules of the file are not in force here, what waits in it is for a process that has them.
    if ruleProblem != nil || (!waits && laterRules.isEmpty) { return nil }
    if nextDue == nil {
      nextDue = min(try nextOfClock() ?? .max, try nextLater() ?? .max)
    }
    guard let nextDue, nextDue != .max else { return nil }
    return Timestamp(milliseconds: nextDue)
  }

  /// The instant at which the next timer or schedule is due, in milliseconds; tries of later rules aside.
  private func nextOfClock() throws(Refusal) -> Int64? {
    if ruleProblem != nil { return nil }
    let timer = try store.integer("SELECT min(due) FROM _timers WHERE live") ?? .max
    let schedule = try store.integer("SELECT min(next) FROM _schedules") ?? .max
    let next = min(timer, schedule)
    return next == .max ? nil : next
  }

  /// Moves the clock forward by hand; timers and schedules in between fire, each at its own instant and in an
  /// operation of its own: by instant, then the order of the rules, then by record.
  ///
  /// - Parameter instant: Where the clock stops; one in the past fires only what is due already.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func advance(to instant: Timestamp) throws(Refusal) {
    while let next = try nextInstant(), next <= instant {
      if store.isInterrupted { throw .interruption() }
      try openCommit()
      // Another process may have fired it, or brought other rules, while this one waited for the lock.
      guard let due = try nextInstant(), due <= instant else {
        if !isBatch { store.rollback() }
        continue
      }
      now = max(now, due)
      // Later rules that are tried again come before timers.
      if try !fireLater(at: due) { try fireDue(at: due) }
    }
    now = max(now, instant)
  }

  /// Opens a commit for an operation at an instant: what others did is taken over, and what is due fires before.
  ///
  /// - Parameter instant: The computer's clock; nil where the clock is moved by hand.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func open(at instant: Timestamp?) throws(Refusal) {
    try openCommit(at: instant)
    guard let instant else { return }
    try catchUp(to: instant)
    try openCommit(at: instant)
  }

  /// Moves the clock to where the computer's is; what fell due since the file was last used fires late.
  ///
  /// Each at its own instant, as with ``advance(to:)``: `now` is when it was due. But instants that nobody was there for
  /// are made up for once: of a schedule the last one that was missed runs, and a `repeat` fires once and then waits for
  /// its next instant in the future. The journal says how late it was. Tries of later rules come last.
  ///
  /// - Parameter instant: The computer's clock.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func catchUp(to instant: Timestamp) throws(Refusal) {
    guard let first = try nextInstant(), first <= instant else {
      now = max(now, instant)
      return
    }
    try openCommit(at: instant)
    // Nothing runs before what the file has seen already, also when this process came later.
    var reached = try ReplayClock.lastChange(store) ?? first
    realNow = instant
    defer { realNow = nil }
    try skipMissed(until: instant)
    while let next = try nextOfClock(), next <= instant.milliseconds {
      if store.isInterrupted { throw .interruption() }
      let was = now
      try openCommit()
      // Another process was further than this one.
      if now > was { reached = max(reached, now) }
      guard let next = try nextOfClock(), next <= instant.milliseconds else {
        if !isBatch { store.rollback() }
        continue
      }
      let due = Timestamp(milliseconds: next)
      reached = max(reached, due)
      now = reached
      try fireDue(at: due)
    }
    missedInstants = [:]
    now = max(now, instant)
    // A later rule that failed is tried again once, now: tries in the past would be over before anything could change.
    try resumeLater()
  }

  /// Moves each schedule that missed more than one instant to the last of them.
  private func skipMissed(until instant: Timestamp) throws(Refusal) {
    missedInstants = [:]
    var moved: [(place: Int, to: Timestamp)] = []
    for (name, next) in try storedSchedules() where next < instant {
      guard let place = rulePlaces[name], case .schedule(let trigger) = ruleSet.rules[place].trigger
      else { continue }
      let (last, count) = Schedule.last(trigger, from: next, through: instant)
      guard count > 0 else { continue }
      missedInstants[name] = count
      moved.append((place, last))
    }
    if moved.isEmpty { return }
    try inCommit { () throws(Refusal) in
      for (place, last) in moved { try storeSchedule(ruleSet.rules[place].name, last) }
    }
  }

  /// Fires the first of what is due at an instant, and ends the commit that is open.
  private func fireDue(at instant: Timestamp) throws(Refusal) {
    var best: (place: Int, record: String)?
    let timers = try store.statement("SELECT rule, record FROM _timers WHERE live AND due = ?1")
    try timers.bind(1, instant.milliseconds)
    while try timers.step() {
      guard let place = rulePlaces[timers.text(0)], runtimes[place].recordTrigger != nil else {
        continue
      }
      let record = timers.text(1)
      if let b = best, b.place < place || (b.place == place && !UTF8Text.less(record, b.record)) {
        continue
      }
      best = (place, record)
    }
    let schedules = try store.statement("SELECT rule FROM _schedules WHERE next = ?1")
    try schedules.bind(1, instant.milliseconds)
    while try schedules.step() {
      guard let place = rulePlaces[schedules.text(0)],
        case .schedule = ruleSet.rules[place].trigger
      else { continue }
      if best.map({ place < $0.place }) ?? true { best = (place, "") }
    }
    nextDue = nil
    guard let best else { return try dropOrphans(at: instant) }
    defer { dueInstant = nil }
    if case .schedule = ruleSet.rules[best.place].trigger {
      try fireSchedule(best.place, at: instant)
    } else {
      try fireTimer(best.place, best.record, at: instant)
    }
  }

  /// Timers of rules that are not in force any more do not hold up the clock.
  private func dropOrphans(at instant: Timestamp) throws(Refusal) {
    try inCommit { () throws(Refusal) in
      let timers = try store.statement("UPDATE _timers SET live = 0 WHERE due = ?1")
      try timers.bind(1, instant.milliseconds)
      try timers.run()
      let schedules = try store.statement("DELETE FROM _schedules WHERE next = ?1")
      try schedules.bind(1, instant.milliseconds)
      try schedules.run()
    }
  }

  private func fireSchedule(_ place: Int, at instant: Timestamp) throws(Refusal) {
    let name = ruleSet.rules[place].name
    dueInstant = DueInstant(due: instant, ran: realNow, missed: missedInstants[name] ?? 0)
    try alone(place) { () throws(Refusal) in
      try runFiring(
        .schedule(name), FirstFiring(rule: place, change: nil, record: nil)
      ) { () throws(Refusal) in
        // A clock that was moved by hand while nobody was there leaves missed instants behind, too.
        try moveSchedule(place, after: max(instant, now))
      }
    }
  }

  /// Fires one timer.
  ///
  /// It is used up, or moved on, even when the firing is refused.
  private func fireTimer(_ place: Int, _ id: String, at instant: Timestamp) throws(Refusal) {
    guard let trigger = runtimes[place].recordTrigger else { return }
    let record = store.record(schema.classes[trigger.classIndex].recordType, id)
    let runtime = runtimes[place]
    let isThere = try store.isThere(record)
    var holds = isThere
    if isThere, trigger.becomes != nil {
      do { holds = try runtime.holds(record) } catch {
        // It cannot be judged: the timer is used up, and the failure counts.
        formerCounters.failedAlone[runtime.rule.name, default: 0] += 1
        try inCommit { () throws(Refusal) in try useUp(place, record, trigger, at: instant) }
        return
      }
    }
    if !holds {
      return try inCommit { () throws(Refusal) in try stopTimer(place, record) }
    }
    let missed = next(of: trigger, after: instant)?.count ?? 1
    dueInstant = DueInstant(due: instant, ran: realNow, missed: missed - 1)
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
    if let (next, count) = next(of: trigger, after: instant) {
      try repeatTimer(place, record, due: next, count: count)
    } else if trigger.due != nil {
      try startTimer(place, record, due: instant, isLive: false)
    } else {
      try stopTimer(place, record)
    }
  }

  /// Returns when a timer that was due fires again, and for how many instants it stands; nil without `repeat`.
  ///
  /// Repeats that were missed fire once: the next one is in the future.
  private func next(of trigger: CompiledTrigger.RecordTrigger, after instant: Timestamp)
    -> (due: Timestamp, count: Int64)?
  {
    guard let length = trigger.again?.milliseconds, length > 0 else { return nil }
    let present = max(now, realNow ?? now)
    let count = max(0, present.milliseconds - instant.milliseconds) / length + 1
    let (ahead, isTooMuch) = length.multipliedReportingOverflow(by: count)
    let (due, isTooLate) = instant.milliseconds.addingReportingOverflow(ahead)
    guard !isTooMuch, !isTooLate else { return nil }
    return (Timestamp(milliseconds: due), count)
  }

  /// Writes in the commit that is open, or in one of its own, and ends it.
  func inCommit(_ body: () throws(Refusal) -> Void) throws(Refusal) {
    if isBatch { return try body() }
    if !store.isBegun { try store.begin() }
    do throws(Refusal) {
      try body()
    } catch {
      store.rollback()
      throw error
    }
    try store.commit()
  }

  /// Runs an operation whose refusal concerns nobody else: it is counted and listed, and the clock goes on.
  func alone(_ place: Int, _ body: () throws(Refusal) -> Void) throws(Refusal) {
    do { try body() } catch {
      if error.reason == .storage { throw error }
      formerCounters.failedAlone[ruleSet.rules[place].name, default: 0] += 1
    }
  }
}
