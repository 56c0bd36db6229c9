public import QuartermasterCEL

extension Engine {
  /// Returns what a rule would do now, for the records that satisfy it; nothing of it is kept.
  ///
  /// The rule runs in a commit that is undone, each record after those before it, with all that other rules make of what it
  /// does. Nothing in the file changes: no record, number, id, timer or row of the journal; nothing is sent. While it runs,
  /// other writers wait. A rule that is switched off is planned as if it were on.
  ///
  /// ```swift
  /// let plan = try engine.plan(rule: "reorder-low-stock")
  /// for effect in plan.effects { print(effect.record ?? "", effect.result) }
  /// ```
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - limit: For how many records at the most it is found out what the rule would do; the others are counted in
  ///     ``RulePlan/matching``.
  /// - Returns: The plan.
  /// - Throws: ``Refusal`` when there is no such rule, or the file cannot be read or is locked.
  public func plan(rule: String, limit: Int = 100) throws -> RulePlan {
    let present: Timestamp? = if case .system = clock { Self.systemNow } else { nil }
    return try perform { interpreter throws(Refusal) in
      let was = interpreter.now
      defer { interpreter.now = was }
      if let present { interpreter.now = max(was, present) }
      return try RulePlanner(interpreter).plan(rule, limit: max(limit, 0))
    }
  }

  /// Fires a rule on purpose for the records that satisfy it now, each in an operation of its own.
  ///
  /// The journal, and `why`, say that it was a catch-up and in whose name. What is refused is listed, and the others go on. A
  /// record whose timer waits is left alone: it fires when that is due. A schedule runs once.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - by: In whose name, for the journal.
  ///   - actor: Who acts, as rules see it: a record of the class User; nil for the system.
  ///   - progress: Is told after each record what it came to.
  /// - Returns: For how many records it fired, and what was refused.
  /// - Throws: ``Refusal`` when there is no such rule, it is switched off, it is a before rule or one that waits for a signal
  ///   or a deletion, or the file cannot be written. What was done before stays.
  @discardableResult
  public func catchUp(
    rule: String, by: String, actor: (className: String, id: String)? = nil,
    progress: (CatchUpProgress) -> Void = { _ in }
  ) throws -> CatchUpReport {
    let (ids, counts) = try preparing(actor) { interpreter throws(Refusal) in
      store.rollback()
      return try RulePlanner(interpreter).subjects(rule)
    }
    var report = CatchUpReport(rule: rule)
    report.matching = ids.count
    report.waiting = counts.waitingCount
    report.unjudged = counts.unjudgedCount
    for (place, id) in ids.enumerated() {
      // One operation at a time, so that others get their turn between them.
      let effect = try preparing(actor) { interpreter throws(Refusal) in
        let effect = try RulePlanner(interpreter).fire(rule, id, by: by)
        try interpreter.advance(to: interpreter.now)
        return effect
      }
      report.add(effect)
      progress(CatchUpProgress(done: place + 1, total: ids.count, effect: effect))
    }
    return report
  }
}

extension CatchUpReport {
  fileprivate mutating func add(_ effect: RulePlan.Effect) {
    switch effect.result {
    case .passed: passed += 1
    case .refused(let refusal):
      refusedCount += 1
      if refused.count < Self.mostRefused { refused.append((effect.record, refusal)) }
    case .done(let outcomes):
      let first = outcomes.first?.firings.first
      if first?.skipped != nil { skipped += 1 } else { fired += 1 }
      for row in outcomes.compactMap(\.journalRow) {
        rows = min(rows?.lowerBound ?? row, row)...max(rows?.upperBound ?? row, row)
      }
    }
  }
}
