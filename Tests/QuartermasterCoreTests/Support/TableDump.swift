@testable import QuartermasterCore

extension StoreSession {
  /// Returns all rows of some tables as `Table: value|value|…`, each table in the order of its first two columns.
  func dump(_ tables: [String]) throws(Refusal) -> [String] {
    var rows: [String] = []
    for table in tables {
      let read = try statement("SELECT * FROM \"\(table)\" ORDER BY 1, 2")
      while try read.step() {
        let row = (0..<read.columnCount).map { read.text($0) }
        rows.append("\(table): \(row.joined(separator: "|"))")
      }
    }
    return rows
  }

  /// Returns all rows of all tables but some.
  func dump(leavingOut left: Set<String>) throws(Refusal) -> [String] {
    let names = try statement(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        + "ORDER BY name")
    var tables: [String] = []
    while try names.step() { tables.append(names.text(0)) }
    return try dump(tables.filter { !left.contains($0) })
  }
}
