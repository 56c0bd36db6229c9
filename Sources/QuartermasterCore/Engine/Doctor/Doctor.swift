internal import QuartermasterCEL

/// Looks through a data file for what no operation leaves behind, and mends what can be mended safely.
///
/// The checks read one state of the file, beside other processes. Mending is one operation with a row in the journal;
/// it takes the writer's lock for the whole of it. Docs/care.md; Docs/Decisions/0096.
package final class Doctor {
  let interpreter: Interpreter
  let store: Store
  let schema: Schema
  var examination = Examination()
  /// What mends the findings, in their order.
  private var mends: [() throws(Refusal) -> Void] = []
  /// The records whose rows or history were mended, as the journal tells of them: by class and id.
  var changes: [Change] = []
  /// The rows of the journal, by record: where each was last told of.
  var history = JournalHistory()

  private var knownArchive: RuleArchive?

  /// The rule sets that the file was under, read when they are asked for.
  func archive() throws(Refusal) -> RuleArchive {
    if let knownArchive { return knownArchive }
    let made = try RuleArchive(store, interpreter.settings)
    knownArchive = made
    return made
  }

  private init(_ interpreter: Interpreter) {
    self.interpreter = interpreter
    store = interpreter.store
    schema = interpreter.schema
  }

  /// Looks through the file of an interpreter.
  ///
  /// - Parameters:
  ///   - interpreter: On the file, with the rules that are in force there.
  ///   - knowsRules: Whether these are all its rules; without them timers are not looked at.
  ///   - mending: Whether to mend what can be mended.
  /// - Returns: What was found; with `mending`, as it was before.
  /// - Throws: ``Refusal`` when the file cannot be read or written; nothing is mended then.
  package static func examine(
    _ interpreter: Interpreter, knowsRules: Bool = true, mending: Bool = false
  ) throws(Refusal) -> Examination {
    let doctor = Doctor(interpreter)
    let store = interpreter.store
    if mending { try store.begin() } else { try store.beginSnapshot() }
    do throws(Refusal) {
      interpreter.journalRow = (try store.integer("SELECT max(seq) FROM _journal") ?? 0) + 1
      store.startOperation(now: interpreter.now, journal: interpreter.journalRow)
      try doctor.look(knowsRules)
      if mending, !doctor.mends.isEmpty {
        try doctor.mend()
        try store.commit()
        store.forgetAll()
      } else {
        store.rollback()
      }
    } catch {
      store.rollback()
      throw error
    }
    return doctor.examination
  }

  private func look(_ knowsRules: Bool) throws(Refusal) {
    for text in try store.damage() { found(.file, text, mend: nil) }
    for text in try store.lostPointers() { found(.pointers, text, mend: nil) }
    try lookAtTables()
    // What is missing would make the others fail.
    if examination.findings.contains(where: { $0.check == .tables && $0.mend == nil }) { return }
    try lookAtTotals()
    try lookAtJournal()
    try lookAtCounters()
    if knowsRules {
      try lookAtTimers()
      try lookAtSchedules()
    }
    try lookAtOutbox()
    try lookAtAccounts()
  }

  /// Runs the mends, and writes the operation into the journal.
  private func mend() throws(Refusal) {
    let op = interpreter.op
    op.begin(.mending)
    op.notes = examination.findings.filter { $0.mend != nil }.map(\.text)
    for mend in mends { try mend() }
    try interpreter.writeJournal(changes)
    for change in changes {
      let table = store.tables[change.record.type.index]
      let point = try store.statement(
        "UPDATE \(table.quotedName) SET \"_last\" = ?2 WHERE \"objectId\" = ?1")
      try point.bind(1, change.record.id)
      try point.bind(2, interpreter.journalRow)
      try point.run()
    }
    examination.operation = interpreter.journalRow
    interpreter.journalRow += 1
    interpreter.nextDue = nil
  }

  // MARK: Findings

  func found(_ check: Finding.Check, _ text: String, mend: String?) {
    examination.findings.append(Finding(check: check, text: text, mend: mend, isNote: false))
  }

  /// Adds a finding, and how it is mended.
  func found(
    _ check: Finding.Check, _ text: String, mend: String,
    _ body: @escaping () throws(Refusal) -> Void
  ) {
    found(check, text, mend: mend)
    mends.append(body)
  }

  /// Adds what is worth knowing.
  func note(_ check: Finding.Check, _ text: String) {
    examination.findings.append(Finding(check: check, text: text, mend: nil, isNote: true))
  }

  // MARK: Totals

  private func lookAtTotals() throws(Refusal) {
    let wrong = try interpreter.writer.checkRollUps(mending: false)
    for total in wrong {
      found(
        .totals,
        "\(total.place) is \(total.stored.description), and its children make \(total.computed.description)",
        mend: "set it to \(total.computed.description)")
    }
    if wrong.isEmpty { return }
    mends.append(mendTotals)
  }

  private func mendTotals() throws(Refusal) {
    // Level by level: a total of totals may come right by itself, or come up only now.
    let mended = try interpreter.writer.checkRollUps(mending: true)
    for total in mended { try noteTotal(total) }
  }

  /// Adds a mended total to what the journal tells.
  private func noteTotal(_ total: RollUpMismatch) throws(Refusal) {
    let definition = schema.classes[total.classIndex]
    guard let slot = definition[total.field]?.slot,
      let record = try store.existing(definition.recordType, total.id), let now = record.row
    else { return }
    if let known = changes.first(where: { $0.record === record }) {
      known.old?.values[slot] = total.stored
      return
    }
    let was = Row.copy(now)
    was.values[slot] = total.stored
    changes.append(Change(record: record, old: was, new: now))
  }
}
