internal import QuartermasterCEL

/// Changes from outside: what other programs wrote with plain SQL becomes an operation. DESIGN.md, section 9.
///
/// They are facts. Nothing refuses them; what the schema cannot hold is told, and what the rules do about them is undone
/// alone when it is refused.
extension Interpreter {
  /// A record that other programs wrote: its net change.
  private struct OutsideFact {
    let definition: ClassDefinition
    let record: Record
    /// The row before the first write; nil when the record was not there.
    let old: Row?
    /// The row from which the totals of its parents count; nil when they are right already.
    let base: Base?
    /// The row as the engine keeps it, without what the operation makes of it.
    var new: Row?

    enum Base {
      case row(Row?)
    }
  }

  /// How many findings are written down one by one.
  private static let mostFindings = 100

  func hasOutsideChanges() throws(Refusal) -> Bool { try store.hasOutsideWrites() }

  /// Makes one operation of all that other programs wrote, in the commit that is open, and ends it.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read or written; then all is as before, and taken in later.
  func takeInOutsideChanges() throws(Refusal) {
    let acting = actor
    actor = nil
    defer { actor = acting }
    op.begin(.outside)
    store.startOperation(now: now, journal: journalRow)
    var report = OutsideReport()
    var findings: [Refusal] = []
    let facts = try readFacts(&findings)
    try keep(facts, &findings)
    var changes: [Change]
    var later: [PendingLater] = []
    let kept = op.allChanges
    let mark = store.mark()
    do {
      let told = try runRounds(nil)
      changes = told ?? op.allChanges.net()
      try followTimers(changes)
      later = try queueLater(changes)
      try store.release(mark)
    } catch {
      // A rule that met a value that cannot be read failed as any other; a file that fails gives up the commit, or
      // fails again below.
      if store.lostCommit { throw error }
      try store.undo(to: mark)
      nextDue = nil
      op.begin(.outside)
      op.allChanges = kept
      changes = kept.net()
      statistics.refused(error, place: error.rule.flatMap { rulePlaces[$0] })
      findings.append(
        Refusal(
          .outside, "what rules did about the change was undone: \(error.message)",
          rule: error.rule, span: error.span))
      try followTimersAlone(changes, &findings)
      later = []
    }
    if try followAutomations(changes) { changes = op.allChanges.net() }
    try restoreMarks(changes)
    for change in changes { statistics.changed(change.record.type.index) }
    if recording != .nothing, !changes.isEmpty || !op.firings.isEmpty {
      try writeJournal(changes)
      op.journalRow = journalRow
      report.journalRow = journalRow
      journalRow += 1
    }
    try note(findings)
    statistics.kept(fired: op.fired, skipped: op.skipped)
    keepCounts()
    let rulesBefore = rulesInForce
    op.fired.removeAll()
    op.skipped.removeAll()
    do {
      try adoptAutomations()
      try store.commit()
    } catch {
      restore(rulesBefore)
      throw error
    }
    report.records = facts.count
    report.unresolved = findings.map { finding in
      finding.rule.map { "\(finding.message) [\($0)]" } ?? finding.message
    }
    if report.journalRow != nil || !findings.isEmpty { notice?(.outsideChanges(report)) }
    try runLater(later)
    // What ran later left the commit closed.
    if store.isBegun { store.rollback() }
  }

  /// The timers follow the data also where rules refused: one whose condition does not hold any more must stop.
  private func followTimersAlone(_ changes: [Change], _ findings: inout [Refusal]) throws(Refusal) {
    let mark = store.mark()
    do {
      try followTimers(changes)
      try store.release(mark)
    } catch {
      if store.lostCommit { throw error }
      try store.undo(to: mark)
      findings.append(
        Refusal(.outside, "timers could not follow: \(error.message)", rule: error.rule))
    }
  }

  private func note(_ findings: [Refusal]) throws(Refusal) {
    for finding in findings.prefix(Self.mostFindings) {
      try noteRefusal(finding, .outside, input: "")
    }
    if findings.count > Self.mostFindings {
      let rest = findings.count - Self.mostFindings
      try noteRefusal(
        Refusal(.outside, "\(rest) more of the kind, which are not listed; doctor finds them"),
        .outside, input: "")
    }
  }

  // MARK: What was written

  /// Reads what was written as one change for each record, in the order of the first writes.
  private func readFacts(_ findings: inout [Refusal]) throws(Refusal) -> [OutsideFact] {
    var order: [Record] = []
    var first: [ObjectIdentifier: Store.OutsideWrite] = [:]
    var firstUncounted: [ObjectIdentifier: Store.OutsideWrite] = [:]
    for write in try store.takeOutsideWrites() {
      let record = store.record(schema.classes[write.classIndex].recordType, write.id)
      let key = ObjectIdentifier(record)
      if first[key] == nil {
        first[key] = write
        order.append(record)
      }
      if !write.isCounted, firstUncounted[key] == nil { firstUncounted[key] = write }
    }
    var facts: [OutsideFact] = []
    for record in order {
      let key = ObjectIdentifier(record)
      let plan = writer.plans[record.type.index]
      do throws(Refusal) {
        let old = try first[key]?.old.map { kept throws(Refusal) in try store.row(kept, plan) }
        var base: OutsideFact.Base?
        if let write = firstUncounted[key] {
          base = .row(
            write.isCounted == first[key]?.isCounted
              ? old : try write.old.map { kept throws(Refusal) in try store.row(kept, plan) })
        }
        let isThere = try store.isThere(record)
        if old == nil, !isThere { continue }
        facts.append(
          OutsideFact(
            definition: plan.definition, record: record, old: old, base: base,
            new: isThere ? record.row : nil))
      } catch {
        if isOfFile(error) { throw error }
        findings.append(
          Refusal(
            .outside,
            "\(Self.name(record)) cannot be read as it was written: \(error.message); mend it with "
              + "the program that wrote it"))
      }
    }
    return facts
  }

  /// Writes what the engine owns of the records, tells the rules' side of the changes, and lets the totals follow.
  private func keep(_ facts: [OutsideFact], _ findings: inout [Refusal]) throws(Refusal) {
    var facts = facts
    var before: [ObjectIdentifier: (child: Record, old: Row?)] = [:]
    for place in facts.indices {
      try settle(&facts[place], &findings)
      let base: Row? = if case .row(let row)? = facts[place].base { row } else { facts[place].new }
      before[ObjectIdentifier(facts[place].record)] = (facts[place].record, base)
    }
    try writer.followOutside(facts.map { ($0.record, $0.old, $0.new) })
    for place in facts.indices where facts[place].old == nil {
      guard case .row? = facts[place].base else { continue }
      try finding("its totals cannot be computed", facts[place], &findings) { _ throws(Refusal) in
        guard let was = facts[place].new else { return }
        let row = Row.copy(was)
        try writer.rollUps.addChildren(of: facts[place].record, to: row, before: before)
        try store.update(facts[place].record, row)
        facts[place].new = row
      }
    }
    writer.rollUps.postponeSums()
    defer { writer.rollUps.postponed = nil }
    for fact in facts {
      guard case .row(let base)? = fact.base else { continue }
      try finding("totals cannot follow it", fact, &findings) { _ throws(Refusal) in
        try writer.rollUps.follow(fact.record, old: base, new: fact.new, changed: nil, self)
      }
    }
    do { try writer.rollUps.makePostponedSums(self) } catch {
      if isOfFile(error) { throw error }
      findings.append(Refusal(.outside, "a total cannot follow: \(error.message); see doctor"))
    }
    for fact in facts {
      try finding("it cannot be judged", fact, &findings) { found throws(Refusal) in
        try judge(fact, &found)
      }
    }
  }

  /// Whether the file failed, and not a value in it.
  private func isOfFile(_ error: Refusal) -> Bool {
    store.lostCommit || (error.reason == .storage && !error.isOfValue)
  }

  /// Runs a step whose failure is told and stops nothing.
  private func finding(
    _ what: String, _ fact: OutsideFact, _ findings: inout [Refusal],
    _ body: (inout [Refusal]) throws(Refusal) -> Void
  ) throws(Refusal) {
    do { try body(&findings) } catch {
      if isOfFile(error) { throw error }
      findings.append(
        Refusal(.outside, "\(Self.name(fact.record)): \(what): \(error.message); see doctor"))
    }
  }

  /// Gives totals, `updatedAt` and the place in the journal the values that are the engine's to give; of a password in
  /// clear, only its hash stays.
  private func settle(
    _ fact: inout OutsideFact, _ findings: inout [Refusal]
  ) throws(Refusal) {
    guard let found = fact.new else {
      touched(fact.record, was: fact.old)
      return
    }
    let row = Row.copy(found)
    if fact.base != nil {
      let plan = writer.plans[fact.definition.index]
      for slot in plan.totalSlots {
        row.values[slot] = fact.old?.values[slot] ?? plan.initialValues[slot]
      }
    }
    let slot = ClassDefinition.updatedAtSlot
    if let old = fact.old, Value.equal(old.values[slot], row.values[slot]) {
      row.values[slot] = .timestamp(now)
    }
    if let problem = writer.keepHash(in: row, of: fact.definition) {
      findings.append(Refusal(.outside, "\(Self.name(fact.record)): \(problem)"))
    }
    // Where it comes to nothing, the marks go again when the operation ends.
    try store.update(fact.record, row, stamps: true)
    fact.new = row
    touched(fact.record, was: fact.old)
  }

  // MARK: What the schema says of it

  /// Notes what the schema would have refused.
  private func judge(_ fact: OutsideFact, _ findings: inout [Refusal]) throws(Refusal) {
    let plan = writer.plans[fact.definition.index]
    guard let row = fact.record.row, fact.record.isLive else {
      for reference in plan.references {
        let left = try store.pointing(
          at: fact.record.id, from: reference.definition.recordType, slot: reference.slot)
        guard let one = left.first else { continue }
        let more = left.count > 1 ? " and \(left.count - 1) more" : ""
        findings.append(
          Refusal(
            .outside,
            "\(Self.name(fact.record)) was deleted, and \(Self.name(one))\(more) still points at it "
              + "(\(reference.field.name))"))
      }
      return
    }
    do throws(Refusal) { try fact.definition.validate(row, was: fact.old) } catch {
      findings.append(Refusal(.outside, "\(Self.name(fact.record)): \(error.message)"))
    }
    for pointer in plan.pointers {
      guard case .string(let id) = row.values[pointer.slot] else { continue }
      if let old = fact.old, Value.equal(old.values[pointer.slot], row.values[pointer.slot]) {
        continue
      }
      if try store.existing(pointer.target, id) == nil {
        findings.append(
          Refusal(
            .outside,
            "\(Self.name(fact.record)): \(pointer.field.name) points at \(pointer.target.name)/\(id), "
              + "which is not there"))
      }
    }
  }
}
