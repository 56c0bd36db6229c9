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
      // No rule can read a password, so none stands where it would wait for a rule.
      if let slot = field.slot, !field.isPassword { buffer.member(field.name, row.values[slot]) }
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

  /// Returns a value in its stored form.
  static func json(of value: Value) -> JSONValue {
    var buffer = JSONBuffer()
    buffer.value(value)
    // What was just written can be read.
    return (try? JSONReader.read(buffer.bytes)) ?? .null
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
    case (.array(let of), .array(let items)):
      return .list(items.map { item in of.flatMap { stored(item, $0) } ?? untyped(item) })
    case (.object(let members), .object(let pairs)):
      return map(pairs) { name in members?.first { UTF8Text.equal($0.name, name) }?.type }
    case (.geoPoint, .object(let pairs)): return map(pairs) { _ in .number }
    default: return nil
    }
  }

  private static func map(
    _ pairs: [(key: String, value: JSONValue)], _ type: (String) -> FieldType?
  ) -> Value? {
    let entries = pairs.map { name, value in
      (
        key: Value.string(name),
        value: type(name).flatMap { stored(value, $0) } ?? untyped(value)
      )
    }
    return MapValue(distinct: entries).map(Value.map)
  }

  /// Returns the value of a member of which no type is declared.
  private static func untyped(_ json: JSONValue) -> Value {
    switch json {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .number(let text): Int64(text).map(Value.int) ?? Double(text).map(Value.double) ?? .null
    case .string(let text): .string(text)
    case .array(let items): .list(items.map(untyped))
    case .object(let pairs): map(pairs) { _ in nil } ?? .null
    }
  }
}
