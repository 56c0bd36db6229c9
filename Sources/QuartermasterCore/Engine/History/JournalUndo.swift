package import QuartermasterCEL

/// Undoes the journal in a copy of a file, from its end back to an instant: what is left is the state of then.
///
/// The changes are gone through from the last one back and gathered by record, in memory; each record is then written
/// once. Nothing may use the file meanwhile, and what is copied must not be the file that others use: the rows of the
/// journal that were undone are deleted.
///
/// What the journal does not say is made as likely as it can be, see Docs/Decisions/0171.
package final class JournalUndo {
  /// A record that the journal changed.
  struct State {
    let record: Record
    let definition: ClassDefinition
    /// The row at the instant; nil when the record was not there.
    var row: Row?
    /// The row of the journal that changed it last before; 0 for none.
    var last: Int64
    /// Whether a value that counts for `updatedAt` was undone.
    var isWritten = false
    /// Whether a delete was undone, with which its marks were lost.
    var isRevived = false
  }

  let store: Store
  let instant: Timestamp
  /// The first row of the journal that is undone.
  let cut: Int64
  private(set) var states: [ObjectIdentifier: State] = [:]
  /// The records in the order in which they were met.
  private(set) var order: [ObjectIdentifier] = []
  /// The messages that were sent since.
  private(set) var messages: [String] = []
  /// The least number that a sequence gave since, by `Class.field`.
  private(set) var sequences: [String: Int64] = [:]
  /// Rows before the cut that were read for the marks of records.
  var entries: [Int64: JournalEntry?] = [:]

  private init(_ store: Store, _ instant: Timestamp, cut: Int64) {
    self.store = store
    self.instant = instant
    self.cut = cut
  }

  /// Makes a copy of a file what the file was at an instant: with all that happened before it, and nothing of what
  /// happened at it or later.
  ///
  /// Timers and schedules are left out: ``Interpreter/rebuildTimers(at:inForceSince:)`` makes them, where the rules are
  /// known. Calls inside ``Store/perform(_:)``, outside of a commit.
  ///
  /// - Parameters:
  ///   - instant: The instant.
  ///   - store: The copy.
  /// - Returns: The number of the first operation that was undone: the next one takes it.
  /// - Throws: A refusal when the file cannot be read or written.
  @discardableResult
  package static func undo(to instant: Timestamp, in store: Store) throws(Refusal) -> Int64 {
    let cut = try JournalReader(store).firstRow(at: instant)
    let undo = JournalUndo(store, instant, cut: cut)
    try undo.gather()
    try undo.mark()
    // Whoever points at a record comes and goes with it, in any order.
    try store.execute("PRAGMA foreign_keys = OFF")
    defer { try? store.execute("PRAGMA foreign_keys = ON") }
    try store.begin()
    do throws(Refusal) {
      try undo.writeRecords()
      try undo.writeTables()
      // The journal does not tell who was signed in.
      try store.execute("DELETE FROM _sessions")
      try AccountLedger(store)?.rebuild()
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
    store.forgetAll()
    try store.loadIDs()
    return cut
  }

  // MARK: Reading

  private func gather() throws(Refusal) {
    try gatherOutside()
    try JournalReader(store).backwards(within: cut...(.max)) { entry throws(Refusal) in
      messages += entry.messages.map(\.id)
      for change in entry.changes {
        // A class that is not there any more has no rows.
        guard let definition = store.schema[change.className] else { continue }
        try undo(change, definition)
      }
      return true
    }
  }

  /// What other programs wrote and nobody took in yet is the last that happened.
  private func gatherOutside() throws(Refusal) {
    guard try store.hasOutsideWrites() else { return }
    try store.begin()
    let writes: [Store.OutsideWrite]
    do throws(Refusal) {
      writes = try store.takeOutsideWrites()
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
    for write in writes.reversed() {
      let definition = store.schema.classes[write.classIndex]
      let key = try known(definition, write.id)
      states[key]?.row = try write.old.map { kept throws(Refusal) in
        try store.row(kept, WritePlan(definition, in: store.schema))
      }
      if case .int(let last)? = states[key]?.row?.values[lastSlot(definition)] {
        states[key]?.last = last
      }
    }
  }

  /// Returns the place of a record, with its row of today when it is met for the first time.
  private func known(_ definition: ClassDefinition, _ id: String) throws(Refusal)
    -> ObjectIdentifier
  {
    let record = store.record(definition.recordType, id)
    let key = ObjectIdentifier(record)
    if states[key] == nil {
      let row = try store.isThere(record) ? record.row.map { Row.copy($0) } : nil
      states[key] = State(record: record, definition: definition, row: row, last: 0)
      order.append(key)
    }
    return key
  }

  private func undo(_ change: JournalEntry.Change, _ definition: ClassDefinition) throws(Refusal) {
    let key = try known(definition, change.id)
    guard var state = states[key] else { return }
    // The row is this object's alone: it is changed in place.
    states[key] = nil
    switch change.kind {
    case .created:
      state.row = nil
      noteNumbers(change, definition)
    case .changed:
      guard let row = state.row else { break }
      for field in change.fields { set(field, in: row, &state) }
    case .deleted:
      let row = store.emptyRow(definition.recordType)
      for field in change.fields { set(field, in: row, &state) }
      fillSecrets(row, definition)
      state.row = row
      state.isRevived = true
      state.isWritten = true
    }
    state.last = change.previous
    states[key] = state
  }

  private func set(_ field: JournalEntry.Field, in row: Row, _ state: inout State) {
    guard let definition = state.definition[field.name], let slot = definition.slot,
      let value = RowJSON.stored(field.old, definition.type)
    else { return }
    row.values[slot] = value
    if !definition.isRollUp { state.isWritten = true }
  }

  /// Secrets are not in the journal; a column that may not be empty gets an empty text.
  private func fillSecrets(_ row: Row, _ definition: ClassDefinition) {
    for field in definition.fields where field.isSecret && !field.isNullable {
      guard let slot = field.slot, case .null = row.values[slot] else { continue }
      if case .null = field.defaultValue {
        row.values[slot] = .string("")
      } else {
        row.values[slot] = field.defaultValue
      }
    }
  }

  private func noteNumbers(_ change: JournalEntry.Change, _ definition: ClassDefinition) {
    for field in change.fields {
      guard let format = definition[field.name]?.sequence, let text = field.new.text,
        let number = format.number(of: text)
      else { continue }
      let name = "\(definition.name).\(field.name)"
      sequences[name] = min(sequences[name] ?? number, number)
    }
  }

  func lastSlot(_ definition: ClassDefinition) -> Int { store.tables[definition.index].lastSlot }

  /// Changes a record that was gathered.
  func update(_ key: ObjectIdentifier, _ body: (inout State) throws(Refusal) -> Void)
    throws(Refusal)
  {
    guard var state = states[key] else { return }
    try body(&state)
    states[key] = state
  }

  // MARK: Writing

  private func writeRecords() throws(Refusal) {
    // All of them go before any comes, so that unique values may change hands.
    for key in order {
      guard let record = states[key]?.record, try store.isThere(record) else { continue }
      try store.delete(record)
    }
    for key in order {
      guard let state = states[key], let row = state.row else { continue }
      store.startOperation(now: instant, journal: state.last)
      _ = try store.insert(state.record, row, isNew: false)
    }
  }
}

extension FieldDefinition {
  /// Whether the engine alone writes it, as a total.
  var isRollUp: Bool { if case .rollUp = kind { true } else { false } }
}

extension SequenceFormat {
  /// Returns the number that a text of this format holds; nil for another text.
  func number(of text: String) -> Int64? {
    guard text.utf8.count > prefix.utf8.count + suffix.utf8.count, text.hasPrefix(prefix),
      text.hasSuffix(suffix)
    else { return nil }
    let digits = text.dropFirst(prefix.count).dropLast(suffix.count)
    guard let number = Int64(digits), number > 0, self.text(number) == text else { return nil }
    return number
  }
}
