package import QuartermasterCEL

/// Reads the journal of a file: by row, by record along its chain, backwards through all.
package struct JournalReader {
  /// The session it reads on.
  package let session: StoreSession

  /// Creates a reader.
  package init(_ session: StoreSession) { self.session = session }

  /// Returns the operation of a row, or nil when the journal does not hold it (any more).
  package func entry(_ row: Int64) throws(Refusal) -> JournalEntry? {
    let statement = try session.statement("SELECT at, body FROM _journal WHERE seq = ?1")
    defer { statement.reset() }
    try statement.bind(1, row)
    guard try statement.step() else { return nil }
    return try JournalEntry(row: row, at: statement.int(0), body: statement.blob(1))
  }

  /// Returns the row of the last change of a record, deleted or not; nil when nothing is known of it.
  package func lastRow(of definition: ClassDefinition, _ id: String) throws(Refusal) -> Int64? {
    if let record = try session.existing(definition.recordType, id) {
      let slot = session.tables[definition.index].lastSlot
      if case .int(let row)? = record.row?.values[slot], row > 0 { return row }
      return nil
    }
    let statement = try session.statement("SELECT seq FROM _deleted WHERE class = ?1 AND id = ?2")
    defer { statement.reset() }
    try statement.bind(1, definition.name)
    try statement.bind(2, id)
    return try statement.step() ? statement.int(0) : nil
  }

  /// Gives the operations that changed a record, the last one first, until the body says that it has enough.
  ///
  /// `row`: Where to begin; nil for the record's last change.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func history(
    of definition: ClassDefinition, _ id: String, from row: Int64? = nil,
    _ body: (JournalEntry, JournalEntry.Change) throws(Refusal) -> Bool
  ) throws(Refusal) {
    var next = row
    if next == nil { next = try lastRow(of: definition, id) }
    while let row = next, row > 0, let entry = try entry(row) {
      guard let change = entry.change(of: definition.name, id) else { return }
      if try !body(entry, change) { return }
      // Rows only ever point back; one that does not is damaged, and must not be followed for ever.
      next = change.previous < row ? change.previous : nil
    }
  }

  /// Gives all operations, the last one first, until the body says that it has enough.
  ///
  /// `text`: Only those whose row holds this text, to save the reading of others; nil for all.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func backwards(
    containing text: String? = nil, _ body: (JournalEntry) throws(Refusal) -> Bool
  ) throws(Refusal) {
    let sql =
      text == nil
      ? "SELECT seq, at, body FROM _journal ORDER BY seq DESC"
      : "SELECT seq, at, body FROM _journal WHERE instr(body, ?1) > 0 ORDER BY seq DESC"
    let statement = try session.statement(sql)
    defer { statement.reset() }
    if let text { try statement.bind(1, Array(text.utf8)) }
    while try statement.step() {
      let entry = try JournalEntry(
        row: statement.int(0), at: statement.int(1), body: statement.blob(2))
      if try !body(entry) { return }
    }
  }

  /// An operation that was refused.
  package struct Refused: Sendable {
    /// The instant.
    package let at: Timestamp
    /// The reason, such as `reject`, `schema` or `error`.
    package let reason: String
    /// The rule in which it happened, if any.
    package let rule: String?
    /// What happened.
    package let message: String
    /// Who asked for it, and what.
    package let actor: String?, input: String?
  }

  /// Returns the operations that were refused, the last one first.
  ///
  /// - Parameters:
  ///   - rule: Only those that this rule refused; nil for all.
  ///   - limit: The most that are returned.
  /// - Returns: The rows of `_refused`.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func refused(by rule: String? = nil, limit: Int) throws(Refusal) -> [Refused] {
    let statement = try session.statement(
      "SELECT at, reason, rule, message, body FROM _refused WHERE ?1 IS NULL OR rule = ?1 "
        + "ORDER BY number DESC LIMIT ?2")
    defer { statement.reset() }
    try statement.bind(1, rule)
    try statement.bind(2, Int64(limit))
    var found: [Refused] = []
    while try statement.step() {
      let body = try? JSONReader.read(statement.blob(4))
      found.append(
        Refused(
          at: Timestamp(milliseconds: statement.int(0)), reason: statement.text(1),
          rule: statement.optionalText(2), message: statement.text(3),
          actor: body?["actor"]?.text, input: body?["input"]?.text))
    }
    return found
  }

  /// Returns the files of a rule set that was in force, as they were; none when the file does not know it.
  package func ruleFiles(_ number: Int64) throws(Refusal) -> [SourceFile] {
    let statement = try session.statement("SELECT text FROM _rules WHERE number = ?1")
    defer { statement.reset() }
    try statement.bind(1, number)
    guard try statement.step(), let json = try? JSONReader.read(statement.text(0)) else {
      return []
    }
    return json.items.compactMap { file in
      guard file.items.count == 2, let name = file.items[0].text, let text = file.items[1].text
      else { return nil }
      return SourceFile(name: name, text: text)
    }
  }
}

extension JournalEntry {
  /// Returns the change of a record in this operation, or nil.
  package func change(of className: String, _ id: String) -> Change? {
    changes.first { UTF8Text.equal($0.id, id) && $0.className == className }
  }
}
