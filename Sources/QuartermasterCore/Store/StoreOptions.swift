/// How a store opens its file.
package struct StoreOptions: Sendable {
  /// What happens when the tables of the file are not those of the schema.
  package enum Migration: Sendable {
    /// The file is refused, with the differences.
    case refuse
    /// The tables are changed where no value is lost; otherwise the file is refused.
    case safe
    /// The tables are changed, and what no longer has a place is dropped.
    case dropping
  }

  /// When a commit is on the disk.
  package var durability = ProjectSettings.Durability.full
  /// What happens when the schema differs.
  package var migration = Migration.refuse
  /// Whether a file that is not there is made.
  package var createsFile = true
  /// How long to wait for another program's lock, in milliseconds.
  package var busyTimeout = 5000
  /// How many readers may read at the same time.
  package var maximumReaders = 5
  /// How many rows stay in memory from one operation to the next.
  package var cachedRows = 200_000

  /// Whether triggers in the file keep what other programs write with plain SQL.
  package var capturesOutside = true
  /// Who is told of each statement; nil for nobody.
  package var observer: StatementObserver?

  package init() {}
}
