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
    var search = TimerStart(runtimes[place], record, began)
    guard search.isPossible else { return nil }
    try RecordVersions(JournalReader(store), definition).walk(record.id) {
      version throws(Refusal) in
      search.look(at: version)
    }
    return search.found
  }
}

/// Looks through the versions of a record, the last one first, for the operation in which a timer began.
private struct TimerStart {
  private let runtime: RuleRuntime
  private let record: Record
  /// From when on the rule was in force.
  private let began: Timestamp
  /// The instant that a rule with `due` waits for.
  private let due: Timestamp?
  private let isDue: Bool
  /// Whether there may be a timer at all.
  private(set) var isPossible: Bool

  private var woken: Timestamp?
  private var moved: Timestamp?
  private var oldest: Timestamp?
  private var isOver = false

  init(_ runtime: RuleRuntime, _ record: Record, _ began: Timestamp) {
    self.runtime = runtime
    self.record = record
    self.began = began
    isDue = runtime.recordTrigger?.due != nil
    // What fails now has no timer: it would have been stopped when the record was written.
    due = isDue ? (try? runtime.dueInstant(record)) ?? nil : nil
    isPossible = (try? runtime.holds(record)) ?? false
  }

  /// When it began; nil when there is none.
  var found: Timestamp? {
    if let woken { return moved.map { max($0, woken) } ?? woken }
    if isOver { return nil }
    // The journal does not say when: it was before what it has.
    if let oldest { return oldest }
    if case .timestamp(let at)? = record.row?.values[ClassDefinition.updatedAtSlot], at >= began {
      return at
    }
    return nil
  }

  /// Looks at a version; returns whether those before it must be looked at.
  mutating func look(at version: RecordVersions.Version) -> Bool {
    guard version.entry.at >= began, version.new != nil else {
      isOver = true
      return false
    }
    oldest = version.entry.at
    let change = Change(record: record, old: version.old, new: version.new)
    guard let new = change.newRecord, (try? runtime.holds(new)) == true else {
      isOver = true
      return false
    }
    let heldBefore = change.oldRecord.map { (try? runtime.holds($0)) ?? false } ?? false
    let wakes =
      version.entry.origin != .withoutRules && ((try? runtime.wakes(on: change)) ?? false)
    // Of one instant that it waits for, the first operation counts; of an earlier one only that it waited.
    if wakes, moved == nil || woken == nil { woken = version.entry.at }
    if isDue, moved == nil {
      let before = change.oldRecord.flatMap { (try? runtime.dueInstant($0)) ?? nil }
      if !heldBefore || before != due { moved = version.entry.at }
    }
    if woken != nil, !isDue || moved != nil { return false }
    if !heldBefore { isOver = true }
    return heldBefore
  }
}
