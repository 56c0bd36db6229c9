internal import QuartermasterCEL

/// The statements that make the table of a class and its indexes.
///
/// A table has row numbers although ids are its key. Measured on 600,000 rows of 370 bytes, reads and updates by id
/// cost the same with and without them (within 5 %); but a table without spills every row of more than a kilobyte,
/// a message or a list, to pages of its own. Indexes of pointers end with the id, so that relations come in key order
/// without sorting.
///
/// Foreign keys are checked at once and do nothing: cascades and clears are carried out by the writer, children
/// first. A pointer to its own row satisfies SQLite. A ring of records that is deleted does not, one of them being
/// last; there the writer defers the check to the end of the commit. To defer it always would let a mistake of the
/// writer be found only when nobody can say which operation made it.
enum TableSQL {
  /// The clock in milliseconds; for rows that another program inserts, the engine gives its own instant.
  private static let clock = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

  /// Returns the statement that makes a table.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - name: The name, when it is not that of the class: for a table that will take its place.
  ///   - schema: The schema of the class.
  /// - Returns: The statement.
  static func create(_ table: ClassTable, as name: String? = nil, in schema: Schema) -> String {
    let definition = table.definition
    var columns = [
      "\"objectId\" TEXT PRIMARY KEY NOT NULL", "\"createdAt\" INTEGER NOT NULL DEFAULT (\(clock))",
      "\"updatedAt\" INTEGER NOT NULL DEFAULT (\(clock))",
      "\"_last\" INTEGER NOT NULL DEFAULT 0",
    ]
    var checks: [String] = []
    for field in definition.fields {
      let quoted = ClassTable.quoted(field.name)
      if let computed = table.computedColumns[field.index] {
        columns.append(
          "\(quoted) \(computed.codec.columnType) GENERATED ALWAYS AS (\(computed.sql)) VIRTUAL")
        let name = ClassTable.quoted("\(definition.name).\(field.name)")
        checks += computed.checks.map { "CONSTRAINT \(name) CHECK (\($0))" }
        continue
      }
      guard let slot = field.slot else { continue }
      var column = "\(quoted) \(table.codecs[slot].columnType)"
      switch field.kind {
      case .rollUp: column += " NOT NULL DEFAULT 0"
      default: if !field.isNullable { column += " NOT NULL" }
      }
      if case .boolean = table.codecs[slot] { column += " CHECK (\(quoted) IN (0, 1))" }
      if let target = field.target {
        column += " REFERENCES \(ClassTable.quoted(target)) (\"objectId\")"
      }
      columns.append(column)
    }
    let quoted = ClassTable.quoted(name ?? definition.name)
    columns += checks
    return "CREATE TABLE \(quoted) (\n  \(columns.joined(separator: ",\n  "))\n) STRICT"
  }

  /// Returns the statements that make the indexes of a table: unique keys, pointers, declared indexes.
  static func indexes(_ table: ClassTable) -> [String] {
    let definition = table.definition
    var made: Set<[String]> = []
    var statements: [String] = []
    func add(_ fields: [Int], unique: Bool) {
      let names = fields.map { definition.fields[$0].name }
      guard fields.allSatisfy({ table.hasColumn(definition.fields[$0]) }),
        made.insert(names).inserted
      else { return }
      var columns = names.map(ClassTable.quoted)
      if !unique { columns.append("\"objectId\"") }
      let name = ClassTable.quoted("\(definition.name)(\(names.joined(separator: ",")))")
      statements.append(
        "CREATE \(unique ? "UNIQUE " : "")INDEX \(name) ON \(table.quotedName) "
          + "(\(columns.joined(separator: ", ")))")
    }
    for field in definition.fields where field.isUnique { add([field.index], unique: true) }
    for key in definition.uniqueKeys { add(key, unique: true) }
    for field in definition.fields where field.target != nil { add([field.index], unique: false) }
    for index in definition.indexes { add(index, unique: false) }
    return statements
  }
}
