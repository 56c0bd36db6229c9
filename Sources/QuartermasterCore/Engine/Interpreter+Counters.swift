/// What an interpreter tells of its work: by name for who asks, by place while it works.
extension Interpreter {
  /// Counts since the interpreter was made.
  package struct Counters: Sendable {
    /// Firings by rule, of operations that were kept.
    package internal(set) var firings: [String: Int] = [:]
    /// Firings that failed and were undone alone, by rule.
    package internal(set) var skipped: [String: Int] = [:]
    /// Operations of timers, schedules and later rules that were refused, by rule.
    package internal(set) var failedAlone: [String: Int] = [:]

    /// Returns the counts with those of a rule set.
    func adding(_ counts: PlaceCounts, _ set: RuleSet) -> Counters {
      var sum = self
      for (place, count) in counts.fired.enumerated() where count > 0 {
        sum.firings[set.rules[place].name, default: 0] += count
      }
      for (place, count) in counts.skipped.enumerated() where count > 0 {
        sum.skipped[set.rules[place].name, default: 0] += count
      }
      return sum
    }
  }

  /// Returns how often a rule has fired.
  func firings(of rule: String) -> Int {
    let present = rulePlaces[rule].map { placeCounts.fired[$0] } ?? 0
    return formerCounters.firings[rule, default: 0] + present
  }

  /// Counts of the rules in force, by their places.
  ///
  /// What a batch counts waits until the batch is kept: to keep what was before would copy the counts of all rules.
  struct PlaceCounts {
    private(set) var fired: [Int] = []
    private(set) var skipped: [Int] = []
    private var waiting: [(place: Int, fired: Int, skipped: Int)] = []

    init(count: Int = 0) {
      fired = Array(repeating: 0, count: count)
      skipped = fired
    }

    /// Adds what an operation counted that is kept; in a batch, when the batch is.
    mutating func add(fired: [Int: Int], skipped: [Int: Int], isBatch: Bool) {
      for (place, count) in fired { waiting.append((place, count, 0)) }
      for (place, count) in skipped { waiting.append((place, 0, count)) }
      if !isBatch { keep() }
    }

    /// Adds what waits.
    mutating func keep() {
      for item in waiting {
        fired[item.place] += item.fired
        skipped[item.place] += item.skipped
      }
      waiting.removeAll(keepingCapacity: true)
    }

    /// Drops what waits.
    mutating func drop() { waiting.removeAll(keepingCapacity: true) }

    /// Forgets all counts of the rules.
    mutating func removeAll() { self = PlaceCounts(count: fired.count) }
  }
}
