internal import QuartermasterCEL

/// Firing a rule on purpose: in an operation of its own for each record, or in a commit that is undone.
extension Interpreter {
  /// Runs a body in a commit that is undone, whatever comes of it: in the file and in memory all is as before.
  ///
  /// - Throws: What the body throws; a refusal when the file cannot be read or is locked.
  func undone<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    let (wasAt, row, due) = (now, journalRow, nextDue)
    let (counted, counts, reports) = (counters, statistics, reportsOutcomes)
    let acting = actor
    try store.begin()
    isBatch = true
    defer {
      store.rollback()
      isBatch = false
      (now, journalRow, nextDue) = (wasAt, row, due)
      (counters, statistics, reportsOutcomes) = (counted, counts, reports)
      actor = acting
      kept = nil
    }
    // Another process may have appended to the journal since: the rows here come behind theirs.
    let last = try store.integer("SELECT max(seq) FROM _journal") ?? 0
    journalRow = max(journalRow, last + 1)
    return try body()
  }

  /// Fires a rule for a record, or of a schedule, in an operation of its own.
  ///
  /// - Parameters:
  ///   - place: The rule.
  ///   - id: The record; nil for a schedule.
  ///   - by: In whose name.
  /// - Returns: What it came to.
  /// - Throws: ``Refusal`` of the reason `storage` when the file cannot be read or written.
  func fireOnPurpose(_ place: Int, _ id: String?, by: String) throws(Refusal) -> RulePlan.Effect {
    guard let id else { return try fireOnPurpose(place, nil, nil, by: by) }
    guard let candidates = RuleCandidates(self, place) else {
      throw Refusal(.error, "\(ruleSet.rules[place].name) is about no record")
    }
    let name = "\(candidates.definition.name)/\(id)"
    try openCommit()
    guard let record = try store.existing(candidates.definition.recordType, id) else {
      if !isBatch { store.rollback() }
      return RulePlan.Effect(record: name, result: .passed("it is not there any more"))
    }
    switch try candidates.standing(record) {
    case .satisfies: return try fireOnPurpose(place, record, candidates, by: by)
    case .unjudged(let message):
      if !isBatch { store.rollback() }
      return RulePlan.Effect(
        record: name,
        result: .refused(Refusal(.error, message, rule: candidates.runtime.rule.name)))
    default:
      if !isBatch { store.rollback() }
      return RulePlan.Effect(
        record: name, result: .passed("it does not satisfy the rule any more"))
    }
  }

  private func fireOnPurpose(
    _ place: Int, _ record: Record?, _ candidates: RuleCandidates?, by: String
  ) throws(Refusal) -> RulePlan.Effect {
    let name = record.map(Self.name)
    if let record, let candidates, candidates.runtime.rule.phase == .before {
      return try foresee(place, record, candidates)
    }
    var outcomes: [Outcome] = []
    let reports = reportsOutcomes
    reportsOutcomes = true
    kept = { outcomes.append($0.outcome()) }
    defer {
      kept = nil
      reportsOutcomes = reports
    }
    let change = record.flatMap { record in candidates?.change(record) }
    let first = FirstFiring(
      rule: place, change: change, record: change == nil ? record : nil, cause: nil)
    do {
      let (_, later) = try operate(
        .catchUp(rule: ruleSet.rules[place].name, by: by), first: first, prepare: {},
        input: { "" }
      ) { () throws(Refusal) in
        if let record, let candidates { try followOnPurpose(place, record, candidates) }
      }
      try runLater(later)
    } catch {
      if error.reason == .storage { throw error }
      return RulePlan.Effect(record: name, result: .refused(error))
    }
    return RulePlan.Effect(record: name, result: .done(outcomes))
  }

  /// Leaves the timers of a rule as if they had fired: a `repeat` goes on from now, the instant of a `due` is used up.
  private func followOnPurpose(
    _ place: Int, _ record: Record, _ candidates: RuleCandidates
  ) throws(Refusal) {
    let trigger = candidates.trigger
    if trigger.hold != nil, let again = trigger.again {
      let due = now.adding(again) ?? now
      try startTimer(place, record, due: due, isLive: true)
      // It has fired: from here on its instants are those of `repeat`.
      try repeatTimer(place, record, due: due, count: 1)
    } else if trigger.due != nil {
      do throws(EvaluationError) {
        guard let instant = try candidates.runtime.dueInstant(record) else { return }
        try use(up: instant, place, record)
      } catch { throw refusal(error, in: place, about: record) }
    }
  }

  private func use(up instant: Timestamp, _ place: Int, _ record: Record) throws(EvaluationError) {
    do throws(Refusal) { try startTimer(place, record, due: instant, isLive: false) } catch {
      throw EvaluationError(.storage, error.message)
    }
  }

  /// Says what a before rule would do if a record were written as it is; nothing is written.
  private func foresee(
    _ place: Int, _ record: Record, _ candidates: RuleCandidates
  ) throws(Refusal) -> RulePlan.Effect {
    let name = Self.name(record)
    guard let row = record.row, let change = candidates.change(record) else {
      return RulePlan.Effect(record: name, result: .passed("it is not there any more"))
    }
    let incoming = Row.copy(row)
    op.begin(.catchUp(rule: ruleSet.rules[place].name, by: ""))
    do { try attemptBefore(place, change, incoming: incoming) } catch {
      if error.reason == .storage { throw error }
      return RulePlan.Effect(record: name, result: .refused(error))
    }
    let after = Change(record: record, old: row, new: incoming)
    let fields = candidates.definition.fields.compactMap {
      field -> (name: String, old: Value, new: Value)? in
      guard let slot = field.slot, !field.isSecret, after.differs(slot: slot) else { return nil }
      return (field.name, row.values[slot], incoming.values[slot])
    }
    let reports =
      fields.isEmpty
      ? []
      : [
        ChangeReport(
          className: candidates.definition.name, id: record.id, kind: .changed, fields: fields,
          rules: [ruleSet.rules[place].name])
      ]
    let outcome = Outcome(
      details: Outcome.Details(firings: op.firings), changes: OutcomeChanges(reports, schema))
    return RulePlan.Effect(record: name, result: .done([outcome]))
  }
}
