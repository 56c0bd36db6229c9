internal import QuartermasterCEL
internal import QuartermasterCore

/// Values as people and programs read them.
struct ValueText {
  /// The session that the records belong to; nil where there are none.
  let session: StoreSession?
  /// The columns that a line may take.
  let width: Int
  /// How many rows of a table are printed; 0 for all.
  var limit = 0
  /// How more rows than these are had.
  var more = "--limit 0 prints all"
  /// Whether each row is printed in full, one below the other.
  var isWide = false
  /// The colours.
  var paint = Paint.none

  private let values: RecordValues?

  /// Creates what prints values; `access` is what may be seen, nil for all.
  init(_ session: StoreSession?, width: Int, limit: Int = 0, access: AccessView? = nil) {
    self.session = session
    self.width = width
    self.limit = limit
    values = session.map { RecordValues($0, access: access) }
  }

  // MARK: For people

  /// Returns a value with a line end: rows as a table, a record field by field, all else as it is written.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - type: Its type, by which rows are known when there are none.
  /// - Returns: One line or several.
  /// - Throws: What reading a record throws.
  func text(_ value: Value, _ type: CELType = .dyn) throws -> String {
    switch value {
    case .list(let items):
      if items.isEmpty, type.isRows { return "(no rows)\n" }
      if isWide, let text = try blocks(items) { return text }
      guard let table = try table(items) else { break }
      var text = table.text(width: width, paint)
      let shown = table.rows.count
      if shown < items.count {
        text += "… and \(Plain.count(items.count - shown, "more row")) (\(more))\n"
      } else if shown != 1 {
        text += "(\(Plain.count(shown, "row")))\n"
      }
      return text
    case .record(let record): return try text(record)
    case .map(let map) where !map.entries.isEmpty:
      return Self.pairs(
        map.entries.map { (Self.cell($0.key), $0.value.description) }, width, isWhole: isWide)
    case .string(let text): return text.hasSuffix("\n") ? text : text + "\n"
    default: break
    }
    return value.description + "\n"
  }

  /// Returns the fields of a record, one a line.
  func text(_ record: Record) throws -> String {
    guard let definition = session?.schema[record.type.name] else { return "\(record.id)\n" }
    var pairs = [("objectId", record.id)]
    for field in fields(of: definition) { pairs.append((field.name, try cell(record, field))) }
    pairs.append(("createdAt", Self.cell(record.values[ClassDefinition.createdAtSlot])))
    pairs.append(("updatedAt", Self.cell(record.values[ClassDefinition.updatedAtSlot])))
    return paint("\(definition.name)/\(record.id)", .heading) + "\n"
      + Self.pairs(pairs, width - 2, indent: "  ", isWhole: isWide)
  }

  /// Returns rows one below the other, with all that they hold; nil for a list of anything else.
  private func blocks(_ items: [Value]) throws -> String? {
    guard recordClass(items) != nil || Self.mapNames(items) != nil else { return nil }
    var blocks: [String] = []
    for item in items {
      switch item {
      case .record(let record): blocks.append(try text(record))
      case .map(let map):
        blocks.append(
          Self.pairs(
            map.entries.map { (Self.cell($0.key), Self.cell($0.value)) }, width, isWhole: true))
      default: return nil
      }
    }
    return blocks.joined(separator: "\n") + "(\(Plain.count(items.count, "row")))\n"
  }

  /// Returns names and values in two columns; values that are too long are cut, or, if they are wanted whole, broken.
  static func pairs(
    _ pairs: [(String, String)], _ width: Int, indent: String = "", isWhole: Bool = false
  ) -> String {
    let names = pairs.reduce(0) { max($0, DisplayText.width($1.0)) }
    let room = max(20, width - names - 2)
    return pairs.map { name, value in
      let text = DisplayText.oneLine(value)
      let lines =
        isWhole
        ? DisplayText.wrapped(text, to: room) : [DisplayText.clipped(text, to: room)]
      return lines.enumerated().map { place, text in
        let head = indent + DisplayText.padded(place == 0 ? name : "", to: names) + "  "
        return (text.isEmpty ? indent + name : head + text) + "\n"
      }.joined()
    }.joined()
  }

  /// Returns a list as rows: of records of one class, or of maps; nil for any other list.
  private func table(_ items: [Value]) throws -> TextTable? {
    let chosen = limit > 0 ? Array(items.prefix(limit)) : items
    if let definition = recordClass(items) {
      var columns = [TextTable.Column(title: "objectId")]
      let fields = fields(of: definition)
      for field in fields {
        columns.append(TextTable.Column(title: field.name, isRight: field.type.isNumeric))
      }
      var table = TextTable(columns)
      for case .record(let record) in chosen {
        var row = [record.id]
        for field in fields { row.append(try cell(record, field)) }
        table.add(row)
      }
      return table
    }
    guard let names = Self.mapNames(items) else { return nil }
    let isNumber = names.map { name in
      items.allSatisfy { item in
        guard case .map(let map) = item, let value = map[name] else { return true }
        return value.isNumeric
      }
    }
    var table = TextTable(
      zip(names, isNumber).map { TextTable.Column(title: $0, isRight: $1) })
    for case .map(let map) in chosen {
      table.add(names.map { name in map[name].map(Self.cell) ?? "" })
    }
    return table
  }

  /// The class of a list that holds records of one class and nothing else.
  private func recordClass(_ items: [Value]) -> ClassDefinition? {
    guard case .record(let first)? = items.first else { return nil }
    for item in items {
      guard case .record(let record) = item, record.type === first.type else { return nil }
    }
    return session?.schema[first.type.name]
  }

  /// The names of the members of a list of maps, in the order in which they come first.
  private static func mapNames(_ items: [Value]) -> [String]? {
    var names: [String] = []
    if items.isEmpty { return nil }
    for item in items {
      guard case .map(let map) = item else { return nil }
      for entry in map.entries {
        guard case .string(let name) = entry.key else { return nil }
        if !names.contains(name) { names.append(name) }
      }
    }
    return names.isEmpty ? nil : names
  }

  /// The fields of a class that are printed.
  private func fields(of definition: ClassDefinition) -> [FieldDefinition] {
    values?.fields(of: definition) ?? definition.fields
  }

  /// Returns the cell of a field of a record.
  func cell(_ record: Record, _ field: FieldDefinition) throws -> String {
    if field.isSecret { return "•••" }
    guard let values else { return "" }
    return Self.cell(try values.value(of: record, field))
  }

  /// Returns a value as a cell: words as they are, null as nothing.
  static func cell(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .record(let record): record.id
    default: value.description
    }
  }

  // MARK: For programs

  /// Returns a value as JSON; records with their fields, and what they point to as pointers.
  func json(_ value: Value) throws -> JSONValue {
    switch value {
    case .record(let record): return try json(record)
    case .list(let items): return .array(try items.map(json))
    case .map(let map):
      return .object(
        try map.entries.map { (Self.cell($0.key), try json($0.value)) })
    default: return JSONValue(value)
    }
  }

  private func json(_ record: Record) throws -> JSONValue {
    guard let definition = session?.schema[record.type.name], let values else {
      return JSONValue(.record(record))
    }
    var members: [(key: String, value: JSONValue)] = [("objectId", .string(record.id))]
    for field in fields(of: definition) where !field.isSecret {
      members.append((field.name, field.type.json(try values.value(of: record, field))))
    }
    for (name, slot) in [
      ("createdAt", ClassDefinition.createdAtSlot), ("updatedAt", ClassDefinition.updatedAtSlot),
    ] {
      guard case .timestamp(let instant) = record.values[slot] else { continue }
      members.append((name, .string(instant.parseText)))
    }
    return .object(members)
  }

  /// Returns rows as comma-separated values with a header; nil for a value that is no list of rows.
  func csv(_ value: Value) throws -> String? {
    guard case .list(let items) = value else { return nil }
    if items.isEmpty { return "" }
    guard let table = try table(items) else { return nil }
    let rows = [table.columns.map(\.title)] + table.rows
    return rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { [34, 44, 10, 13].contains($0) }
    if !needsQuotes { return cell }
    return "\""
      + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}

extension FieldType {
  /// Whether its values line up on the right.
  var isNumeric: Bool {
    switch self {
    case .integer, .number, .decimal: true
    default: false
    }
  }
}

extension CELType {
  /// Whether it is a list that is shown as rows.
  fileprivate var isRows: Bool {
    guard case .list(let element) = nonNull else { return false }
    switch element.nonNull {
    case .record, .map: return true
    default: return false
    }
  }
}

extension Value {
  /// Whether it is a number, or nothing.
  fileprivate var isNumeric: Bool {
    switch self {
    case .int, .uint, .double, .decimal, .null: true
    default: false
    }
  }
}
