/// A place in the journal from which changes are read: what comes next.
///
/// Keep the ``RecordChange/position`` of the last change that was dealt with, and go on from there after a restart.
public struct ChangePosition: Sendable, Hashable, Codable, Comparable {
  /// The journal row that is read next.
  public let row: Int64
  /// The place of the change in that row.
  public let change: Int

  /// Creates a position before a change of a row; rows count from 1, changes from 0.
  public init(row: Int64, change: Int = 0) {
    self.row = row
    self.change = change
  }

  /// Creates the position behind an operation, such as ``Outcome/journalRow``.
  public init(after row: Int64) { self.init(row: row + 1) }

  /// Before the first operation of the file; an error where the journal does not go back that far any more.
  public static let beginning = ChangePosition(row: 1)
  /// Before the first operation that the journal still holds.
  public static let earliest = ChangePosition(row: 0)

  public static func < (a: ChangePosition, b: ChangePosition) -> Bool {
    (a.row, a.change) < (b.row, b.change)
  }
}
