import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// Lanes, tries, delays and dead letters, on an engine with a clock of its own.
struct LaneTests {
  @Test func `what was committed is handed over once, in order, and shows it`() async throws {
    let office = try PostOffice()
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    for quantity in 1...5 as ClosedRange<Int64> { try engine.set(quantity) }
    #expect(try engine.value("Message.map(m, m.state).distinct()") == #"["queued"]"#)
    let report = try await engine.deliver()
    #expect(report.delivered == 5)
    #expect(report.failed == 0 && report.dead == 0 && report.waiting == 0)
    #expect(receiver.messages == ["bolt 1", "bolt 2", "bolt 3", "bolt 4", "bolt 5"])
    #expect(Set(receiver.keys).count == 5)
    #expect(receiver.deliveries.allSatisfy { $0.address == "dock" && $0.attempt == 1 })
    #expect(receiver.deliveries[0].rule == "tell")
    #expect(receiver.deliveries[0].at == PostOffice.start)
    #expect(try engine.value("Message.map(m, m.state).distinct()") == #"["delivered"]"#)
    #expect(try await engine.deliver().delivered == 0)
    #expect(receiver.deliveries.count == 5)
  }

  @Test func `what fails waits longer each time and keeps its key`() async throws {
    let office = try PostOffice(
      settings: "outbox: {jitter: 0, delays: [10s, 1m, 5m], tries: 5, age: 7d}\n")
    let receiver = Receiver { _ in throw Down() }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    var waits: [Int64] = []
    for attempt in 1...4 {
      let report = try await engine.deliver()
      #expect(report.failed == 1)
      #expect(receiver.deliveries.count == attempt)
      let next = try #require(report.next)
      #expect(try engine.nextDelivery() == next)
      waits.append((next.milliseconds - engine.now.milliseconds) / 1000)
      #expect(try await engine.deliver().failed == 0)
      try await engine.advance(to: next)
    }
    #expect(waits == [10, 60, 300, 300])
    let last = try await engine.deliver()
    #expect(last.dead == 1)
    #expect(last.next == nil)
    #expect(Set(receiver.keys).count == 1)
    #expect(receiver.deliveries.map(\.attempt) == [1, 2, 3, 4, 5])
    #expect(try engine.outbox().map(\.error) == ["the receiver is down"])
    #expect(try engine.outbox().map(\.state) == [.dead])
    #expect(try engine.value("Message.map(m, m.state)") == #"["dead"]"#)
  }

  @Test func `a delivery that is too old is given up at its next failure`() async throws {
    let office = try PostOffice(settings: "outbox: {jitter: 0, age: 1h, delays: [50m]}\n")
    let receiver = Receiver { _ in throw Down() }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    #expect(try await engine.deliver().failed == 1)
    try engine.advance(by: "50m")
    #expect(try await engine.deliver().failed == 1)
    try engine.advance(by: "50m")
    #expect(try await engine.deliver().dead == 1)
  }

  @Test func `order in a lane is kept over failures, and a dead letter frees its lane`()
    async throws
  {
    let office = try PostOffice(settings: "outbox: {jitter: 0, tries: 2, delays: [1m]}\n")
    let receiver = Receiver { delivery in
      if delivery.body.contains("bolt 1\"") { throw Down() }
    }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    for quantity in 1...3 as ClosedRange<Int64> { try engine.set(quantity) }
    let first = try await engine.deliver()
    #expect(first.failed == 1 && first.delivered == 0 && first.waiting == 3)
    try engine.advance(by: "1m")
    let second = try await engine.deliver()
    #expect(second.dead == 1 && second.delivered == 2)
    #expect(receiver.messages == ["bolt 1", "bolt 1", "bolt 2", "bolt 3"])
    #expect(try engine.outboxLines() == ["1 dead 2", "2 delivered 1", "3 delivered 1"])
  }

  @Test func `a final failure is a dead letter at once, and a receiver may ask for time`()
    async throws
  {
    let office = try PostOffice()
    let receiver = Receiver { delivery in
      if delivery.address == "gone" { throw DeliveryFailure("no such place", isFinal: true) }
      throw DeliveryFailure("busy", retryAfter: TimeSpan(milliseconds: 3_600_000))
    }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt", to: "gone", quantity: 1)
    try engine.add("nut", to: "busy", quantity: 1)
    try engine.set(2)
    try engine.set(2, of: "nut")
    let report = try await engine.deliver()
    #expect(report.dead == 1 && report.failed == 1)
    #expect(report.next == PostOffice.start.adding(try #require(TimeSpan("1h", allowsDays: true))))
  }

  @Test func `a slow receiver holds up nobody else`() async throws {
    let office = try PostOffice(settings: "outbox: {jitter: 0, lanes: 3}\n")
    let gate = Gate()
    let others = Mutex(0)
    let receiver = Receiver { delivery in
      if delivery.address == "slow" { return await gate.pass() }
      // The slow one is let go only when all others are through.
      if others.withLock({ count in
        count += 1
        return count
      }) == 20 {
        gate.open()
      }
    }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("slug", to: "slow")
    try engine.set(1, of: "slug")
    for number in 1...4 as ClosedRange<Int64> {
      try engine.add("item\(number)", to: "place\(number)")
      for quantity in 1...5 as ClosedRange<Int64> { try engine.set(quantity, of: "item\(number)") }
    }
    #expect(try await engine.deliver().delivered == 21)
    for number in 1...4 {
      let lane = zip(receiver.deliveries, receiver.messages).filter {
        $0.0.address == "place\(number)"
      }.map(\.1)
      #expect(lane == (1...5).map { "item\(number) \($0)" })
    }
  }

  @Test func `what is queued while a slow receiver is tried does not wait for it`() async throws {
    let office = try PostOffice()
    let gate = Gate()
    let began = Gate()
    let receiver = Receiver { delivery in
      if delivery.address == "slow" {
        began.open()
        return await gate.pass()
      }
      // It comes during the round, and lets the slow one go.
      gate.open()
    }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("slug", to: "slow")
    try engine.add("bolt")
    try engine.set(1, of: "slug")
    let round = Task { try await engine.deliver() }
    await began.pass()
    try engine.set(1)
    #expect(try await round.value.delivered == 2)
  }

  @Test func `lanes that block their threads run side by side, and no more than allowed`() throws {
    let office = try PostOffice(settings: "outbox: {jitter: 0, lanes: 6}\n")
    let counts = Mutex((now: 0, most: 0))
    let receiver = Receiver { _ in
      counts.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      // Each blocks until six are there: fewer threads than lanes would never get past it.
      while counts.withLock({ $0.most }) < 6 { usleep(1000) }
      counts.withLock { $0.now -= 1 }
    }
    let engine = try office.open { receiver.register(&$0) }
    for number in 1...12 {
      try engine.add("item\(number)", to: "place\(number)")
      try engine.set(1, of: "item\(number)")
    }
    #expect(try engine.deliver().delivered == 12)
    #expect(counts.withLock { $0.most } == 6)
  }

  @Test func `a delivery that is stopped is broken off, and does not count`() async throws {
    let office = try PostOffice()
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    try engine.set(2)
    receiver.become { _ in
      engine.stopDelivering()
      while !Task.isCancelled { await Task.yield() }
      throw CancellationError()
    }
    let report = try await engine.deliver()
    #expect(report.wasStopped)
    #expect(report.delivered == 0 && report.failed == 0 && report.waiting == 2)
    #expect(try engine.outboxLines() == ["1 waiting 0", "2 waiting 0"])
    #expect(try engine.integer("SELECT count(*) FROM _leases") == 0)
    receiver.become { _ in }
    #expect(try await engine.deliver().delivered == 2)
    #expect(receiver.keys[0] == receiver.keys[1])
  }

  @Test func `cancelling the task stops the delivery`() async throws {
    let office = try PostOffice()
    let began = Gate()
    let receiver = Receiver { _ in
      began.open()
      while !Task.isCancelled { await Task.yield() }
      throw CancellationError()
    }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    let task = Task { try await engine.deliver() }
    await began.pass()
    task.cancel()
    #expect(try await task.value.wasStopped)
    #expect(try engine.outboxLines() == ["1 waiting 0"])
  }

  @Test func `what nobody takes stays and is reported`() async throws {
    let office = try PostOffice()
    let engine = try office.open()
    try engine.add("bolt")
    try engine.set(1)
    try engine.set(2)
    let report = try await engine.deliver()
    #expect(report.unregistered == ["hook": 2])
    #expect(report.waiting == 2 && report.next == nil)
    try engine.close()
    let receiver = Receiver()
    let again = try office.open { receiver.register(&$0) }
    #expect(try await again.deliver().delivered == 2)
  }

  @Test func `errors do not show secrets, and are one line`() async throws {
    let office = try PostOffice()
    let engine = try office.open { configuration in
      configuration.channels.register("hook", secrets: ["hunter2", "er2"]) { _ in
        throw DeliveryFailure("login\nhunter2 failed" + String(repeating: "x", count: 600))
      }
    }
    try engine.add("bolt")
    try engine.set(1)
    _ = try await engine.deliver()
    let error = try #require(try engine.outbox().first?.error)
    #expect(error.hasPrefix("login ••• failed"))
    #expect(error.count == 501)
  }

  @Test func `keys can stand in a header whatever the address is`() {
    #expect(Interpreter.key(["1", "hook", "User/eve"]) == "1/hook/User/eve")
    #expect(Interpreter.key(["1", "hook", "a\r\nb: c é"]) == "1/hook/a%0D%0Ab%3A%20c%20%C3%A9")
    #expect(Interpreter.key(["1", "hook", String(repeating: "a", count: 400)]).utf8.count == 71)
  }

  @Test func `delays are drawn out by chance, and never cut short`() {
    var settings = ProjectSettings.Outbox()
    settings.jitter = 50
    let spans = [0.0, 0.5, 0.999].map { chance in
      RetrySchedule(settings: settings, chance: { chance }).delay(tries: 2)
    }
    #expect(spans == [60_000, 75_000, 89_970])
    let plain = RetrySchedule(settings: settings, chance: { 0 })
    #expect(plain.delay(tries: 100) == 14_400_000)
    #expect(plain.delay(tries: 1, atLeast: TimeSpan(milliseconds: 90_000)) == 90_000)
    #expect(
      plain.delay(tries: 1, atLeast: TimeSpan(milliseconds: 900_000_000_000)) == 86_400_000)
  }
}
