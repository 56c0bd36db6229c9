import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules of the phase later that do not go well at first.
struct LaterRetryTests {
  private static let rules = """
    - rule: note-it
      phase: later
      trigger:
        changed: Item.quantity
      when: item.quantity < 1000
      action:
        - reject: ${item.name} is over its limit
          when: item.quantity > item.limit
        - create: Note
          text: ${item.name} ${item.quantity}
          user: actor
    """
  private static let settings = "outbox: {jitter: 0, tries: 3, delays: [10s, 1m]}\n"

  private func office() throws -> PostOffice {
    try PostOffice(rules: Self.rules, settings: Self.settings)
  }

  private func allow(_ engine: Engine) throws {
    try engine.write { db in try db.set("Item", id: "bolt", ["limit": .int(10_000)]) }
  }

  @Test func `a firing that is refused is tried again when its time has come`() throws {
    let engine = try office().open(inMemory: true)
    try engine.write { db in try db.create("User", id: "eve", ["username": .string("eve")]) }
    try engine.add("bolt")
    try engine.write(actor: ("User", "eve")) { db in
      try db.set("Item", id: "bolt", ["quantity": .int(200)])
    }
    #expect(try engine.value("Note.size()") == "0")
    let entry = try #require(try engine.outbox().first)
    #expect(entry.id == "later/1" && entry.kind == .later && entry.tries == 1)
    #expect(entry.error == "bolt is over its limit")
    #expect(entry.address == "Item/bolt")
    try allow(engine)
    try engine.advance(by: "9s")
    #expect(try engine.value("Note.size()") == "0")
    try engine.advance(by: "1s")
    #expect(try engine.value("Note.map(n, n.text)") == #"["bolt 200"]"#)
    // The actor is that of the operation that woke it.
    #expect(try engine.value("Note.map(n, n.user)").contains("eve"))
    #expect(try engine.outbox().isEmpty)
  }

  @Test func `when is judged as it runs`() throws {
    let engine = try office().open(inMemory: true)
    try engine.add("bolt")
    try engine.set(200)
    #expect(try engine.outbox().count == 1)
    // The second change fires by itself and does not hold; the first does not hold any more.
    try engine.set(2000)
    try engine.advance(by: "10s")
    #expect(try engine.value("Note.size()") == "0")
    #expect(try engine.outbox().isEmpty)
  }

  @Test func `in the end it is a dead letter, which can be retried and dropped`() throws {
    let engine = try office().open(inMemory: true)
    try engine.add("bolt")
    try engine.set(200)
    try engine.advance(by: "10s")
    #expect(try engine.outboxLines() == ["later/1 waiting 2"])
    try engine.advance(by: "59s")
    #expect(try engine.outboxLines() == ["later/1 waiting 2"])
    try engine.advance(by: "1s")
    #expect(try engine.outboxLines() == ["later/1 dead 3"])
    try engine.advance(by: "10d")
    #expect(try engine.outboxLines() == ["later/1 dead 3"])
    try allow(engine)
    var filter = OutboxFilter()
    filter.ids = ["later/1"]
    #expect(try engine.retry(filter).count == 1)
    try engine.advance(by: "1s")
    #expect(try engine.value("Note.size()") == "1")
    #expect(try engine.outbox().isEmpty)
    try engine.write { db in try db.set("Item", id: "bolt", ["limit": .int(0)]) }
    try engine.set(7)
    #expect(try engine.drop(OutboxFilter()).map(\.id) == ["later/1"])
    try engine.advance(by: "1d")
    #expect(try engine.outboxLines() == ["later/1 dropped 1"])
  }

  @Test func `a firing outlives its process`() throws {
    let office = try office()
    let engine = try office.open()
    try engine.add("bolt")
    try engine.set(50)
    #expect(try engine.value("Note.size()") == "1")
    // As a process leaves it that is killed between the commit and the later rule.
    try engine.execute(
      """
      INSERT INTO _later (rule, class, id, old, new, at, next)
      VALUES ('note-it', 'Item', 'bolt', NULL, '{"quantity":60,"name":"bolt"}', 1, 1)
      """)
    try engine.close()
    let again = try office.open()
    #expect(try again.value("Note.map(n, n.text)") == #"["bolt 50", "bolt 50"]"#)
    #expect(try again.outbox().isEmpty)
  }

  @Test func `a firing whose rule is gone is a dead letter that says so`() throws {
    let office = try office()
    let engine = try office.open()
    try engine.execute(
      "INSERT INTO _later (rule, class, id, at, next) VALUES ('old-rule', 'Item', 'bolt', 1, 1)")
    try engine.close()
    let again = try office.open()
    #expect(try again.outboxLines() == ["later/1 dead 0"])
    #expect(
      try again.outbox()[0].error
        == "the rule old-rule is not in force, or its class is not there any more")
  }

  @Test func `what another process ran is not run again`() throws {
    let office = try office()
    let engine = try office.open()
    try engine.add("bolt")
    let count = try engine.perform { interpreter throws(Refusal) -> Int in
      let item = interpreter.store.record(
        try interpreter.definition("Item").recordType, "bolt")
      _ = try interpreter.store.isThere(item)
      let change = Change(record: item, old: item.row, new: item.row)
      // The row is gone by the time that this process comes to it.
      let rule = interpreter.ruleSet.rules[0].name
      try interpreter.runLater([.init(rule: rule, change: change, row: 99)])
      return try interpreter.store.records(of: interpreter.definition("Note")).count
    }
    #expect(count == 0)
  }

  @Test func `in a batch what is refused is tried again after it`() throws {
    let engine = try office().open(inMemory: true)
    try engine.batch { batch in
      try batch.write { db in
        try db.create("Item", id: "bolt", ["name": .string("bolt")])
        try db.create("Item", id: "nut", ["name": .string("nut")])
      }
      try batch.write { db in try db.set("Item", id: "bolt", ["quantity": .int(200)]) }
      try batch.write { db in try db.set("Item", id: "nut", ["quantity": .int(20)]) }
    }
    #expect(try engine.value("Note.map(n, n.text)") == #"["nut 20"]"#)
    #expect(try engine.outboxLines() == ["later/1 waiting 1"])
    try allow(engine)
    try engine.advance(by: "10s")
    #expect(try engine.value("Note.map(n, n.text)") == #"["nut 20", "bolt 200"]"#)
  }
}
