internal import QuartermasterCEL

/// The journal against itself and against the records: each `_last` leads to the record's last change, whose values
/// are those of the row, and each change leads to the one before.
extension Doctor {
  func lookAtJournal() throws(Refusal) {
    let shapes = try store.integer("SELECT count(DISTINCT shape) FROM _schema") ?? 0
    let read = try store.statement("SELECT seq, at, body FROM _journal ORDER BY seq")
    while try read.step() {
      let entry: JournalEntry
      do {
        entry = try JournalEntry(row: read.int(0), at: read.int(1), body: read.blob(2))
      } catch {
        found(.journal, error.message, mend: nil)
        continue
      }
      for (change, wanted) in history.add(entry) {
        // After a change of names, and where rows were removed by age, a link may lead out of what is known.
        if shapes > 1 || wanted == nil, try !isInJournal(change.previous) { continue }
        if shapes > 1, wanted == nil { continue }
        found(
          .journal,
          "row \(entry.row) says that \(change.record) was changed before in row \(change.previous); "
            + "that was \(wanted.map { $0 == 0 ? "never" : "row \($0)" } ?? "another record")",
          mend: nil)
      }
    }
    for definition in schema.classes where !definition.isSystem {
      try lookAtRecords(of: definition, comparesValues: shapes <= 1)
    }
    try lookAtDeletions()
  }

  private func isInJournal(_ row: Int64) throws(Refusal) -> Bool {
    let statement = try store.statement("SELECT 1 FROM _journal WHERE seq = ?1")
    defer { statement.reset() }
    try statement.bind(1, row)
    return try statement.step()
  }

  private func lookAtRecords(of definition: ClassDefinition, comparesValues: Bool) throws(Refusal) {
    let reader = JournalReader(store)
    let lastSlot = store.tables[definition.index].lastSlot
    try store.forEachRow(of: definition) { record, row throws(Refusal) in
      guard case .int(let stored) = row.values[lastSlot] else { return }
      let place = "\(definition.name)/\(record.id)"
      guard let known = history[definition.name, record.id] else {
        // It may be told of in rows that are gone, or under a name that the class had.
        if stored > history.end {
          found(
            .journal,
            "\(place) says that row \(stored) changed it, which the journal does not have",
            mend: "begin its history anew"
          ) { [self] () throws(Refusal) in try point(definition, record.id, at: 0) }
        }
        return
      }
      if known.isDeletion {
        return found(
          .journal, "\(place) is there, and row \(known.row) of the journal deleted it", mend: nil)
      }
      if stored != known.row {
        found(
          .journal,
          "\(place) says that row \(stored) changed it last; that was row \(known.row)",
          mend: "point it at row \(known.row)"
        ) { [self] () throws(Refusal) in try point(definition, record.id, at: known.row) }
      }
      if comparesValues, let entry = try reader.entry(known.row),
        let change = entry.change(of: definition.name, record.id)
      {
        compare(row, change, definition, record.id)
      }
    }
  }

  /// Compares a row with what the journal says that its last change made of it.
  private func compare(
    _ row: Row, _ change: JournalEntry.Change, _ definition: ClassDefinition, _ id: String
  ) {
    var wrong: [(slot: Int, told: Value)] = []
    var texts: [String] = []
    for told in change.fields {
      guard let field = definition[told.name], let slot = field.slot, !field.isSecret,
        case .stored = field.kind
      else { continue }
      var buffer = JSONBuffer()
      buffer.value(row.values[slot])
      let (here, there) = (buffer.text, JSONWriter.text(told.new))
      if here == there { continue }
      // Numbers may be written in another way and be the same.
      if let value = RowJSON.stored(told.new, field.type) {
        if Value.equal(value, row.values[slot]) { continue }
        wrong.append((slot, value))
      }
      texts.append("\(told.name) is \(here) and was \(there)")
    }
    if texts.isEmpty { return }
    let text =
      "\(definition.name)/\(id) was changed past the journal since its last row: "
      + texts.joined(separator: ", ")
    if wrong.count < texts.count { return found(.journal, text, mend: nil) }
    found(.journal, text, mend: "keep its values, and write the change into the journal") {
      [self] () throws(Refusal) in
      guard let record = try store.existing(definition.recordType, id), let now = record.row else {
        return
      }
      let was = Row.copy(now)
      for (slot, told) in wrong { was.values[slot] = told }
      if let known = changes.firstIndex(where: { $0.record === record }) {
        for (slot, told) in wrong { changes[known].old?.values[slot] = told }
      } else {
        changes.append(Change(record: record, old: was, new: now))
      }
    }
  }

  private func point(_ definition: ClassDefinition, _ id: String, at row: Int64) throws(Refusal) {
    let table = store.tables[definition.index]
    let statement = try store.statement(
      "UPDATE \(table.quotedName) SET \"_last\" = ?2 WHERE \"objectId\" = ?1")
    try statement.bind(1, id)
    try statement.bind(2, row)
    try statement.run()
    // A row in memory carries the number, and a change that is told of later takes it from there.
    if let record = try store.existing(definition.recordType, id), let now = record.row {
      now.values[table.lastSlot] = .int(row)
    }
  }

  // MARK: Deleted records

  private func lookAtDeletions() throws(Refusal) {
    var listed: Set<String> = []
    let read = try store.statement("SELECT class, id, seq FROM _deleted ORDER BY class, id")
    while try read.step() {
      let (className, id, row) = (read.text(0), read.text(1), read.int(2))
      listed.insert(className + "/" + id)
      guard let definition = schema[className] else { continue }
      let isThere = try store.existing(definition.recordType, id) != nil
      let known = history[className, id]
      if isThere {
        // A record that was created again keeps the row of its deletion; it is not read then.
        let told = try JournalReader(store).entry(row)
        guard let told, told.change(of: className, id)?.kind != .deleted else { continue }
        found(
          .journal, "\(className)/\(id) is listed as deleted in row \(row), and it is there",
          mend: "take it off the list"
        ) { [self] () throws(Refusal) in try forgetDeletion(className, id) }
      } else if let known, known.isDeletion, known.row != row {
        found(
          .journal,
          "\(className)/\(id) is listed as deleted in row \(row); that was row \(known.row)",
          mend: "correct the list"
        ) { [interpreter] () throws(Refusal) in
          try interpreter.noteDeletion(className, id, row: known.row)
        }
      }
    }
    for (place, known) in history.last.sorted(by: { $0.key < $1.key }) where known.isDeletion {
      guard !listed.contains(place), let slash = place.firstIndex(of: "/") else { continue }
      let (className, id) = (String(place[..<slash]), String(place[place.index(after: slash)...]))
      guard let definition = schema[className],
        try store.existing(definition.recordType, id) == nil
      else { continue }
      found(
        .journal, "\(place) was deleted in row \(known.row) and is not listed so",
        mend: "put it on the list"
      ) { [interpreter] () throws(Refusal) in
        try interpreter.noteDeletion(className, id, row: known.row)
      }
    }
  }

  private func forgetDeletion(_ className: String, _ id: String) throws(Refusal) {
    let statement = try store.statement("DELETE FROM _deleted WHERE class = ?1 AND id = ?2")
    try statement.bind(1, className)
    try statement.bind(2, id)
    try statement.run()
  }
}
