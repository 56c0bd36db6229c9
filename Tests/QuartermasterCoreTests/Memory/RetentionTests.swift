import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What is forgotten, and what `why` and `log` then know.
struct RetentionTests {
  private static let rules = """
    - rule: told
      trigger:
        changed: Part.stock
      action:
        - notify: managers
          once: part.stock
          within: 2h
          message: told
    - rule: refuse
      phase: before
      trigger:
        changed: Part.stock
      when: part.stock < 0
      action:
        - reject: no
    - rule: expire
      trigger:
        saved: Part
        due: part.expires
      action:
        - notify: managers
          message: expired
    """

  private func settings(_ days: Int64?, size: Int64? = nil) -> ProjectSettings {
    var settings = supplySettings
    let age = days.map { TimeSpan(nanoseconds: $0 * 86_400_000_000_000) }
    settings.retention.journalAge = age
    settings.retention.refusedAge = age
    settings.retention.deliveredAge = age
    settings.retention.journalSize = size
    return settings
  }

  /// Ten days with a change, a refusal and a record that comes and goes each.
  private func tenDays(_ shop: MemoryShop) throws {
    try shop.create("Part", "bolt")
    for day in 1...10 {
      try shop.wait("1d")
      try shop.set("bolt", ["stock": .int(Int64(day))])
      #expect(throws: Refusal.self) { try shop.set("bolt", ["stock": .int(-1)]) }
      try shop.create("Tag", "t\(day)", ["text": .string("\(day)")])
      try shop.engine.write { db in try db.delete("Tag", id: "t\(day)") }
    }
  }

  @Test func `nothing is forgotten unless the settings say so`() throws {
    let shop = try MemoryShop(Self.rules)
    try tenDays(shop)
    let before = try shop.dump(["_journal", "_refused", "_deleted", "_rules"])
    #expect(try shop.engine.retain().ruleSets == 0)
    #expect(try shop.dump(["_journal", "_refused", "_deleted", "_rules"]) == before)
  }

  @Test func `what is older than the settings keep is forgotten`() throws {
    let shop = try MemoryShop(Self.rules, settings: settings(4))
    try tenDays(shop)
    try shop.engine.turn("told", isOn: false, by: "ann")
    let report = try shop.engine.retain()
    #expect(report.operations == 1 + 5 * 3)
    #expect(report.refused == 5)
    #expect(report.others == 5 + 9, "marks of deleted records, and keys past their two hours")
    let entries = try shop.journal()
    #expect(entries.first?.row == 17)
    #expect(entries.count == 15)
    #expect(try shop.number("SELECT count(*) FROM _refused") == 5)
    #expect(try shop.number("SELECT count(*) FROM _deleted") == 5)
    // Both numbers are still needed: one by the journal, one is in force.
    #expect(try shop.number("SELECT count(*) FROM _rules") == 2)
    #expect(try shop.engine.retain().isEmpty)
  }

  @Test func `rule sets that no operation names are forgotten`() throws {
    let shop = try MemoryShop(Self.rules, settings: settings(1))
    try shop.create("Part", "bolt")
    try shop.engine.turn("told", isOn: false, by: "ann")
    try shop.engine.turn("told", isOn: true, by: "ann")
    try shop.wait("3d")
    try shop.set("bolt", ["stock": .int(1)])
    let report = try shop.engine.retain()
    #expect(report.operations == 1)
    #expect(report.ruleSets == 2)
    #expect(try shop.number("SELECT number FROM _rules") == 3)
    guard case .fired = try shop.whyNot("told").gate else {
      Issue.record("what is left can be asked")
      return
    }
  }

  @Test func `the last operation always stays, so that numbers go on`() throws {
    let shop = try MemoryShop(Self.rules, settings: settings(1))
    try tenDays(shop)
    try shop.wait("100d")
    try shop.engine.retain()
    #expect(try shop.journal().map(\.row) == [31])
    try shop.set("bolt", ["stock": .int(77)])
    #expect(try shop.journal().map(\.row) == [31, 32])
  }

  @Test func `the journal is kept within a size`() throws {
    let shop = try MemoryShop(Self.rules)
    try tenDays(shop)
    var sized = ProjectSettings.Retention()
    sized.journalSize = 1500
    let settings = sized
    let now = shop.engine.now
    let (before, after, report) = try shop.engine.perform { interpreter throws(Refusal) in
      let before = try JournalSize(interpreter.store)
      var retention = Retention(settings, rules: nil, leastOperations: 2)
      while try retention.forgetSome(in: interpreter.store, now: now) {}
      return (before, try JournalSize(interpreter.store), retention.report)
    }
    #expect(before.bytes > 2500 && !before.isEstimated)
    #expect(after.bytes <= 1700)
    #expect(after.rows == before.rows - Int64(report.operations))
    #expect(after.rows >= 2)
  }

  @Test func `the edge of the journal is not taken for the beginning of the world`() throws {
    let shop = try MemoryShop(Self.rules, settings: settings(4))
    try shop.create("Part", "nut", ["stock": .int(3)])
    try tenDays(shop)
    try shop.set("nut", ["name": .string("wing")])
    try shop.engine.retain()
    // The record is there, its stock changed before the journal begins.
    #expect(try shop.why("Part/nut", "stock").isEmpty)
    #expect(try shop.why("Part/nut", "name").count == 1)
    let answer = try shop.whyNot("told", "Part/nut")
    guard case .unchanged(["stock"]) = answer.gate else {
      Issue.record("another gate: \(answer.gate)")
      return
    }
    #expect(answer.reachesBeginning)
  }

  @Test func `a timer that is used up is kept while its rule is there`() throws {
    let shop = try MemoryShop(Self.rules, settings: settings(1))
    try shop.create("Part", "bolt", ["expires": .timestamp(MemoryShop.start)])
    try shop.wait("9d")
    try shop.engine.retain()
    #expect(try shop.number("SELECT count(*) FROM _timers WHERE NOT live") == 1)
    // Without the row the instant that is past would fire once more.
    try shop.set("bolt", ["name": .string("screw")])
    #expect(try shop.number("SELECT count(*) FROM Message WHERE rule = 'expire'") == 1)
  }

  @Test func `operations are found by time`() throws {
    let shop = try MemoryShop(Self.rules)
    try tenDays(shop)
    let rows = try shop.journal().map { (row: $0.row, at: $0.at.milliseconds) }
    for row in rows {
      let first = rows.first { $0.at >= row.at }?.row
      let next = rows.first { $0.at > row.at }?.row ?? 32
      #expect(try firstRow(shop, row.at) == first)
      #expect(try firstRow(shop, row.at + 1) == next)
    }
    #expect(try firstRow(shop, 0) == 1)
  }

  private func firstRow(_ shop: MemoryShop, _ milliseconds: Int64) throws -> Int64 {
    try shop.reading { session in
      try JournalReader(session).firstRow(at: Timestamp(milliseconds: milliseconds))
    }
  }
}
