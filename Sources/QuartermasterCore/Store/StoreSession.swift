internal import CSQLite
package import QuartermasterCEL

/// A connection with its statements and the records that were read through it.
///
/// The base of ``Store``, which writes, and ``StoreReader``, which does not. Used by one thread at a time.
package class StoreSession: RecordHost, @unchecked Sendable {
  /// The schema.
  package let schema: Schema
  /// The tables, by the place of their class in the schema.
  package let tables: [ClassTable]
  /// The file as the user named it, for messages.
  package let fileName: String
  /// Says what became of a deleted record, such as `deleted by rule close-order`; set by the engine.
  @exclusivity(unchecked) package final var fateOfDeleted: ((Record) -> String?)?

  let connection: OpaquePointer
  @exclusivity(unchecked) private var statements: [String: [PreparedStatement]] = [:]
  @exclusivity(unchecked) private var held: [HeldStatements]
  /// The statements of queries.
  @exclusivity(unchecked) final var queries = QueryStatements()
  private let maps: ContiguousArray<RecordMap>
  /// The same, for expressions.
  private let mapTable: UnsafeMutablePointer<Unmanaged<RecordMap>>
  @exclusivity(unchecked) private var relations: RelationCache

  init(
    schema: Schema, tables: [ClassTable], connection: OpaquePointer, fileName: String
  ) {
    self.schema = schema
    self.tables = tables
    self.connection = connection
    self.fileName = fileName
    held = tables.map { _ in HeldStatements() }
    maps = ContiguousArray(tables.map { RecordMap($0.definition.recordType) })
    mapTable = .allocate(capacity: max(maps.count, 1))
    for (place, map) in maps.enumerated() {
      (mapTable + place).initialize(to: Unmanaged.passUnretained(map))
    }
    relations = RelationCache(tables)
  }

  deinit { mapTable.deallocate() }

  /// Statements that are looked up by place, not by text.
  private struct HeldStatements {
    var selectByID: PreparedStatement?
    var selectPointing: [Int: PreparedStatement] = [:]
    /// By the slots that are asked for; few.
    var selectFirst: [(slots: [Int], statement: PreparedStatement)] = []
  }

  // MARK: Statements

  /// Returns a prepared statement for a text, kept for the next time; one that is in use is not given twice.
  ///
  /// Look a statement up once and hold it where it runs often: the look-up costs as much as a small query.
  package final func statement(_ sql: String) throws(Refusal) -> PreparedStatement {
    if let found = statements[sql]?.first(where: { !$0.isActive }) { return found }
    let made = try PreparedStatement(sql, session: self)
    statements[sql, default: []].append(made)
    return made
  }

  /// Runs SQL that gives no rows that anyone wants, once.
  package final func execute(_ sql: String) throws(Refusal) {
    let once = try PreparedStatement(sql, session: self)
    defer { once.finalize() }
    try once.run()
  }

  /// Returns the first column of the first row as an integer, or nil when there is no row or it is null.
  package final func integer(_ sql: String) throws(Refusal) -> Int64? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.optionalInt(0) : nil
  }

  /// Finalizes all statements, so that the connection can close.
  func finalizeStatements() {
    for list in statements.values { for statement in list { statement.finalize() } }
    statements = [:]
    queries.finalizeAll()
    for held in held {
      held.selectByID?.finalize()
      for statement in held.selectPointing.values { statement.finalize() }
      for first in held.selectFirst { first.statement.finalize() }
    }
    held = tables.map { _ in HeldStatements() }
  }

  /// Whether somebody wants what runs to end.
  package var isInterrupted: Bool { false }

  /// Called before a statement reads on.
  func willRead() throws(Refusal) {}

  /// Whether the file has what rows of a class hold in a slot.
  func isWritten(_ type: RecordType, _ slot: Int) -> Bool { true }

  /// Called before a statement changes the file; a reader's connection refuses by itself.
  func willWrite() throws(Refusal) {}

  /// Called in place of it before one row of a class is written, which can be written back.
  func willWriteRow() throws(Refusal) {}

  /// Makes a refusal of SQLite's result, and notes what it says of the transaction.
  func failure(_ code: Int32, doing sql: String) -> Refusal {
    let message = String(cString: sqlite3_errmsg(connection))
    return .storage(code, message, file: fileName, doing: sql)
  }

  // MARK: Records

  /// Returns the live record of a class and an id, loaded or not, whether it is there or not.
  package final func record(_ type: RecordType, _ id: String) -> Record {
    maps[type.index].record(id).takeUnretainedValue()
  }

  /// Returns the same without a count; it is held until ``forgetAll()``.
  package final func lent(_ type: RecordType, _ id: String) -> Unmanaged<Record> {
    maps[type.index].record(id)
  }

  package final var recordMaps: UnsafePointer<Unmanaged<RecordMap>>? { UnsafePointer(mapTable) }

  /// Returns the live record whose id stands in a column of the current row.
  package final func record(
    _ type: RecordType, id column: Int32, of statement: PreparedStatement
  ) -> Record {
    maps[type.index].record(statement.utf8(column)).takeUnretainedValue()
  }

  /// Returns the live record of the current row of a full read, its row set when it was not loaded yet.
  ///
  /// - Parameters:
  ///   - type: The class.
  ///   - statement: What was stepped to the row.
  ///   - first: The column of `objectId`; the other columns of ``ClassTable/selection`` follow it.
  /// - Returns: The record.
  /// - Throws: A refusal when a column holds what no field can.
  package final func record(
    _ type: RecordType, row statement: PreparedStatement, at first: Int32 = 0
  ) throws(Refusal) -> Record {
    let record = record(type, id: first, of: statement)
    if !record.isLive {
      record.become(try decode(statement, at: first + 1, tables[type.index]))
    }
    return record
  }

  private func decode(_ statement: PreparedStatement, at first: Int32, _ table: ClassTable)
    throws(Refusal) -> Row
  {
    let row = Row.nulls(table.lastSlot + 1)
    for slot in 0..<table.lastSlot {
      do throws(Refusal) {
        row.values[slot] = try table.codecs[slot].read(statement, first + Int32(slot))
      } catch {
        let name = "\(table.definition.name)/\(statement.text(first - 1))"
        throw .unreadable(name, table.columnNames[slot], error)
      }
    }
    row.values[table.lastSlot] = .int(statement.int(first + Int32(table.lastSlot)))
    return row
  }

  /// Reads the row of a record that is not loaded; afterwards its state is live or deleted.
  package final func fetch(_ record: Record) throws(Refusal) {
    let place = record.type.index
    let statement: PreparedStatement
    if let held = held[place].selectByID {
      statement = held
    } else {
      statement = try PreparedStatement(tables[place].selectByID, session: self)
      held[place].selectByID = statement
    }
    try statement.bind(1, record.id)
    defer { statement.reset() }
    // The rows that wait are those of records in memory.
    guard try statement.step(needsAllWritten: false) else { return record.become(nil) }
    record.become(try decode(statement, at: 1, tables[place]))
    record.rowNumber = statement.int(Int32(tables[place].lastSlot + 2))
  }

  /// Returns the record when it is there, or nil.
  package final func existing(_ type: RecordType, _ id: String) throws(Refusal) -> Record? {
    let record = record(type, id)
    if record.isUnloaded { try fetch(record) }
    return record.isLive ? record : nil
  }

  /// Returns the records that point at an id through a slot of their class, in key order, loaded.
  package final func pointing(
    at id: String, from type: RecordType, slot: Int, atMost most: Int = -1
  ) throws(Refusal) -> [Record] {
    let statement = try pointingStatement(type, slot: slot)
    try statement.bind(1, id)
    try statement.bind(2, Int64(most))
    defer { statement.reset() }
    var found: [Record] = []
    // Pointers do not wait, and what else waits is in memory, from where it is taken.
    while try statement.step(needsAllWritten: false) {
      found.append(try record(type, row: statement))
    }
    return found
  }

  private func pointingStatement(_ type: RecordType, slot: Int) throws(Refusal)
    -> PreparedStatement
  {
    if let held = held[type.index].selectPointing[slot], !held.isActive { return held }
    let table = tables[type.index]
    let column = ClassTable.quoted(table.columnNames[slot])
    let made = try PreparedStatement(
      "SELECT \(table.selection) FROM \(table.quotedName) WHERE \(column) = ?1 "
        + "ORDER BY \"objectId\" LIMIT ?2", session: self)
    held[type.index].selectPointing[slot] = made
    return made
  }

  /// Returns the first record in key order whose slots have these values; null is found as null.
  package final func first(
    _ definition: ClassDefinition, where conditions: [(slot: Int, value: Value)]
  ) throws(Refusal) -> Record? {
    let table = tables[definition.index]
    let statement = try firstStatement(table, conditions)
    defer { statement.reset() }
    var isWritten = true
    for (place, condition) in conditions.enumerated() {
      try table.codecs[condition.slot].bind(condition.value, to: statement, Int32(place + 1))
      isWritten = isWritten && self.isWritten(definition.recordType, condition.slot)
    }
    return try statement.step(needsAllWritten: !isWritten)
      ? try record(definition.recordType, row: statement) : nil
  }

  private func firstStatement(
    _ table: ClassTable, _ conditions: [(slot: Int, value: Value)]
  ) throws(Refusal) -> PreparedStatement {
    let place = table.definition.index
    for known in held[place].selectFirst
    where known.slots.elementsEqual(conditions.lazy.map(\.slot)) && !known.statement.isActive {
      return known.statement
    }
    var sql = "SELECT \(table.selection) FROM \(table.quotedName)"
    for (place, condition) in conditions.enumerated() {
      let column = ClassTable.quoted(table.columnNames[condition.slot])
      // `IS` finds null as well, and SQLite serves it from an index like `=`.
      sql += (place == 0 ? " WHERE " : " AND ") + column + " IS ?\(place + 1)"
    }
    let made = try PreparedStatement(sql + " ORDER BY \"objectId\" LIMIT 1", session: self)
    held[place].selectFirst.append((conditions.map(\.slot), made))
    return made
  }

  /// Returns all records of a class in key order, loaded.
  package final func records(of definition: ClassDefinition) throws(Refusal) -> [Record] {
    let statement = try statement(tables[definition.index].selectAll)
    defer { statement.reset() }
    var found: [Record] = []
    while try statement.step() { found.append(try record(definition.recordType, row: statement)) }
    return found
  }

  /// Goes through all rows of a class in key order without keeping them in memory.
  ///
  /// - Parameters:
  ///   - definition: The class.
  ///   - body: Is given each record pinned to its row, and the row. It may write to other records and to this one.
  /// - Throws: What the body throws.
  package final func forEachRow(
    of definition: ClassDefinition, _ body: (Record, Row) throws(Refusal) -> Void
  ) throws(Refusal) {
    let table = tables[definition.index]
    let statement = try statement(table.selectAll)
    defer { statement.reset() }
    while try statement.step() {
      let row = try decode(statement, at: 1, table)
      try body(Record(type: definition.recordType, id: statement.text(0), pinned: row), row)
    }
  }

  // MARK: RecordHost

  package final func load(_ record: Record) throws(EvaluationError) {
    do { try fetch(record) } catch { throw error.evaluationError }
  }

  package final func related(_ record: Record, _ relation: RecordField.Relation)
    throws(EvaluationError) -> Value
  {
    // The one that the session gives for the id: versions, and records from before all was forgotten, have no others.
    let live = self.record(record.type, record.id)
    if let known = relations.find(live, relation) { return known }
    do {
      let found = try pointing(at: record.id, from: relation.source, slot: relation.slot)
      let value =
        relation.isUnique
        ? found.first.map(Value.record) ?? .null : Value.list(found.map(Value.record))
      relations.keep(value, of: live, relation, count: found.count)
      return value
    } catch { throw error.evaluationError }
  }

  /// Returns whether a relation of a record is in memory, read now where it is short: then what is asked of it is
  /// answered there, and not by SQLite.
  final func holds(_ record: Record, _ relation: RecordField.Relation) throws(EvaluationError)
    -> Bool
  {
    let live = lent(record.type, record.id).takeUnretainedValue()
    if relations.find(live, relation) != nil { return true }
    if relations.isLong(live, relation) { return false }
    do {
      let found = try pointing(
        at: live.id, from: relation.source, slot: relation.slot,
        atMost: RelationCache.longestRead + 1)
      if found.count > RelationCache.longestRead {
        relations.noteLong(live, relation)
        return false
      }
      relations.keep(.list(found.map(Value.record)), of: live, relation, count: found.count)
      return true
    } catch { throw error.evaluationError }
  }

  /// Puts a new record into the relations that are known.
  final func noteRelations(_ record: Record, _ row: Row) {
    relations.insert(record, row) { target, id in maps[target.index].known(id) }
  }

  /// Forgets the relations that a row of a class changes as it becomes another, or comes or goes.
  final func forgetRelations(_ type: RecordType, _ old: Row?, _ new: Row?) {
    relations.forget(type, old, new) { target, id in maps[target.index].known(id) }
  }

  /// Forgets the same where one of the slots that differ is a pointer.
  final func forgetRelations(_ type: RecordType, _ old: Row, _ new: Row, changed: SlotSet) {
    if relations.concerns(type, changed) { forgetRelations(type, old, new) }
  }

  package final func all(_ type: RecordType) throws(EvaluationError) -> [Value] {
    do {
      return try records(of: tables[type.index].definition).map(Value.record)
    } catch { throw error.evaluationError }
  }

  package final func fate(of record: Record) -> String {
    fateOfDeleted?(record) ?? "deleted"
  }

  // MARK: Memory

  /// How many records are in memory.
  package final var cachedCount: Int { maps.reduce(relations.count) { $0 + $1.count } }

  /// Forgets all rows; records that somebody still holds load anew when they are read.
  package final func forgetAll() {
    for map in maps {
      for record in map.records { record.forget() }
      map.removeAll()
    }
    relations.removeAll()
  }
}
