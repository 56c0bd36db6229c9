package import QuartermasterCEL

extension Writer {
  /// A record that is being deleted, and how far what points at it is seen to.
  private struct Frame {
    let record: Record
    var nextReference = 0
    var pointing: [Record] = []
    var nextPointing = 0
  }

  /// Deletes a record, after carrying out what the pointers to it say.
  ///
  /// They are gone through by class and field in the order of the schema, then by key. A record that is not there is
  /// left alone.
  ///
  /// A cascade may be as deep as the records are many, so it keeps a stack of its own.
  package func delete(_ record: Record, rules: Bool = true) throws(Refusal) {
    if record.isUnloaded { try store.fetch(record) }
    var path: [Frame] = []
    // The records whose cascade is under way: a ring of pointers ends at them.
    var deleting: Set<ObjectIdentifier> = []
    try enter(record, &path, &deleting, rules)
    while let last = path.indices.last {
      if path[last].nextPointing < path[last].pointing.count {
        let other = path[last].pointing[path[last].nextPointing]
        path[last].nextPointing += 1
        if !other.isLive { continue }
        if deleting.contains(ObjectIdentifier(other)) {
          // It goes after the record that it points at: the file may only be judged when both are gone.
          try store.deferForeignKeys()
          continue
        }
        let plan = plans[path[last].record.type.index]
        let reference = plan.references[path[last].nextReference - 1]
        switch reference.field.onDelete {
        case .restrict: throw restricted(path[last].record, by: other, reference.field)
        case .cascade: try enter(other, &path, &deleting, rules)
        case .clear:
          try set(other, values: [(reference.field, .value(.null))], rules: rules)
        }
        continue
      }
      let plan = plans[path[last].record.type.index]
      if path[last].nextReference < plan.references.count {
        let reference = plan.references[path[last].nextReference]
        path[last].nextReference += 1
        path[last].nextPointing = 0
        path[last].pointing = try store.pointing(
          at: path[last].record.id, from: reference.definition.recordType, slot: reference.slot)
        continue
      }
      let record = path[last].record
      try remove(record)
      deleting.remove(ObjectIdentifier(record))
      path.removeLast()
    }
  }

  private func enter(
    _ record: Record, _ path: inout [Frame], _ deleting: inout Set<ObjectIdentifier>, _ rules: Bool
  ) throws(Refusal) {
    guard record.isLive, let row = record.row else { return }
    deleting.insert(ObjectIdentifier(record))
    if rules { try hooks?.before(record, old: row, row: nil) }
    path.append(Frame(record: record))
  }

  private func remove(_ record: Record) throws(Refusal) {
    guard record.isLive, let row = record.row else { return }
    try store.delete(record)
    hooks?.touched(record, was: row)
    try follow(record, old: row, new: nil)
    try rollUps.follow(record, old: row, new: nil, changed: nil, hooks)
  }

  private func restricted(_ record: Record, by other: Record, _ field: FieldDefinition) -> Refusal {
    var refusal = Refusal(
      .schema,
      "\(record.type.name)/\(record.id) is used by \(other.type.name)/\(other.id) (\(field.name)); "
        + "delete or change that first")
    refusal.outward = "\(record.type.name)/\(record.id) is in use and cannot be deleted"
    return refusal
  }
}
