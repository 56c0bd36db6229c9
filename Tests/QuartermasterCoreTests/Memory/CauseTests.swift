import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What `why` goes back to, where the way is not plain.
struct CauseTests {
  private func author(_ link: CauseChain.Link) -> String {
    switch link.author {
    case .rule(let firing): "rule \(firing.rule)"
    case .rollUp: "total"
    case .host: "host"
    case .clock: "clock"
    case .signal: "signal"
    case .unknown: "unknown"
    }
  }

  @Test func `a later rule was woken by its operation, not by that of another later rule`() throws {
    let shop = try MemoryShop(
      """
      - rule: first-later
        phase: later
        trigger:
          changed: Part.stock
        action:
          - set: part
            name: touched
      - rule: second-later
        phase: later
        trigger:
          changed: Part.stock
        action:
          - create: Tag
            text: ${part.objectId}
      """)
    try shop.create("Part", "bolt")
    let row = try #require(try shop.set("bolt", ["stock": .int(7)]).journalRow)
    let journal = try shop.journal()
    #expect(journal.map(\.cause) == [nil, nil, row, row])
    let tag = try #require(journal.last?.changes.first { $0.className == "Tag" })
    let links = try shop.why(tag.record)
    #expect(links.map(author) == ["rule second-later", "host"])
    #expect(links.last?.entry.row == row)
  }

  @Test func `a message is traced to the firing that sent it`() throws {
    let shop = try MemoryShop(
      """
      - rule: told
        trigger:
          changed: Part.stock
        action:
          - notify: managers
            message: ${part.objectId} has ${part.stock}
      """)
    try shop.create("Part", "bolt")
    try shop.create("Part", "nut")
    try shop.engine.write { db in
      try db.set("Part", id: "bolt", ["stock": .int(1)])
      try db.set("Part", id: "nut", ["stock": .int(2)])
    }
    let entry = try #require(try shop.journal().last)
    #expect(entry.messages.map(\.firing) == [0, 1])
    let links = try shop.why("Message/\(entry.messages[1].id)")
    #expect(links.map(author) == ["rule told", "host"])
    #expect(links.last?.change?.record == "Part/nut")
    let message = links.first?.change?.fields.first { $0.name == "message" }?.new.text
    #expect(message == "nut has 2")
  }

  @Test func `a timer was started by the change that made its condition true`() throws {
    let shop = try MemoryShop(
      """
      - rule: chase
        trigger:
          saved: Part
          becomes: part.stock == 0
          for: 2h
          repeat: 2h
        action:
          - set: part
            least: part.least + 1
      """)
    try shop.create("Part", "bolt", ["stock": .int(3)])
    let row = try #require(try shop.set("bolt", ["stock": .int(0)]).journalRow)
    // At the same instant, and at that of a repeat: neither started it.
    try shop.set("bolt", ["name": .string("screw")])
    try shop.wait("2h")
    try shop.set("bolt", ["name": .string("nail")])
    try shop.wait("2h")
    let links = try shop.why("Part/bolt", "least")
    #expect(links.map(author) == ["rule chase", "host"])
    #expect(links.last?.entry.row == row)
  }

  @Test func `what is due was set by the change that gave the instant`() throws {
    let shop = try MemoryShop(
      """
      - rule: expire
        trigger:
          saved: Part
          due: part.expires
        action:
          - set: part
            stock: 0
      """)
    try shop.create("Part", "bolt", ["stock": .int(3)])
    let due = try #require(Timestamp("2026-03-02T12:00:00Z"))
    let row = try #require(try shop.set("bolt", ["expires": .timestamp(due)]).journalRow)
    try shop.set("bolt", ["name": .string("screw")])
    try shop.wait("1d")
    let links = try shop.why("Part/bolt", "stock")
    #expect(links.map(author) == ["rule expire", "host"])
    #expect(links.last?.entry.row == row)
  }

  @Test func `a record that was deleted and made again keeps its history`() throws {
    let shop = try MemoryShop("")
    try shop.create("Part", "bolt", ["stock": .int(1)])
    try shop.engine.write { db in try db.delete("Part", id: "bolt") }
    try shop.create("Part", "bolt", ["stock": .int(2)])
    try shop.engine.write { db in try db.delete("Part", id: "bolt") }
    try shop.create("Part", "bolt", ["stock": .int(3), "name": .string("screw")])
    var kinds: [ChangeReport.Kind] = []
    var stocks: [String] = []
    try shop.reading { session in
      let definition = try #require(session.schema["Part"])
      let slot = try #require(definition["stock"]?.slot)
      try RecordVersions(JournalReader(session), definition).walk("bolt") { version in
        kinds.append(version.change.kind)
        stocks.append(
          [version.old, version.new].map { $0?.values[slot].description ?? "-" }
            .joined(separator: ">"))
        return true
      }
    }
    #expect(kinds == [.created, .deleted, .created, .deleted, .created])
    #expect(stocks == ["->3", "2>-", "->2", "1>-", "->1"])
  }

  @Test func `a before rule has its values, and is listed where it failed`() throws {
    let shop = try MemoryShop(
      """
      - rule: price-cap
        phase: before
        trigger:
          changed: Part.price
        when: part.price > 10.00
        action:
          - set: part
            price: 10.00
      - rule: careless
        phase: before
        failure: skip
        trigger:
          changed: Part.price
        action:
          - set: part
            stock: 10 / (part.stock - part.stock)
      """)
    try shop.create("Part", "bolt")
    try shop.set("bolt", ["price": .decimal(try #require(ExactDecimal("12.00")))])
    let link = try #require(try shop.why("Part/bolt").first)
    #expect(link.shapers.map(\.rule) == ["price-cap", "careless"])
    #expect(link.shapers[0].operands.map(\.value) == ["12.00"])
    #expect(link.shapers[1].skipped?.contains("divi") == true)
  }

  @Test func `a skipped firing takes back the before rules that it woke`() throws {
    let shop = try MemoryShop(
      """
      - rule: stamp
        phase: before
        trigger:
          created: Tag
        action:
          - set: tag
            text: same
      - rule: careless
        failure: skip
        trigger:
          changed: Part.stock
        action:
          - create: Tag
            text: a
          - create: Tag
            text: b
      """)
    try shop.create("Part", "bolt")
    let outcome = try shop.set("bolt", ["stock": .int(1)])
    #expect(outcome.firings.map(\.rule) == ["careless"])
    #expect(outcome.firings.first?.skipped?.contains("there already") == true)
  }

  @Test func `versions are rebuilt with all types of fields`() throws {
    let shop = try MemoryShop("")
    let due = try #require(Timestamp("2026-03-02T12:00:00.250Z"))
    let price = try #require(ExactDecimal("12.30"))
    try shop.create("Box", "a")
    try shop.create(
      "Part", "bolt",
      [
        "stock": .int(1), "tags": .list([.string("steel"), .string("M8")]),
        "expires": .timestamp(due), "price": .decimal(price), "box": .string("a"),
        "pin": .string("1234"),
      ])
    try shop.set(
      "bolt", ["stock": .int(2), "tags": .null, "expires": .null, "box": .null, "price": .int(1)])
    try shop.reading { session in
      let definition = try #require(session.schema["Part"])
      var versions: [RecordVersions.Version] = []
      try RecordVersions(JournalReader(session), definition).walk("bolt") { version in
        versions.append(version)
        return true
      }
      let old = try #require(versions.last?.new)
      func value(_ name: String) throws -> Value {
        old.values[try #require(definition[name]?.slot)]
      }
      #expect(try value("stock").description == "1")
      #expect(try value("tags").description == #"["steel", "M8"]"#)
      #expect(try value("price").description == "12.30")
      #expect(try value("box").description == "\"a\"")
      if case .timestamp(let instant) = try value("expires") {
        #expect(instant == due)
      } else {
        Issue.record("no instant")
      }
      // Secrets are not in the journal.
      let body = try session.integer("SELECT count(*) FROM _journal WHERE instr(body, '1234') > 0")
      #expect(body == 0)
    }
  }
}
