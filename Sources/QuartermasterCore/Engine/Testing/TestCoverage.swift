package import QuartermasterCEL

/// What tests see of the rules: which fired, which conditions were true and which false, which moves of statuses were
/// made.
///
/// Docs/Decisions/0140.
package struct TestCoverage: Sendable {
  /// What one test, or some of them, saw.
  package struct Seen: Sendable {
    private(set) var fired: Set<Int>
    private(set) var considered: Set<Int>
    private(set) var branches: [BranchLog.Seen]
    private(set) var moves: Set<StatusMove>

    init(_ watch: RuleWatch) {
      fired = watch.fired
      considered = watch.considered
      branches = watch.branches?.seen ?? []
      moves = watch.moves
    }

    fileprivate mutating func add(_ other: Seen) {
      fired.formUnion(other.fired)
      considered.formUnion(other.considered)
      moves.formUnion(other.moves)
      if branches.count < other.branches.count {
        branches += Array(repeating: [], count: other.branches.count - branches.count)
      }
      for (place, seen) in other.branches.enumerated() { branches[place].formUnion(seen) }
    }
  }

  /// How many there are, and how many of them were seen.
  package struct Total: Sendable, Equatable {
    package var seen = 0, all = 0

    /// The share in per cent; never rounded up to 100.
    package var percent: Double {
      all == 0 ? 100 : (Double(seen) * 1000 / Double(all)).rounded(.down) / 10
    }

    /// Whether all of them were seen.
    package var isWhole: Bool { seen == all }
  }

  /// How far a rule came.
  package enum State: String, Sendable { case fired, considered, never }

  /// A rule.
  package struct Rule: Sendable {
    package let name: String
    package let span: SourceSpan
    package let state: State
    /// The parts of its conditions, in the order in which they stand.
    package let branches: [(branch: RuleBranch, seen: BranchLog.Seen)]

    /// How many of the values that its conditions may have were seen.
    package var total: Total {
      Total(
        seen: branches.reduce(0) { $0 + $1.seen.rawValue.nonzeroBitCount }, all: 2 * branches.count)
    }
  }

  /// The flow of a field.
  package struct Flow: Sendable {
    package let className: String
    package let field: String
    /// The moves in the order of the schema, and whether a record made them.
    package let moves: [(from: String, to: String, isTaken: Bool)]

    /// How many of the moves were made.
    package var total: Total { Total(seen: moves.count { $0.isTaken }, all: moves.count) }
  }

  /// The rules that are switched on, in the order of the files.
  package let rules: [Rule]
  /// The names of the rules that their files switch off: they are not counted.
  package let disabled: [String]
  /// The flows of the schema.
  package let flows: [Flow]

  /// Creates the report of some results.
  ///
  /// - Parameters:
  ///   - results: What tests came to that ran with coverage.
  ///   - rules: The rules, loaded with their branches numbered.
  ///   - schema: The schema.
  package init(_ results: [RuleTestResult], rules: RuleSet, schema: Schema) {
    var sum = Seen(RuleWatch(branches: rules.branches.count, keepsAttempts: false))
    for result in results { if let seen = result.seen { sum.add(seen) } }
    var branches: [String: [(branch: RuleBranch, seen: BranchLog.Seen)]] = [:]
    for (place, branch) in rules.branches.enumerated() {
      branches[branch.rule, default: []].append((branch, sum.branches[place]))
    }
    let inFileOrder = rules.rules.sorted {
      if $0.span.file === $1.span.file {
        return $0.span.range.lowerBound < $1.span.range.lowerBound
      }
      return UTF8Text.less($0.span.file.name, $1.span.file.name)
    }
    self.rules = inFileOrder.map { rule in
      Rule(
        name: rule.name, span: rule.span,
        state: sum.fired.contains(rule.index)
          ? .fired : sum.considered.contains(rule.index) ? .considered : .never,
        branches: (branches[rule.name] ?? []).sorted {
          let (a, b) = ($0.branch.span.range, $1.branch.span.range)
          // The whole comes before its parts.
          return a.lowerBound != b.lowerBound ? a.lowerBound < b.lowerBound : a.count > b.count
        })
    }
    disabled = rules.disabled
    var flows: [Flow] = []
    for definition in schema.classes {
      for field in definition.fields {
        guard let flow = field.flow else { continue }
        let moves = flow.states.flatMap { from in
          (flow.moves[from] ?? []).map { to in
            let move = StatusMove(
              className: definition.name, field: field.name, from: from, to: to)
            return (from: from, to: to, isTaken: sum.moves.contains(move))
          }
        }
        flows.append(Flow(className: definition.name, field: field.name, moves: moves))
      }
    }
    self.flows = flows
  }

  /// The rules that fired.
  package var ruleTotal: Total {
    Total(seen: rules.count { $0.state == .fired }, all: rules.count)
  }

  /// The values that conditions had, of those that they may have.
  package var branchTotal: Total { Self.sum(rules.map(\.total)) }

  /// The moves that were made.
  package var moveTotal: Total { Self.sum(flows.map(\.total)) }

  private static func sum(_ totals: [Total]) -> Total {
    totals.reduce(into: Total()) {
      $0.seen += $1.seen
      $0.all += $1.all
    }
  }
}
