internal import QuartermasterCEL

/// Timers and schedules against the rules in force and the records.
extension Doctor {
  func lookAtTimers() throws(Refusal) {
    var names: [String] = []
    let read = try store.statement("SELECT DISTINCT rule FROM _timers ORDER BY rule")
    while try read.step() { names.append(read.text(0)) }
    for name in names {
      for row in try interpreter.timerRows(of: name) { try look(at: row) }
    }
    for place in interpreter.timedRules.joined() { try lookForMissing(place) }
  }

  private func look(at row: Interpreter.TimerRow) throws(Refusal) {
    let subject = "the timer of \(row.rule) for \(row.id)"
    func useless(_ why: String) {
      found(.timers, "\(subject): \(why)", mend: "delete it") { [store] () throws(Refusal) in
        let drop = try store.statement("DELETE FROM _timers WHERE rule = ?1 AND record = ?2")
        try drop.bind(1, row.rule)
        try drop.bind(2, row.id)
        try drop.run()
      }
    }
    guard let place = interpreter.rulePlaces[row.rule],
      let trigger = interpreter.runtimes[place].recordTrigger,
      trigger.hold != nil || trigger.due != nil
    else { return useless("no such rule waits") }
    let runtime = interpreter.runtimes[place]
    let record = store.record(schema.classes[trigger.classIndex].recordType, row.id)
    guard try store.isThere(record) else { return useless("there is no such record") }
    let due: Timestamp?
    do {
      guard try runtime.holds(record) else { return useless("its condition is not true") }
      if let hold = trigger.hold {
        due = row.fired == 0 ? row.since.adding(hold) : row.due
      } else {
        due = try runtime.dueInstant(record)
      }
    } catch { return found(.timers, "\(subject): \(error.message)", mend: nil) }
    guard let due else { return useless("there is no instant to wait for") }
    if due.milliseconds == row.due.milliseconds { return }
    found(.timers, "\(subject) is due \(row.due), and should be \(due)", mend: "move it there") {
      [store] () throws(Refusal) in
      let move = try store.statement(
        "UPDATE _timers SET due = ?3 WHERE rule = ?1 AND record = ?2")
      try move.bind(1, row.rule)
      try move.bind(2, row.id)
      try move.bind(3, due.milliseconds)
      try move.run()
    }
  }

  // MARK: Timers that are not there

  /// Looks for records that should wait and do not.
  ///
  /// A record may satisfy a rule and wait for nothing: it did so before the rule was there, it was loaded without rules,
  /// or its timer has fired. So one is missing only where the journal tells of the change that started it, under rules
  /// that had this one, and its time has not come.
  private func lookForMissing(_ place: Int) throws(Refusal) {
    let runtime = interpreter.runtimes[place]
    guard let trigger = runtime.recordTrigger else { return }
    let definition = schema.classes[trigger.classIndex]
    let waiting = Set(try interpreter.timerRows(of: runtime.rule.name).map(\.id))
    try store.forEachRow(of: definition) { record, row throws(Refusal) in
      if waiting.contains(record.id) { return }
      let live = store.record(definition.recordType, record.id)
      do {
        guard try runtime.holds(record) else { return }
        var due: Timestamp?
        if trigger.due != nil {
          due = try runtime.dueInstant(record)
          guard let due, due > interpreter.now else { return }
        }
        guard let start = try start(of: runtime, definition, record.id, row) else { return }
        if let hold = trigger.hold { due = start.adding(hold) }
        guard let due, due > interpreter.now || trigger.again != nil else { return }
        missing(place, live, since: start, due: due)
      } catch let error as EvaluationError {
        found(
          .timers,
          "\(runtime.rule.name) cannot judge \(definition.name)/\(record.id): \(error.message)",
          mend: nil)
      } catch let error as Refusal { throw error } catch {
        throw Refusal(.error, "\(error)")
      }
    }
  }

  private func missing(_ place: Int, _ record: Record, since: Timestamp, due: Timestamp) {
    let name = interpreter.ruleSet.rules[place].name
    found(
      .timers,
      "\(name) should wait for \(record.type.name)/\(record.id) until \(due), and does not",
      mend: "start its timer"
    ) { [store] () throws(Refusal) in
      let insert = try store.statement(
        "INSERT INTO _timers (rule, record, since, due, live) VALUES (?1, ?2, ?3, ?4, 1)")
      try insert.bind(1, name)
      try insert.bind(2, record.id)
      try insert.bind(3, since.milliseconds)
      try insert.bind(4, due.milliseconds)
      try insert.run()
    }
  }

  /// Returns the instant of the last change that woke a rule for a record; nil when it is not known, or started no timer.
  private func start(
    of runtime: RuleRuntime, _ definition: ClassDefinition, _ id: String, _ row: Row
  ) throws -> Timestamp? {
    var found: Timestamp?
    var failure: EvaluationError?
    var new = row
    try JournalReader(store).history(of: definition, id) { entry, change throws(Refusal) in
      guard change.kind != .deleted, entry.origin != .withoutRules else { return false }
      guard try wasInForce(runtime.rule.name, entry.rules) else { return false }
      var old: Row?
      if change.kind == .changed {
        let was = Row.copy(new)
        for field in change.fields {
          guard let known = definition[field.name], let slot = known.slot,
            let value = RowJSON.stored(field.old, known.type)
          else { continue }
          was.values[slot] = value
        }
        old = was
      }
      let record = store.record(definition.recordType, id)
      do throws(EvaluationError) {
        if try runtime.wakes(on: Change(record: record, old: old, new: new)) {
          found = entry.at
          return false
        }
      } catch {
        failure = error
        return false
      }
      guard let old else { return false }
      new = old
      return true
    }
    if let failure { throw failure }
    return found
  }

  // MARK: Schedules

  func lookAtSchedules() throws(Refusal) {
    let stored = try interpreter.storedSchedules()
    for (name, _) in stored.sorted(by: { $0.key < $1.key }) {
      if let place = interpreter.rulePlaces[name], interpreter.scheduledRules.contains(place) {
        continue
      }
      found(.schedules, "the schedule of \(name): no such rule is in force", mend: "delete it") {
        [interpreter] () throws(Refusal) in try interpreter.dropSchedule(name)
      }
    }
    for place in interpreter.scheduledRules {
      let rule = interpreter.ruleSet.rules[place]
      guard case .schedule(let trigger) = rule.trigger else { continue }
      func move(_ why: String) {
        found(.schedules, "the schedule of \(rule.name) \(why)", mend: "go on after the present") {
          [interpreter] () throws(Refusal) in
          try interpreter.moveSchedule(place, after: interpreter.now)
        }
      }
      guard let next = stored[rule.name] else {
        if Schedule.next(trigger, after: interpreter.now) != nil { move("has no next instant") }
        continue
      }
      if Schedule.next(trigger, after: Timestamp(milliseconds: next.milliseconds - 1)) != next {
        move("stands at \(next), which is none of its instants")
      }
    }
  }
}

extension Doctor {
  /// Returns whether a rule set that was in force had the rule with the trigger that it has now.
  private func wasInForce(_ name: String, _ number: Int64) throws(Refusal) -> Bool {
    if number == interpreter.ruleNumber { return true }
    let archive = try archive()
    guard let place = interpreter.rulePlaces[name],
      case .record(let now) = interpreter.ruleSet.rules[place].trigger,
      let row = archive[number], let then = try archive.book(row)[name]
    else { return false }
    return then.hold == now.hold && then.again == now.again && then.hasDue == (now.due != nil)
  }
}
