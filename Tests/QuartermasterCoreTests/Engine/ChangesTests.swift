import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Observers: the changes of the journal from a position on.
@Suite struct ChangesTests {
  private static let rules = """
    - rule: priced
      trigger:
        created: Product
      action:
        - set: product
          name: new
    """

  /// Reads some changes, and no more.
  private func take(_ count: Int, _ changes: RecordChanges) async throws -> [RecordChange] {
    var found: [RecordChange] = []
    var iterator = changes.makeAsyncIterator()
    while found.count < count, let change = try await iterator.next() { found.append(change) }
    return found
  }

  private func named(_ changes: [RecordChange]) -> [String] {
    changes.map { "\($0.className)/\($0.id) \($0.kind.rawValue)" }
  }

  @Test func `changes tell fields, rule, operation and instant`() async throws {
    let shop = try TestShop()
    let engine = try shop.open(Self.rules)
    let changes = try engine.changes()
    try await engine.write { db in
      try db.create(
        "Product", id: "a",
        ["price": .string("2.50"), "tags": .list([.string("x")]), "reorder": .int(3)])
    }
    try await engine.write { db in
      try db.create("Stock", id: "k", ["product": .string("a"), "quantity": .int(2)])
    }
    let found = try await take(3, changes)
    #expect(named(found) == ["Product/a created", "Product/a changed", "Stock/k created"])
    let created = found[0]
    #expect(created.journalRow == 1 && created.origin == .host && created.actor == nil)
    #expect(created.at == TestShop.start)
    #expect(created.rules == ["priced"])
    #expect(created["price"]?.new.description == "2.50")
    #expect(created["tags"]?.new.description == #"["x"]"#)
    #expect(created["name"]?.new.description == #""new""#)
    #expect(created["sku"] == nil)
    #expect(found[1]["onHand"].map { "\($0.old) \($0.new)" } == "0 2")
    #expect(found[2]["product"]?.new.description == #""a""#)
    #expect(
      found.map(\.position) == [
        ChangePosition(after: 1), ChangePosition(row: 2, change: 1), ChangePosition(after: 2),
      ])
    try engine.close()
  }

  @Test func `a reader goes on from where it was, by class and in pages`() async throws {
    let shop = try TestShop()
    let engine = try shop.open("")
    for number in 0..<700 {
      try await engine.write { db in
        try db.create(number % 7 == 0 ? "Site" : "Bin", id: "r\(number)", [:])
        if number % 7 == 0 { try db.create("Bin", id: "b\(number)", [:]) }
      }
    }
    let bins = try await take(700, engine.changes(of: "Bin", from: .beginning))
    #expect(bins.count == 700)
    #expect(Set(bins.map(\.id)).count == 700)
    #expect(bins.map(\.position) == bins.map(\.position).sorted())
    for place in [0, 1, 255, 256, 500] {
      let next = try await take(2, engine.changes(of: "Bin", from: bins[place].position))
      #expect(next.map(\.id) == bins[(place + 1)...(place + 2)].map(\.id))
    }
    let sites = try await take(100, engine.changes(of: "Site", from: .earliest))
    #expect(sites.count == 100)
    // A position in the middle of an operation.
    let all = try await take(3, engine.changes(from: .beginning))
    let rest = try await take(1, engine.changes(from: all[0].position))
    #expect(named(rest) == [named(all)[1]])
    try engine.close()
  }

  @Test func `a waiting reader is woken by commits here and finds those of others`() async throws {
    let shop = try TestShop()
    let engine = try shop.open("")
    let other = try shop.open()
    let changes = try engine.changes(of: "Note")
    let reader = Task { try await take(3, changes) }
    try await engine.write { db in try db.create("Note", id: "here", ["text": .string("a")]) }
    try await other.write { db in try db.create("Note", id: "there", ["text": .string("b")]) }
    try await engine.write { db in try db.create("Site", [:]) }
    try await other.write { db in try db.delete("Note", id: "here") }
    #expect(
      named(try await reader.value) == [
        "Note/here created", "Note/there created", "Note/here deleted",
      ])
    try other.close()
    try engine.close()
  }

  @Test func `a reader ends when the engine is closed or its task is cancelled`() async throws {
    let shop = try TestShop()
    let engine = try shop.open("")
    let changes = try engine.changes()
    let cancelled = Task { try await take(1, changes) }
    let closed = Task { try await take(1, changes) }
    cancelled.cancel()
    #expect(try await cancelled.value.isEmpty)
    try engine.close()
    #expect(try await closed.value.isEmpty)
  }

  @Test func `a position that the journal does not hold is an error that says where it begins`()
    async throws
  {
    let shop = try TestShop()
    let engine = try shop.open("")
    for _ in 0..<5 { try await engine.write { db in try db.create("Site", [:]) } }
    let changes = try engine.changes(from: ChangePosition(row: 2))
    try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.begin()
      try interpreter.store.execute("DELETE FROM _journal WHERE seq < 4")
      try interpreter.store.commit()
    }
    func said(_ body: () async throws -> Void) async -> String {
      do {
        try await body()
        return "nothing"
      } catch { return (error as? Refusal)?.message ?? "\(error)" }
    }
    #expect(
      await said { _ = try engine.changes(from: ChangePosition(row: 3)) }.hasPrefix(
        "the journal begins with row 4, and changes were asked for from row 3 on"))
    #expect(
      await said { _ = try await take(1, changes) }.hasPrefix("the journal begins with row 4"))
    #expect(
      await said { _ = try engine.changes(from: ChangePosition(row: 7)) }.hasPrefix(
        "the journal ends with row 5"))
    #expect(try await take(2, engine.changes(from: .earliest)).map(\.journalRow) == [4, 5])
    #expect(
      await said { _ = try engine.changes(of: "Sites") } == "no class Sites; did you mean Site?")
    try engine.close()
  }

  @Test func `a slow reader holds up no writer`() async throws {
    let shop = try TestShop()
    let engine = try shop.open("")
    let changes = try engine.changes(of: "Bin")
    var iterator = changes.makeAsyncIterator()
    try await engine.write { db in try db.create("Bin", id: "first", [:]) }
    #expect(try await iterator.next()?.id == "first")
    // The reader stands in its page, and holds neither a transaction nor the changes that come.
    for _ in 0..<300 { try await engine.write { db in try db.create("Bin", [:]) } }
    try engine.perform { interpreter throws(Refusal) in
      let busy = try interpreter.store.statement("PRAGMA wal_checkpoint(TRUNCATE)")
      #expect(try busy.step())
      #expect(busy.int(0) == 0)
      busy.reset()
    }
    var count = 0
    while count < 300, try await iterator.next() != nil { count += 1 }
    #expect(count == 300)
    try engine.close()
  }

  @Test func `positions are kept as JSON`() throws {
    let position = ChangePosition(row: 12, change: 3)
    let data = try JSONEncoder().encode(position)
    #expect(try JSONDecoder().decode(ChangePosition.self, from: data) == position)
  }
}
