internal import QuartermasterCEL

/// A version of a row as JSON text, for firings that run later.
enum RowJSON {
  /// Returns the values by field, in their stored form.
  static func text(_ row: Row, _ definition: ClassDefinition) -> String {
    var buffer = JSONBuffer()
    buffer.beginObject()
    buffer.member("createdAt", row.values[ClassDefinition.createdAtSlot])
    buffer.member("updatedAt", row.values[ClassDefinition.updatedAtSlot])
    for field in definition.fields {
      if let slot = field.slot { buffer.member(field.name, row.values[slot]) }
    }
    buffer.endObject()
    return buffer.text
  }

  /// Returns the row of a text; fields that the class does not have any more are left out.
  static func row(_ text: String?, _ definition: ClassDefinition, _ store: Store) throws(Refusal)
    -> Row?
  {
    guard let text else { return nil }
    let json: JSONValue
    do { json = try JSONReader.read(text) } catch {
      throw Refusal(.storage, "the file holds a firing that cannot be read: \(error)")
    }
    let row = store.emptyRow(definition.recordType)
    if let value = json["createdAt"], let at = stored(value, .date) {
      row.values[ClassDefinition.createdAtSlot] = at
    }
    if let value = json["updatedAt"], let at = stored(value, .date) {
      row.values[ClassDefinition.updatedAtSlot] = at
    }
    for field in definition.fields {
      guard let slot = field.slot, let value = json[field.name],
        let stored = stored(value, field.type)
      else { continue }
      row.values[slot] = stored
    }
    return row
  }

  /// Returns the value of a member, or nil when it is not of the field's type.
  static func stored(_ json: JSONValue, _ type: FieldType) -> Value? {
    switch (type, json) {
    case (_, .null): return .null
    case (.string, .string(let text)), (.pointer, .string(let text)): return .string(text)
    case (.integer, .number(let text)): return Int64(text).map(Value.int)
    case (.number, .number(let text)): return Double(text).map(Value.double)
    case (.boolean, .bool(let flag)): return .bool(flag)
    case (.decimal(let scale), .string(let text)):
      return ExactDecimal(text)?.exactly(scale: scale).map(Value.decimal)
    case (.date, .number(let text)):
      return Int64(text).map { .timestamp(Timestamp(milliseconds: $0)) }
    case (.duration, .number(let text)):
      return Int64(text).flatMap { TimeSpan(milliseconds: $0) }.map(Value.duration)
    default: return nil
    }
  }
}
