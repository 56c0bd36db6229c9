import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// `call:` goes through the outbox to functions of the host.
struct CallTests {
  private static let rules = """
    - rule: weigh-it
      trigger:
        changed: Item.quantity
      action:
        - call: weigh
          item: item
          times: item.quantity
    """

  private struct Arguments: Decodable, Equatable {
    let item: String
    let times: Int
  }

  @Test func `a call comes after the commit, in order, with its arguments`() async throws {
    let office = try PostOffice(rules: Self.rules)
    let seen = Mutex<[(Arguments, HostCall)]>([])
    let fails = Mutex(true)
    let engine = try office.open { configuration in
      configuration.calls.register("weigh", ["item": "Item", "times": "Integer"]) { call in
        seen.withLock { list in
          if let arguments: Arguments = try? call.decode() { list.append((arguments, call)) }
        }
        if fails.withLock({ was in
          defer { was = false }
          return was
        }) {
          throw Down()
        }
      }
    }
    try engine.add("bolt")
    try engine.set(1)
    try engine.set(2)
    #expect(seen.withLock { $0.isEmpty })
    #expect(try await engine.deliver().failed == 1)
    try engine.advance(by: "10s")
    #expect(try await engine.deliver().delivered == 2)
    let calls = seen.withLock { $0 }
    #expect(calls.map(\.0.times) == [1, 1, 2])
    #expect(calls.map(\.0.item) == ["bolt", "bolt", "bolt"])
    #expect(calls.map(\.1.attempt) == [1, 2, 1])
    #expect(calls[0].1.key == calls[1].1.key && calls[1].1.key != calls[2].1.key)
    #expect(calls[0].1.name == "weigh" && calls[0].1.rule == "weigh-it")
    #expect(try engine.outbox().map(\.kind) == [.call, .call])
  }

  @Test func `what is queued for a call nobody registered stays and is reported`() async throws {
    let office = try PostOffice(rules: Self.rules)
    let engine = try office.open()
    try engine.add("bolt")
    try engine.set(1)
    let report = try await engine.deliver()
    #expect(report.unregistered == ["weigh": 1])
    #expect(try engine.outboxLines() == ["1 waiting 0"])
  }

  @Test(arguments: [
    (
      "wiegh", ["item": "Item", "times": "Integer"],
      "the host registers the call wiegh, which the schema does not declare; did you mean weigh?"
    ),
    (
      "weigh", ["item": "Item"],
      "the call weigh differs from its declaration: for `times` the host has none, the schema Integer"
    ),
    (
      "weigh", ["item": "String", "times": "Integer"],
      "the call weigh differs from its declaration: for `item` the host has String, the schema Item"
    ),
    (
      "weigh", ["item": "Item", "times": "Integer", "unit": "String"],
      "the call weigh differs from its declaration: for `unit` the host has String, the schema none"
    ),
  ])
  func `an engine does not open when a call differs from its declaration`(
    _ name: String, _ arguments: [String: String], _ message: String
  ) throws {
    let office = try PostOffice(rules: Self.rules)
    do {
      _ = try office.open { $0.calls.register(name, arguments) { _ in } }
      Issue.record("it opened")
    } catch let refusal as Refusal {
      #expect(refusal.message == message)
      #expect(refusal.reason == .schema)
    }
  }
}
