internal import Foundation
internal import QuartermasterCEL

/// What an interpreter counts while it runs: kept in memory, and added to `_stats` now and then.
///
/// A crash loses what was counted since: ``fewestOperations`` operations of this process, with many rules more.
struct RunningStatistics {
  /// What is counted of a rule.
  struct OfRule {
    /// How often its conditions were judged, and the time of that and of what it then did.
    var attempts: Int64 = 0, nanoseconds: Int64 = 0, most: Int64 = 0
    /// Firings that were kept, and those that failed and were undone alone.
    var firings: Int64 = 0, skipped: Int64 = 0
    /// Operations that it rejected, and in which it failed.
    var rejected: Int64 = 0, errors: Int64 = 0
  }

  /// How many operations come at least before the counts are written, and at most.
  static let fewestOperations = 1024, mostOperations = 131_072
  /// How many operations come at least for each rule whose counts are written: to write them for each operation would
  /// cost as much as the operation.
  private static let operationsOfRule = 16

  /// By the place of the rule.
  private(set) var rules: [OfRule] = []
  /// The places of those that were counted since the counts were written.
  private var counted: [Int] = []
  /// Changes by the place of the class.
  private var changes: [Int64]
  private var refused: Int64 = 0
  /// The operations since the counts were written.
  private(set) var operations = 0
  /// What was counted under rule sets that are not in force any more.
  private var former: [String: OfRule] = [:]
  /// The batch that runs.
  private var batch: Batch?

  /// What is undone with a batch: all but how often conditions were judged, which they were.
  private struct Batch {
    let changes: [Int64]
    let refused: Int64
    let operations: Int
    /// What is counted of rules when the batch is kept.
    var waiting: [(place: Int, counts: OfRule)] = []
    /// All as it was before the counts were written, or other rules came in force: one at most.
    var whole: [RunningStatistics] = []
  }

  init(classes: Int) { changes = Array(repeating: 0, count: classes) }

  /// Whether the counts should be written.
  var isDue: Bool {
    operations >= Self.fewestOperations
      && (operations >= Self.operationsOfRule * counted.count
        || operations >= Self.mostOperations)
  }

  /// Takes another rule set.
  mutating func use(_ old: RuleSet, _ new: RuleSet) {
    stopWaiting()
    for place in counted { former[old.rules[place].name, default: OfRule()].add(rules[place]) }
    counted = []
    rules = Array(repeating: OfRule(), count: new.rules.count)
  }

  /// Notes that a rule is counted.
  private mutating func count(_ place: Int) {
    if rules[place].isEmpty { counted.append(place) }
  }

  mutating func attempted(_ place: Int, nanoseconds: Int64) {
    count(place)
    rules[place].attempts += 1
    rules[place].nanoseconds += nanoseconds
    if nanoseconds > rules[place].most { rules[place].most = nanoseconds }
  }

  mutating func kept(fired: [Int: Int], skipped: [Int: Int]) {
    operations += 1
    if fired.isEmpty, skipped.isEmpty { return }
    for (place, times) in fired { add(place, OfRule(firings: Int64(times))) }
    for (place, times) in skipped { add(place, OfRule(skipped: Int64(times))) }
  }

  mutating func changed(_ classIndex: Int) { changes[classIndex] += 1 }

  mutating func refused(_ refusal: Refusal, place: Int?) {
    refused += 1
    guard let place else { return }
    add(place, refusal.reason == .reject ? OfRule(rejected: 1) : OfRule(errors: 1))
  }

  private mutating func add(_ place: Int, _ counts: OfRule) {
    if batch != nil {
      batch?.waiting.append((place, counts))
    } else {
      count(place)
      rules[place].add(counts)
    }
  }

  /// Begins a batch, whose counts are undone with it.
  mutating func beginBatch() {
    batch = Batch(changes: changes, refused: refused, operations: operations)
  }

  /// Ends a batch that is kept.
  mutating func keepBatch() {
    let waiting = batch?.waiting ?? []
    batch = nil
    for item in waiting { add(item.place, item.counts) }
  }

  /// Ends a batch that is undone.
  mutating func dropBatch() {
    guard let batch else { return }
    if let whole = batch.whole.first { self = whole }
    (changes, refused, operations) = (batch.changes, batch.refused, batch.operations)
    self.batch = nil
  }

  /// Counts what waits in a batch, because its places are about to mean nothing any more.
  private mutating func stopWaiting() {
    guard var now = batch else { return }
    if now.whole.isEmpty {
      var before = self
      before.batch = nil
      now.whole = [before]
    }
    let waiting = now.waiting
    now.waiting = []
    batch = nil
    for item in waiting { add(item.place, item.counts) }
    batch = now
  }

  /// The present moment, in nanoseconds since some other.
  static var clock: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  /// Adds the counts to `_stats`, in the commit that is open, and begins anew.
  mutating func write(to store: Store, _ set: RuleSet) throws(Refusal) {
    stopWaiting()
    let statement = try store.statement(
      "INSERT INTO _stats (kind, name, count, total, most) VALUES (?1, ?2, ?3, ?4, ?5) "
        + "ON CONFLICT (kind, name) DO UPDATE SET count = count + ?3, total = total + ?4, "
        + "most = max(most, ?5)")
    func add(_ kind: String, _ name: String, _ count: Int64, _ total: Int64 = 0, _ most: Int64 = 0)
      throws(Refusal)
    {
      if count == 0 { return }
      try statement.bind(1, kind)
      try statement.bind(2, name)
      try statement.bind(3, count)
      try statement.bind(4, total)
      try statement.bind(5, most)
      try statement.run()
    }
    func add(_ name: String, _ counts: OfRule) throws(Refusal) {
      try add("attempt", name, counts.attempts, counts.nanoseconds, counts.most)
      try add("firing", name, counts.firings)
      try add("skip", name, counts.skipped)
      try add("reject", name, counts.rejected)
      try add("error", name, counts.errors)
    }
    for (name, counts) in former { try add(name, counts) }
    for place in counted { try add(set.rules[place].name, rules[place]) }
    for (place, count) in changes.enumerated() {
      try add("change", store.schema.classes[place].name, count)
    }
    try add("operation", "kept", Int64(operations))
    try add("operation", "refused", refused)
    for place in counted { rules[place] = OfRule() }
    counted.removeAll(keepingCapacity: true)
    former = [:]
    changes = Array(repeating: 0, count: changes.count)
    (refused, operations) = (0, 0)
  }
}

extension RunningStatistics.OfRule {
  fileprivate var isEmpty: Bool { attempts + firings + skipped + rejected + errors == 0 }

  fileprivate mutating func add(_ other: Self) {
    attempts += other.attempts
    nanoseconds += other.nanoseconds
    most = max(most, other.most)
    firings += other.firings
    skipped += other.skipped
    rejected += other.rejected
    errors += other.errors
  }
}

extension Engine {
  /// Writes what was counted since the last time into the file, where `stats` reads it.
  ///
  /// It is written by itself every 1,024 operations, with many rules more seldom, and when the engine is closed.
  ///
  /// - Throws: ``Refusal`` when the file cannot be written.
  public func keepStatistics() throws {
    try perform { interpreter throws(Refusal) in try interpreter.keepStatistics() }
  }
}

extension Interpreter {
  /// Writes what was counted into the file, in a commit of its own.
  func keepStatistics() throws(Refusal) {
    if statistics.isEmpty { return }
    try store.begin()
    do throws(Refusal) {
      try statistics.write(to: store, ruleSet)
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
  }
}

extension RunningStatistics {
  /// Whether nothing was counted.
  var isEmpty: Bool {
    operations == 0 && refused == 0 && former.isEmpty && counted.isEmpty
  }
}
