package import QuartermasterCEL

/// Operations and commits: kept or undone as a whole. LANGUAGE.md, section 6.
extension Interpreter: WriteHooks {
  /// Runs one operation: the body's writes, then rounds until nothing is left, then timers and the journal row.
  ///
  /// Outside a batch the operation is a commit of its own; inside one it is undone alone when it is refused. Rules of
  /// the phase later run afterwards, each in an operation of its own.
  ///
  /// - Parameters:
  ///   - input: What was asked, for the record of a refusal.
  ///   - body: The writes of the host; none for a timer.
  /// - Returns: What the body returns.
  /// - Throws: A refusal; then nothing of the operation is left but its row in `_refused`.
  package func run<T>(
    input: @autoclosure () -> String = "", _ body: () throws(Refusal) -> T
  ) throws(Refusal) -> T {
    let (result, later) = try operate(.host, first: nil, prepare: {}, input: input, body)
    try runLater(later)
    return result
  }

  /// Runs an operation that a timer, a schedule or a later rule starts.
  func runFiring(
    _ origin: OperationState.Origin, _ first: FirstFiring, prepare: () throws(Refusal) -> Void
  ) throws(Refusal) {
    let (_, later) = try operate(origin, first: first, prepare: prepare, input: { "" }) {}
    try runLater(later)
  }

  /// Runs an operation and keeps it, or undoes it; it begins its commit unless the caller has.
  ///
  /// What `prepare` writes stands even then: a timer is used up.
  ///
  /// - Parameters:
  ///   - origin: What starts it.
  ///   - first: The firing that starts it; nil for the host.
  ///   - prepare: What is written before it.
  ///   - input: What was asked, for the record of a refusal.
  ///   - body: The writes.
  /// - Returns: What the body returns, and the later firings that it woke.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  func operate<T>(
    _ origin: OperationState.Origin, first: FirstFiring?,
    prepare: () throws(Refusal) -> Void, input: () -> String, _ body: () throws(Refusal) -> T
  ) throws(Refusal) -> (T, [PendingLater]) {
    try openCommit()
    // Outside a batch a refusal rolls the commit back, which needs no savepoint; but what `prepare` wrote must stay.
    let result: T
    let later: [PendingLater]
    let changes: [Change]
    var mark: UndoMark?
    var rulesBefore: RulesInForce?
    do {
      if first != nil { try prepare() }
      if isBatch || first != nil { mark = store.mark() }
      (result, later, changes) = try perform(origin, first, body)
      if waitingAutomations != nil {
        statistics.kept(fired: op.fired, skipped: op.skipped)
        rulesBefore = rulesInForce
        try adoptAutomations()
      }
    } catch {
      try undo(to: mark, after: error, origin, input: input())
      throw error
    }
    if let mark { try store.release(mark) }
    watch?.keep(op.moves)
    if rulesBefore == nil { statistics.kept(fired: op.fired, skipped: op.skipped) }
    if !isBatch {
      do {
        if statistics.isDue { try statistics.write(to: store, ruleSet) }
        try store.commit()
      } catch {
        if let rulesBefore { restore(rulesBefore) }
        throw error
      }
    }
    keepCounts()
    if reportsOutcomes, first == nil { reported = outcome(changes) }
    kept?(self)
    return (result, later)
  }

  private func perform<T>(
    _ origin: OperationState.Origin, _ first: FirstFiring?, _ body: () throws(Refusal) -> T
  ) throws(Refusal) -> (T, [PendingLater], [Change]) {
    op.begin(origin, cause: first?.cause)
    watch?.begin()
    store.startOperation(now: now, journal: journalRow)

    let result = try body()
    let runsRules = origin != .withoutRules
    let told = runsRules ? try runRounds(first) : nil
    var changes = told ?? op.allChanges.net()
    if runsRules { try followTimers(changes) }
    if try followAutomations(changes) { changes = op.allChanges.net() }
    try restoreMarks(changes)
    let later = runsRules ? try queueLater(changes) : []
    for place in changes.indices { statistics.changed(changes[place].record.type.index) }
    if recording != .nothing, !changes.isEmpty || !op.firings.isEmpty || op.raisedSignal {
      try writeJournal(changes)
      op.journalRow = journalRow
      journalRow += 1
    }
    return (result, later, changes)
  }

  /// Undoes an operation alone and leaves a row in `_refused`.
  private func undo(
    to mark: UndoMark?, after refusal: Refusal, _ origin: OperationState.Origin, input: String
  ) throws(Refusal) {
    nextDue = nil
    watch?.undo()
    statistics.refused(refusal, place: refusal.rule.flatMap { rulePlaces[$0] })
    if store.lostCommit { return }
    if refusal.isInterruption, !isBatch {
      // What was prepared goes as well: a timer that somebody interrupted is still due.
      store.rollback()
      return
    }
    if let mark {
      try store.undo(to: mark)
      try noteRefusal(refusal, origin, input: input)
      if !isBatch { try commitRefusal() }
      return
    }
    store.rollback()
    if refusal.reason == .storage { return }
    try store.begin()
    do {
      try noteRefusal(refusal, origin, input: input)
      try commitRefusal()
    } catch {
      store.rollback()
      throw error
    }
  }

  /// Makes the commit of the row that a refused operation leaves.
  private func commitRefusal() throws(Refusal) {
    if let stream {
      do { try stream.storeProgress() } catch {
        store.rollback()
        throw error
      }
    }
    try store.commit()
  }

  func keepCounts() {
    if op.fired.isEmpty, op.skipped.isEmpty { return }
    placeCounts.add(fired: op.fired, skipped: op.skipped, isBatch: isBatch)
  }

  /// How many records a refusal names.
  private static let mostRefusedRecords = 20

  func noteRefusal(
    _ refusal: Refusal, _ origin: OperationState.Origin, input: String
  ) throws(Refusal) {
    var body = JSONBuffer()
    body.beginObject()
    if origin.isActed, let actor { body.member("actor", Self.name(actor)) }
    let isGiven = origin == .host || origin == .withoutRules
    body.member("input", isGiven ? input : origin.text)
    body.member("rules", ruleNumber)
    body.member("row", journalRow)
    if isGiven, !op.given.isEmpty {
      var given = JSONBuffer()
      do throws(Refusal) {
        try writeGiven(to: &given)
        body.key("given")
        body.json(given)
      } catch {
        // A value that is not of the field's type is refused whatever the rules; the input says what it was.
      }
    }
    // What the operation had written before it was undone, so that it can be found by record.
    let records = op.allChanges.entries.prefix(Self.mostRefusedRecords)
    if !records.isEmpty {
      body.key("records")
      body.beginArray()
      for entry in records { body.string(Self.name(entry.record)) }
      body.endArray()
    }
    body.endObject()
    let statement = try store.statement(
      "INSERT INTO _refused (at, reason, rule, message, body) VALUES (?1, ?2, ?3, ?4, ?5)")
    try statement.bind(1, now.milliseconds)
    try statement.bind(2, refusal.reason.rawValue)
    try statement.bind(3, refusal.rule)
    try statement.bind(4, refusal.message)
    try statement.bind(5, body.bytes)
    // What a batch has changed in memory alone need not be written for it, and nothing takes it back alone.
    try statement.runLast()
  }

  // MARK: Batches

  /// Runs many operations in one commit; a refused one is undone alone.
  ///
  /// - Throws: What `body` throws; then nothing of the whole batch is kept.
  package func batch<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    try openCommit()
    isBatch = true
    store.defersRows = true
    let first = journalRow
    let rules = rulesInForce
    statistics.beginBatch()
    let former = formerCounters
    placeCountsBefore = nil
    defer {
      isBatch = false
      store.defersRows = false
    }
    do throws(Refusal) {
      let result = try body()
      if store.lostCommit {
        throw Refusal(.storage, "the file gave up the commit; none of its operations were kept")
      }
      if statistics.isDue { try statistics.write(to: store, ruleSet) }
      try store.commit()
      placeCounts.keep()
      statistics.keepBatch()
      return result
    } catch {
      store.rollback()
      nextDue = nil
      journalRow = first
      restore(rules)
      formerCounters = former
      if let placeCountsBefore { placeCounts = placeCountsBefore } else { placeCounts.drop() }
      statistics.dropBatch()
      throw error
    }
  }

  // MARK: WriteHooks

  package func touched(_ record: Record, was old: Row?) {
    op.roundChanges.touch(record, was: old)
    op.allChanges.touch(record, was: old)
    op.wrote(record)
    if watch != nil || kept != nil {
      op.noteMoves(record, was: old, schema.classes[record.type.index])
    }
  }

  package func before(_ record: Record, old: Row?, row: Row?) throws(Refusal) -> Bool {
    let mayDiffer = try runBeforeRules(record, old: old, row: row)
    guard record.type.index == automations?.definition.index else { return mayDiffer }
    try judgeAutomation(record, old: old, row: row)
    return true
  }

  private func runBeforeRules(_ record: Record, old: Row?, row: Row?) throws(Refusal) -> Bool {
    guard hasBeforeRules[record.type.index] else { return false }
    var places: [Int] = []
    swap(&places, &beforeCandidates)
    if !places.isEmpty { places.removeAll(keepingCapacity: true) }
    defer { swap(&places, &beforeCandidates) }
    if let row {
      index.candidates(
        before: record.type, row, over: old, ignoresBounds: notesNearMisses, into: &places)
      if places.isEmpty { return false }
    }
    // The row is the incoming one itself, so each rule sees what those before it set.
    let change = Change(record: record, old: old, new: row)
    if row == nil {
      index.candidates(for: change, phase: .before, ignoresBounds: notesNearMisses, into: &places)
    }
    for place in places {
      op.hasBegun = false
      let wakes: Bool
      do throws(EvaluationError) { wakes = try runtimes[place].wakes(on: change) } catch {
        throw refusal(error, in: place, about: record)
      }
      if wakes { try attemptBefore(place, change, incoming: row) }
    }
    return !places.isEmpty
  }
}

extension OperationState.Origin {
  /// What started the operation, as it is written in the file.
  var text: String {
    switch self {
    case .host: "host"
    case .timer(let rule): "timer of \(rule)"
    case .schedule(let rule): "schedule of \(rule)"
    case .later(let rule): "later rule \(rule)"
    case .withoutRules: "without rules"
    case .outside: "outside"
    case .mending: "doctor"
    case .automations: "automations"
    case .catchUp(let rule, let by): "catch-up of \(rule) by \(by)"
    }
  }
}
