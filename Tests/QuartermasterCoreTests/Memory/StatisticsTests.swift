import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What `stats` counts.
struct StatisticsTests {
  private static let rules = """
    - rule: told
      trigger:
        changed: Part.stock
      when: part.stock > 1
      action:
        - notify: managers
          message: told
    - rule: refuse
      phase: before
      trigger:
        changed: Part.stock
      when: part.stock < 0
      action:
        - reject: no
    - rule: careless
      failure: skip
      trigger:
        changed: Part.price
      action:
        - create: Tag
          text: same
    - rule: broken
      trigger:
        changed: Part.least
      action:
        - set: part
          stock: 1 / (part.stock - part.stock)
    """

  private func business(_ shop: MemoryShop) throws {
    try shop.create("Part", "bolt")
    try shop.create("Tag", "t", ["text": .string("same")])
    for stock in 1...3 { try shop.set("bolt", ["stock": .int(Int64(stock))]) }
    #expect(throws: Refusal.self) { try shop.set("bolt", ["stock": .int(-1)]) }
    try shop.set("bolt", ["price": .int(3)])
    #expect(throws: Refusal.self) { try shop.set("bolt", ["least": .int(9)]) }
  }

  private func report(_ shop: MemoryShop) throws -> StatisticsReport {
    let now = shop.engine.now
    return try shop.reading { try StatisticsReport($0, now: now, zone: .utc) }
  }

  @Test func `firings, skips, refusals and errors are counted by rule`() throws {
    let shop = try MemoryShop(Self.rules)
    try business(shop)
    #expect(try report(shop).rules.isEmpty, "they are in memory yet")
    try shop.engine.keepStatistics()
    let stats = try report(shop)
    let counts = stats.rules.map {
      "\($0.name) \($0.firings) \($0.skipped) \($0.rejected) \($0.errors) of \($0.attempts)"
    }
    #expect(
      counts == [
        "broken 0 0 0 1 of 1", "careless 0 1 0 0 of 1", "refuse 0 0 1 0 of 1", "told 2 0 0 0 of 3",
      ])
    for rule in stats.rules {
      #expect(rule.most > 0 && rule.most <= rule.nanoseconds)
    }
    #expect(stats.changes.map(\.className) == ["Part", "Tag"])
    #expect(stats.changes.map(\.count) == [5, 1])
    #expect(stats.kept == 6)
    #expect(stats.refused == 2)
    #expect(stats.days.map(\.count) == [6])
    #expect(stats.refusedListed == 2)
  }

  @Test func `counts go on where they were, and are written when the file is closed`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-stats-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let shop = try MemoryShop(Self.rules, path: folder.path + "/data.sqlite")
    try business(shop)
    try shop.reopen()
    #expect(try report(shop).kept == 6)
    try shop.set("bolt", ["stock": .int(50)])
    try shop.engine.turn("told", isOn: false, by: "ann")
    try shop.set("bolt", ["stock": .int(51)])
    try shop.engine.keepStatistics()
    let stats = try report(shop)
    #expect(stats.kept == 8)
    #expect(stats.rules.first { $0.name == "told" }?.firings == 3)
    try shop.engine.close()
  }

  @Test func `a batch that is undone counts what was judged, and nothing that was done`() throws {
    struct Stop: Error {}
    let shop = try MemoryShop(Self.rules)
    try shop.create("Part", "bolt")
    #expect(throws: Stop.self) {
      try shop.engine.batch { batch in
        try batch.write { db in try db.set("Part", id: "bolt", ["stock": .int(5)]) }
        throw Stop()
      }
    }
    try shop.engine.keepStatistics()
    let counters = try shop.engine.perform { interpreter in interpreter.counters }
    #expect(counters.firings == [:])
    let stats = try report(shop)
    #expect(stats.kept == 1)
    #expect(stats.changes.map(\.count) == [1])
    #expect(stats.rules.map { "\($0.name) \($0.firings) of \($0.attempts)" } == ["told 0 of 1"])
  }

  @Test func `with many rules the counts are written more seldom, and none is lost`() throws {
    let rules = (0..<100).map { number in
      """
      - rule: r\(number)
        trigger:
          changed: Part.stock
        when: part.stock == \(number)
        action:
          - set: part
            price: \(number)

      """
    }
    let shop = try MemoryShop(rules.joined())
    try shop.create("Part", "bolt")
    func write(_ numbers: Range<Int>) throws {
      try shop.engine.batch { batch in
        for number in numbers {
          try batch.write { db in
            try db.set("Part", id: "bolt", ["stock": .int(Int64(number % 100))])
          }
        }
      }
    }
    try write(1..<1500)
    #expect(try report(shop).kept == 0, "fewer than 16 operations for each rule")
    try write(1500..<1701)
    let stats = try report(shop)
    #expect(stats.kept == 1701)
    #expect(stats.rules.count == 100)
    #expect(stats.rules.allSatisfy { $0.firings == 17 && $0.attempts == 17 })
  }

  @Test func `what waits and what is late is told`() throws {
    let shop = try MemoryShop(
      """
      - rule: chase
        trigger:
          saved: Part
          becomes: part.stock == 0
          for: 2h
        action:
          - notify: managers
            message: empty
      """)
    try shop.create("Part", "bolt")
    let stats = try report(shop)
    #expect(stats.waiting.timers == 1)
    #expect(stats.waiting.late == 0)
    let later = try #require(shop.engine.now.adding(TimeSpan(nanoseconds: 7_300_000_000_000)))
    let late = try shop.reading { try StatisticsReport($0, now: later, zone: .utc) }
    #expect(late.waiting.late == 1)
    #expect(late.waiting.oldest == Timestamp("2026-03-02T11:00:00Z"))
  }
}
