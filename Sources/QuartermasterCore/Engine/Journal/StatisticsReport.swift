package import QuartermasterCEL

/// What a file's business came to, read for `stats`: counts, times, what waits, and how far back the journal goes.
package struct StatisticsReport: Sendable {
  /// What was counted of a rule since the file was made.
  package struct OfRule: Sendable {
    /// The rule.
    package let name: String
    /// Firings that were kept, firings that failed and were undone alone.
    package internal(set) var firings: Int64 = 0, skipped: Int64 = 0
    /// Operations that it rejected, and in which it failed.
    package internal(set) var rejected: Int64 = 0, errors: Int64 = 0
    /// How often its conditions were judged, and the nanoseconds of that and of what it then did: all, and the most.
    package internal(set) var attempts: Int64 = 0, nanoseconds: Int64 = 0, most: Int64 = 0
  }

  /// Messages in the outbox.
  package struct Outbox: Sendable {
    /// Waiting, given up, and delivered ones that are still listed.
    package let waiting: Int64, dead: Int64, delivered: Int64
    /// When the first of those that wait was queued.
    package let oldest: Timestamp?
  }

  /// Timers, schedules, and rules of the phase later.
  package struct Waiting: Sendable {
    /// Timers that wait.
    package let timers: Int64
    /// Timers and schedules that are due and did not fire, and when the first of them was due.
    package let late: Int64, oldest: Timestamp?
    /// Firings of later rules that wait for their turn.
    package let later: Int64
  }

  /// The rules that were counted, by name.
  package let rules: [OfRule]
  /// Changes by class.
  package let changes: [(className: String, count: Int64)]
  /// Operations that were kept and that were refused, as counted.
  package let kept: Int64, refused: Int64
  /// Operations in the journal by day, the last ones, in the project's zone.
  package let days: [(day: Timestamp, count: Int64)]
  /// Messages that wait.
  package let outbox: Outbox
  /// What waits for its time.
  package let waiting: Waiting
  /// The size of the journal, and the first and the last operation that it has.
  package let journal: JournalSize, first: (row: Int64, at: Timestamp)?,
    last: (row: Int64, at: Timestamp)?
  /// Refused operations that are still listed.
  package let refusedListed: Int64
  /// The bytes of the file.
  package let fileSize: Int64

  /// How many days are counted.
  private static let mostDays: Int64 = 14

  /// Reads all counts of a file.
  ///
  /// - Parameters:
  ///   - session: The file.
  ///   - now: The present instant, by the clock of the file.
  ///   - zone: The zone of the days.
  /// - Throws: A refusal when the file cannot be read.
  package init(_ session: StoreSession, now: Timestamp, zone: Zone) throws(Refusal) {
    var rules: [String: OfRule] = [:]
    var changes: [(className: String, count: Int64)] = []
    var operations: [String: Int64] = [:]
    let read = try session.statement(
      "SELECT kind, name, count, total, most FROM _stats ORDER BY name")
    while try read.step() {
      let (name, count) = (read.text(1), read.int(2))
      switch read.text(0) {
      case "change": changes.append((name, count))
      case "operation": operations[name] = count
      case "attempt":
        rules[name, default: OfRule(name: name)].attempts = count
        rules[name, default: OfRule(name: name)].nanoseconds = read.int(3)
        rules[name, default: OfRule(name: name)].most = read.int(4)
      case "firing": rules[name, default: OfRule(name: name)].firings = count
      case "skip": rules[name, default: OfRule(name: name)].skipped = count
      case "reject": rules[name, default: OfRule(name: name)].rejected = count
      case "error": rules[name, default: OfRule(name: name)].errors = count
      default: break
      }
    }
    self.rules = rules.values.sorted { UTF8Text.less($0.name, $1.name) }
    self.changes = changes
    kept = operations["kept"] ?? 0
    refused = operations["refused"] ?? 0

    let reader = JournalReader(session)
    journal = try JournalSize(session)
    first = try reader.beginning()
    last = try reader.end()
    days = try Self.days(reader, zone)
    outbox = Outbox(
      waiting: try Self.count(session, "_outbox WHERE state = 'waiting'"),
      dead: try Self.count(session, "_outbox WHERE state = 'dead'"),
      delivered: try Self.count(session, "_outbox WHERE state = 'delivered'"),
      oldest: try session.integer("SELECT min(at) FROM _outbox WHERE state = 'waiting'")
        .map { Timestamp(milliseconds: $0) })
    let instant = now.milliseconds
    let late = try Self.count(session, "_timers WHERE live AND due < \(instant)")
    let missed = try Self.count(session, "_schedules WHERE next < \(instant)")
    let oldest = [
      try session.integer("SELECT min(due) FROM _timers WHERE live AND due < \(instant)"),
      try session.integer("SELECT min(next) FROM _schedules WHERE next < \(instant)"),
    ].compactMap { $0 }.min()
    waiting = Waiting(
      timers: try Self.count(session, "_timers WHERE live"), late: late + missed,
      oldest: oldest.map { Timestamp(milliseconds: $0) },
      later: try Self.count(session, "_later WHERE state = 'waiting'"))
    refusedListed = try Self.count(session, "_refused")
    fileSize =
      (try session.integer("PRAGMA page_count") ?? 0)
      * (try session.integer("PRAGMA page_size") ?? 0)
  }

  private static func count(_ session: StoreSession, _ what: String) throws(Refusal) -> Int64 {
    try session.integer("SELECT count(*) FROM \(what)") ?? 0
  }

  /// Counts the operations of the last days by their numbers, without reading them.
  private static func days(_ reader: JournalReader, _ zone: Zone) throws(Refusal) -> [(
    day: Timestamp, count: Int64
  )] {
    guard let first = try reader.beginning(), let last = try reader.end() else { return [] }
    var days: [(day: Timestamp, count: Int64)] = []
    var end = last.row + 1
    var day = zone.midnight(before: last.at)
    while days.count < mostDays, end > first.row {
      let start = max(try reader.firstRow(at: day), first.row)
      if end > start { days.append((day, end - start)) }
      end = min(start, end)
      if day <= first.at { break }
      // Days on which nothing happened are passed over.
      guard end > first.row, let before = try reader.entry(end - 1) else { break }
      day = zone.midnight(before: before.at)
    }
    return days
  }
}

extension Zone {
  /// Returns the last local midnight at an instant or before it.
  package func midnight(before instant: Timestamp) -> Timestamp {
    let local = instant.seconds + offset(at: instant.seconds)
    let day = (local >= 0 ? local : local - 86_399) / 86_400
    return midnight(ofDay: day)
  }

  /// Returns the local midnight that begins a day, counted from 1970-01-01.
  package func midnight(ofDay day: Int64) -> Timestamp {
    let local = day * 86_400
    // The offset at midnight itself may differ from that at the same count of seconds in UTC.
    let guess = local - offset(at: local)
    return Timestamp(milliseconds: (local - offset(at: guess)) * 1000)
  }
}
