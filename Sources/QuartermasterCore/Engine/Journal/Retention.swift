package import QuartermasterCEL

/// Forgets what is older, or more, than the settings keep: a few rows at a time, so that nobody who writes waits long.
package struct Retention {
  /// How many rows are deleted in one commit.
  private static let step: Int64 = 1000
  /// How many operations stay however large they are: a stream that goes on looks for its place in them.
  static let leastOperations: Int64 = 5000

  private enum Phase: CaseIterable {
    case journal, refused, deliveries, marks, ruleSets, onceKeys, timers
  }

  private let settings: ProjectSettings.Retention
  private let rules: RuleSet?
  private let leastOperations: Int64
  private var phases = Phase.allCases[...]
  private var cut: Int64?
  /// What was forgotten so far.
  package private(set) var report = Engine.RetentionReport()

  /// Creates what forgets.
  ///
  /// - Parameters:
  ///   - settings: How long and how much is kept.
  ///   - rules: The rules in force, whose `within:` tells when a once-key has had its time; nil leaves the keys alone.
  ///   - leastOperations: How many operations stay however large they are.
  package init(
    _ settings: ProjectSettings.Retention, rules: RuleSet?,
    leastOperations: Int64 = Self.leastOperations
  ) {
    self.settings = settings
    self.rules = rules
    self.leastOperations = leastOperations
  }

  /// Forgets a few rows in a commit of its own; returns whether there may be more.
  ///
  /// - Throws: A refusal when the file cannot be written.
  package mutating func forgetSome(in store: Store, now: Timestamp) throws(Refusal) -> Bool {
    guard let phase = phases.first else { return false }
    try store.begin()
    let count: Int
    do throws(Refusal) {
      count = try forget(phase, store, now)
      if count > 0 { try store.commit() } else { store.rollback() }
    } catch {
      store.rollback()
      throw error
    }
    if count < Self.step { phases.removeFirst() }
    return !phases.isEmpty
  }

  private mutating func forget(_ phase: Phase, _ store: Store, _ now: Timestamp) throws(Refusal)
    -> Int
  {
    switch phase {
    case .journal:
      let count = try forgetOperations(store, now)
      report.operations += count
      return count
    case .refused:
      guard let age = settings.refusedAge else { return 0 }
      let count = try delete(
        "_refused WHERE number IN (SELECT number FROM _refused WHERE at < ?1 "
          + "ORDER BY number LIMIT ?2)", now.milliseconds - age.milliseconds, store)
      report.refused += count
      return count
    case .deliveries:
      guard let age = settings.deliveredAge else { return 0 }
      let count = try delete(
        "_outbox WHERE number IN (SELECT number FROM _outbox WHERE state = 'delivered' "
          + "AND coalesce(ended, at) < ?1 ORDER BY number LIMIT ?2)",
        now.milliseconds - age.milliseconds, store)
      report.deliveries += count
      return count
    case .marks:
      guard let first = try JournalReader(store).beginning() else { return 0 }
      let count = try delete(
        "_deleted WHERE (class, id) IN (SELECT class, id FROM _deleted WHERE seq < ?1 LIMIT ?2)",
        first.row, store)
      report.others += count
      return count
    case .ruleSets: return try forgetRuleSets(store)
    case .onceKeys: return try forgetKeys(store, now)
    case .timers: return try forgetTimers(store, now)
    }
  }

  private func delete(_ what: String, _ bound: Int64, _ store: Store) throws(Refusal) -> Int {
    let statement = try store.statement("DELETE FROM \(what)")
    try statement.bind(1, bound)
    try statement.bind(2, Self.step)
    try statement.run()
    return Int(try store.integer("SELECT changes()") ?? 0)
  }

  // MARK: Operations

  private mutating func forgetOperations(_ store: Store, _ now: Timestamp) throws(Refusal) -> Int {
    let reader = JournalReader(store)
    guard let first = try reader.beginning(), let last = try reader.end() else { return 0 }
    let end: Int64
    if let cut {
      end = cut
    } else {
      var found = first.row
      if let age = settings.journalAge, let oldest = now.adding(negative(age)) {
        found = max(found, try reader.firstRow(at: oldest))
      }
      if let size = settings.journalSize {
        found = max(found, try firstRow(within: size, store, first.row, last.row))
      }
      // The last operation always stays: the next one is numbered after it.
      end = min(found, last.row)
      cut = end
    }
    if first.row >= end { return 0 }
    return try delete(
      "_journal WHERE seq IN (SELECT seq FROM _journal WHERE seq < ?1 ORDER BY seq LIMIT ?2)", end,
      store)
  }

  private func negative(_ span: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: -span.nanoseconds) }

  /// Returns the first of the last operations that take so many bytes, by the average of the journal.
  private func firstRow(within size: Int64, _ store: Store, _ first: Int64, _ last: Int64)
    throws(Refusal) -> Int64
  {
    let estimate = try JournalSize(store)
    guard estimate.bytes > size, estimate.rows > 0 else { return first }
    let kept = max(size * estimate.rows / estimate.bytes, leastOperations)
    return max(first, last - kept + 1)
  }

  // MARK: What names nothing any more

  private mutating func forgetRuleSets(_ store: Store) throws(Refusal) -> Int {
    guard let first = try JournalReader(store).beginning(),
      let entry = try JournalReader(store).entry(first.row), entry.rules > 0
    else { return 0 }
    let count = try delete(
      "_rules WHERE number < ?1 AND number IN (SELECT number FROM _rules "
        + "WHERE number < (SELECT max(number) FROM _rules) ORDER BY number LIMIT ?2)",
      entry.rules, store)
    report.ruleSets += count
    return count
  }

  /// A key of `once … within` has had its time when that is over.
  private mutating func forgetKeys(_ store: Store, _ now: Timestamp) throws(Refusal) -> Int {
    var most = 0
    for rule in rules?.rules ?? [] {
      for (number, action) in rule.actions.enumerated() {
        guard action.once != nil, let within = action.within else { continue }
        let statement = try store.statement(
          "DELETE FROM _once WHERE (rule, action, key) IN (SELECT rule, action, key FROM _once "
            + "WHERE rule = ?1 AND action = ?2 AND at <= ?3 LIMIT ?4)")
        try statement.bind(1, rule.name)
        try statement.bind(2, Int64(number))
        try statement.bind(3, now.milliseconds - within.milliseconds)
        try statement.bind(4, Self.step)
        try statement.run()
        let count = Int(try store.integer("SELECT changes()") ?? 0)
        report.others += count
        most = max(most, count)
      }
    }
    return most
  }

  /// A timer that fired for an instant is remembered while its rule is there, so that it fires once; without the rule
  /// nothing asks for it.
  private mutating func forgetTimers(_ store: Store, _ now: Timestamp) throws(Refusal) -> Int {
    guard let age = settings.journalAge, let row = try RuleSetRow.last(store) else { return 0 }
    let known = RuleBook(try row.files(), schema: store.schema).names
    let spent = try store.statement("SELECT DISTINCT rule FROM _timers WHERE NOT live")
    var gone: [String] = []
    while try spent.step() { if !known.contains(spent.text(0)) { gone.append(spent.text(0)) } }
    var most = 0
    for rule in gone {
      let statement = try store.statement(
        "DELETE FROM _timers WHERE (rule, record) IN (SELECT rule, record FROM _timers "
          + "WHERE rule = ?1 AND NOT live AND due < ?2 LIMIT ?3)")
      try statement.bind(1, rule)
      try statement.bind(2, now.milliseconds - age.milliseconds)
      try statement.bind(3, Self.step)
      try statement.run()
      let count = Int(try store.integer("SELECT changes()") ?? 0)
      report.others += count
      most = max(most, count)
    }
    return most
  }
}
