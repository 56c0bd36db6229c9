internal import QuartermasterCEL

/// What becomes of timers and schedules when other rules come into force. LANGUAGE.md, section 5; Docs/Decisions/0094.
extension Interpreter {
  /// Brings the timers and schedules in the file from one rule set to another, in the commit that is open.
  ///
  /// A rule whose trigger is as it was keeps them. With another duration, a timer that has not fired counts from when
  /// its condition became true; one that repeats counts the new length from when it last fired. With another
  /// `becomes`, a timer stays where that holds now. Another `due` is computed anew; one that fired already waits again
  /// only for an instant to come. What belongs to no rule any more is cancelled. A schedule whose trigger is another
  /// goes on after the present; nothing that has passed is made up for, and rules that are new wait for changes.
  ///
  /// - Parameters:
  ///   - old: The rules that were in force; nil when they are not known, as when they do not check any more.
  ///   - new: The rules that are in force now: ``use(_:)`` was called with them.
  /// - Returns: What was moved and what was cancelled, in the order of the names of the rules; empty when all stayed.
  /// - Throws: ``Refusal`` when the file cannot be read or written.
  package func adoptTimers(from old: RuleSet?, to new: RuleSet) throws(Refusal) -> [TimerChange] {
    precondition(new === ruleSet, "the new rules must be in force")
    let was = Dictionary(
      (old?.rules ?? []).map { ($0.name, $0.trigger) }, uniquingKeysWith: { first, _ in first })
    var report = TimerReport()
    for row in try timerRows(except: was) {
      try adopt(row, was[row.rule], &report)
    }
    for (name, next) in try storedSchedules().sorted(by: { $0.key < $1.key }) {
      try adoptSchedule(name, next, was[name], isKnown: old != nil, &report)
    }
    nextDue = nil
    return report.changes
  }

  /// A timer as it stands in the file.
  struct TimerRow {
    let rule: String, id: String
    let since: Timestamp, due: Timestamp
    let fired: Int64
    let isLive: Bool
  }

  /// Returns the timers of rules whose trigger is not what it was.
  private func timerRows(except was: [String: CompiledTrigger]) throws(Refusal) -> [TimerRow] {
    var names: [String] = []
    let rules = try store.statement("SELECT DISTINCT rule FROM _timers ORDER BY rule")
    while try rules.step() { names.append(rules.text(0)) }
    var rows: [TimerRow] = []
    for name in names {
      if let place = rulePlaces[name], let before = was[name],
        ruleSet.rules[place].trigger.waits(like: before)
      {
        continue
      }
      rows += try timerRows(of: name)
    }
    return rows
  }

  /// Returns the timers of a rule by the ids of their records.
  func timerRows(of rule: String) throws(Refusal) -> [TimerRow] {
    var rows: [TimerRow] = []
    let read = try store.statement(
      "SELECT record, since, due, fired, live FROM _timers WHERE rule = ?1 ORDER BY record")
    try read.bind(1, rule)
    while try read.step() {
      rows.append(
        TimerRow(
          rule: rule, id: read.text(0), since: Timestamp(milliseconds: read.int(1)),
          due: Timestamp(milliseconds: read.int(2)), fired: read.int(3), isLive: read.int(4) != 0))
    }
    return rows
  }

  private func adopt(_ row: TimerRow, _ was: CompiledTrigger?, _ report: inout TimerReport)
    throws(Refusal)
  {
    func cancel(_ reason: TimerChange.Reason) throws(Refusal) {
      let drop = try store.statement("DELETE FROM _timers WHERE rule = ?1 AND record = ?2")
      try drop.bind(1, row.rule)
      try drop.bind(2, row.id)
      try drop.run()
      if row.isLive { report.cancelled(row.rule, reason) }
    }
    guard let place = rulePlaces[row.rule] else { return try cancel(.noRule) }
    var before: CompiledTrigger.RecordTrigger?
    if case .record(let trigger)? = was { before = trigger }
    guard let trigger = runtimes[place].recordTrigger,
      trigger.hold != nil || trigger.due != nil,
      before.map({ $0.classIndex == trigger.classIndex && ($0.due == nil) == (trigger.due == nil) })
        ?? true
    else { return try cancel(.otherTrigger) }
    let record = store.record(schema.classes[trigger.classIndex].recordType, row.id)
    guard try store.isThere(record) else { return try cancel(.noRecord) }
    let due: Timestamp?
    do {
      guard try runtimes[place].holds(record) else { return try cancel(.noLongerTrue) }
      due =
        trigger.due == nil
        ? held(row, trigger, before) : try runtimes[place].dueInstant(record)
    } catch { return try cancel(.fails) }
    guard let due else { return try cancel(trigger.due == nil ? .noRepeat : .noInstant) }
    if due.milliseconds == row.due.milliseconds { return }
    // What fired already fires again only for an instant to come.
    let isLive = row.isLive || due > now
    let move = try store.statement(
      "UPDATE _timers SET due = ?3, live = ?4 WHERE rule = ?1 AND record = ?2")
    try move.bind(1, row.rule)
    try move.bind(2, row.id)
    try move.bind(3, due.milliseconds)
    try move.bind(4, Int64(isLive ? 1 : 0))
    try move.run()
    if isLive { report.moved(row.rule, to: due) }
  }

  /// Returns when a timer of a `for` is due by its trigger; nil when it has fired and does not repeat.
  private func held(
    _ row: TimerRow, _ trigger: CompiledTrigger.RecordTrigger,
    _ before: CompiledTrigger.RecordTrigger?
  ) -> Timestamp? {
    if row.fired == 0 {
      return trigger.hold.flatMap { row.since.adding($0) } ?? row.due
    }
    guard let again = trigger.again else { return nil }
    guard let was = before?.again, was != again else { return row.due }
    let last = Timestamp(milliseconds: row.due.milliseconds - was.milliseconds)
    return last.adding(again) ?? row.due
  }

  private func adoptSchedule(
    _ name: String, _ next: Timestamp, _ was: CompiledTrigger?, isKnown: Bool,
    _ report: inout TimerReport
  ) throws(Refusal) {
    guard let place = rulePlaces[name], case .schedule(let trigger) = ruleSet.rules[place].trigger
    else {
      try dropSchedule(name)
      return report.cancelledSchedule(
        name, rulePlaces[name] == nil ? TimerChange.Reason.noRule : .otherTrigger)
    }
    if case .schedule(let before)? = was, before == trigger { return }
    // Of rules that are not known any more, an instant that the schedule has, too, may stay.
    if !isKnown, next <= now || Schedule.next(trigger, after: now) == next,
      Schedule.next(trigger, after: Timestamp(milliseconds: next.milliseconds - 1)) == next
    {
      return
    }
    guard let moved = try moveSchedule(place, after: now) else {
      return report.cancelledSchedule(name, .noInstant)
    }
    if moved != next { report.movedSchedule(name, to: moved) }
  }
}

/// Collects what becomes of timers, one change for each rule and reason.
private struct TimerReport {
  private struct Key: Hashable {
    let rule: String
    let reason: TimerChange.Reason?
  }

  private var counts: [Key: Int] = [:]
  private var firsts: [String: Timestamp] = [:]
  private var schedules: [TimerChange] = []

  mutating func moved(_ rule: String, to due: Timestamp) {
    counts[Key(rule: rule, reason: nil), default: 0] += 1
    firsts[rule] = firsts[rule].map { min($0, due) } ?? due
  }

  mutating func cancelled(_ rule: String, _ reason: TimerChange.Reason) {
    counts[Key(rule: rule, reason: reason), default: 0] += 1
  }

  mutating func movedSchedule(_ rule: String, to next: Timestamp) {
    schedules.append(
      TimerChange(rule: rule, isSchedule: true, count: 1, kind: .moved(first: next)))
  }

  mutating func cancelledSchedule(_ rule: String, _ reason: TimerChange.Reason) {
    schedules.append(TimerChange(rule: rule, isSchedule: true, count: 1, kind: .cancelled(reason)))
  }

  var changes: [TimerChange] {
    let keys = counts.keys.sorted {
      ($0.rule, $0.reason?.rawValue ?? "") < ($1.rule, $1.reason?.rawValue ?? "")
    }
    return keys.map { key in
      let kind: TimerChange.Kind =
        key.reason.map { .cancelled($0) }
        ?? .moved(first: firsts[key.rule] ?? Timestamp(milliseconds: 0))
      return TimerChange(rule: key.rule, isSchedule: false, count: counts[key] ?? 0, kind: kind)
    } + schedules
  }
}

extension CompiledTrigger {
  /// Whether timers that were started by another trigger are right for this one as they are.
  fileprivate func waits(like other: CompiledTrigger) -> Bool {
    guard case .record(let a) = self, case .record(let b) = other else { return false }
    return a.classIndex == b.classIndex && a.hold == b.hold && a.again == b.again
      && a.becomes?.program.source.text == b.becomes?.program.source.text
      && a.due?.source.text == b.due?.source.text
  }
}
