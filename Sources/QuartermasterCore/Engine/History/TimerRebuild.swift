package import QuartermasterCEL

/// Timers and schedules as they stood at an instant, made anew from the versions of the records.
extension Interpreter {
  /// Makes the timers and schedules of the rules in force for the state of the file, in a commit of its own.
  ///
  /// What was due before the instant has fired; what is due at it has not. A timer of `for` begins where the versions in
  /// the journal say that its condition became true, one of `due` where the record woke its rule. Where the journal
  /// begins later than that, it is taken to have begun there.
  ///
  /// - Parameters:
  ///   - instant: The instant of the state.
  ///   - inForceSince: Gives the instant from which on a rule was in force: what came about before woke no timer.
  /// - Throws: A refusal when the file cannot be read or written.
  package func rebuildTimers(at instant: Timestamp, inForceSince: (String) -> Timestamp)
    throws(Refusal)
  {
    try store.begin()
    do throws(Refusal) {
      try store.execute("DELETE FROM _timers")
      try store.execute("DELETE FROM _schedules")
      for place in scheduledRules {
        let began = inForceSince(ruleSet.rules[place].name)
        try moveSchedule(
          place, after: max(began, Timestamp(milliseconds: instant.milliseconds - 1)))
      }
      for place in timedRules.joined() {
        try rebuildTimers(
          of: place, at: instant, since: inForceSince(ruleSet.rules[place].name))
      }
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
    nextDue = nil
  }

  private func rebuildTimers(of place: Int, at instant: Timestamp, since began: Timestamp)
    throws(Refusal)
  {
    guard let trigger = runtimes[place].recordTrigger else { return }
    let definition = schema.classes[trigger.classIndex]
    for record in try store.records(of: definition) {
      guard let start = try start(of: place, record, definition, began) else { continue }
      if trigger.due == nil {
        try rebuildHold(place, record, trigger, from: start, at: instant)
      } else {
        let due: Timestamp?
        do { due = try runtimes[place].dueInstant(record) } catch { continue }
        guard let due else { continue }
        now = start
        try startTimer(place, record, due: due, isLive: due >= instant)
      }
    }
    now = instant
  }

  private func rebuildHold(
    _ place: Int, _ record: Record, _ trigger: CompiledTrigger.RecordTrigger, from start: Timestamp,
    at instant: Timestamp
  ) throws(Refusal) {
    guard let hold = trigger.hold, let first = start.adding(hold) else { return }
    now = start
    if first >= instant { return try startTimer(place, record, due: first, isLive: true) }
    guard let length = trigger.again?.milliseconds, length > 0 else { return }
    let passed = instant.milliseconds - first.milliseconds
    let count = (passed + length - 1) / length
    let due = Timestamp(milliseconds: first.milliseconds + count * length)
    try startTimer(place, record, due: first, isLive: true)
    try repeatTimer(place, record, due: due, count: count)
  }

  /// Returns when the timer of a record began; nil when it has none.
  private func start(
    of place: Int, _ record: Record, _ definition: ClassDefinition, _ began: Timestamp
  ) throws(Refusal) -> Timestamp? {
    let runtime = runtimes[place]
    do throws(EvaluationError) {
      guard try runtime.holds(record) else { return nil }
    } catch { return nil }
    var found: Timestamp?
    var isOver = false
    var oldest: Timestamp?
    try RecordVersions(JournalReader(store), definition).walk(record.id) {
      version throws(Refusal) in
      guard version.entry.at >= began, version.new != nil else {
        isOver = true
        return false
      }
      oldest = version.entry.at
      let change = Change(record: record, old: version.old, new: version.new)
      let wakes: Bool
      let heldBefore: Bool
      do throws(EvaluationError) {
        if let new = change.newRecord, try !runtime.holds(new) {
          isOver = true
          return false
        }
        wakes = version.entry.origin != .withoutRules ? try runtime.wakes(on: change) : false
        heldBefore =
          try change.oldRecord.map { old throws(EvaluationError) in
            do throws(EvaluationError) { return try runtime.holds(old) } catch { return false }
          } ?? false
      } catch {
        isOver = true
        return false
      }
      if wakes {
        found = version.entry.at
        return false
      }
      if !heldBefore { isOver = true }
      return heldBefore
    }
    if found != nil || isOver { return found }
    // The journal does not say when: it was before what it has.
    if let oldest { return oldest }
    if case .timestamp(let at)? = record.row?.values[ClassDefinition.updatedAtSlot], at >= began {
      return at
    }
    return nil
  }
}
