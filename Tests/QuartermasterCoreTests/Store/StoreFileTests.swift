import CSQLite
import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let plain = """
  classes:
    Item:
      name: String
      count: {type: Integer, default: 0}
  """

/// Runs SQL on a file as another program would.
private func outside(_ path: String, _ sql: String) {
  var connection: OpaquePointer?
  #expect(sqlite3_open(path, &connection) == SQLITE_OK)
  defer { sqlite3_close(connection) }
  #expect(
    sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK,
    "\(String(cString: sqlite3_errmsg(connection)))")
}

private func refusalOfOpening(_ path: String, _ options: StoreOptions = StoreOptions()) throws
  -> String
{
  let schema = try schema(plain)
  do throws(Refusal) {
    try Store.open(path, schema: schema, options: options).close()
    return "opened"
  } catch {
    #expect(error.reason == .storage)
    return error.message
  }
}

@Test func `ids grow over operations, undone ones, a clock that goes back, and reopening`() throws {
  let folder = try TemporaryFolder()
  var last = ""
  func next(_ store: Store) throws(Refusal) {
    let id = try store.newID()
    #expect(id > last)
    #expect(id.utf8.count == 12 && id.utf8.first.map { $0 >= 48 && $0 <= 57 } == true)
    last = id
  }
  let times: [Int64] = [
    1_767_225_600_000, 1_767_225_600_000, 1_000_000_000_000, -5, 1_767_225_700_000,
  ]
  for time in times {
    let test = try TestStore(plain, path: folder.file("data.sqlite"))
    for offset in 0..<3 as Range<Int64> {
      try test.run(at: Timestamp(milliseconds: time - offset)) { writing throws(Refusal) in
        for _ in 0..<3 { try next(writing.store) }
        // An id that was undone comes again: it names nothing.
        let mark = writing.store.mark()
        let undone = try writing.store.newID()
        try writing.store.undo(to: mark)
        #expect(try writing.store.newID() == undone)
        last = undone
      }
    }
    try test.store.close()
  }
}

@Test func `the text of ids sorts like their numbers`() {
  var numbers: [Int64] = [0, 1, 31, 32, 33, 1023, 1024, 1 << 40, (10 << 55) - 1]
  numbers += (0..<50).map { 1_767_225_600_000 << 16 + $0 }
  let texts = numbers.sorted().map { IDSource.text($0) }
  #expect(texts == texts.sorted())
  #expect(IDSource.text((10 << 55) - 1) == "9zzzzzzzzzzz")
  var source = IDSource(last: (10 << 55) - 2)
  #expect(source.next(at: Timestamp(milliseconds: 0)) == "9zzzzzzzzzzz")
  #expect(source.next(at: Timestamp(milliseconds: 0)) == nil)
}

@Test func `an id that somebody chose is stepped over`() throws {
  let test = try TestStore(plain)
  try test.run { writing throws(Refusal) in
    let first = try writing.create("Item")
    let mark = writing.store.mark()
    let second = try writing.create("Item").id
    try writing.store.undo(to: mark)
    try writing.create("Item", second, #"{"name": "mine"}"#)
    let third = try writing.create("Item")
    #expect(first.id < second && second < third.id)
    #expect(try writing.text("Item", second, "name") == "\"mine\"")
  }
}

@Test func `a file keeps what was committed, and nothing else`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let test = try TestStore(plain, path: path)
  try test.run { writing throws(Refusal) in try writing.create("Item", "a") }
  try test.store.perform { store throws(Refusal) in
    try store.begin()
    let writing = Writing(store: store, writer: test.writer)
    try writing.create("Item", "b")
    // Left open: it is rolled back.
  }
  #expect(
    try test.run { writing throws(Refusal) in try writing.text("Item", "b", "count") } == "deleted")
  try test.store.close()
  try test.store.close()
  let again = try TestStore(plain, path: path)
  #expect(
    try again.run { writing throws(Refusal) in try contents(of: writing.store) }
      == "\"Item\"|a|1767225600000|1767225600000|1|∅|0\n")
}

@Test func `what another program wrote is seen by the next commit`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let test = try TestStore(plain, path: path)
  try test.run { writing throws(Refusal) in try writing.create("Item", "a", #"{"count": 1}"#) }
  #expect(try test.run { writing throws(Refusal) in try writing.text("Item", "a", "count") } == "1")
  // Rows stay in memory while nobody else writes.
  let cached = test.store.cachedCount
  #expect(cached == 1)
  outside(path, "UPDATE Item SET count = 5 WHERE objectId = 'a'")
  #expect(try test.run { writing throws(Refusal) in try writing.text("Item", "a", "count") } == "5")
}

@Test func `files of other programs, later versions and no files at all are refused in words`()
  throws
{
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  var options = StoreOptions()
  options.createsFile = false
  #expect(try refusalOfOpening(path, options) == "\(path): there is no such file")
  #expect(try refusalOfOpening(folder.path).hasSuffix("this is a folder; name a file in it"))
  #expect(try refusalOfOpening(folder.file("none/data.sqlite")).contains("cannot be opened"))

  try Data(
    "a picture of a cat, long enough to be one, and longer than any header that there is, truly so"
      .utf8
  )
  .write(to: URL(fileURLWithPath: path))
  #expect(try refusalOfOpening(path).contains("this is not a data file"))

  let other = folder.file("other.sqlite")
  outside(other, "CREATE TABLE mine (x)")
  let before = try Data(contentsOf: URL(fileURLWithPath: other))
  #expect(try refusalOfOpening(other).contains("belongs to another program"))
  let marked = folder.file("marked.sqlite")
  outside(marked, "PRAGMA application_id = 77; CREATE TABLE mine (x)")
  #expect(try refusalOfOpening(marked).contains("belongs to another program"))
  #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)

  let ours = folder.file("ours.sqlite")
  try Store.open(ours, schema: try schema(plain)).close()
  outside(ours, "PRAGMA user_version = 99")
  #expect(try refusalOfOpening(ours).contains("written by a newer version (format 99"))
}

@Test func `a damaged file is said to be damaged`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let test = try TestStore(plain, path: path)
  try test.run { writing throws(Refusal) in
    for number in 0..<2000 { try writing.create("Item", "i\(number)", #"{"name": "some words"}"#) }
  }
  try test.store.close()
  var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
  for place in stride(from: 8192, to: bytes.count, by: 64) {
    for offset in 0..<32 { bytes[place + offset] = 0xEE }
  }
  try bytes.write(to: URL(fileURLWithPath: path))
  var message = "nothing"
  let schema = try schema(plain)
  do throws(Refusal) {
    let store = try Store.open(path, schema: schema)
    try store.perform { store throws(Refusal) in
      try store.begin()
      _ = try store.records(of: store.schema.classes[0])
    }
  } catch { message = error.message }
  #expect(message.contains("the file is damaged; restore a backup"))
}

@Test func `a file that may not be written is refused`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  try Store.open(path, schema: try schema(plain)).close()
  try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
  // The superuser may write what nobody may.
  if FileManager.default.isWritableFile(atPath: path) { return }
  #expect(try refusalOfOpening(path).contains("the file cannot be written; check its permissions"))
}

@Test func `a locked file is waited for, and then refused`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  var options = StoreOptions()
  options.busyTimeout = 20
  let test = try TestStore(plain, path: path, options: options)
  var connection: OpaquePointer?
  #expect(sqlite3_open(path, &connection) == SQLITE_OK)
  defer { sqlite3_close(connection) }
  #expect(sqlite3_exec(connection, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
  let message = test.refusal { writing throws(Refusal) in try writing.create("Item", "a") }
  #expect(message?.contains("another program holds the file locked; close it or wait") == true)
  #expect(sqlite3_exec(connection, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
  try test.run { writing throws(Refusal) in try writing.create("Item", "a") }
}

@Test func `a full disk gives up the whole commit, in the file and in memory`() throws {
  let folder = try TemporaryFolder()
  let test = try TestStore(plain, path: folder.file("data.sqlite"))
  try test.run { writing throws(Refusal) in try writing.create("Item", "kept", #"{"count": 1}"#) }
  let message = test.refusal { writing throws(Refusal) in
    let store = writing.store
    let pages = try store.integer("PRAGMA page_count") ?? 0
    _ = try store.integer("PRAGMA max_page_count = \(pages + 3)")
    defer { _ = try? store.integer("PRAGMA max_page_count = 1073741823") }
    try writing.set("Item", "kept", #"{"count": 2}"#)
    for number in 0..<5000 {
      let mark = store.mark()
      do throws(Refusal) {
        try writing.create(
          "Item", "i\(number)", #"{"name": "\#(String(repeating: "x", count: 400))"}"#)
        try store.release(mark)
      } catch {
        #expect(error.message.contains("the disk is full; free some space"))
        try store.undo(to: mark)
        #expect(store.lostCommit == !store.isInCommit)
        throw error
      }
    }
  }
  #expect(message?.contains("the disk is full") == true)
  #expect(
    try test.run { writing throws(Refusal) in try writing.text("Item", "kept", "count") } == "1")
  #expect(
    try test.run { writing throws(Refusal) in
      try writing.store.records(of: writing.definition("Item")).count
    } == 1)
}

@Test func `an interrupt ends what runs, and the store goes on`() throws {
  let folder = try TemporaryFolder()
  let test = try TestStore(plain, path: folder.file("data.sqlite"))
  let store = test.store
  let thread = Thread {
    for _ in 0..<200 {
      store.interrupt()
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
  thread.start()
  let message = test.refusal { writing throws(Refusal) in
    _ = try writing.store.integer(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n")
  }
  #expect(message?.contains("it was interrupted") == true)
  thread.cancel()
  while !thread.isFinished { Thread.sleep(forTimeInterval: 0.01) }
  #expect(store.isInterrupted)
  store.endInterruption()
  try test.run { writing throws(Refusal) in try writing.create("Item", "a") }
}

@Test func `readers see one state from beginning to end, beside the writer`() throws {
  let folder = try TemporaryFolder()
  let test = try TestStore(plain, path: folder.file("data.sqlite"))
  try test.run { writing throws(Refusal) in try writing.create("Item", "a", #"{"count": 1}"#) }
  func count(_ session: StoreSession) throws(Refusal) -> String {
    let record = try session.existing(session.schema.classes[0].recordType, "a")
    return record?.row?.values[3].description ?? "none"
  }
  try test.store.read { reader throws(Refusal) in
    #expect(try count(reader) == "1")
    try test.run { writing throws(Refusal) in try writing.set("Item", "a", #"{"count": 2}"#) }
    reader.forgetAll()
    #expect(try count(reader) == "1")
  }
  try test.store.read { reader throws(Refusal) in #expect(try count(reader) == "2") }
  #expect(throws: Refusal.self) {
    try test.store.read { reader throws(Refusal) in try reader.execute("DELETE FROM Item") }
  }
}

@Test func `a store in memory has readers too, and calls inside a write are refused`() throws {
  let test = try TestStore(plain)
  try test.run { writing throws(Refusal) in try writing.create("Item", "a", #"{"count": 1}"#) }
  let store = test.store
  try store.read { reader throws(Refusal) in
    #expect(try reader.records(of: reader.schema.classes[0]).map(\.id) == ["a"])
  }
  try store.perform { _ throws(Refusal) in
    #expect(throws: Refusal.self) { try store.perform { _ in } }
    #expect(throws: Refusal.self) { try store.read { _ in } }
    #expect(throws: Refusal.self) { try store.close() }
  }
  try store.close()
  #expect(throws: Refusal.self) { try store.perform { _ in } }
  #expect(throws: Refusal.self) { try store.read { _ in } }
}

@Test func `the first record of some values is found in key order, null as null`() throws {
  let test = try TestStore(plain)
  try test.run { writing throws(Refusal) in
    for id in ["c", "b", "a"] { try writing.create("Item", id, #"{"name": "x"}"#) }
    try writing.create("Item", "z")
    let item = try writing.definition("Item")
    let store = writing.store
    #expect(try store.first(item, where: [(2, .string("x")), (3, .int(0))])?.id == "a")
    #expect(try store.first(item, where: [(2, .null)])?.id == "z")
    #expect(try store.first(item, where: [(2, .string("y"))]) == nil)
  }
}

@Test func `a hash is the one that everybody computes`() {
  #expect(
    SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  #expect(
    SHA256.hex(Array("abc".utf8))
      == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  #expect(
    SHA256.hex(Array(repeating: UInt8(ascii: "a"), count: 1_000_000))
      == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
}

@Test func `a file of the first format is brought up when it is opened`() throws {
  let folder = try TemporaryFolder()
  let (fresh, old) = (folder.file("fresh.sqlite"), folder.file("old.sqlite"))
  try TestStore(plain, path: fresh).store.close()
  // The tables of classes and what stands in `_schema` are the same in all formats.
  for statement in EngineTables.formats[0] { outside(old, statement) }
  outside(
    old,
    """
    ATTACH '\(fresh)' AS fresh;
    INSERT INTO _schema SELECT * FROM fresh._schema;
    """)
  let test = try TestStore(plain, path: fresh)
  let tables = try test.store.perform { store throws(Refusal) -> [String] in
    let read = try store.statement(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name NOT LIKE '\\_%' ESCAPE '\\'"
    )
    var found: [String] = []
    while try read.step() { found.append(read.text(0)) }
    return found
  }
  try test.store.close()
  for sql in tables { outside(old, sql) }
  outside(
    old, "PRAGMA application_id = \(EngineTables.applicationID); PRAGMA user_version = 1")
  func schema(_ path: String) throws -> [String] {
    let test = try TestStore(plain, path: path)
    defer { try? test.store.close() }
    return try test.store.perform { store throws(Refusal) -> [String] in
      let read = try store.statement("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
      var found: [String] = []
      while try read.step() { found.append(read.text(0)) }
      #expect(try store.integer("PRAGMA user_version") == Int64(EngineTables.formats.count))
      return found.sorted()
    }
  }
  #expect(EngineTables.formats.count > 1)
  #expect(try schema(old) == schema(fresh))
}

@Test func `a file whose making was cut short is made anew`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  // A first page without tables, and the journal of the write that was under way: a header for a file of one page.
  outside(path, "CREATE TABLE x (y); DROP TABLE x; VACUUM")
  var journal: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
  for number in [0, 1, 1, 512, 4096] as [UInt32] {
    journal += [
      UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255),
    ]
  }
  journal += Array(repeating: 0, count: 512 - journal.count)
  try Data(journal).write(to: URL(filePath: path + "-journal"))
  let test = try TestStore(plain, path: path)
  try test.run { writing throws(Refusal) in try writing.create("Item", "a") }
  try test.store.close()
  // The same beside a file of another program: it is left as it is.
  let other = folder.file("other.sqlite")
  outside(other, "CREATE TABLE x (y)")
  try Data(journal).write(to: URL(filePath: other + "-journal"))
  #expect(try refusalOfOpening(other) != "opened")
}

@Test func `a file that another process is about to make is waited for`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let other = try PlainFile(path, .making)
  // A header without marks: made, and the marks are not in it yet.
  try other.execute("CREATE TABLE t (a)")
  try other.execute("DROP TABLE t")
  try other.execute("BEGIN EXCLUSIVE")
  let holder = Thread {
    Thread.sleep(forTimeInterval: 0.3)
    other.close()
  }
  holder.start()
  try Store.open(path, schema: try schema(plain)).close()
  var impatient = StoreOptions()
  impatient.busyTimeout = 20
  let again = folder.file("again.sqlite")
  let holding = try PlainFile(again, .making)
  try holding.execute("CREATE TABLE t (a)")
  try holding.execute("DROP TABLE t")
  try holding.execute("BEGIN EXCLUSIVE")
  let refusal = #expect(throws: Refusal.self) {
    try Store.open(again, schema: try schema(plain), options: impatient).close()
  }
  #expect(refusal?.message.contains("another program holds the file locked") == true)
  holding.close()
}
