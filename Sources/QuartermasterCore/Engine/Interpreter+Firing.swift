internal import QuartermasterCEL

/// One firing: its names, its conditions, its actions, and what an error undoes.
extension Interpreter {
  /// Runs a rule of the phases after and later, and takes the time.
  func attempt(
    _ place: Int, about change: Change?, record: Record?, signal: OperationState.RaisedSignal?
  ) throws(Refusal) {
    if store.isInterrupted { throw .interruption() }
    let began = RunningStatistics.clock
    defer { statistics.attempted(place, nanoseconds: RunningStatistics.clock - began) }
    try judge(place, about: change, record: record, signal: signal)
  }

  /// Judges the conditions of a rule and runs its actions; `failure: skip` undoes it alone.
  private func judge(
    _ place: Int, about change: Change?, record: Record?, signal: OperationState.RaisedSignal?
  ) throws(Refusal) {
    var runtime = runtimes[place]
    watch?.consider(runtime.rule)
    if runtime.isLimited {
      guard let own = try limited(runtime, change, record, signal) else { return }
      runtime = own
    }
    // The caller holds the change, which holds its records, until this returns.
    lend(runtime, about: change, record: record, signal: signal)
    defer { runtime.takeBack() }
    let subject = record ?? change?.record
    op.hasBegun = false
    guard try conditionsHold(runtime, subject) else { return }
    let cause = signal?.cause ?? subject.flatMap { op.causes[ObjectIdentifier($0)] }
    let isOfAuthor = runtime.view != nil && runtime.rule.authority == .author
    let kept = runtime.rule.failure == .skip || isOfAuthor ? SkipPoint(op) : nil
    try countFiring(runtime, about: subject, cause: cause)
    let number = op.acting
    op.hasBegun = true
    defer { op.acting = nil }
    guard let kept else { return try act(runtime, about: subject, incoming: nil) }
    let mark = store.mark()
    do {
      try act(runtime, about: subject, incoming: nil)
    } catch {
      guard Self.isSkipped(error, runtime) else { throw error }
      try store.undo(to: mark)
      nextDue = nil
      kept.restore(op)
      op.skipped[place, default: 0] += 1
      watch?.noteSkip(runtime.rule.name, error.message)
      if let number {
        // Before rules that its writes woke are undone with it.
        op.firings.removeSubrange((number + 1)...)
        op.firings[number].skipped = error.message
      }
      return
    }
    try store.release(mark)
  }

  /// Whether an error of a rule's actions undoes its firing alone.
  private static func isSkipped(_ error: Refusal, _ runtime: RuleRuntime) -> Bool {
    switch error.reason {
    case .error, .schema: return runtime.rule.failure == .skip
    case .denied:
      // What its author may not do any more stops nobody else.
      return runtime.view != nil
        && (runtime.rule.failure == .skip || runtime.rule.authority == .author)
    default: return false
    }
  }

  /// What a skipped firing gives back besides what stands in the store.
  private struct SkipPoint {
    let signals: [OperationState.RaisedSignal]
    let ledger: ConflictLedger
    let messages: Int
    let calls: Int, moves: Int
    let fired: [Int: Int]
    let writers: [ObjectIdentifier: Int]
    let authors: [ObjectIdentifier: [Int]]

    init(_ op: OperationState) {
      signals = op.signals
      ledger = op.ledger
      messages = op.messages.count
      calls = op.calls.count
      moves = op.moves.count
      fired = op.fired
      writers = op.writers
      authors = op.authors
    }

    func restore(_ op: OperationState) {
      op.signals = signals
      op.ledger = ledger
      op.messages.removeSubrange(messages...)
      op.calls.removeSubrange(calls...)
      op.moves.removeSubrange(moves...)
      op.fired = fired
      op.writers = writers
      op.authors = authors
    }
  }

  /// Runs a before rule on an incoming row; the row is as it was when the rule's actions failed and it may skip.
  func attemptBefore(_ place: Int, _ change: Change, incoming row: Row?) throws(Refusal) {
    let began = RunningStatistics.clock
    defer { statistics.attempted(place, nanoseconds: RunningStatistics.clock - began) }
    try judgeBefore(place, change, incoming: row)
  }

  private func judgeBefore(_ place: Int, _ change: Change, incoming row: Row?) throws(Refusal) {
    var runtime = runtimes[place]
    if runtime.isLimited {
      guard let own = try limited(runtime, change, nil, nil) else { return }
      runtime = own
    }
    lend(runtime, about: change, record: nil, signal: nil)
    var version: Record?
    defer { withExtendedLifetime(version) { runtime.takeBack() } }
    if let row {
      let record = change.record
      // The change holds it, pinned to the incoming row itself.
      runtime.lend(change.newRecord, to: runtime.places.record)
      if runtime.places.new >= 0 {
        version = Record(type: record.type, id: record.id, pinned: Row.copy(row))
        runtime.lend(version, to: runtime.places.new)
      }
    }
    op.hasBegun = false
    guard try conditionsHold(runtime, change.record) else { return }
    let acting = op.acting
    op.firingNumber += 1
    op.hasBegun = true
    watch?.noteFiring(runtime, change.record, round: 0, at: now)
    var report = FiringReport(
      rule: runtime.rule.name, record: Self.name(change.record), round: 0, cause: acting)
    if recording == .whole { report.operands = runtime.operands() }
    if let view = runtime.view { report.notes.append(Self.namePrefix + view.addressee) }
    let isOfAuthor = runtime.view != nil && runtime.rule.authority == .author
    let saved = runtime.rule.failure == .skip || isOfAuthor ? row.map { Row.copy($0) } : nil
    do {
      try act(runtime, about: change.record, incoming: IncomingRow(record: change.record, row: row))
      op.fired[place, default: 0] += 1
      op.firings.append(report)
    } catch {
      guard Self.isSkipped(error, runtime) else { throw error }
      if let row, let saved {
        for slot in 0..<row.count { row.values[slot] = saved.values[slot] }
      }
      op.skipped[place, default: 0] += 1
      report.skipped = error.message
      watch?.noteSkip(runtime.rule.name, error.message)
      op.firings.append(report)
    }
    op.acting = acting
  }

  /// The row that before rules may change.
  struct IncomingRow {
    let record: Record
    let row: Row?
  }

  // MARK: Names

  func lend(
    _ runtime: RuleRuntime, about change: Change?, record: Record?,
    signal: OperationState.RaisedSignal?
  ) {
    let frame = runtime.frame
    runtime.lend(
      record ?? (change?.new == nil ? nil : change?.record), change, now: now,
      actor: runtime.hidesActor ? nil : actor)
    if !runtime.places.hasPayload { return }
    for (name, place) in runtime.rule.names.payload {
      let value = signal?.payload[name] ?? .null
      switch place {
      case .slot(let k): frame.slots[k] = value
      case .record(let k):
        if case .record(let r) = value { frame.records[k] = r } else { frame.records[k] = nil }
      }
    }
  }

  private func conditionsHold(_ runtime: RuleRuntime, _ record: Record?) throws(Refusal) -> Bool {
    for place in 0..<runtime.conditionCount {
      do {
        if try runtime.condition(place).evalBool(runtime.frame) { continue }
        if notesNearMisses, reportsOutcomes {
          noteNearMiss(runtime, record, runtime.rule.conditions[place])
        }
        watch?.noteFalse(runtime, record, item: place, round: op.round, at: now)
        return false
      } catch {
        throw refusal(
          error, in: runtime.rule.index, about: record,
          source: runtime.rule.conditions[place].program.source)
      }
    }
    return true
  }

  private func noteNearMiss(
    _ runtime: RuleRuntime, _ record: Record?, _ condition: CompiledCondition
  ) {
    // A rule that is tried for every record would bury what matters.
    guard op.nearMisses.count < OperationState.mostNearMisses else { return }
    op.nearMisses.append(
      NearMiss(
        rule: runtime.rule.name, record: record.map(Self.name),
        condition: condition.program.source.text, operands: runtime.operands()))
  }

  // MARK: Counting and limits

  private func countFiring(_ runtime: RuleRuntime, about record: Record?, cause: Int?)
    throws(Refusal)
  {
    op.firingNumber += 1
    if op.round > 1 {
      op.laterFirings += 1
      let limit = max(settings.maximumFirings, 100 * op.firstChanges)
      if op.laterFirings > limit {
        throw limitReached(.firings, "more than \(limit) firings", runtime, record, cause)
      }
    }
    if op.round > settings.maximumRounds {
      throw limitReached(
        .rounds, "more than \(settings.maximumRounds) rounds", runtime, record, cause)
    }
    op.fired[runtime.rule.index, default: 0] += 1
    watch?.noteFiring(runtime, record, round: op.round, at: now)
    op.acting = op.firings.count
    var report = FiringReport(
      rule: runtime.rule.name, record: record.map(Self.name), round: op.round, cause: cause)
    if recording == .whole { report.operands = runtime.operands() }
    if let view = runtime.view { report.notes.append(Self.namePrefix + view.addressee) }
    op.firings.append(report)
  }

  /// Says which rules go round, and with which values.
  private func limitReached(
    _ reason: Refusal.Reason, _ what: String, _ runtime: RuleRuntime, _ record: Record?,
    _ cause: Int?
  ) -> Refusal {
    var chain = [runtime.rule.name]
    var next = cause
    while let place = next, chain.count < 64 {
      chain.append(op.firings[place].rule)
      next = op.firings[place].cause
    }
    // The chain is the way back; its shortest prefix that comes round again is the cycle.
    var cycle = [chain[0]]
    if let again = chain.dropFirst().firstIndex(of: chain[0]) {
      cycle = Array(chain[0...again].reversed())
    } else {
      cycle = Array(chain.prefix(6).reversed())
    }
    let values = runtime.operands().prefix(4).map { "\($0.text) = \($0.value.description)" }
    var message = "\(what): \(cycle.joined(separator: " -> "))"
    if let record { message += " for \(Self.name(record))" }
    if !values.isEmpty { message += " (\(values.joined(separator: ", ")))" }
    return Refusal(
      reason, message + "; add a condition that ends it", rule: runtime.rule.name,
      span: runtime.rule.span)
  }

  // MARK: Errors

  /// Makes a refusal of an error in a rule, with the place and the values.
  func refusal(
    _ error: EvaluationError, in place: Int, about record: Record?, source: ExprSource? = nil
  ) -> Refusal {
    refusal(error, in: runtimes[place], about: record, source: source)
  }

  /// Makes a refusal of an error in a rule or in an action of the host, with the place and the values.
  func refusal(
    _ error: EvaluationError, in runtime: RuleRuntime, about record: Record?,
    source: ExprSource? = nil
  ) -> Refusal {
    let rule = runtime.rule.isOfHost ? nil : runtime.rule.name
    if error.code == .interrupted { return .interruption(error.message) }
    if error.code == .storage { return Refusal(.storage, error.message, rule: rule) }
    var message = error.message
    var span = runtime.rule.span
    if let source {
      if let range = error.range, range.upperBound <= source.text.utf8.count {
        span = source.span(range)
        let text = source.slice(range).text
        if !text.isEmpty, !message.contains(text) { message += " in `\(text)`" }
      } else {
        span = source.span(0..<source.text.utf8.count)
      }
    }
    if let stored = runtime.rule.stored { span = stored.inItsField(span) }
    if let record { message += ", for \(Self.name(record))" }
    let values = runtime.operands().prefix(4).map { "\($0.text) = \($0.value.description)" }
    if !values.isEmpty { message += " (\(values.joined(separator: ", ")))" }
    return Refusal(.error, message, rule: rule, span: span)
  }

  /// Returns `Inventory/bolts`.
  static func name(_ record: Record) -> String { "\(record.type.name)/\(record.id)" }
}
