internal import QuartermasterCEL

/// Ids and numbers that the engine gives: none may come a second time.
extension Doctor {
  func lookAtCounters() throws(Refusal) {
    try lookAtIDs()
    for definition in schema.classes {
      for field in definition.fields {
        if let format = field.sequence { try lookAtSequence(field, format, definition) }
      }
    }
  }

  private func lookAtIDs() throws(Refusal) {
    let last = try store.integer("SELECT value FROM _meta WHERE key = 'lastId'") ?? 0
    var highest: Int64 = 0
    for definition in schema.classes {
      let table = store.tables[definition.index]
      let read = try store.statement(
        "SELECT \"objectId\", \"createdAt\" FROM \(table.quotedName) "
          + "WHERE length(\"objectId\") = 12 AND \"objectId\" GLOB '[0-9]*' "
          + "ORDER BY \"objectId\" DESC LIMIT 1")
      while try read.step() {
        // Others may give ids that look alike; one of ours begins with the instant at which it was made.
        guard let number = IDSource.number(read.text(0)), number >> 16 == read.int(1) else {
          continue
        }
        highest = max(highest, number)
      }
    }
    let queued = try store.statement(
      "SELECT message FROM _outbox WHERE length(message) = 12 ORDER BY message DESC LIMIT 1")
    while try queued.step() { highest = max(highest, IDSource.number(queued.text(0)) ?? 0) }
    if highest <= last { return }
    found(
      .counters,
      "the last id that was given is \(IDSource.text(highest)), and the counter stands at "
        + IDSource.text(last),
      mend: "set the counter to it"
    ) { [store] () throws(Refusal) in
      store.ids.last = max(store.ids.last, highest)
    }
  }

  private func lookAtSequence(
    _ field: FieldDefinition, _ format: SequenceFormat, _ definition: ClassDefinition
  ) throws(Refusal) {
    // Where numbers must be unique, those that records brought with them are stepped over.
    if field.isUnique { return }
    guard let slot = field.slot else { return }
    let name = "\(definition.name).\(field.name)"
    let read = try store.statement("SELECT value FROM _sequences WHERE name = ?1")
    try read.bind(1, name)
    let value = try read.step() ? read.int(0) : 0
    read.reset()
    let next = format.text(value + 1)
    guard try store.first(definition, where: [(slot, .string(next))]) != nil else { return }
    let highest = try highestNumber(of: field, format, definition)
    found(
      .counters, "the next number of \(name) would be \(next), which is given already",
      mend: "go on after \(format.text(highest))"
    ) { [store] () throws(Refusal) in
      let write = try store.statement(
        "INSERT OR REPLACE INTO _sequences (name, value) VALUES (?1, ?2)")
      try write.bind(1, name)
      try write.bind(2, highest)
      try write.run()
    }
  }

  private func highestNumber(
    of field: FieldDefinition, _ format: SequenceFormat, _ definition: ClassDefinition
  ) throws(Refusal) -> Int64 {
    let table = store.tables[definition.index]
    let read = try store.statement(
      "SELECT \(ClassTable.quoted(field.name)) FROM \(table.quotedName) "
        + "WHERE \(ClassTable.quoted(field.name)) IS NOT NULL")
    var highest: Int64 = 0
    while try read.step() {
      let text = read.text(0)
      guard UTF8Text.starts(text, with: format.prefix), text.hasSuffix(format.suffix) else {
        continue
      }
      let digits = text.utf8.dropFirst(format.prefix.utf8.count)
        .dropLast(format.suffix.utf8.count)
      if let number = Int64(String(decoding: Array(digits), as: UTF8.self)) {
        highest = max(highest, number)
      }
    }
    return highest
  }
}
