package import QuartermasterCEL

/// One record, and what of it may be seen.
extension AccessView {
  /// Returns whether a record may be read by its id.
  func reads(_ record: Record, _ session: StoreSession) throws(Refusal) -> Bool {
    try holds(self[record.type][.get], for: record, session)
  }

  /// Returns the value of a field as it may be seen: a pointer to what may not be read is null, and a relation has only
  /// what may be found.
  ///
  /// - Throws: ``Refusal`` when the field is hidden, or the record may not be read.
  func seen(
    _ value: Value, _ field: RecordField, of record: Record, _ session: StoreSession
  ) throws(Refusal) -> Value {
    guard try reads(record, session) else {
      throw Refusal(.error, "\(record.type.name)/\(record.id) is deleted")
    }
    let visible = visibility(of: field.name, in: record.type)
    if visible == .never {
      throw Refusal(.denied, "\(record.type.name).\(field.name) is hidden from \(addressee)")
    }
    guard try holds(visible, for: record, session) else { return .null }
    switch (field.access, value) {
    case (.pointer, .record(let target)):
      return try reads(target, session) ? value : .null
    case (.relation(let relation), .record(let source)):
      return try finds(source, through: relation, session) ? value : .null
    case (.relation(let relation), .list(let items)):
      var kept: [Value] = []
      for case .record(let source) in items where try finds(source, through: relation, session) {
        kept.append(.record(source))
      }
      return .list(kept)
    default: return value
    }
  }

  /// When a record is found through its pointer to another: it may be found, and the pointer may be seen.
  func found(_ relation: RecordField.Relation) -> AccessCondition {
    let child = schema.classes[relation.source.index]
    let pointer = child.fields.first { $0.slot == relation.slot }
    return .both([
      self[child][.find],
      pointer.map { visibility(of: $0.name, in: child.recordType) } ?? .never,
    ])
  }

  /// Returns the value of a field in its stored form as it may be seen: what is hidden is null, and a pointer to what may
  /// not be read.
  func shown(
    _ value: Value, _ field: FieldDefinition, of record: Record, _ session: StoreSession
  ) throws(Refusal) -> Value {
    guard try holds(visibility(of: field.name, in: record.type), for: record, session) else {
      return .null
    }
    guard case .string(let id) = value, let target = field.target.flatMap({ schema[$0] }) else {
      return value
    }
    return try reads(session.record(target.recordType, id), session) ? value : .null
  }

  private func finds(
    _ record: Record, through relation: RecordField.Relation, _ session: StoreSession
  ) throws(Refusal) -> Bool {
    try holds(found(relation), for: record, session)
  }
}

extension AccessView? {
  /// Returns a record that is there and may be read, or nil.
  package func existing(
    _ definition: ClassDefinition, _ id: String, _ session: StoreSession
  ) throws(Refusal) -> Record? {
    guard let record = try session.existing(definition.recordType, id) else { return nil }
    guard let view = self else { return record }
    return try view.reads(record, session) ? record : nil
  }
}
