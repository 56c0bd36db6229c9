@testable import QuartermasterCore

/// All that stands in a data file: the tables, and every row of every table, the engine's own included.
func wholeFile(_ path: String) throws -> String {
  let file = try PlainFile(path, .reading)
  defer { file.close() }
  var tables: [String] = []
  var text = ""
  let names = try file.statement(
    "SELECT name, type, coalesce(sql, '') FROM sqlite_master ORDER BY type, name")
  while try names.step() {
    text += "\(names.text(1)) \(names.text(0)): \(names.text(2))\n"
    if names.text(1) == "table" { tables.append(names.text(0)) }
  }
  names.reset()
  for table in tables {
    var columns: [String] = []
    let info = try file.statement("SELECT name FROM pragma_table_info('\(table)')")
    while try info.step() { columns.append("quote(\"\(info.text(0))\")") }
    info.reset()
    let rows = try file.statement(
      "SELECT \(columns.joined(separator: " || ',' || ")) FROM \"\(table)\" ORDER BY 1")
    while try rows.step() { text += "\(table): \(rows.text(0))\n" }
    rows.reset()
  }
  return text
}
