internal import Foundation
package import QuartermasterCEL

/// The changes that the rows of the files of a mapping become, in order of time, as lines for ``StreamRunner``.
package struct ImportPlan: Sendable {
  /// A row that becomes a change.
  package struct Origin: Sendable {
    /// The file and the line on which the row begins.
    package let file: String, line: Int
  }

  /// A row that becomes none.
  package struct BadRow: Sendable {
    package let origin: Origin
    package let message: String
  }

  /// The lines, without their ends.
  package private(set) var lines: [String] = []
  /// The rows that they come from, one for each.
  package private(set) var origins: [Origin] = []
  /// The rows that cannot be read.
  package private(set) var badRows: [BadRow] = []
  /// The first instant of a row.
  package private(set) var firstInstant: Timestamp?

  /// Reads the files and makes the lines.
  ///
  /// - Parameters:
  ///   - mapping: What becomes of the rows.
  ///   - folders: Where the files lie; the first folder that has a file counts.
  /// - Throws: What is wrong with files and columns.
  package init(_ mapping: ImportMapping, folders: [String]) throws(DiagnosticList) {
    var tables = ImportTables(folders)
    var made: [(at: Timestamp?, line: String, origin: Origin)] = []
    for source in mapping.sources {
      let table = try tables.table(source.file, source.fileSpan)
      var joined: [(join: ImportMapping.Join, rows: [String: Value])] = []
      for join in source.joins { joined.append((join, try tables.index(join))) }
      try Self.checkColumns(of: source, table, &tables)
      for row in table.rows {
        guard let map = table.map(row) else { continue }
        let origin = Origin(file: source.file, line: row.line)
        var bindings: [String: Value] = ["row": .map(map)]
        do throws(ImportRowFailure) {
          for (join, rows) in joined {
            guard case .string(let key)? = map[join.column], let other = rows[key] else {
              throw ImportRowFailure(message: "no row of \(join.file) has the same \(join.column)")
            }
            bindings[join.name] = other
          }
          for day in Self.days(source.days) {
            bindings["day"] = day.map(Value.timestamp)
            guard let (at, line) = try Self.line(of: source, bindings) else { continue }
            made.append((at, line, origin))
          }
        } catch { badRows.append(BadRow(origin: origin, message: error.message)) }
      }
    }
    // Rows without an instant come first, those of one instant in the order of the mapping.
    let order = made.indices.sorted { a, b in
      let (x, y) = (made[a].at?.milliseconds ?? .min, made[b].at?.milliseconds ?? .min)
      return x == y ? a < b : x < y
    }
    lines = order.map { made[$0].line }
    origins = order.map { made[$0].origin }
    firstInstant = order.lazy.compactMap { made[$0].at }.first
  }

  private static func days(_ days: ImportMapping.Days?) -> [Timestamp?] {
    guard let days else { return [nil] }
    return stride(from: days.from.milliseconds, through: days.to.milliseconds, by: 86_400_000)
      .map { Timestamp(milliseconds: $0) }
  }

  /// Returns the line of a row; nil when its condition does not hold.
  private static func line(
    of source: ImportMapping.Source, _ bindings: [String: Value]
  ) throws(ImportRowFailure) -> (at: Timestamp?, line: String)? {
    if let when = source.when {
      guard case .bool(true) = try when.value(bindings, at: "when") else { return nil }
    }
    var members: [(key: String, value: JSONValue)] = []
    let isNew: Bool
    switch source.target {
    case .create(let definition):
      members = [("op", .string("create")), ("class", .string(definition.name))]
      isNew = true
    case .set(let definition):
      members = [("op", .string("set")), ("class", .string(definition.name))]
      isNew = false
    case .signal(let signal):
      members = [("op", .string("signal")), ("name", .string(signal.name))]
      isNew = true
    }
    if let id = source.id {
      guard case .string(let text) = try id.value(bindings, at: "id") else {
        throw ImportRowFailure(message: "the id is empty")
      }
      members.append(("id", .string(text)))
    }
    var fields: [(key: String, value: JSONValue)] = []
    for (name, slot) in source.fields {
      let value = try slot.json(bindings, at: name)
      // A new record has its default where a cell is empty.
      if isNew, case .null = value { continue }
      fields.append((name, value))
    }
    members.append(("fields", .object(fields)))
    var instant: Timestamp?
    if let at = source.at {
      guard case .timestamp(let given) = try at.value(bindings, at: "at") else {
        throw ImportRowFailure(message: "`at` is empty")
      }
      instant = given
      members.append(("at", .string(given.description)))
    }
    return (instant, JSONWriter.text(.object(members)))
  }

  // MARK: Columns

  /// Columns that no file has are told before the first row is read.
  private static func checkColumns(
    of source: ImportMapping.Source, _ table: CSVTable, _ tables: inout ImportTables
  ) throws(DiagnosticList) {
    var headers = ["row": table.header]
    for join in source.joins {
      headers[join.name] = try tables.table(join.file, join.span).header
      if !table.header.contains(join.column) {
        throw DiagnosticList([
          .unknown("column", join.column, among: table.header, at: join.columnSpan)
        ])
      }
    }
    var found: [Diagnostic] = []
    let slots = [source.id, source.when, source.at].compactMap { $0 } + source.fields.map(\.slot)
    for formula in slots.flatMap(\.formulas) {
      formula.root.visit { expr in
        guard case .select(let select) = expr.kind, let name = select.operand.plainName,
          let header = headers[name], !header.contains(select.field)
        else { return }
        let span = formula.source.span(select.fieldRange)
        found.append(.unknown("column", select.field, among: header, at: span))
      }
    }
    if !found.isEmpty { throw DiagnosticList(found) }
  }
}

/// The files of an import, each read once.
private struct ImportTables {
  private let folders: [String]
  private var tables: [String: CSVTable] = [:]

  init(_ folders: [String]) { self.folders = folders }

  mutating func table(_ name: String, _ span: SourceSpan) throws(DiagnosticList) -> CSVTable {
    if let known = tables[name] { return known }
    let paths = name.hasPrefix("/") ? [name] : folders.map { $0 + "/" + name }
    guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }),
      let data = FileManager.default.contents(atPath: path)
    else {
      let message = "\(paths.joined(separator: " and ")): not there, or cannot be read"
      throw DiagnosticList([.mapping("no-file", message, at: span)])
    }
    do throws(CSVTable.Bad) {
      let table = try CSVTable([UInt8](data))
      tables[name] = table
      return table
    } catch {
      throw DiagnosticList([.mapping("csv", "\(path):\(error.line): \(error.message)", at: span)])
    }
  }

  /// Returns the rows of a joined file by key.
  mutating func index(_ join: ImportMapping.Join) throws(DiagnosticList) -> [String: Value] {
    let table = try table(join.file, join.span)
    guard let column = table.header.firstIndex(of: join.column) else {
      throw DiagnosticList([
        .unknown("column", join.column, among: table.header, at: join.columnSpan)
      ])
    }
    var rows: [String: Value] = [:]
    for row in table.rows { rows[row.cells[column]] = table.map(row).map(Value.map) }
    return rows
  }
}
