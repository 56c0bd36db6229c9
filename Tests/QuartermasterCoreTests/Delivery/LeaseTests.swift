import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// Two engines on one file, and what a process that died leaves behind.
struct LeaseTests {
  @Test func `two engines on one file never deliver at the same time`() async throws {
    let office = try PostOffice()
    let (began, gate) = (Gate(), Gate())
    let slow = Receiver { _ in
      began.open()
      await gate.pass()
    }
    let other = Receiver()
    let first = try office.open { slow.register(&$0) }
    let second = try office.open { other.register(&$0) }
    try first.add("bolt")
    try first.add("nut", to: "elsewhere")
    try first.set(1)
    try first.set(1, of: "nut")
    let running = Task { try await first.deliver() }
    await began.pass()
    let report = try await second.deliver()
    #expect(report.heldBy == first.identity)
    #expect(report.waiting == 2 && report.delivered == 0)
    // The same engine does not begin a second round either.
    #expect(try await first.deliver().heldBy == first.identity)
    gate.open()
    #expect(try await running.value.delivered == 2)
    #expect(other.deliveries.isEmpty)
    try first.set(2)
    #expect(try await second.deliver().delivered == 1)
  }

  @Test func `what a process that died had in hand is taken up again with the same key`()
    async throws
  {
    let office = try PostOffice()
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    // As a process leaves it that is killed between its claim and the result.
    try engine.execute(
      "UPDATE _outbox SET tries = 1, claimed = \(engine.now.milliseconds), holder = 'gone/1/x'")
    try engine.execute("INSERT INTO _leases VALUES ('delivery', 'gone/1/x', 1000)")
    let again = try office.open { receiver.register(&$0) }
    #expect(try again.outboxLines() == ["1 trying 1"])
    #expect(try await again.deliver().delivered == 1)
    #expect(receiver.deliveries.map(\.attempt) == [2])
    #expect(receiver.keys[0].hasSuffix("/hook/dock"))
  }

  @Test func `a claim in the file keeps its key from the try before`() async throws {
    let office = try PostOffice()
    let keys = Mutex<[String]>([])
    let began = Gate()
    let stuck = try office.open { configuration in
      configuration.channels.register("hook") { delivery in
        keys.withLock { $0.append(delivery.key) }
        began.open()
        while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
      }
    }
    try stuck.add("bolt")
    try stuck.set(1)
    let running = Task { try await stuck.deliver() }
    await began.pass()
    // Its time is over without a sign of life, for all that another process can see.
    try stuck.execute("UPDATE _leases SET until = 1000")
    let second = try office.open { configuration in
      configuration.channels.register("hook") { delivery in
        keys.withLock { $0.append(delivery.key) }
      }
    }
    #expect(try await second.deliver().delivered == 1)
    running.cancel()
    let report = try await running.value
    #expect(report.delivered == 0)
    #expect(try second.outboxLines() == ["1 delivered 2"])
    let seen = keys.withLock { $0 }
    #expect(seen.count == 2 && Set(seen).count == 1)
  }

  @Test func `a delivery that ends its process each time is given up`() async throws {
    let office = try PostOffice(settings: "outbox: {jitter: 0, tries: 3}\n")
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    try engine.set(2)
    try engine.execute(
      "UPDATE _outbox SET tries = 3, claimed = 1, holder = 'gone/1/x' WHERE number = 1")
    let report = try await engine.deliver()
    #expect(report.dead == 1 && report.delivered == 1)
    #expect(receiver.messages == ["bolt 2"])
    #expect(
      try engine.outbox()[0].error == "the process that tried it ended without saying how it went")
  }

  @Test func `a lease is taken, kept, and given back by its holder alone`() throws {
    let office = try PostOffice()
    let (first, second) = (try office.open(), try office.open())
    let span = try #require(TimeSpan("30s", allowsDays: true))
    #expect(first.identity != second.identity)
    #expect(try first.takeLease("run", for: span) == nil)
    #expect(try first.takeLease("run", for: span) == nil)
    #expect(try second.takeLease("run", for: span) == first.identity)
    #expect(try second.takeLease("other", for: span) == nil)
    try second.giveBackLease("run")
    #expect(try second.takeLease("run", for: span) == first.identity)
    try first.giveBackLease("run")
    #expect(try second.takeLease("run", for: span) == nil)
    // One that runs out is anyone's; one of a clock that ran far ahead does not block for ever.
    for until in ["1000", "9000000000000000"] {
      try first.execute("UPDATE _leases SET until = \(until) WHERE name = 'run'")
      #expect(try first.takeLease("run", for: span) == nil)
      try first.execute("UPDATE _leases SET holder = 'gone/1/x' WHERE name = 'run'")
    }
  }
}
