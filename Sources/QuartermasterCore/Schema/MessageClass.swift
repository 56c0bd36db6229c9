internal import QuartermasterCEL

/// The reserved class Message, which every schema has: one record per recipient of each `notify` that ran.
///
/// A class like others, so that `Message.filter(m, m.rule == "chase-pending-order")` is a query like others; the engine
/// alone writes it. Docs/Decisions/0002.
enum MessageClass {
  static let name = "Message"

  /// Returns the class for a schema in which it has a place.
  static func definition(index: Int, file: SourceFile) -> ClassDefinition {
    let span = SourceSpan(file: file, range: 0..<0)
    let columns: [(name: String, type: FieldType, isRequired: Bool)] = [
      ("rule", .string, true), ("to", .string, true), ("title", .string, false),
      ("message", .string, true), ("channel", .string, true), ("at", .date, true),
      ("state", .string, true),
    ]
    let fields = columns.enumerated().map { place, column in
      FieldDefinition(
        name: column.name, index: place, type: column.type,
        slot: ClassDefinition.firstFieldSlot + place, isRequired: column.isRequired, span: span)
    }
    let type = RecordType(name: name, index: index, variable: "message")
    var shown = [
      RecordField(name: "objectId", type: .string, access: .id),
      RecordField(
        name: "createdAt", type: .timestamp,
        access: .stored(slot: ClassDefinition.createdAtSlot)),
      RecordField(
        name: "updatedAt", type: .timestamp,
        access: .stored(slot: ClassDefinition.updatedAtSlot)),
    ]
    for (field, column) in zip(fields, columns) {
      let base: CELType = if case .date = column.type { .timestamp } else { .string }
      shown.append(
        RecordField(
          name: field.name, type: column.isRequired ? base : .nullable(base),
          access: .stored(slot: field.slot ?? 0)))
    }
    type.define(fields: shown, slotCount: ClassDefinition.firstFieldSlot + fields.count)
    return ClassDefinition(
      name: name, index: index, variable: "message", fields: fields, uniqueKeys: [],
      indexes: [[0]], inverses: [], was: nil, contact: nil, recordType: type, isSystem: true,
      span: span)
  }
}
