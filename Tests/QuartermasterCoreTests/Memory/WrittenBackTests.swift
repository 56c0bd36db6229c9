import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What is written and written back within one operation did not change.
struct WrittenBackTests {
  private static let rules = """
    - rule: keep-stock
      trigger:
        changed: Part.stock
      when: new.stock < 0
      action:
        - set: part
          stock: old.stock
    """

  /// The mark of a part: when it changed, and the row of the journal that changed it.
  private func marks(_ shop: MemoryShop) throws -> [String] { try shop.dump(["Part"]) }

  @Test(arguments: [false, true]) func `its history goes on where it was`(isBatch: Bool) throws {
    let shop = try MemoryShop(Self.rules)
    try shop.create("Part", "bolt", ["stock": .int(5)])
    try shop.wait("1h")
    let before = try marks(shop)
    let write: (WriteContext) throws -> Void = { db in
      try db.set("Part", id: "bolt", ["stock": .int(-1)])
    }
    let outcome =
      isBatch
      ? try shop.engine.batch { try $0.write(write) } : try shop.engine.write(write)
    // The rule fired, and that is told; the record is what it was.
    #expect(outcome.firings.map(\.rule) == ["keep-stock"])
    #expect(outcome.changes.isEmpty)
    #expect(try marks(shop) == before)
    try shop.wait("1h")
    let next = try #require(try shop.set("bolt", ["stock": .int(7)]).journalRow)
    let changes = try shop.journal().flatMap { entry in
      entry.changes.filter { $0.id == "bolt" }.map { (entry.row, $0.previous) }
    }
    #expect(changes.map(\.0) == [1, next])
    #expect(changes.map(\.1) == [0, 1])
    let versions = try shop.reading { session in
      var rows: [Int64] = []
      let definition = try #require(shop.engine.schema["Part"])
      try JournalReader(session).history(of: definition, "bolt") { entry, _ throws(Refusal) in
        rows.append(entry.row)
        return true
      }
      return rows
    }
    #expect(versions == [next, 1])
  }

  @Test func `a refused operation of the batch leaves it as it was, too`() throws {
    let shop = try MemoryShop(Self.rules)
    try shop.create("Part", "bolt", ["stock": .int(5)])
    let before = try marks(shop)
    try shop.engine.batch { batch in
      try batch.write { db in try db.set("Part", id: "bolt", ["stock": .int(-1)]) }
      #expect(throws: Refusal.self) {
        try batch.write { db in
          try db.set("Part", id: "bolt", ["stock": .int(9)])
          try db.set("Part", id: "nobody", ["stock": .int(1)])
        }
      }
    }
    #expect(try marks(shop) == before)
  }
}
