internal import QuartermasterCEL

/// The table of a class: the names and codecs of its columns, and the texts of the statements on it.
///
/// Columns of a full read stand in the order `objectId`, the slots of a row, `_last`: column 0 is the id, column
/// `slot + 1` is a slot, and the last column is the journal row of the last change. A row that a session makes has
/// one value more than the class has slots: `_last`, so that it travels with the version that it belongs to.
package final class ClassTable: Sendable {
  /// The class.
  package let definition: ClassDefinition
  /// How each slot stands in its column.
  package let codecs: [ColumnCodec]
  /// The names of the columns of the slots, not quoted.
  package let columnNames: [String]
  /// The columns of a full read, quoted and joined: what stands between SELECT and FROM.
  package let selection: String
  /// The name of the table, quoted.
  package let quotedName: String
  /// The slot of `_last` in a row made by a session; the number of values of the class's own.
  package let lastSlot: Int
  /// The slots whose updates may be written later in a commit: SQLite has nothing to judge of them, no pointer and no
  /// unique key, and every value that the field takes has a form in the column.
  let waitingSlots: SlotSet
  /// The columns of computed fields, by place in ``ClassDefinition/fields``.
  package let computedColumns: [Int: ComputedColumn]

  let selectByID: String
  let selectAll: String
  let insert: String
  let deleteByID: String

  init(_ definition: ClassDefinition) {
    self.definition = definition
    var names = ["createdAt", "updatedAt"]
    var codecs: [ColumnCodec] = [.date, .date]
    for field in definition.fields {
      guard field.slot != nil else { continue }
      names.append(field.name)
      codecs.append(ColumnCodec(field.type))
    }
    self.codecs = codecs
    columnNames = names
    lastSlot = names.count
    quotedName = Self.quoted(definition.name)
    let columns = (["objectId"] + names + ["_last"]).map(Self.quoted)
    selection = columns.joined(separator: ", ")
    selectByID = "SELECT \(selection), _rowid_ FROM \(quotedName) WHERE \"objectId\" = ?1"
    selectAll = "SELECT \(selection) FROM \(quotedName) ORDER BY \"objectId\""
    let marks = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
    insert = "INSERT INTO \(quotedName) (\(selection)) VALUES (\(marks))"
    deleteByID = "DELETE FROM \(quotedName) WHERE \"objectId\" = ?1"
    computedColumns = ComputedColumn.columns(of: definition)
    waitingSlots = computedColumns.isEmpty ? Self.waitingSlots(definition, codecs) : SlotSet()
  }

  private static func waitingSlots(
    _ definition: ClassDefinition, _ codecs: [ColumnCodec]
  ) -> SlotSet {
    var slots = SlotSet()
    slots.insert(ClassDefinition.createdAtSlot)
    slots.insert(ClassDefinition.updatedAtSlot)
    for field in definition.fields {
      guard let slot = field.slot, field.target == nil, !field.isUnique,
        !definition.uniqueKeys.contains(where: { $0.contains(field.index) })
      else { continue }
      switch codecs[slot] {
      case .text, .integer, .boolean, .date, .duration: slots.insert(slot)
      // A total may be what the column cannot hold.
      case .real, .decimal: if !field.isRollUp { slots.insert(slot) }
      case .json, .pointer: break
      }
    }
    return slots
  }

  /// Returns whether a field has a column: all do but computed fields that SQL cannot say.
  package func hasColumn(_ field: FieldDefinition) -> Bool {
    field.slot != nil || computedColumns[field.index] != nil
  }

  /// Returns an identifier in double quotes.
  package static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
