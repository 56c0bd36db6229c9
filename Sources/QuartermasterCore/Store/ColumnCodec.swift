package import QuartermasterCEL

/// How a value of a field stands in its column.
package enum ColumnCodec: Sendable {
  /// TEXT.
  case text
  /// INTEGER.
  case integer
  /// REAL.
  case real
  /// INTEGER, in units of the last digit.
  case decimal(scale: Int)
  /// INTEGER, 0 or 1.
  case boolean
  /// INTEGER, milliseconds since 1970 UTC.
  case date
  /// INTEGER, milliseconds.
  case duration
  /// TEXT, JSON.
  case json(FieldType)
  /// TEXT, the id of a record.
  case pointer

  /// Creates the codec of a field type.
  package init(_ type: FieldType) {
    switch type {
    case .string: self = .text
    case .integer: self = .integer
    case .number: self = .real
    case .decimal(let scale): self = .decimal(scale: scale)
    case .boolean: self = .boolean
    case .date: self = .date
    case .duration: self = .duration
    case .geoPoint, .array, .object: self = .json(type)
    case .pointer: self = .pointer
    }
  }

  /// The type of the column in a STRICT table.
  var columnType: String {
    switch self {
    case .text, .json, .pointer: "TEXT"
    case .integer, .decimal, .boolean, .date, .duration: "INTEGER"
    case .real: "REAL"
    }
  }

  /// Binds a value of the field's type, or null.
  ///
  /// - Throws: A refusal when the value is of another type, or does not fit the column.
  package func bind(_ value: Value, to statement: PreparedStatement, _ index: Int32)
    throws(Refusal)
  {
    switch (self, value) {
    case (_, .null): try statement.bindNull(index)
    case (.text, .string(let text)), (.pointer, .string(let text)):
      try statement.bind(index, text)
    case (.integer, .int(let number)): try statement.bind(index, number)
    case (.real, .double(let number)): try statement.bind(index, number)
    case (.boolean, .bool(let flag)): try statement.bind(index, flag ? 1 as Int64 : 0)
    case (.date, .timestamp(let instant)): try statement.bind(index, instant.milliseconds)
    case (.duration, .duration(let span)): try statement.bind(index, span.milliseconds)
    case (.decimal(let scale), .decimal(let number)):
      guard let units = number.stored(scale: scale) else {
        throw Refusal(.schema, "\(number) does not fit a decimal of scale \(scale)")
      }
      try statement.bind(index, units)
    case (.pointer, .record(let record)): try statement.bind(index, record.id)
    case (.json(let type), .list), (.json(let type), .map):
      try statement.bind(index, StoredJSON.text(of: value, type))
    default:
      throw Refusal(.schema, "a value of another type than its column has cannot be stored")
    }
  }

  /// Reads a value from a column of the current row.
  package func read(_ statement: PreparedStatement, _ column: Int32) throws(Refusal) -> Value {
    if statement.isNull(column) { return .null }
    switch self {
    case .text, .pointer: return .string(statement.text(column))
    case .integer: return .int(statement.int(column))
    case .real: return .double(statement.double(column))
    case .decimal(let scale):
      return .decimal(
        ExactDecimal(coefficient: Int128(statement.int(column)), scale: scale))
    case .boolean: return .bool(statement.int(column) != 0)
    case .date: return .timestamp(Timestamp(milliseconds: statement.int(column)))
    case .duration:
      guard let span = TimeSpan(milliseconds: statement.int(column)) else {
        throw Refusal(.storage, "the file holds a duration of more than 292 years")
      }
      return .duration(span)
    case .json(let type): return try StoredJSON.value(of: statement.utf8(column), type)
    }
  }
}
