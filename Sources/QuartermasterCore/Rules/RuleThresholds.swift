import QuartermasterCEL

/// Rules that one field tells apart by the numbers that bound it, such as `stock.quantity < 20`.
///
/// Of ten thousand rules whose `becomes` is such a comparison, a change finds those whose bound lies between the old
/// value and the new one; of others, those whose bound the new value keeps.
final class RuleThresholds {
  /// A rule and what its field must be.
  private struct Entry {
    /// By which it stands in its list.
    let bound: Double
    /// The bound on the other side.
    let other: Double
    let rule: Int
  }

  /// The rules of one direction, by rising bound.
  private struct Side {
    var entries: [Entry] = []
    /// The bounds, side by side for the search.
    var bounds: [Double] = []

    mutating func sort() {
      entries.sort { ($0.bound, $0.rule) < ($1.bound, $1.rule) }
      bounds = entries.map(\.bound)
    }

    /// Returns the place of the first bound that is not less than a number, or, with `after`, that is greater.
    func place(of number: Double, after: Bool = false) -> Int {
      var (low, high) = (0, bounds.count)
      while low < high {
        let middle = (low + high) / 2
        if after ? bounds[middle] <= number : bounds[middle] < number {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return low
    }

    /// Appends the rules from one place to before another.
    func append(_ from: Int, _ to: Int, to found: inout [Int]) {
      var place = from
      while place < to {
        found.append(entries[place].rule)
        place += 1
      }
    }
  }

  /// The field.
  let slot: Int
  /// The rules that need a value of at most, or at least, their bound.
  @exclusivity(unchecked) private var upper = Side()
  @exclusivity(unchecked) private var lower = Side()
  /// Those of which that is the whole edge: the old value must have been on the other side.
  @exclusivity(unchecked) private var falling = Side()
  @exclusivity(unchecked) private var rising = Side()

  private init(slot: Int) { self.slot = slot }

  /// Adds a rule to the list of its field.
  static func add(_ rule: Int, _ range: RuleIndexEntry.Range, to lists: inout [RuleThresholds]) {
    let list = lists.first { $0.slot == range.slot } ?? RuleThresholds(slot: range.slot)
    if !lists.contains(where: { $0 === list }) { lists.append(list) }
    let isUpper = range.high < .infinity
    let entry = Entry(
      bound: isUpper ? range.high : range.low, other: isUpper ? range.low : range.high, rule: rule)
    switch (range.isWholeEdge, isUpper) {
    case (false, true): list.upper.entries.append(entry)
    case (false, false): list.lower.entries.append(entry)
    case (true, true): list.falling.entries.append(entry)
    case (true, false): list.rising.entries.append(entry)
    }
  }

  /// Puts the rules in order, once all are there.
  func sort() {
    upper.sort()
    lower.sort()
    falling.sort()
    rising.sort()
  }

  /// Appends all rules, in no order.
  func all(into found: inout [Int]) {
    for side in [upper, lower, falling, rising] { found += side.entries.map(\.rule) }
  }

  /// Appends the rules that a row may wake, in no order.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - old: The row before; nil when the record was not there, or is gone.
  ///   - found: Where they are appended.
  func find(_ row: Row, _ old: Row?, into found: inout [Int]) {
    guard let value = row.values[slot].nearestDouble else {
      // What is no number fails or not, as the rest of the condition has it.
      return all(into: &found)
    }
    for place in upper.place(of: value)..<upper.bounds.count
    where upper.entries[place].other <= value { found.append(upper.entries[place].rule) }
    for place in 0..<lower.place(of: value, after: true)
    where lower.entries[place].other >= value { found.append(lower.entries[place].rule) }
    let was = old?.values[slot].nearestDouble
    // Where the old value kept the bound already, with room to spare, the edge was true before.
    let fallen = was.map { falling.place(of: $0, after: true) } ?? falling.bounds.count
    falling.append(falling.place(of: value), fallen, to: &found)
    let risen = was.map { rising.place(of: $0) } ?? 0
    rising.append(risen, rising.place(of: value, after: true), to: &found)
  }
}
