import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What undoing the journal does to things of which there is more than their values.
@Suite struct PastStateTests {
  private static let classes = """
    classes:
      User:
        username: {type: String, required: true}
        pin: {type: String, required: true, secret: true}
      Site:
        code: {type: String, unique: true}
        load: {sum: stock.quantity}
      Stock:
        site: {type: Site, inverse: stock, onDelete: cascade}
        quantity: {type: Integer, default: 0}
      Note:
        number: {type: String, unique: true, sequence: "N-%04d"}
        text: {type: String, required: true}
    """

  private static let rules = """
    - rule: tell
      trigger:
        created: Note
      action:
        - notify: someone@example.com
          once: note.text
          message: ${note.text}
    """

  private func at(_ hours: Int64) -> Timestamp {
    Timestamp(milliseconds: TestShop.start.milliseconds + hours * 3_600_000)
  }

  /// Runs a body on the state at an instant.
  private func past<T>(
    _ shop: TestShop, at instant: Timestamp, _ body: (StoreSession) throws -> T
  ) throws -> T {
    let state = try PastState(at: instant, schema: shop.schema) { copy throws(Refusal) in
      try Store.copy(shop.path, to: copy)
    }
    defer { state.close() }
    return try state.store.perform { store throws(Refusal) in Result { try body(store) } }.get()
  }

  private func rows(_ session: StoreSession, _ sql: String) throws -> [String] {
    let statement = try session.statement(sql)
    var rows: [String] = []
    while try statement.step() {
      rows.append((0..<statement.columnCount).map { statement.text($0) }.joined(separator: "|"))
    }
    return rows
  }

  @Test func `records that were deleted and made again come back as they were`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try shop.open(Self.rules)
    try engine.write { db in
      try db.create("Site", id: "a", ["code": .string("x")])
      try db.create("Stock", id: "s", ["site": .string("a"), "quantity": .int(4)])
      try db.create("User", id: "u", ["username": .string("ann"), "pin": .string("0000")])
    }
    try engine.advance(to: at(1))
    try engine.write { db in try db.set("Stock", id: "s", ["quantity": .int(9)]) }
    try engine.advance(to: at(2))
    try engine.write { db in
      try db.delete("Site", id: "a")
      try db.delete("User", id: "u")
    }
    try engine.advance(to: at(3))
    try engine.write { db in
      try db.create("Site", id: "a", ["code": .string("z")])
      try db.create("Site", id: "b", ["code": .string("x")])
    }
    try engine.advance(to: at(4))
    try engine.write { db in try db.delete("Site", id: "a") }
    try engine.close()
    let sites = "SELECT objectId, code, load, createdAt, updatedAt, _last FROM Site ORDER BY 1"
    let first = TestShop.start.milliseconds
    try past(shop, at: at(2)) { session throws in
      #expect(try rows(session, sites) == ["a|x|9|\(first)|\(first)|2"])
      #expect(
        try rows(session, "SELECT objectId, quantity, createdAt, updatedAt, _last FROM Stock")
          == ["s|9|\(first)|\(at(1).milliseconds)|2"])
      #expect(try rows(session, "SELECT username, pin FROM User") == ["ann|"])
      #expect(try rows(session, "SELECT * FROM _deleted") == [])
    }
    try past(shop, at: at(3)) { session throws in
      #expect(try rows(session, sites) == [])
      #expect(
        try rows(session, "SELECT * FROM _deleted") == ["Site|a|3", "Stock|s|3", "User|u|3"])
    }
    try past(shop, at: at(4)) { session throws in
      let later = at(3).milliseconds
      #expect(
        try rows(session, sites)
          == ["a|z|0|\(later)|\(later)|4", "b|x|0|\(later)|\(later)|4"])
      #expect(
        try rows(session, "SELECT * FROM _deleted") == ["Site|a|3", "Stock|s|3", "User|u|3"])
    }
  }

  @Test func `numbers, messages and once-keys are given back`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try shop.open(Self.rules)
    func note(_ id: String, _ text: String) throws {
      try engine.write { db in try db.create("Note", id: id, ["text": .string(text)]) }
    }
    try note("one", "first")
    try engine.advance(to: at(1))
    try note("two", "second")
    try note("three", "first")
    try engine.close()
    try past(shop, at: at(1)) { session throws in
      #expect(try rows(session, "SELECT objectId, number FROM Note") == ["one|N-0001"])
      #expect(try rows(session, "SELECT value FROM _sequences") == ["1"])
      #expect(try rows(session, "SELECT message FROM Message") == ["first"])
      #expect(try session.integer("SELECT count(*) FROM _once") == 1)
    }
    try past(shop, at: TestShop.start) { session throws in
      #expect(try rows(session, "SELECT * FROM _sequences") == [])
      #expect(try rows(session, "SELECT * FROM Message") == [])
      #expect(try session.integer("SELECT count(*) FROM _once") == 0)
      #expect(try session.integer("SELECT count(*) FROM _journal") == 0)
    }
    // The file itself is as it was.
    let again = try shop.open()
    #expect(try again.answer("Note.size()") == "3")
    try again.close()
  }

  @Test func `what the journal forgot cannot be rebuilt, and the earliest instant is named`() throws
  {
    let shop = try TestShop(Self.classes)
    let engine = try shop.open(Self.rules)
    for hour in 0..<6 {
      try engine.advance(to: at(Int64(hour)))
      try engine.write { db in try db.create("Note", ["text": .string("\(hour)")]) }
    }
    var settings = ProjectSettings.Retention()
    settings.journalAge = TimeSpan("2h", allowsDays: true)
    var retention = Retention(settings, rules: nil)
    try engine.perform { interpreter throws(Refusal) in
      while try retention.forgetSome(in: interpreter.store, now: interpreter.now) {}
    }
    try engine.close()
    #expect(retention.report.operations == 3)
    let gap = try #require(throws: HistoryReach.Gap.self) {
      try past(shop, at: at(2)) { _ throws in }
    }
    let earliest = Timestamp(milliseconds: at(3).milliseconds + 1)
    #expect(gap.earliest == earliest)
    #expect(
      gap.message == """
        the state at 2026-03-02T11:00:00Z cannot be rebuilt: the journal begins after 2026-03-02T12:00:00Z: what was \
        before is forgotten (see `journal:` in quartermaster.yaml); the earliest instant is 2026-03-02T12:00:00.001Z
        """)
    try past(shop, at: earliest) { session throws in
      #expect(try rows(session, "SELECT text FROM Note ORDER BY text") == ["0", "1", "2", "3"])
    }
  }

  @Test(.enabled(if: TestShop.hasShell)) func `what other programs wrote last is undone, too`()
    throws
  {
    let shop = try TestShop(Self.classes)
    let engine = try shop.open(Self.rules)
    try engine.write { db in
      try db.create("Site", id: "a", ["code": .string("x")])
      try db.create("Stock", id: "s", ["site": .string("a"), "quantity": .int(4)])
    }
    try engine.close()
    try shop.shell(
      "UPDATE Stock SET quantity = 7 WHERE objectId = 's'; INSERT INTO Site (objectId, code) VALUES ('b', 'y');"
    )
    try past(shop, at: at(1)) { session throws in
      #expect(try rows(session, "SELECT quantity, _last FROM Stock") == ["4|1"])
      #expect(try rows(session, "SELECT objectId, load FROM Site") == ["a|4"])
    }
  }

  @Test func `folders of processes that are gone are removed, those of others stay`() throws {
    let place = FileManager.default.temporaryDirectory
    // Numbers of processes end far below this one.
    let left = place.appendingPathComponent("quartermaster-scratch-2147483000-\(UUID().uuidString)")
    let other = place.appendingPathComponent(
      "quartermaster-scratch-2147483001-\(UUID().uuidString)")
    for folder in [left, other] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try Data().write(to: left.appendingPathComponent("lock"))
    try Data().write(to: left.appendingPathComponent("old.sqlite"))
    // One that is being made has no lock yet.
    try Data().write(to: other.appendingPathComponent("lock.new"))
    defer { try? FileManager.default.removeItem(at: other) }
    let scratch = try ScratchFolder()
    #expect(!FileManager.default.fileExists(atPath: left.path))
    #expect(FileManager.default.fileExists(atPath: other.path))
    #expect(FileManager.default.fileExists(atPath: scratch.path))
    scratch.remove()
    #expect(!FileManager.default.fileExists(atPath: scratch.path))
  }
}
