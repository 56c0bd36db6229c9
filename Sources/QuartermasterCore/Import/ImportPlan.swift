internal import Foundation
internal import QuartermasterCEL

/// The changes that the rows of the files of a mapping become.
package struct ImportPlan {
  private let mapping: ImportMapping
  private let stream: ImportStream

  /// Reads the files of a mapping and writes their changes into a stream, in order of time.
  ///
  /// A row that cannot be read, or that becomes no change of its form, is told to the stream and leaves the others alone.
  ///
  /// - Parameters:
  ///   - mapping: What becomes of the rows.
  ///   - folders: Where the files lie; the first folder that has a file counts.
  ///   - stream: Where the changes go; finished when this returns.
  /// - Throws: `DiagnosticList` with what is wrong with files and columns, before the first row is read; ``Refusal`` when
  ///   the stream cannot be written.
  package static func write(
    _ mapping: ImportMapping, folders: [String], to stream: ImportStream
  ) throws {
    var tables = ImportTables(folders)
    // What is wrong with any source is told before a row of another is read.
    for source in mapping.sources { try checkColumns(of: source, &tables) }
    let plan = ImportPlan(mapping: mapping, stream: stream)
    for source in mapping.sources { try plan.read(source, &tables) }
    try stream.finish()
  }

  private func read(_ source: ImportMapping.Source, _ tables: inout ImportTables) throws {
    var joined: [(join: ImportMapping.Join, rows: [String: Value])] = []
    for join in source.joins { joined.append((join, try tables.index(join))) }
    let rows = try tables.rows(source.file, source.fileSpan)
    // An object that lacks a member has an empty cell there.
    let expected = rows.header == nil ? Self.columns(of: source) : []
    while let item = rows.next() {
      stream.came(source.file, rows.fraction)
      switch item {
      case .bad(let line, let message): stream.refuse(message, file: source.file, line)
      case .row(let line, let row):
        do throws(ImportRowFailure) {
          try change(source, row.filled(with: expected), joined, line)
        } catch {
          if let refusal = error.refusal { throw refusal }
          stream.refuse(error.message, file: source.file, line)
        }
      }
    }
  }

  private func change(
    _ source: ImportMapping.Source, _ row: MapValue,
    _ joined: [(join: ImportMapping.Join, rows: [String: Value])], _ line: Int
  ) throws(ImportRowFailure) {
    var bindings: [String: Value] = ["row": .map(row)]
    for (join, rows) in joined {
      guard case .string(let key)? = row[join.column], let other = rows[key] else {
        throw ImportRowFailure(message: "no row of \(join.file) has the same \(join.column)")
      }
      bindings[join.name] = other
    }
    for day in Self.days(source.days) {
      bindings["day"] = day.map(Value.timestamp)
      guard let (at, change) = try Self.line(of: source, bindings) else { continue }
      do throws(Refusal) { try stream.add(change, at: at, from: source.file, line) } catch {
        throw ImportRowFailure(message: error.message, refusal: error)
      }
    }
  }

  private static func days(_ days: ImportMapping.Days?) -> [Timestamp?] {
    guard let days else { return [nil] }
    return stride(from: days.from.milliseconds, through: days.to.milliseconds, by: 86_400_000)
      .map { Timestamp(milliseconds: $0) }
  }

  /// Returns the line of a row; nil when its condition does not hold.
  private static func line(
    of source: ImportMapping.Source, _ bindings: [String: Value]
  ) throws(ImportRowFailure) -> (at: Timestamp?, line: JSONValue)? {
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
    return (instant, .object(members))
  }

  // MARK: Columns

  /// Returns the columns of the rows themselves that formulas and joins name.
  private static func columns(of source: ImportMapping.Source) -> [String] {
    var names = Set(source.joins.map(\.column))
    let slots = [source.id, source.when, source.at].compactMap { $0 } + source.fields.map(\.slot)
    for formula in slots.flatMap(\.formulas) {
      formula.root.visit { expr in
        if case .select(let select) = expr.kind, select.operand.plainName == "row" {
          names.insert(select.field)
        }
      }
    }
    return names.sorted()
  }

  /// Columns that no file has are told before the first row is read; the objects of JSON may have any.
  private static func checkColumns(
    of source: ImportMapping.Source, _ tables: inout ImportTables
  ) throws(DiagnosticList) {
    var headers: [String: [String]] = [:]
    if let own = try tables.rows(source.file, source.fileSpan).header { headers["row"] = own }
    for join in source.joins {
      headers[join.name] = try tables.table(join.file, join.span).header
      if let own = headers["row"], !own.contains(join.column) {
        throw DiagnosticList([.unknown("column", join.column, among: own, at: join.columnSpan)])
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

extension MapValue {
  /// Returns the map with empty texts for names that it lacks.
  fileprivate func filled(with names: [String]) -> MapValue {
    let missing = names.filter { self[$0] == nil }
    if missing.isEmpty { return self }
    var all = entries.map { (key: $0.key, value: $0.value) }
    for name in missing { all.append((key: .string(name), value: .string(""))) }
    return MapValue(all) ?? self
  }
}

/// The files of an import: those whose rows are looked up are kept, the others are gone through.
private struct ImportTables {
  private let folders: [String]
  private var tables: [String: CSVTable] = [:]

  init(_ folders: [String]) { self.folders = folders }

  /// Opens a file whose rows become changes.
  func rows(_ name: String, _ span: SourceSpan) throws(DiagnosticList) -> RowReader {
    let path = try self.path(name, span)
    do throws(ImportFileFailure) { return try RowReader(path: path) } catch {
      throw Self.bad(path, error, span)
    }
  }

  /// Returns a file whose rows are looked up.
  mutating func table(_ name: String, _ span: SourceSpan) throws(DiagnosticList) -> CSVTable {
    if let known = tables[name] { return known }
    let path = try self.path(name, span)
    do throws(ImportFileFailure) {
      let table = try CSVTable(path: path)
      tables[name] = table
      return table
    } catch { throw Self.bad(path, error, span) }
  }

  private func path(_ name: String, _ span: SourceSpan) throws(DiagnosticList) -> String {
    let paths = name.hasPrefix("/") ? [name] : folders.map { $0 + "/" + name }
    guard let path = paths.first(where: { FileManager.default.isReadableFile(atPath: $0) }) else {
      let message = "\(paths.joined(separator: " and ")): not there, or cannot be read"
      throw DiagnosticList([.mapping("no-file", message, at: span)])
    }
    return path
  }

  private static func bad(
    _ path: String, _ failure: ImportFileFailure, _ span: SourceSpan
  ) -> DiagnosticList {
    DiagnosticList([
      .mapping("csv", "\(path):\(failure.line): \(failure.message)", at: span)
    ])
  }

  /// Returns the rows of a joined file by key.
  mutating func index(_ join: ImportMapping.Join) throws(DiagnosticList) -> [String: Value] {
    let table = try table(join.file, join.span)
    guard let column = table.header.firstIndex(of: join.column) else {
      throw DiagnosticList([
        .unknown("column", join.column, among: table.header, at: join.columnSpan)
      ])
    }
    return table.index(by: column)
  }
}

/// The rows of a file for a mapping, as maps of texts: of CSV by column, of JSON by the names of its members.
private struct RowReader {
  enum Item {
    case row(line: Int, MapValue)
    case bad(line: Int, message: String)
  }

  private enum Source {
    case csv(CSVReader)
    case json(JSONRowReader)
  }

  private let source: Source

  init(path: String) throws(ImportFileFailure) {
    source =
      path.hasSuffix(".json") || path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson")
      ? .json(try JSONRowReader(path: path)) : .csv(try CSVReader(path: path))
  }

  /// The columns; nil for JSON, whose objects need not be alike.
  var header: [String]? { if case .csv(let reader) = source { reader.header } else { nil } }

  var fraction: Double {
    switch source {
    case .csv(let reader): reader.fraction
    case .json(let reader): reader.fraction
    }
  }

  func next() -> Item? {
    switch source {
    case .csv(let reader):
      switch reader.next() {
      case nil: return nil
      case .bad(let line, let message)?: return .bad(line: line, message: message)
      case .row(let line, let cells)?:
        // No two columns have one name, so there is always a map.
        return CSVTable.map(reader.header, cells).map { .row(line: line, $0) }
      }
    case .json(let reader):
      switch reader.next() {
      case nil: return nil
      case .bad(let line, let message)?: return .bad(line: line, message: message)
      case .row(let line, let members)?:
        let entries = members.map {
          (key: Value.string($0.key), value: Value.string(Self.text($0.value)))
        }
        return MapValue(entries).map { .row(line: line, $0) }
      }
    }
  }

  /// A value as a cell: of a pointer its id, of a date its instant, of lists and maps their JSON.
  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .bool(let flag): flag ? "true" : "false"
    case .number(let text), .string(let text): text
    case .object:
      switch value["__type"]?.text {
      case "Pointer"?: value["objectId"]?.text ?? ""
      case "Date"?: value["iso"]?.text ?? ""
      default: JSONWriter.text(value)
      }
    case .array: JSONWriter.text(value)
    }
  }
}
