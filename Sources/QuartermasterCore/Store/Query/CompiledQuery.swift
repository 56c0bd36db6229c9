internal import QuartermasterCEL
internal import Synchronization

/// A sub-expression as SQL: immutable, run on any session of a store with the same schema.
package final class CompiledQuery: Sendable {
  /// What the rows of the result become.
  enum Shape: Sendable {
    /// A list of records, or its first.
    case records(RecordType)
    case record(RecordType)
    /// A list of values of one column, or its first.
    case values(ColumnReader)
    case value(ColumnReader)
    /// The number in the one row that there is.
    case count
    /// Whether there is a row.
    case presence(of: Bool)
    /// Whether there is one row, not none, not two.
    case uniqueness
    /// The sum of one column: of what is positive and what is negative, so that no order of adding overflows where
    /// another does not.
    case sum(ColumnReader)
    /// Like the sum, with the number of rows in the last column.
    case average(ColumnReader, places: SliceBound?)
  }

  /// How a column becomes a value.
  struct ColumnReader: Sendable {
    let codec: ColumnCodec
    /// The class of the records, where the column holds ids.
    let target: RecordType?
  }

  /// A position that a slice was given, or the places of an average.
  enum SliceBound: Sendable {
    case constant(Int64)
    /// The value of a parameter.
    case parameter(Int)
  }

  /// A value that is bound.
  enum Bound: Sendable {
    case parameter(QueryBinding)
    case real(Double)
  }

  /// A statement and what is bound to it, in order.
  struct Statement: Sendable {
    /// What identifies it among the statements of a session.
    let id: Int
    let sql: String
    let bounds: [Bound]

    init(_ sql: String, _ bounds: [Bound]) {
      id = Self.next.add(1, ordering: .relaxed).newValue
      self.sql = sql
      self.bounds = bounds
    }

    private static let next = Atomic<Int>(0)
  }

  let statement: Statement
  let shape: Shape
  /// Statements that give a row where the sub-expression would be an error; then it runs in memory.
  let guards: [Statement]
  /// Where a slice begins and ends; bound as LIMIT and OFFSET after ``Statement/bounds``.
  let slice: (start: SliceBound, end: SliceBound)?
  /// Whether it asks for a few rows by their order alone, without a condition.
  let isPick: Bool
  /// Whether the sub-expression still runs over the records that this finds.
  package let isNarrowed: Bool
  /// The parts of the text that SQL decides.
  package let pushed: [String]
  /// The parts of the text that are evaluated in memory.
  package let residual: [String]

  init(
    _ statement: Statement, _ shape: Shape, guards: [Statement],
    slice: (start: SliceBound, end: SliceBound)?, isPick: Bool, isNarrowed: Bool, pushed: [String],
    residual: [String]
  ) {
    self.statement = statement
    self.shape = shape
    self.guards = guards
    self.slice = slice
    self.isPick = isPick
    self.isNarrowed = isNarrowed
    self.pushed = pushed
    self.residual = residual
  }

  /// The text of the statement.
  package var sql: String { statement.sql }
}
