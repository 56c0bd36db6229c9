package import QuartermasterCEL

/// The versions of a record, rebuilt from its row of today by undoing the changes that the journal keeps.
package struct RecordVersions {
  /// A change with the rows at its two ends.
  package struct Version {
    /// The operation.
    package let entry: JournalEntry
    /// What it changed.
    package let change: JournalEntry.Change
    /// The row before, nil when the record was not there.
    package let old: Row?
    /// The row after, nil when the record was not there any more.
    package let new: Row?
  }

  private let reader: JournalReader
  private let definition: ClassDefinition

  /// Creates what rebuilds versions of records of a class.
  ///
  /// Secret fields are not in the journal: they are as today. So are fields that a migration added since.
  package init(_ reader: JournalReader, _ definition: ClassDefinition) {
    self.reader = reader
    self.definition = definition
  }

  /// Gives the versions of a record, the last one first, until the body says that it has enough.
  ///
  /// - Throws: What the body throws; a refusal when the journal cannot be read.
  package func walk(_ id: String, _ body: (Version) throws(Refusal) -> Bool) throws(Refusal) {
    let record = try reader.session.existing(definition.recordType, id)
    var row = record?.row
    try reader.history(of: definition, id) { entry, change throws(Refusal) in
      let version: Version
      switch change.kind {
      case .created: version = Version(entry: entry, change: change, old: nil, new: row)
      case .deleted:
        let old = emptyRow()
        for field in change.fields { set(field.name, to: field.old, in: old) }
        version = Version(entry: entry, change: change, old: old, new: nil)
      case .changed:
        guard let new = row else { return false }
        let old = Row.copy(new)
        for field in change.fields { set(field.name, to: field.old, in: old) }
        version = Version(entry: entry, change: change, old: old, new: new)
      }
      row = version.old
      return try body(version)
    }
  }

  private func emptyRow() -> Row {
    Row.nulls(reader.session.tables[definition.index].lastSlot + 1)
  }

  private func set(_ name: String, to json: JSONValue, in row: Row) {
    guard let field = definition[name], let slot = field.slot,
      let value = RowJSON.stored(json, field.type)
    else { return }
    row.values[slot] = value
  }
}
