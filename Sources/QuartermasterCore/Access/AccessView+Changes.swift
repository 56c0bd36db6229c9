internal import QuartermasterCEL

/// Changes of records as somebody may see them.
extension AccessView {
  /// A change, as far as it may be seen.
  struct SeenChange {
    let kind: ChangeReport.Kind
    /// The fields that differ; pointers are ids.
    let fields: [(name: String, old: Value, new: Value)]
  }

  /// Returns what may be seen of a change; nil for nothing.
  ///
  /// A record that comes into view is created, one that goes out of view deleted: what it was before, or became, is not
  /// told.
  ///
  /// - Parameters:
  ///   - type: The class of the record.
  ///   - id: Its id.
  ///   - old: The row before; nil when it was not there.
  ///   - new: The row after; nil when it is not there any more.
  ///   - session: Where other records are read, as they are now.
  /// - Returns: What may be seen.
  /// - Throws: A refusal when the file cannot be read.
  func seen(
    _ type: RecordType, _ id: String, old: Row?, new: Row?, _ session: StoreSession
  ) throws(Refusal) -> SeenChange? {
    let before = try readable(type, id, old, session)
    let after = try readable(type, id, new, session)
    let kind: ChangeReport.Kind
    switch (before, after) {
    case (nil, nil): return nil
    case (nil, _): kind = .created
    case (_, nil): kind = .deleted
    default: kind = .changed
    }
    var fields: [(name: String, old: Value, new: Value)] = []
    for field in schema.classes[type.index].fields where !field.isSecret {
      let old = try value(field, before, session)
      let new = try value(field, after, session)
      if !Value.equal(old, new) { fields.append((field.name, old, new)) }
    }
    if kind == .changed, fields.isEmpty { return nil }
    return SeenChange(kind: kind, fields: fields)
  }

  /// Returns a version of a record, when it could be read.
  private func readable(
    _ type: RecordType, _ id: String, _ row: Row?, _ session: StoreSession
  ) throws(Refusal) -> Record? {
    guard let row else { return nil }
    let version = Record(type: type, id: id, pinned: row)
    return try holds(self[type][.get], for: version, session) ? version : nil
  }

  private func value(
    _ field: FieldDefinition, _ version: Record?, _ session: StoreSession
  ) throws(Refusal) -> Value {
    guard let version, let slot = field.slot else { return .null }
    let visible = visibility(of: field.name, in: version.type)
    guard try holds(visible, for: version, session) else { return .null }
    let value = version.values[slot]
    if case .string(let id) = value, let target = field.target.flatMap({ schema[$0] }),
      try !reads(session.record(target.recordType, id), session)
    {
      return .null
    }
    return value
  }

  /// Returns who made a change, as far as that may be seen: himself, or somebody whose record may be read.
  func seen(actor: String?, _ session: StoreSession) throws(Refusal) -> String? {
    guard let actor else { return nil }
    let parts = actor.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2, let definition = schema[parts[0]] else { return nil }
    if definition.name == policy.userClass, principal.userID == parts[1] { return actor }
    let record = session.record(definition.recordType, parts[1])
    return try reads(record, session) ? actor : nil
  }

  /// Returns a change of the journal as it may be seen; nil for nothing.
  ///
  /// It is judged on the versions of the record before and after it, which the journal gives.
  func seen(_ change: RecordChange, _ session: StoreSession) throws(Refusal) -> RecordChange? {
    guard let definition = schema[change.className],
      self[definition][.get] != .never
    else { return nil }
    var found: RecordVersions.Version?
    try RecordVersions(JournalReader(session), definition).walk(change.id) {
      version throws(Refusal) in
      if version.entry.row > change.journalRow { return true }
      if version.entry.row == change.journalRow { found = version }
      return false
    }
    guard let found,
      let seen = try seen(
        definition.recordType, change.id, old: found.old, new: found.new, session)
    else { return nil }
    return change.limited(
      to: seen.kind, seen.fields, actor: try self.seen(actor: change.actor, session))
  }
}

extension RecordChange {
  /// Returns the change with less in it.
  fileprivate func limited(
    to kind: ChangeReport.Kind, _ fields: [(name: String, old: Value, new: Value)], actor: String?
  ) -> RecordChange {
    RecordChange(
      position: position, journalRow: journalRow, at: at, actor: actor, origin: origin,
      className: className, id: id, kind: kind, fields: fields, rules: rules)
  }
}
