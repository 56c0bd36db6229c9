internal import CSQLite
package import QuartermasterCEL

/// The statements that write one class.
struct ClassWrites {
  var insert: PreparedStatement?
  var delete: PreparedStatement?
  /// An UPDATE for each set of columns that was ever changed together, the last used first.
  var updates: [(columns: SlotSet, statement: PreparedStatement)] = []
}

/// A set of slots of a class.
struct SlotSet: Equatable {
  private(set) var low: UInt64 = 0
  private(set) var high: [UInt64] = []

  mutating func insert(_ slot: Int) {
    if slot < 64 {
      low |= 1 << UInt64(slot)
      return
    }
    let word = slot / 64 - 1
    while high.count <= word { high.append(0) }
    high[word] |= 1 << UInt64(slot % 64)
  }

  func contains(_ slot: Int) -> Bool {
    if slot < 64 { return low & (1 << UInt64(slot)) != 0 }
    let word = slot / 64 - 1
    return word < high.count && high[word] & (1 << UInt64(slot % 64)) != 0
  }

  var isEmpty: Bool { low == 0 && high.allSatisfy { $0 == 0 } }
}

extension Store {
  /// Returns a row of a class with nothing in it, to be filled by its maker.
  package func emptyRow(_ type: RecordType) -> Row { Row(count: tables[type.index].lastSlot + 1) }

  /// Writes a new row, and makes it the record's.
  ///
  /// - Throws: A refusal that names the rival when a unique value is there already.
  package func insert(_ record: Record, _ row: Row) throws(Refusal) {
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
    let code = try statement.runCatchingConstraint()
    if code != SQLITE_OK { throw try violation(code, record, row, table) }
    undoLog.note(record, was: nil)
    record.become(row)
  }

  /// Writes the slots of a row that differ from the stored one, and makes it the record's.
  ///
  /// - Throws: A refusal that names the rival when a unique value is there already.
  package func update(_ record: Record, _ row: Row) throws(Refusal) {
    guard record.state == .live, let old = record.row else {
      throw Refusal(.error, "\(record.type.name)/\(record.id) is not there")
    }
    let table = tables[record.type.index]
    var columns = SlotSet()
    for slot in 0..<table.lastSlot where !row.values[slot].isStored(as: old.values[slot]) {
      columns.insert(slot)
    }
    if columns.isEmpty { return }
    row.values[table.lastSlot] = .int(journalNumber)
    let statement = try updateStatement(table, columns)
    try statement.bind(1, record.id)
    try statement.bind(2, journalNumber)
    var parameter: Int32 = 3
    for slot in 0..<table.lastSlot where columns.contains(slot) {
      try bind(row, slot, table, to: statement, parameter)
      parameter += 1
    }
    let code = try statement.runCatchingConstraint()
    if code != SQLITE_OK { throw try violation(code, record, row, table) }
    undoLog.note(record, was: old)
    record.become(row)
  }

  /// Deletes the row of a record. What points at it is the caller's to see to first.
  package func delete(_ record: Record) throws(Refusal) {
    guard record.state == .live, let old = record.row else { return }
    let place = record.type.index
    let statement: PreparedStatement
    if let held = writes[place].delete {
      statement = held
    } else {
      statement = try PreparedStatement(tables[place].deleteByID, session: self)
      writes[place].delete = statement
    }
    try statement.bind(1, record.id)
    try statement.run()
    undoLog.note(record, was: old)
    record.become(nil)
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

  private func updateStatement(_ table: ClassTable, _ columns: SlotSet) throws(Refusal)
    -> PreparedStatement
  {
    let place = table.definition.index
    if let found = writes[place].updates.firstIndex(where: { $0.columns == columns }) {
      if found > 0 { writes[place].updates.swapAt(0, found) }
      return writes[place].updates[0].statement
    }
    var sql = "UPDATE \(table.quotedName) SET \"_last\" = ?2"
    var parameter = 3
    for slot in 0..<table.lastSlot where columns.contains(slot) {
      sql += ", \(ClassTable.quoted(table.columnNames[slot])) = ?\(parameter)"
      parameter += 1
    }
    let made = try PreparedStatement(sql + " WHERE \"objectId\" = ?1", session: self)
    writes[place].updates.insert((columns, made), at: 0)
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

extension Value {
  /// Whether two values of one field are stored alike: the equality by which a write changes something.
  ///
  /// Texts by their bytes, decimals by their number, lists and maps in depth; pointers by id.
  package func isStored(as other: Value) -> Bool {
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.uint(let a), .uint(let b)): return a == b
    case (.double(let a), .double(let b)): return a == b
    case (.decimal(let a), .decimal(let b)): return a == b
    case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
    case (.bytes(let a), .bytes(let b)): return a == b
    case (.timestamp(let a), .timestamp(let b)): return a.milliseconds == b.milliseconds
    case (.duration(let a), .duration(let b)): return a.milliseconds == b.milliseconds
    case (.record(let a), .record(let b)):
      return a.type === b.type && a.id.utf8.elementsEqual(b.id.utf8)
    case (.list(let a), .list(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.isStored(as: $1) }
    case (.map(let a), .map(let b)):
      return a.entries.count == b.entries.count
        && a.entries.allSatisfy { entry in
          b[entry.key].map { entry.value.isStored(as: $0) } ?? false
        }
    default: return false
    }
  }
}
