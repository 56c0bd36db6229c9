import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// Nothing is handed over that did not commit, and nothing before its try is in the file.
struct CommitFirstTests {
  @Test func `an operation that is undone sends nothing`() async throws {
    let office = try PostOffice()
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try engine.write { db in
        try db.set("Item", id: "bolt", ["quantity": .int(3)])
        throw Stop()
      }
    }
    #expect(throws: Stop.self) {
      try engine.batch { batch in
        try batch.write { db in try db.set("Item", id: "bolt", ["quantity": .int(4)]) }
        throw Stop()
      }
    }
    #expect(try await engine.deliver().delivered == 0)
    #expect(receiver.deliveries.isEmpty)
    #expect(try engine.integer("SELECT count(*) FROM _outbox") == 0)
  }

  @Test(arguments: ["full", "relaxed"])
  func `the try is in the file before anything is handed over`(_ durability: String) async throws {
    let office = try PostOffice(settings: "durability: \(durability)\noutbox: {jitter: 0}\n")
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(3)
    let other = try Store.open(office.path, schema: office.schema)
    let found = Mutex<[OutboxEntry]>([])
    receiver.become { _ in
      let entries = try other.read { reader throws(Refusal) in
        try OutboxDesk(reader).entries(OutboxFilter())
      }
      found.withLock { $0 += entries }
    }
    #expect(try await engine.deliver().delivered == 1)
    let entries = found.withLock { $0 }
    #expect(entries.map(\.state) == [.trying])
    #expect(entries.map(\.tries) == [1])
    try other.close()
    // FULL is 2, NORMAL 1: what the settings ask for is in force again.
    #expect(try engine.integer("PRAGMA synchronous") == (durability == "full" ? 2 : 1))
  }

  @Test func `a claim that cannot be committed hands nothing over`() async throws {
    let office = try PostOffice()
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(3)
    try engine.execute("PRAGMA query_only = ON")
    await #expect(throws: Refusal.self) { try await engine.deliver() }
    try engine.execute("PRAGMA query_only = OFF")
    #expect(receiver.deliveries.isEmpty)
    #expect(try await engine.deliver().delivered == 1)
  }
}
