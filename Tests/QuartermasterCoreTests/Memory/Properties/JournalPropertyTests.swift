import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What must hold of the journal, whatever the rules and the changes are.
@Suite struct JournalPropertyTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// How many projects: more where `CI` is set, or as QUARTERMASTER_SEEDS says.
  private static let count =
    environment["QUARTERMASTER_SEEDS"].flatMap { Int($0) } ?? (environment["CI"] == nil ? 30 : 300)
  private static var seeds: Range<UInt64> { 1..<UInt64(count + 1) }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-property-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test func `a reload of unchanged rules changes nothing`() throws {
    try withFolder { folder in
      var timers = 0
      for seed in Self.seeds.prefix(Self.count / 3) {
        let shop = RandomShop(seed: seed)
        let path = "\(folder)/\(seed).sqlite"
        let first = try ProjectDriver(shop, path: path)
        try first.apply(shop.lines)
        // A host's clock that moved meanwhile moves no timer either: what is due fires when the clock says so.
        let later = try #require(first.engine.now.adding(TimeSpan(nanoseconds: 90_000_000_000_000)))
        try first.engine.close()
        let files = [SourceFile(name: "rules/rules.yaml", text: shop.text)]
        let second = try ProjectDriver(schema: RandomShop.schema, rules: files, path: path)
        let before = try second.dump(leavingOut: [])
        timers += before.filter { $0.hasPrefix("_timers") || $0.hasPrefix("_schedules") }.count
        let number = second.engine.ruleNumber
        try second.engine.close()
        let third = try ProjectDriver(
          schema: RandomShop.schema, rules: files, path: path, now: later)
        #expect(try third.dump(leavingOut: []) == before, "seed \(seed)")
        #expect(!third.engine.publishedRules)
        #expect(third.engine.ruleNumber == number)
        try third.engine.close()
        // The same rules in other words: a number more, and nothing else.
        let edited = [SourceFile(name: "rules/rules.yaml", text: "# edited\n" + shop.text)]
        let fourth = try ProjectDriver(
          schema: RandomShop.schema, rules: edited, path: path, now: later)
        #expect(
          try fourth.dump(leavingOut: ["_rules"]) == before.filter { !$0.hasPrefix("_rules") },
          "seed \(seed), edited")
        #expect(fourth.engine.ruleNumber == number + 1)
        try fourth.engine.close()
      }
      #expect(timers > Self.count / 3)
    }
  }

  @Test func `every firing replays to the same decision`() throws {
    var (judged, fired) = (0, 0)
    for seed in Self.seeds {
      let shop = RandomShop(seed: seed)
      let driver = try ProjectDriver(shop)
      try driver.apply(shop.lines)
      let replay = try driver.reading { session in
        try JournalReplay(session, ProjectSettings(), hostRecords: driver.hostRecords)
      }
      #expect(replay.differences == [], "seed \(seed)")
      judged += replay.judged
      fired += replay.fired
    }
    #expect(judged > 100 * Self.count)
    #expect(fired > 10 * Self.count)
  }

  @Test(.enabled(if: SharedFolder.hasModel, "needs the reference model and PyYAML"))
  func `every firing of the model's projects replays to the same decision`() throws {
    let shared = try #require(SharedFolder.url)
    try withFolder { folder in
      try SharedFolder.run(
        "python3",
        [
          "-c", ModelComparisonTests.generator, shared.path + "/model", folder, "--seeds", "0",
          "\(Self.count - 1)",
        ])
      var (judged, fired) = (0, 0)
      for seed in 0..<Self.count {
        let project = "\(folder)/seed-\(seed)"
        func text(_ path: String) throws -> String {
          try String(contentsOfFile: "\(project)/\(path)", encoding: .utf8)
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: project + "/rules")
          .filter { $0.hasSuffix(".yaml") }
          .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
          .map { SourceFile(name: "rules/\($0)", text: try text("rules/\($0)")) }
        let driver = try ProjectDriver(
          schema: try text("schema.yaml"), rules: files,
          now: Timestamp(milliseconds: 1_767_225_600_000))
        try driver.apply(text("stream.jsonl").split(separator: "\n").map(String.init))
        let replay = try driver.reading { session in
          try JournalReplay(session, ProjectSettings(), hostRecords: driver.hostRecords)
        }
        #expect(replay.differences == [], "seed \(seed)")
        judged += replay.judged
        fired += replay.fired
      }
      #expect(judged > 10 * Self.count)
      #expect(fired > Self.count)
    }
  }

  /// A rule that does all kinds of things, and then fails.
  private static let stumble = """
    - rule: stumble
      trigger:
        saved: Part
      failure: skip
      when: part.n % 3 == 0
      action:
        - set: part
          m: part.m + 5
          state: open
        - create: Log
          as: note
          text: stumbled
        - set: note
          n: 7
        - create: Box
          as: box
        - set: part
          box: box
        - signal: audit
          amount: part.n
        - notify: stumbler@example.com
          once: part.objectId
          message: stumbled
        - delete: p
          each: p in Part.filter(p, p.n == part.n + 1)
        - create: Tag
          text: taken

    - rule: heard
      trigger:
        signal: audit
      action:
        - create: Log
          text: heard
          n: signal.amount

    """

  @Test func `a skipped firing leaves what the rule switched off leaves`() throws {
    var skipped = 0
    for seed in Self.seeds {
      let shop = RandomShop(seed: seed)
      let lines =
        [#"{"op":"create","class":"Tag","id":"t","fields":{"text":"taken"}}"#] + shop.lines
      func run(_ rules: String) throws -> ProjectDriver {
        let driver = try ProjectDriver(
          schema: RandomShop.schema,
          rules: [SourceFile(name: "rules/rules.yaml", text: rules + shop.text)])
        try driver.apply(lines)
        return driver
      }
      let on = try run(Self.stumble)
      let off = try run(
        Self.stumble.replacingOccurrences(
          of: "- rule: stumble\n", with: "- rule: stumble\n  enabled: false\n"))
      let left: Set = ["_journal", "_refused", "_rules", "_schema", "_stats", "_meta"]
      #expect(try on.dump(leavingOut: left) == off.dump(leavingOut: left), "seed \(seed)")
      // What goes round for ever is named by the rule that came too late, which may be the one that stumbles.
      func plain(_ message: String) -> Substring {
        message.hasPrefix("more than") ? message.prefix { $0 != ":" } : message[...]
      }
      #expect(on.refused.map(plain) == off.refused.map(plain), "seed \(seed)")
      let (journal, other) = (try on.journal(), try off.journal())
      #expect(journal.map(Self.text) == other.map(Self.text), "seed \(seed)")
      for firing in journal.flatMap(\.firings) where firing.rule == "stumble" {
        #expect(firing.skipped?.contains("is there already") == true, "seed \(seed)")
        skipped += 1
      }
      #expect(!other.flatMap(\.firings).contains { $0.rule == "stumble" })
    }
    #expect(skipped > 5 * Self.count)
  }

  /// An operation without the firings that are compared apart, and without their places.
  private static func text(_ entry: JournalEntry) -> String {
    let changes = entry.changes.map { change in
      "\(change.record) \(change.kind) \(change.previous) "
        + change.fields.map { field in
          "\(field.name) \(JSONWriter.text(field.old)) \(JSONWriter.text(field.new))"
        }.joined(separator: ", ")
    }
    let firings = entry.firings.filter { $0.rule != "stumble" }.map {
      "\($0.rule) \($0.record ?? "-") \($0.round) \($0.skipped ?? "")"
    }
    return "\(entry.row) \(entry.at) \(changes) \(firings)"
  }
}
