public import QuartermasterCEL

/// What a backtest came to: each number as it was, under the old rules, and under the new ones.
public struct BacktestReport: Sendable {
  /// A number in three worlds.
  public struct Row: Sendable {
    /// What is counted.
    public let name: String
    /// What the file says of what happened.
    public let asItWas: ExactDecimal
    /// What comes out when it is done again under the old rules.
    public let old: ExactDecimal
    /// What comes out under the new rules.
    public let new: ExactDecimal

    /// What the new rules make it more than the old ones, or less.
    public var difference: ExactDecimal { new.subtracting(old) ?? ExactDecimal(0) }
  }

  /// A table.
  public struct Section: Sendable {
    /// The name, as `--fields` takes it: `spend`.
    public let name: String
    /// The title.
    public let title: String
    /// The rows, by name.
    public let rows: [Row]
  }

  /// How much of what hosts did could be done again.
  public struct Share: Sendable {
    /// The changes that were done again, in both worlds.
    public let replayed: Int
    /// How many were left out, and why, in words.
    public let leftOut: [(reason: String, count: Int)]
    /// The signals that the rules of the world raise in place of those of then.
    public let playedByWorld: Int

    /// All changes but those that the world plays.
    public var total: Int { replayed + leftOut.reduce(0) { $0 + $1.count } }
    /// From 0 to 1; 1 where there was nothing to do again.
    public var fraction: Double { total == 0 ? 1 : Double(replayed) / Double(total) }
  }

  /// The share below which the two worlds are too far from what happened to be compared, in percent.
  public static let leastPercent = 95

  /// The beginning.
  public let since: Timestamp
  /// The instant before which it ends.
  public let until: Timestamp
  /// The tables.
  public let sections: [Section]
  /// How much could be done again.
  public let share: Share
  /// The numbers of the rule sets of the old side, in the order in which they came into force; empty when the rules of the
  /// old side were given.
  public let oldRuleSets: [Int64]

  /// Whether enough could be done again that the differences mean something.
  public var isComparable: Bool { share.replayed * 100 >= share.total * Self.leastPercent }

  /// How many numbers there are, and how many of them the old rules give as they were.
  public var faithful: (rows: Int, of: Int) {
    let rows = sections.flatMap(\.rows)
    return (rows.filter { $0.asItWas == $0.old }.count, rows.count)
  }

  init(
    since: Timestamp, until: Timestamp, asItWas: BacktestFigures, old: BacktestFigures,
    new: BacktestFigures, share: Share, oldRuleSets: [Int64]
  ) {
    self.since = since
    self.until = until
    self.share = share
    self.oldRuleSets = oldRuleSets
    sections = zip(asItWas.sections, zip(old.sections, new.sections)).map { was, sides in
      let names = Set(was.rows.keys).union(sides.0.rows.keys).union(sides.1.rows.keys)
      let zero = ExactDecimal(0)
      return Section(
        name: was.name, title: was.title,
        rows: names.sorted(by: UTF8Text.less).map { name in
          Row(
            name: name, asItWas: was.rows[name] ?? zero, old: sides.0.rows[name] ?? zero,
            new: sides.1.rows[name] ?? zero)
        })
    }
  }
}
