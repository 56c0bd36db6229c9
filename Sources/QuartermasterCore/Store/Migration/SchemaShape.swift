internal import QuartermasterCEL

/// What a schema asks of the tables: all that a change of the file would have to follow, and nothing else.
///
/// It stands in the file as lines of fields between tabs, so that a later version reads it without the reader of
/// schemas that wrote it.
struct SchemaShape: Equatable {
  /// A field.
  struct Field: Equatable {
    enum Kind: String { case stored, computed, rollUp }
    var name: String
    var kind: Kind
    /// The type as the schema writes it, without what lists and objects hold: `Decimal(2)`, `Supplier`.
    var type: String
    var isNotNull: Bool
    var isUnique: Bool
    /// The formula as SQL, or what is rolled up; empty for a stored field.
    var detail: String
  }

  /// A class.
  struct Class: Equatable {
    var name: String
    var fields: [Field] = []
    var uniqueKeys: [[String]] = []
    var indexes: [[String]] = []

    subscript(name: String) -> Field? { fields.first { $0.name == name } }

    /// Whether two classes have the same columns in their table, indexes aside.
    func hasColumns(of other: Class) -> Bool {
      func columns(_ fields: [Field]) -> [Field] {
        fields.map { field in
          var column = field
          column.isUnique = false
          return column
        }
      }
      return columns(fields) == columns(other.fields)
    }
  }

  var classes: [Class] = []

  subscript(name: String) -> Class? { classes.first { $0.name == name } }

  /// Takes the shape of a schema.
  init(_ schema: Schema, _ tables: [ClassTable]) {
    classes = zip(schema.classes, tables).map { definition, table in
      Class(
        name: definition.name,
        fields: definition.fields.map { Self.field($0, table) },
        uniqueKeys: definition.uniqueKeys.map { key in key.map { definition.fields[$0].name } },
        indexes: definition.indexes.map { index in index.map { definition.fields[$0].name } })
    }
  }

  private static func field(_ field: FieldDefinition, _ table: ClassTable) -> Field {
    let type = Self.name(of: field.type)
    switch field.kind {
    case .stored:
      return Field(
        name: field.name, kind: .stored, type: type, isNotNull: !field.isNullable,
        isUnique: field.isUnique, detail: "")
    case .computed:
      let column = table.computedColumns[field.index]
      let detail = column.map { ([$0.sql] + $0.checks).joined(separator: "; ") } ?? "in memory"
      return Field(
        name: field.name, kind: .computed, type: type, isNotNull: false, isUnique: false,
        detail: detail)
    case .rollUp(let rollUp):
      var detail = "\(rollUp.childClass).\(rollUp.childField)"
      if case .sum(let summed) = rollUp.function {
        detail = "sum of \(summed) by \(detail)"
      } else {
        detail = "count by \(detail)"
      }
      if let condition = rollUp.condition { detail += " where \(condition.parsed.source.text)" }
      return Field(
        name: field.name, kind: .rollUp, type: type, isNotNull: true, isUnique: false,
        detail: detail)
    }
  }

  private static func name(of type: FieldType) -> String {
    switch type {
    case .string: "String"
    case .integer: "Integer"
    case .number: "Number"
    case .decimal(let scale): "Decimal(\(scale))"
    case .boolean: "Boolean"
    case .date: "Date"
    case .duration: "Duration"
    case .geoPoint: "GeoPoint"
    case .array: "Array"
    case .object: "Object"
    case .pointer(let target): target
    }
  }

  // MARK: As text

  /// The text that stands in the file.
  var text: String {
    var lines: [[String]] = []
    for definition in classes {
      lines.append(["class", definition.name])
      for field in definition.fields {
        lines.append([
          "field", field.name, field.kind.rawValue, field.type, field.isNotNull ? "filled" : "open",
          field.isUnique ? "unique" : "many", field.detail,
        ])
      }
      for key in definition.uniqueKeys { lines.append(["unique"] + key) }
      for index in definition.indexes { lines.append(["index"] + index) }
    }
    return lines.map { $0.map(Self.escaped).joined(separator: "\t") + "\n" }.joined()
  }

  /// Reads a shape; nil when the text is none.
  init?(text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.unescaped)
      switch (parts[0], parts.count) {
      case ("class", 2): classes.append(Class(name: parts[1]))
      case ("field", 7):
        guard let kind = Field.Kind(rawValue: parts[2]), !classes.isEmpty else { return nil }
        classes[classes.count - 1].fields.append(
          Field(
            name: parts[1], kind: kind, type: parts[3], isNotNull: parts[4] == "filled",
            isUnique: parts[5] == "unique", detail: parts[6]))
      case ("unique", 2...) where !classes.isEmpty:
        classes[classes.count - 1].uniqueKeys.append(Array(parts.dropFirst()))
      case ("index", 2...) where !classes.isEmpty:
        classes[classes.count - 1].indexes.append(Array(parts.dropFirst()))
      default: return nil
      }
    }
  }

  private static let escapes: [(plain: UInt8, letter: UInt8)] = [
    (UInt8(ascii: "\\"), UInt8(ascii: "\\")), (UInt8(ascii: "\t"), UInt8(ascii: "t")),
    (UInt8(ascii: "\n"), UInt8(ascii: "n")),
  ]

  private static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if let escape = escapes.first(where: { $0.plain == byte }) {
        bytes += [UInt8(ascii: "\\"), escape.letter]
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8 {
      if isEscaped {
        bytes.append(escapes.first { $0.letter == byte }?.plain ?? byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
