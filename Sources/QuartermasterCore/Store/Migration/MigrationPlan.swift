/// What it takes to bring the tables of a file to a schema.
package struct MigrationPlan: Sendable {
  /// One change.
  package struct Step: Sendable {
    /// What a change does to the values that are there.
    package enum Effect: Sendable {
      /// Every value stays.
      case safe
      /// Values are lost.
      case losesData
      /// It cannot be done with the rows that are there.
      case impossible
    }

    /// What is done, in words, with how many rows it concerns.
    package let text: String
    /// What it does to the values that are there.
    package let effect: Effect
  }

  /// The changes, in the order of the schema.
  package private(set) var steps: [Step] = []
  /// The classes whose table is made anew, by place in the schema, with where its rows come from.
  private(set) var rebuilds: [Rebuild] = []
  /// The tables that go.
  private(set) var drops: [String] = []
  /// The tables of the file whose indexes alone change, by the place of their class.
  private(set) var reindexed: [Int] = []
  /// Classes with another name in the file.
  private(set) var renames: [(from: String, to: String)] = []
  /// Whether totals must be computed from the rows.
  private(set) var recomputesRollUps = false

  /// A table that is made anew.
  struct Rebuild: Sendable {
    /// The place of the class.
    let place: Int
    /// The table that the rows come from; nil for a new class.
    let source: String?
    /// What each column takes its values from, as SQL over the source.
    let columns: [(name: String, sql: String)]
  }

  /// Whether the tables are what the schema asks for.
  package var isEmpty: Bool { steps.isEmpty }
  /// Whether values are lost.
  package var losesData: Bool { steps.contains { $0.effect == .losesData } }
  /// Whether it cannot be done.
  package var isImpossible: Bool { steps.contains { $0.effect == .impossible } }

  mutating func add(_ text: String, _ effect: Step.Effect = .safe) {
    steps.append(Step(text: text, effect: effect))
  }
  mutating func rebuild(_ rebuild: Rebuild) { rebuilds.append(rebuild) }
  mutating func drop(_ table: String) { drops.append(table) }
  mutating func reindex(_ place: Int) { reindexed.append(place) }
  mutating func rename(_ from: String, to: String) { renames.append((from, to)) }
  mutating func recomputeRollUps() { recomputesRollUps = true }
}
