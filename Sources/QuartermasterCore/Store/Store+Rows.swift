internal import CSQLite
package import QuartermasterCEL

/// The statements that write one class.
struct ClassWrites {
  var insert: PreparedStatement?
  var delete: PreparedStatement?
  /// An UPDATE for each set of columns that was ever changed together, the last used first.
  var updates: [Update] = []

  /// An UPDATE of some columns.
  struct Update {
    let columns: SlotSet
    /// Whether it finds the row by its number, not by the id: a look into one tree in place of two.
    let isByNumber: Bool
    let statement: PreparedStatement
  }
}

/// A set of slots of a class.
package struct SlotSet: Equatable {
  private(set) var low: UInt64 = 0
  private(set) var high: [UInt64] = []

  package static func == (a: SlotSet, b: SlotSet) -> Bool {
    a.low == b.low && (a.high.isEmpty && b.high.isEmpty || a.high == b.high)
  }

  mutating func insert(_ slot: Int) {
    if slot < 64 {
      low |= 1 << UInt64(slot)
      return
    }
    let word = slot / 64 - 1
    while high.count <= word { high.append(0) }
    high[word] |= 1 << UInt64(slot % 64)
  }

  mutating func formUnion(_ other: SlotSet) {
    low |= other.low
    for (place, word) in other.high.enumerated() {
      if place < high.count { high[place] |= word } else { high.append(word) }
    }
  }

  func contains(_ slot: Int) -> Bool {
    if slot < 64 { return low & (1 << UInt64(slot)) != 0 }
    let word = slot / 64 - 1
    return word < high.count && high[word] & (1 << UInt64(slot % 64)) != 0
  }

  func isSuperset(of other: SlotSet) -> Bool {
    if other.low & ~low != 0 { return false }
    for (place, word) in other.high.enumerated() {
      let own = place < high.count ? high[place] : 0
      if word & ~own != 0 { return false }
    }
    return true
  }

  func isDisjoint(with other: SlotSet) -> Bool {
    low & other.low == 0 && zip(high, other.high).allSatisfy { $0 & $1 == 0 }
  }

  /// Whether all of the slots of a row are null.
  func isNull(_ values: UnsafePointer<Value>) -> Bool {
    var rest = low
    while rest != 0 {
      guard case .null = values[rest.trailingZeroBitCount] else { return false }
      rest &= rest - 1
    }
    return (64..<64 * (high.count + 1)).allSatisfy {
      if contains($0), case .null = values[$0] { true } else { !contains($0) }
    }
  }

  /// Whether one of the slots differs between two rows.
  func differ(_ a: UnsafePointer<Value>, _ b: UnsafePointer<Value>) -> Bool {
    var rest = low
    while rest != 0 {
      let slot = rest.trailingZeroBitCount
      if !Value.equal(at: a + slot, b + slot) { return true }
      rest &= rest - 1
    }
    if high.isEmpty { return false }
    return (64..<64 * (high.count + 1)).contains {
      contains($0) && !Value.equal(at: a + $0, b + $0)
    }
  }

  var isEmpty: Bool { low == 0 && high.allSatisfy { $0 == 0 } }
}

extension Store {
  /// Returns a row of a class with nothing in it, to be filled by its maker.
  package func emptyRow(_ type: RecordType) -> Row { Row.nulls(tables[type.index].lastSlot + 1) }

  /// Writes a new row, and makes it the record's.
  ///
  /// - Parameters:
  ///   - record: The record, not there yet.
  ///   - row: Its row.
  ///   - isNew: Whether the id was made for the record; then an id that is there is no error.
  /// - Returns: Whether it was written: false when the id was made and is there already.
  /// - Throws: A refusal that names the rival when the id or a unique value is there already.
  package func insert(_ record: Record, _ row: Row, isNew: Bool) throws(Refusal) -> Bool {
    let place = record.type.index
    let table = tables[place]
    let statement: PreparedStatement
    if let held = writes[place].insert {
      statement = held
    } else {
      statement = try PreparedStatement(table.insert, session: self)
      writes[place].insert = statement
    }
    row.values[table.lastSlot] = .int(journalNumber)
    try statement.bind(1, record.id)
    for slot in 0..<table.lastSlot {
      try bind(row, slot, table, to: statement, Int32(slot + 2))
    }
    try statement.bind(Int32(table.lastSlot + 2), journalNumber)
    let code = try statement.runRow()
    if code == Constraint.primaryKey, isNew { return false }
    if code != SQLITE_OK { throw try violation(code, record, row, table) }
    undoLog.note(record, was: nil)
    noteInFile(record, row)
    noteRelations(record, row)
    record.become(row)
    record.rowNumber = sqlite3_last_insert_rowid(connection)
    return true
  }

  /// Writes the slots of a row that differ from the stored one, and makes it the record's.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - row: Its row from now on.
  ///   - stamps: Whether the number of the journal row is written even when no slot differs.
  /// - Returns: The slots that differed.
  /// - Throws: A refusal that names the rival when a unique value is there already.
  @discardableResult
  package func update(_ record: Record, _ row: Row, stamps: Bool = false) throws(Refusal) -> SlotSet
  {
    guard record.isLive, let old = record.row else {
      throw Refusal(.error, "\(record.type.name)/\(record.id) is not there")
    }
    let columns = Self.difference(row, old, tables[record.type.index])
    if columns.isEmpty, !stamps { return columns }
    try update(record, row, over: old, columns)
    return columns
  }

  /// Writes a row over the stored one, of which it is known in which slots it differs, and makes it the record's.
  func update(_ record: Record, _ row: Row, over old: Row, _ columns: SlotSet) throws(Refusal) {
    let table = tables[record.type.index]
    row.values[table.lastSlot] = .int(journalNumber)
    if canWait(record, columns, table) {
      letWait(record, inFile: old, columns)
    } else {
      if record.behindPlace >= 0 { try writeBehind() }
      let code = try run(record, row, columns, table)
      if code != SQLITE_OK { throw try violation(code, record, row, table) }
    }
    undoLog.note(record, was: old)
    forgetRelations(record.type, old, row, changed: columns)
    record.become(row)
  }

  /// Writes a row back as it was before an insert or an update; what holds it in memory is the caller's to see to.
  func unwrite(_ record: Record, to was: Row?) throws(Refusal) {
    guard let now = record.row else { return }
    let table = tables[record.type.index]
    if let was {
      let place = record.behindPlace
      if place < 0 { return try write(record, was, over: now) }
      // What waits goes in memory alone, but a unique value must be free again for who takes it next.
      if table.waitingSlots.isSuperset(of: Self.difference(now, was, table)) { return }
      try write(record, was, over: behind.rows[place].inFile)
      behind.rows[place].inFile = was
      return
    }
    let statement = try deleteStatement(table)
    try statement.bind(1, record.id)
    let code = try statement.runRow()
    if code != SQLITE_OK {
      throw failure(code, doing: "taking back a change of \(table.definition.name)/\(record.id)")
    }
  }

  /// Takes the marks of a write off a record whose fields are what they were: its row is the one from before again.
  ///
  /// - Throws: A refusal when the file cannot be written.
  func restoreMarks(_ record: Record, to was: Row) throws(Refusal) {
    guard record.isLive, let now = record.row else { return }
    try unwrite(record, to: was)
    undoLog.note(record, was: now)
    record.become(was)
  }

  /// Writes a row over another one of the same record.
  func write(_ record: Record, _ row: Row, over was: Row) throws(Refusal) {
    let table = tables[record.type.index]
    let columns = Self.difference(row, was, table)
    if columns.isEmpty,
      Value.equal(at: row.values + table.lastSlot, was.values + table.lastSlot)
    {
      return
    }
    let code = try run(record, row, columns, table)
    if code != SQLITE_OK {
      throw failure(code, doing: "an update of \(table.definition.name)/\(record.id)")
    }
  }

  private static func difference(_ row: Row, _ old: Row, _ table: ClassTable) -> SlotSet {
    var columns = SlotSet()
    for slot in 0..<table.lastSlot where !Value.equal(at: row.values + slot, old.values + slot) {
      columns.insert(slot)
    }
    return columns
  }

  /// Deletes the row of a record; what points at it is the caller's to see to first.
  package func delete(_ record: Record) throws(Refusal) {
    guard record.isLive, let old = record.row else { return }
    let statement = try deleteStatement(tables[record.type.index])
    try statement.bind(1, record.id)
    try statement.run()
    undoLog.note(record, was: old)
    forgetRelations(record.type, old, nil)
    record.become(nil)
  }

  private func deleteStatement(_ table: ClassTable) throws(Refusal) -> PreparedStatement {
    let place = table.definition.index
    if let held = writes[place].delete { return held }
    let made = try PreparedStatement(table.deleteByID, session: self)
    writes[place].delete = made
    return made
  }

  /// Judges foreign keys at the end of the open commit in place of each statement.
  func deferForeignKeys() throws(Refusal) { try statement("PRAGMA defer_foreign_keys = ON").run() }

  /// Writes some columns of a row, found by its number where that is known.
  private func run(_ record: Record, _ row: Row, _ columns: SlotSet, _ table: ClassTable)
    throws(Refusal) -> Int32
  {
    let isByNumber = record.rowNumber != 0
    let statement = try updateStatement(table, columns, isByNumber: isByNumber)
    if isByNumber {
      try statement.bind(1, record.rowNumber)
    } else {
      try statement.bind(1, record.id)
    }
    try ColumnCodec.integer.bind(row.values[table.lastSlot], to: statement, 2)
    var parameter: Int32 = 3
    for slot in 0..<table.lastSlot where columns.contains(slot) {
      try bind(row, slot, table, to: statement, parameter)
      parameter += 1
    }
    let code = try statement.runRow()
    if isByNumber, code == SQLITE_OK, sqlite3_changes(connection) != 1 {
      // Numbers only change where a file is made anew, and then nothing is known; this is for what nobody thought of.
      record.rowNumber = 0
      return try run(record, row, columns, table)
    }
    return code
  }

  private func bind(
    _ row: Row, _ slot: Int, _ table: ClassTable, to statement: PreparedStatement, _ index: Int32
  ) throws(Refusal) {
    do {
      try table.codecs[slot].bind(row.values[slot], to: statement, index)
    } catch {
      let field = "\(table.definition.name).\(table.columnNames[slot])"
      throw Refusal(error.reason, "\(field): \(error.message)")
    }
  }

  private func updateStatement(
    _ table: ClassTable, _ columns: SlotSet, isByNumber: Bool
  ) throws(Refusal) -> PreparedStatement {
    let place = table.definition.index
    for (found, update) in writes[place].updates.enumerated()
    where update.columns == columns && update.isByNumber == isByNumber {
      if found > 0 { writes[place].updates.swapAt(0, found) }
      return update.statement
    }
    var sql = "UPDATE \(table.quotedName) SET \"_last\" = ?2"
    var parameter = 3
    for slot in 0..<table.lastSlot where columns.contains(slot) {
      sql += ", \(ClassTable.quoted(table.columnNames[slot])) = ?\(parameter)"
      parameter += 1
    }
    sql += isByNumber ? " WHERE _rowid_ = ?1" : " WHERE \"objectId\" = ?1"
    let made = try PreparedStatement(sql, session: self)
    writes[place].updates.insert(
      ClassWrites.Update(columns: columns, isByNumber: isByNumber, statement: made), at: 0)
    return made
  }

  /// Finalizes the statements that write.
  func finalizeWrites() {
    for place in writes.indices {
      writes[place].insert?.finalize()
      writes[place].delete?.finalize()
      for update in writes[place].updates { update.statement.finalize() }
      writes[place] = ClassWrites()
    }
  }
}
