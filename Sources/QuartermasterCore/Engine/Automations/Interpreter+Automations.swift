internal import QuartermasterCEL

/// Rules that are records: checked before they are stored, in force from the next operation on. Docs/Decisions/0180.
extension Interpreter {
  /// Judges a record of the class of automations that is about to be written, or deleted.
  ///
  /// The engine writes who wrote it and what is wrong with it. One that is switched on must check by itself; names and
  /// `follows` are judged with the others at the end of the operation.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - old: The stored row; nil for a new record.
  ///   - row: The incoming row; nil for a delete.
  /// - Throws: A refusal with all that is wrong.
  func judgeAutomation(_ record: Record, old: Row?, row: Row?) throws(Refusal) {
    guard let automations, record.type.index == automations.definition.index else { return }
    if let acting = op.acting {
      throw Refusal(
        .error,
        "\(Self.name(record)) is a rule, and rules do not write rules; a person or a program does",
        rule: op.firings[acting].rule)
    }
    guard let row else { return }
    var rule = automations.rule(record.id, row)
    let before = old.map { automations.rule(record.id, $0) }
    rule.author = author(of: rule, was: before)
    var errors = automationCompiler.errors(of: rule)
    if errors.isEmpty { errors = try hiddenParts(of: rule) }
    rule.problem = errors.isEmpty ? nil : errors.map(rule.line).joined(separator: "\n")
    automations.write(rule, to: row)
    if rule.isEnabled, !errors.isEmpty, before?.text != rule.text {
      throw refusal(of: rule, errors, isOwn: true)
    }
  }

  /// Returns who is the author of a rule: whoever wrote its text last.
  ///
  /// Switching it on or off writes no text.
  private func author(of rule: StoredRule, was before: StoredRule?) -> String? {
    if let before, before.enabledText == rule.enabledText {
      return before.author ?? stored[before.place]?.author
    }
    return op.origin == .host ? actor.map(Self.name) : nil
  }

  /// Makes a refusal of mistakes in a rule; who wrote it himself is told.
  private func refusal(
    of rule: StoredRule, _ errors: [Diagnostic], isOwn: Bool
  ) -> Refusal {
    let lines = errors.map(rule.line).joined(separator: "; ")
    var refusal = Refusal(
      .schema, "\(rule.place) cannot be a rule: \(lines)", rule: rule.name,
      span: errors.first.map { rule.inItsField($0.span) })
    refusal.findings = errors.map(rule.inItsField)
    if isOwn { refusal.outward = refusal.message }
    return refusal
  }

  /// Reads all records that are rules, in key order.
  ///
  /// Where the class has no place for who wrote them, `known` says it.
  func automationRows(_ known: StoredRules) throws(Refusal) -> [StoredRule] {
    guard let automations else { return [] }
    var authors: [String: StoredRule] = [:]
    for rule in known.rows where rule.author != nil { authors[rule.id] = rule }
    var rows: [StoredRule] = []
    try store.forEachRow(of: automations.definition) { (record, row) throws(Refusal) in
      var rule = automations.rule(record.id, row)
      if rule.author == nil, let before = authors[record.id],
        before.enabledText == rule.enabledText
      {
        rule.author = before.author
      }
      rows.append(rule)
    }
    return rows
  }

  // MARK: At the end of an operation

  /// Judges the rules that are records with each other, when an operation wrote one.
  ///
  /// What they come to is in force after the operation: ``adoptAutomations()`` puts it there.
  ///
  /// - Parameter changes: The net changes of the operation.
  /// - Returns: Whether the engine wrote to records of its own accord, so that there are more changes.
  /// - Throws: A refusal when a rule that the host wrote, or one that ran until now, cannot run.
  func followAutomations(_ changes: [Change]) throws(Refusal) -> Bool {
    waitingAutomations = nil
    guard let automations,
      changes.contains(where: { $0.record.type.index == automations.definition.index })
    else { return false }
    var rows = try automationRows(stored)
    if op.origin != .withoutRules { nameAuthors(changes, automations, &rows) }
    let put = automationCompiler.put(rows, behind: fileRules)
    if op.origin == .host {
      for row in put.rows where row.isEnabled && row.problem != nil {
        let before = stored[row.place]
        if before?.problem == nil || before?.text != row.text {
          throw refusal(
            of: row, put.findings[row.place] ?? [],
            isOwn: changes.contains { $0.record.id == row.id && automations.isRule($0.record) })
        }
      }
    }
    if put.rows != stored.rows { waitingAutomations = put }
    return try writeNotes(put, automations)
  }

  /// Says who wrote the rules that the operation changed, where the record could not say it before it was stored.
  private func nameAuthors(
    _ changes: [Change], _ automations: AutomationClass, _ rows: inout [StoredRule]
  ) {
    for change in changes where change.record.type.index == automations.definition.index {
      guard change.new != nil, let place = rows.firstIndex(where: { $0.id == change.record.id })
      else { continue }
      let before = change.old.map { automations.rule(change.record.id, $0) }
      rows[place].author = author(of: rows[place], was: before)
    }
  }

  /// Writes authors and problems into the records where they differ.
  private func writeNotes(_ put: StoredRules, _ automations: AutomationClass) throws(Refusal)
    -> Bool
  {
    var wrote = false
    for rule in put.rows {
      let record = store.record(automations.definition.recordType, rule.id)
      guard try store.isThere(record), let old = record.row else { continue }
      let row = Row.copy(old)
      guard automations.write(rule, to: row) else { continue }
      try store.update(record, row)
      touched(record, was: old)
      wrote = true
    }
    return wrote
  }

  // MARK: Putting in force

  /// Puts in force what ``followAutomations(_:)`` found, in the commit that is open, as a rule set with a number of its
  /// own.
  func adoptAutomations() throws(Refusal) {
    guard let put = waitingAutomations else { return }
    waitingAutomations = nil
    // What is told is told by the rules under which the operation ran.
    keepCounts()
    op.fired.removeAll()
    op.skipped.removeAll()
    let before = rulesInForce
    do { try putInForce(put) } catch {
      restore(before)
      throw error
    }
  }

  private func putInForce(_ put: StoredRules) throws(Refusal) {
    let before = ruleSet
    // Where other files are in force in the file than here, those stay.
    var files = ruleFiles
    if ruleProblem != nil, let last = try RuleSetRow.last(store) { files = try last.ruleFiles() }
    let switches = switchedOff.keeping(Set(put.ruleSet.rules.map(\.name) + put.ruleSet.disabled))
    let body = RuleSetRow.text(files: files, stored: put.rows)
    let hash = ContentHash.text(of: body.bytes)
    seenRuleNumber = try RuleSetRow.append(
      text: body.text, hash: hash, switches: switches, at: now, to: store)
    if ruleProblem == nil { (ruleNumber, ruleHash) = (seenRuleNumber, hash) }
    (stored, switchedOff) = (put, switches)
    use(put.ruleSet.leavingOut(switches.names))
    timerChanges = try adoptTimers(from: before, to: ruleSet)
    try startSchedules()
    nextDue = nil
  }

  /// Judges the records anew as a file is opened: the schema, or a program that wrote past the engine, may have changed
  /// them or what they mean.
  func judgeAutomationsAgain() throws(Refusal) {
    guard automations != nil, ruleProblem == nil else { return }
    try openCommit()
    let known = try RuleSetRow.last(store)?.storedRules() ?? []
    let put = automationCompiler.put(try automationRows(stored), behind: fileRules)
    if put.rows == known {
      store.rollback()
    } else {
      let before = rulesInForce
      do throws(Refusal) {
        try putInForce(put)
        try store.commit()
      } catch {
        store.rollback()
        restore(before)
        throw error
      }
    }
    try noteAutomations()
  }

  /// Writes into the records what is wrong with them, in an operation of its own, when it is not there yet.
  ///
  /// Rules may be woken by that; one that refuses it stops nothing.
  func noteAutomations() throws(Refusal) {
    guard let automations else { return }
    var differs = false
    for rule in stored.rows {
      let record = store.record(automations.definition.recordType, rule.id)
      guard try store.isThere(record), let row = record.row else { continue }
      if automations.write(rule, to: Row.copy(row)) { differs = true }
    }
    guard differs else { return }
    let present = actor
    actor = nil
    defer { actor = present }
    do {
      let (_, later) = try operate(
        .automations, first: nil, prepare: {}, input: { "" }
      ) { () throws(Refusal) in _ = try writeNotes(stored, automations) }
      try runLater(later)
    } catch {
      if error.reason == .storage { throw error }
    }
  }
}

extension Interpreter {
  /// The rules that are records, in the order in which they are considered, also those that cannot run.
  package var storedRules: [StoredRule] { stored.rows }
}

extension StoredRules {
  /// No records.
  static func none(_ base: RuleSet) -> StoredRules {
    StoredRules(rows: [], findings: [:], ruleSet: base)
  }

  /// Returns the rule of a record, `Automation/low`; nil when there is none.
  subscript(place: String) -> StoredRule? { rows.first { $0.place == place } }
}
