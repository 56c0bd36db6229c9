internal import QuartermasterCEL

/// Reads fields of records by name, of any kind: for hosts and verbs, which know no slots.
final class FieldReader {
  private let schema: Schema
  private let session: StoreSession
  private let computed: ComputedFields
  /// What may be seen; nil for all.
  private let access: AccessView?

  init(
    schema: Schema, session: StoreSession, computed: ComputedFields, access: AccessView? = nil
  ) {
    self.schema = schema
    self.session = session
    self.computed = computed
    self.access = access
  }

  /// Returns the value of a field: stored, computed, rolled up, a pointer as its record, or an inverse.
  ///
  /// - Throws: ``Refusal`` when there is no such field or record, and when a computed field fails.
  func value(of record: Record, _ name: String) throws(Refusal) -> Value {
    // The short way of most calls of verbs; what somebody may see is asked below.
    if access == nil, let stored = schema.classes[record.type.index][name], let slot = stored.slot,
      stored.target == nil, !stored.isPassword, record.isLive || record.isPinned
    {
      return record.values[slot]
    }
    guard let field = record.type.fields[name] else {
      if record.type.unreadable.contains(name) {
        throw Refusal(
          .schema, "\(record.type.name).\(name) is never read: only a hash of it is kept")
      }
      let hint = Suggestion.closest(to: name, among: Array(record.type.fields.keys))
      throw Refusal(
        .schema,
        "\(record.type.name) has no field \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    if !record.isPinned, try !session.isThere(record) {
      throw Refusal(
        .error, "\(record.type.name)/\(record.id) is \(session.fate(of: record))")
    }
    let value = try stored(record, field)
    return try access?.seen(value, field, of: record, session) ?? value
  }

  /// Returns the value of a field as it is.
  private func stored(_ record: Record, _ field: RecordField) throws(Refusal) -> Value {
    let name = field.name
    switch field.access {
    case .id: return .string(record.id)
    case .stored(let slot): return record.values[slot]
    case .pointer(let slot, let target):
      if case .string(let id) = record.values[slot] { return .record(session.record(target, id)) }
      return .null
    case .computed:
      guard let place = schema.classes[record.type.index][name]?.index,
        let computed = computed.field(record.type.index, place)
      else { return .null }
      do { return try computed.value(of: record) } catch {
        throw Refusal(.error, "\(record.type.name).\(name): \(error.message)")
      }
    case .relation(let relation):
      do { return try session.related(record, relation) } catch {
        throw Refusal(.storage, error.message)
      }
    }
  }
}
