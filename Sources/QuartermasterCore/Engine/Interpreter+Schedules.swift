internal import QuartermasterCEL

/// The next instants of the rules with a schedule, as rows.
extension Interpreter {
  /// Starts the schedules that have no next instant yet; those that no rule has any more are dropped.
  package func startSchedules() throws(Refusal) {
    let known = Set(scheduledRules.map { ruleSet.rules[$0].name })
    let stored = Set(try storedSchedules().keys)
    for name in stored.subtracting(known).sorted() { try dropSchedule(name) }
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

  /// Sees to it that no schedule waits for an instant after its first one from now on: a file that was opened under the
  /// computer's clock, and then gets a clock of its own that stands earlier, would fire nothing until that caught up.
  func pullSchedules() throws(Refusal) {
    let stored = try storedSchedules()
    for place in scheduledRules {
      let rule = ruleSet.rules[place]
      guard case .schedule(let trigger) = rule.trigger, let waiting = stored[rule.name],
        let next = Schedule.next(trigger, after: now), next < waiting
      else { continue }
      try storeSchedule(rule.name, next)
    }
  }

  /// Returns the next instants by the names of their rules.
  func storedSchedules() throws(Refusal) -> [String: Timestamp] {
    var found: [String: Timestamp] = [:]
    let read = try store.statement("SELECT rule, next FROM _schedules")
    while try read.step() { found[read.text(0)] = Timestamp(milliseconds: read.int(1)) }
    return found
  }

  func dropSchedule(_ name: String) throws(Refusal) {
    let drop = try store.statement("DELETE FROM _schedules WHERE rule = ?1")
    try drop.bind(1, name)
    try drop.run()
    nextDue = nil
  }

  /// Moves a schedule to its first instant after a moment, and returns it; nil when none comes any more.
  @discardableResult
  func moveSchedule(_ place: Int, after: Timestamp) throws(Refusal) -> Timestamp? {
    let rule = ruleSet.rules[place]
    guard case .schedule(let trigger) = rule.trigger else { return nil }
    guard let next = Schedule.next(trigger, after: after) else {
      try dropSchedule(rule.name)
      return nil
    }
    try storeSchedule(rule.name, next)
    return next
  }

  func storeSchedule(_ name: String, _ next: Timestamp) throws(Refusal) {
    let statement = try store.statement(
      "INSERT OR REPLACE INTO _schedules (rule, next) VALUES (?1, ?2)")
    try statement.bind(1, name)
    try statement.bind(2, next.milliseconds)
    try statement.run()
    nextDue = nil
  }
}
