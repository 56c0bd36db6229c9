import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The key of `once` is given back when nothing came of its action.
struct OnceTests {
  private static func rule(_ by: String, to: String = "item.to", within: String = "") -> String {
    """
    - rule: tell
      trigger:
        changed: Item.quantity
      action:
        - notify: \(to)
          by: \(by)
          message: ${item.name} ${item.quantity}
          once: item.name
          \(within)
    """
  }

  private static let settings = """
    groups: {everyone: [ann, bob]}
    inbox: {class: Note, user: user, text: text}
    outbox: {jitter: 0, tries: 1}

    """

  private func queued(_ engine: Engine) throws -> Int64 {
    try engine.integer("SELECT count(*) FROM _outbox") ?? 0
  }

  @Test func `a dead letter gives its key back, and what was delivered keeps it`() async throws {
    let office = try PostOffice(rules: Self.rule("hook"), settings: Self.settings)
    let receiver = Receiver { _ in throw Down() }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    try engine.set(2)
    #expect(try queued(engine) == 1)
    #expect(try await engine.deliver().dead == 1)
    try engine.set(3)
    #expect(try queued(engine) == 2)
    receiver.become { _ in }
    #expect(try await engine.deliver().delivered == 1)
    try engine.set(4)
    #expect(try queued(engine) == 2)
  }

  @Test func `what is dropped gives its key back, and takes it again when it is retried`() throws {
    let office = try PostOffice(rules: Self.rule("hook"), settings: Self.settings)
    let engine = try office.open()
    try engine.add("bolt")
    try engine.set(1)
    #expect(try engine.drop(OutboxFilter()).count == 1)
    #expect(try engine.integer("SELECT count(*) FROM _once") == 0)
    #expect(try engine.retry(OutboxFilter()).count == 1)
    #expect(try engine.integer("SELECT count(*) FROM _once") == 1)
    try engine.set(2)
    #expect(try queued(engine) == 1)
  }

  @Test func `a key stays while one delivery of its action may still arrive, or did`() async throws
  {
    let office = try PostOffice(
      rules: Self.rule("hook", to: "everyone"), settings: Self.settings)
    let receiver = Receiver { delivery in if delivery.address == "ann" { throw Down() } }
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    try engine.set(1)
    let report = try await engine.deliver()
    #expect(report.dead == 1 && report.delivered == 1)
    try engine.set(2)
    #expect(try queued(engine) == 2)
    #expect(try engine.value("Message.map(m, m.state)") == #"["dead"]"#)
  }

  @Test func `what lies in an inbox has arrived`() async throws {
    let office = try PostOffice(
      rules: Self.rule("[inbox, hook]", to: "item.owner")
        .replacingOccurrences(of: "  action:", with: "  when: item.owner != null\n  action:"),
      settings: Self.settings)
    let receiver = Receiver { _ in throw Down() }
    let engine = try office.open { receiver.register(&$0) }
    try await engine.write { db in try db.create("User", id: "eve", ["username": .string("eve")]) }
    try engine.add("bolt")
    try await engine.write { db in try db.set("Item", id: "bolt", ["owner": .string("eve")]) }
    try engine.set(1)
    #expect(try engine.value("Note.size()") == "1")
    #expect(try await engine.deliver().dead == 1)
    try engine.set(2)
    #expect(try engine.value("Note.size()") == "1")
  }

  @Test func `within counts from the last time it ran`() async throws {
    let office = try PostOffice(
      rules: Self.rule("hook", within: "within: 24h"), settings: Self.settings)
    let receiver = Receiver()
    let engine = try office.open { receiver.register(&$0) }
    try engine.add("bolt")
    for (hours, count) in [(0, 1), (20, 1), (5, 2), (20, 2), (5, 3)] as [(Int, Int64)] {
      try await engine.advance(to: PostOffice.start.adding(hours: hours, after: engine.now))
      try engine.set((engine.now.milliseconds / 1000) % 1_000_000)
      #expect(try queued(engine) == count)
    }
    // A dead letter of an older run does not give back the key of a newer one.
    try engine.execute("UPDATE _outbox SET state = 'dead' WHERE number = 1")
    _ = try engine.retry(OutboxFilter())
    receiver.become { _ in throw Down() }
    _ = try await engine.deliver()
    #expect(try engine.integer("SELECT count(*) FROM _once") == 0)
  }
}

extension Timestamp {
  func adding(hours: Int, after instant: Timestamp) -> Timestamp {
    Timestamp(milliseconds: instant.milliseconds + Int64(hours) * 3_600_000)
  }
}
