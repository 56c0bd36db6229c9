package import QuartermasterCEL

/// Looks for the answer to "why did this rule not fire for that record".
package final class WhyNotSearch {
  private let reader: JournalReader
  private let session: StoreSession
  private let archive: RuleArchive
  private let computed: ComputedFields
  private let name: String
  private let definition: ClassDefinition
  private let id: String
  private let now: Timestamp
  private var judges: [String: RuleJudge?] = [:]
  private var answer: WhyNot

  /// How many changes of the record are looked at.
  private static let mostChanges = 10_000

  private init(
    _ reader: JournalReader, _ archive: RuleArchive, rule: String, _ definition: ClassDefinition,
    _ id: String, now: Timestamp
  ) {
    self.reader = reader
    session = reader.session
    self.archive = archive
    computed = ComputedFields(schema: session.schema, host: session)
    name = rule
    self.definition = definition
    self.id = id
    self.now = now
    answer = WhyNot(rule)
  }

  /// Returns why a rule did not fire for a record.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - definition: The record's class.
  ///   - id: The record's id.
  ///   - reader: The journal.
  ///   - archive: The rule sets of the file.
  ///   - now: The present instant.
  /// - Returns: The answer.
  /// - Throws: A refusal when the file cannot be read.
  package static func answer(
    _ rule: String, _ definition: ClassDefinition, _ id: String, _ reader: JournalReader,
    _ archive: RuleArchive, now: Timestamp
  ) throws(Refusal) -> WhyNot {
    let search = WhyNotSearch(reader, archive, rule: rule, definition, id, now: now)
    try search.search()
    return search.answer
  }

  private var record: String { "\(definition.name)/\(id)" }

  // MARK: The rule

  private func search() throws(Refusal) {
    guard let row = archive.last, let known = try archive.book(row)[name] else {
      answer.gate = try missing()
      try findFirings()
      return
    }
    answer.place = known.place
    if !known.isEnabled {
      answer.gate = .disabled(place: known.place)
    } else if let off = row.switches[name] {
      answer.gate = .switchedOff(off)
    } else if let judge = try judge(in: row) {
      try judgeRecord(judge, known)
    } else {
      answer.gate = .unreadable
    }
    try findFirings()
    try findRefused()
  }

  private func missing() throws(Refusal) -> WhyNot.Gate {
    if let found = try archive.last?.storedRules().first(where: { $0.name == name }),
      let problem = found.problem
    {
      return .cannotRun(place: found.place, problem: problem)
    }
    var names: Set<String> = []
    var next: RuleSetRow?
    for row in archive.all.reversed() {
      let book = try archive.book(row)
      if book[name] != nil, let next { return .removed(lastSet: row.number, at: next.at) }
      names.formUnion(book.names)
      next = row
    }
    return .unknownRule(suggestion: Suggestion.closest(to: name, among: names.sorted()))
  }

  private func judge(in row: RuleSetRow) throws(Refusal) -> RuleJudge? {
    if let known = judges[row.hash] { return known }
    let made = try archive.rule(name, in: row).map { RuleJudge($0, session, computed) }
    judges[row.hash] = made
    return made
  }

  // MARK: The record

  private func judgeRecord(_ judge: RuleJudge, _ known: RuleBook.Entry) throws(Refusal) {
    guard let trigger = judge.trigger else {
      var stopped: WhyNot.Condition?
      if known.signal == nil, case .conditionFalse(let item) = judge.conditionsNow(nil, now: now) {
        stopped = item
      }
      answer.gate = .notByRecord(trigger: known.trigger, next: try nextTurn(), stopped: stopped)
      return
    }
    guard trigger.classIndex == definition.index else {
      answer.gate = .otherClass(session.schema.classes[trigger.classIndex].name)
      return
    }
    if trigger.hold != nil || trigger.due != nil, try judgeTimer(judge) { return }
    if judge.rule.phase == .later, try waitsForTurn() {
      answer.gate = .waitsForTurn
      return
    }
    try judgeChanges(judge, trigger, known)
  }

  private func nextTurn() throws(Refusal) -> Timestamp? {
    let statement = try session.statement("SELECT next FROM _schedules WHERE rule = ?1")
    defer { statement.reset() }
    try statement.bind(1, name)
    return try statement.step() ? Timestamp(milliseconds: statement.int(0)) : nil
  }

  private func waitsForTurn() throws(Refusal) -> Bool {
    let statement = try session.statement(
      "SELECT 1 FROM _later WHERE rule = ?1 AND class = ?2 AND id = ?3 AND state = 'waiting'")
    defer { statement.reset() }
    try statement.bind(1, name)
    try statement.bind(2, definition.name)
    try statement.bind(3, id)
    return try statement.step()
  }

  /// Answers for a rule with a timer where the timer, or `becomes` as it is now, says it; returns whether it did.
  private func judgeTimer(_ judge: RuleJudge) throws(Refusal) -> Bool {
    let statement = try session.statement(
      "SELECT since, due FROM _timers WHERE rule = ?1 AND record = ?2 AND live")
    defer { statement.reset() }
    try statement.bind(1, name)
    try statement.bind(2, id)
    if try statement.step() {
      answer.gate = .waits(
        due: Timestamp(milliseconds: statement.int(1)),
        since: Timestamp(milliseconds: statement.int(0)))
      return true
    }
    guard let record = try session.existing(definition.recordType, id) else { return false }
    if let edge = judge.falseEdge(record) {
      answer.gate = .isFalse(edge)
      return true
    }
    if judge.trigger?.due != nil, judge.due(record) == nil {
      answer.gate = .noInstant
      return true
    }
    return false
  }

  // MARK: The changes

  /// Goes back through the changes of the record to the one that decides.
  private func judgeChanges(
    _ current: RuleJudge, _ trigger: CompiledTrigger.RecordTrigger, _ known: RuleBook.Entry
  ) throws(Refusal) {
    var left = Self.mostChanges
    var seen = false
    var sawKind = false
    var wasTrue = false
    var isDone = false
    let type = definition.recordType
    try RecordVersions(reader, definition).walk(id) { version throws(Refusal) -> Bool in
      left -= 1
      seen = true
      let change = Change(
        record: session.record(type, id), old: version.old, new: version.new)
      if let firing = firing(in: version.entry) {
        note(version)
        answer.gate = Self.gate(of: firing)
        isDone = true
        return false
      }
      let judge = try self.judge(at: version.entry) ?? current
      switch judge.gate(change, now: version.entry.at, actor: try actor(of: version.entry)) {
      case .kind: break
      case .unchanged: sawKind = true
      case .wasTrue: (sawKind, wasTrue) = (true, true)
      case .isFalse(let edge):
        sawKind = true
        // Behind a change that found it true, a change that leaves it false cannot stand; what is asked for is now.
        if !wasTrue { decide(version, .isFalse(edge), &isDone) }
      case .conditionFalse(let item):
        decide(version, try reason(version, judge) ?? .conditionFalse(item), &isDone)
      case .fails(let item, let message):
        decide(version, try reason(version, judge) ?? .fails(item, message), &isDone)
      case .passes(let judgedNow):
        decide(version, try reason(version, judge) ?? .open(judgedNow), &isDone)
      }
      return !isDone && left > 0
    }
    if isDone { return }
    answer.reachesBeginning = true
    if wasTrue {
      let record = try session.existing(type, id)
      answer.gate = .wasTrue(record.flatMap { current.edge($0) })
    } else if sawKind {
      let fields = (trigger.fields ?? []).map { definition.fields[$0].name }
      answer.gate = .unchanged(fields: fields)
    } else {
      answer.gate = seen ? .kind(trigger: known.trigger) : .neverWritten
    }
  }

  private func decide(
    _ version: RecordVersions.Version, _ gate: WhyNot.Gate, _ isDone: inout Bool
  ) {
    note(version)
    answer.gate = gate
    isDone = true
  }

  private func note(_ version: RecordVersions.Version) {
    answer.entry = version.entry
    answer.change = version.change
    if let row = archive[version.entry.rules], row.hash != archive.last?.hash {
      answer.olderSet = row.number
    }
  }

  /// Returns why a change that should have woken the rule did not; nil when the rule was in force.
  private func reason(_ version: RecordVersions.Version, _ judge: RuleJudge) throws(Refusal)
    -> WhyNot.Gate?
  {
    if version.entry.origin == .withoutRules { return .withoutRules }
    guard let row = archive[version.entry.rules] else { return nil }
    guard let then = try archive.book(row)[name], then.isEnabled else {
      for later in archive.all where later.number > row.number {
        if try archive.book(later)[name]?.isEnabled == true { return .notInForce(since: later.at) }
      }
      return .notInForce(since: row.at)
    }
    return row.switches[name] == nil ? nil : .wasOff
  }

  /// Returns the judge of the rule as it was in an operation; nil when it was not, or cannot be read any more.
  private func judge(at entry: JournalEntry) throws(Refusal) -> RuleJudge? {
    guard let row = archive[entry.rules] else { return nil }
    return try judge(in: row)
  }

  private func actor(of entry: JournalEntry) throws(Refusal) -> Record? {
    guard let actor = entry.actor, let slash = actor.firstIndex(of: "/"),
      let definition = session.schema[String(actor[..<slash])]
    else { return nil }
    return try session.existing(
      definition.recordType, String(actor[actor.index(after: slash)...]))
  }

  // MARK: What it did, and what was refused

  private func firing(in entry: JournalEntry) -> JournalEntry.Firing? {
    entry.firings.last { $0.rule == name && $0.record == record }
  }

  private static func gate(of firing: JournalEntry.Firing) -> WhyNot.Gate {
    if let skipped = firing.skipped { return .skipped(skipped) }
    let seen = firing.notes.filter { $0.hasPrefix(Interpreter.onceNote) }
    return seen.isEmpty ? .fired : .onceSeen(seen)
  }

  /// Finds the last firings for the record; those of timers stand in operations that need not have changed it.
  private func findFirings() throws(Refusal) {
    let key = [JSONValue.string(name), .string(record)].map(JSONWriter.text).joined(separator: ",")
    var entries: [(JournalEntry, JournalEntry.Firing)] = []
    try reader.backwards(containing: key) { entry in
      if let firing = firing(in: entry) { entries.append((entry, firing)) }
      return entries.count < WhyNot.mostFirings
    }
    answer.firings = entries.map { entry, firing in
      WhyNot.Fired(row: entry.row, at: entry.at, firing: firing)
    }
    // A timer that is used up, or a later rule: its last firing is the answer when no change of the record is.
    if case .open = answer.gate, let last = entries.first, last.0.row > answer.entry?.row ?? 0 {
      answer.gate = Self.gate(of: last.1)
      answer.entry = last.0
      answer.change = nil
    }
  }

  private func findRefused() throws(Refusal) {
    let since = answer.entry?.at
    answer.refused = try reader.refused(about: definition.name, id, limit: 3).filter { refusal in
      since.map { refusal.at >= $0 } ?? true
    }
  }
}
