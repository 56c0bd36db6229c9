import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules that are switched on and off in the file.
struct RuleSwitchTests {
  private static let rules = """
    - rule: first
      trigger:
        changed: Part.stock
      action:
        - create: Tag
          text: first ${part.stock}
    - rule: second
      trigger:
        changed: Part.stock
      action:
        - create: Tag
          text: second ${part.stock}
    - rule: nightly
      trigger:
        every: day
      action:
        - create: Tag
          text: night ${now}
    """

  private func withFile(_ body: (MemoryShop) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-switch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let shop = try MemoryShop(Self.rules, path: folder.path + "/data.sqlite")
    try shop.create("Part", "bolt")
    try body(shop)
    try shop.engine.close()
  }

  private func fired(_ shop: MemoryShop, _ stock: Int64) throws -> [String] {
    try shop.set("bolt", ["stock": .int(stock)]).firings.map(\.rule)
  }

  @Test func `a rule that is switched off does not fire until it is switched on`() throws {
    try withFile { shop in
      #expect(try fired(shop, 1) == ["first", "second"])
      try shop.engine.turn("first", isOn: false, by: "ann")
      #expect(shop.engine.ruleNumber == 2)
      #expect(try fired(shop, 2) == ["second"])
      try shop.engine.turn("first", isOn: false, by: "ann")
      #expect(shop.engine.ruleNumber == 2, "it was off already")
      try shop.engine.turn("first", isOn: true, by: "ann")
      #expect(try fired(shop, 3) == ["first", "second"])
      #expect(try shop.journal().map(\.rules).suffix(3) == [1, 2, 3])
      #expect(throws: Refusal.self) { try shop.engine.turn("frist", isOn: false, by: "ann") }
    }
  }

  @Test func `another engine on the file follows with its next operation`() throws {
    try withFile { shop in
      let other = try MemoryShop.open(
        Self.rules, shop.path, supplySettings, MemoryShop.start)
      _ = try fired(shop, 1)
      try other.turn("second", isOn: false, by: "bob")
      #expect(try fired(shop, 2) == ["first"])
      #expect(shop.engine.switchedOffRules == ["second"])
      // Both write to one journal.
      try other.write { db in try db.set("Part", id: "bolt", ["stock": .int(3)]) }
      #expect(try fired(shop, 4) == ["first"])
      #expect(try shop.number("SELECT count(*) FROM _journal") == 5)
      try other.close()
    }
  }

  @Test func `switches stay when files are published, as far as the rules are there`() throws {
    try withFile { shop in
      try shop.engine.turn("first", isOn: false, by: "ann")
      try shop.engine.turn("nightly", isOn: false, by: "ann")
      try shop.reopen()
      #expect(shop.engine.ruleNumber == 3, "the files are the same: no new number")
      #expect(shop.engine.switchedOffRules == ["first", "nightly"])
      #expect(try fired(shop, 1) == ["second"])
      let without = String(
        Self.rules.prefix(upTo: try #require(Self.rules.range(of: "- rule: nightly")).lowerBound))
      try shop.reopen(without + "# edited\n")
      #expect(shop.engine.ruleNumber == 4)
      #expect(shop.engine.switchedOffRules == ["first"])
      #expect(try fired(shop, 2) == ["second"])
    }
  }

  @Test func `a schedule that is switched off has no next turn`() throws {
    try withFile { shop in
      #expect(try shop.number("SELECT count(*) FROM _schedules") == 1)
      try shop.engine.turn("nightly", isOn: false, by: "ann")
      #expect(try shop.number("SELECT count(*) FROM _schedules") == 0)
      try shop.wait("2d")
      #expect(try shop.number("SELECT count(*) FROM Tag") == 0)
      try shop.engine.turn("nightly", isOn: true, by: "ann")
      try shop.wait("1d")
      #expect(try shop.number("SELECT count(*) FROM Tag") == 1)
    }
  }
}
