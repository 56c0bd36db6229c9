import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct AccessChangesTests {
  /// The changes that somebody sees of all that happened, as `kind Class/id field old -> new`.
  private func seen(_ who: ScopedEngine, _ engine: Engine, of name: String? = nil) async throws
    -> [String]
  {
    let changes = try who.changes(of: name, from: .beginning)
    // The last operation is seen by everybody, and ends the stream.
    var lines: [String] = []
    for try await change in changes {
      if change.className == "Product", change["name"] != nil, change.kind == .changed { break }
      for field in change.fields {
        lines.append("\(change.kind) \(change.className)/\(change.id) \(field.name)")
      }
    }
    return lines
  }

  @Test(.timeLimit(.minutes(1)))
  func `observers see what they may read, as it comes into view and goes`() async throws {
    let shop = try AccessShop()
    try await shop.engine.write { db in try db.set("Order", id: "o1", ["note": "one"]) }
    try await shop.engine.write { db in try db.set("Order", id: "o2", ["note": "secret of bob"]) }
    // It becomes hers, with what was written while it was his.
    try await shop.engine.write { db in
      try db.set("Order", id: "o2", ["customer": .string("c-ann"), "note": "now for ann"])
    }
    try await shop.engine.write { db in
      try db.set("Order", id: "o1", ["customer": .string("c-bob")])
    }
    try await shop.engine.write { db in try db.set("Product", id: "bolt", ["cost": .string("9.99")])
    }
    try await shop.engine.write { db in try db.delete("Order", id: "o1") }
    try await shop.engine.write { db in try db.set("Product", id: "bolt", ["name": "Bolt M8"]) }
    let ann = try await seen(shop.ann, shop.engine)
    #expect(ann.contains("changed Order/o1 note"))
    #expect(!ann.contains("changed Order/o2 note"))
    #expect(ann.contains("created Order/o2 note"))
    #expect(ann.contains("deleted Order/o1 note"))
    #expect(!ann.contains { $0.hasSuffix("Product/bolt cost") || $0.contains("password") })
    #expect(!ann.contains { $0.contains("User/bob") })
    let bob = try await seen(shop.bob, shop.engine)
    #expect(bob.contains("changed Order/o2 note"))
    #expect(bob.contains("deleted Order/o2 note"))
    #expect(bob.contains("created Order/o1 note"))
    let max = try await seen(shop.max, shop.engine)
    #expect(max.contains("changed Product/bolt cost"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `what a record was before it came into view is not told`() async throws {
    let shop = try AccessShop()
    let start = ChangePosition(
      after: try shop.engine.perform { interpreter throws(Refusal) in interpreter.lastRow })
    try await shop.engine.write { db in
      try db.set("Order", id: "o2", ["customer": .string("c-ann"), "note": "now for ann"])
    }
    for try await change in try shop.ann.changes(of: "Order", from: start) {
      #expect(change.kind == .created)
      for field in change.fields { #expect(shown(field.old) == shown(.null)) }
      break
    }
  }
}
