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
    if let value = json["createdAt"], let at = StoredForm.value(value, .date) {
      row.values[ClassDefinition.createdAtSlot] = at
    }
    if let value = json["updatedAt"], let at = StoredForm.value(value, .date) {
      row.values[ClassDefinition.updatedAtSlot] = at
    }
    for field in definition.fields {
      guard let slot = field.slot, let value = json[field.name],
        let stored = StoredForm.value(value, field.type)
      else { continue }
      row.values[slot] = stored
    }
    return row
  }
}
