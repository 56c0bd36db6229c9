import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What happened, done again under the same rules, is what happened.
@Suite struct BacktestPropertyTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count =
    environment["QUARTERMASTER_SEEDS"].flatMap { Int($0) } ?? (environment["CI"] == nil ? 20 : 200)

  @Test func `a history done again under its own rules is the same history`() throws {
    let folder = try TemporaryFolder()
    var (compared, replayed) = (0, 0)
    for seed in 1...UInt64(Self.count) {
      let shop = RandomShop(seed: seed)
      let path = folder.file("\(seed).sqlite")
      let driver = try ProjectDriver(shop, path: path)
      try driver.apply(shop.lines)
      let wanted = try driver.reading { try Self.dump($0) }
      let journal = try driver.journal()
      let refused = try driver.reading {
        try $0.integer("SELECT max(at) FROM _refused") ?? 0
      }
      let schema = driver.engine.schema
      try driver.engine.close()
      let last = try #require(journal.last?.at)
      // What was refused last is done again, too.
      let end = Timestamp(milliseconds: max(last.milliseconds, refused))
      // From the beginning, and from somewhere between.
      for since in [journal[0].at, journal[journal.count / 2].at] {
        let copy = folder.file("\(seed)-\(since.milliseconds).sqlite")
        try Store.copy(path, to: copy)
        let store = try PastState.openScratch(copy, schema)
        let rules = try RandomShopRules.compiled(shop, schema)
        let until = Timestamp(milliseconds: end.milliseconds + 1)
        let side = BacktestSide(
          schema: schema, settings: RandomShopRules.settings, verbs: VerbRegistry(),
          functions: FunctionRegistry(), since: since, until: until)
        let found = try store.perform { store throws(Refusal) in
          Result { () throws -> [String] in
            let cut = try JournalReader(store).firstRow(at: since)
            let history = try HostHistory(
              store, rows: cut..<Int64(journal.count + 1), since: since, until: until,
              worldSignals: [])
            #expect(history.leftOut == [:], "seed \(seed)")
            replayed += history.replayed
            try JournalUndo.undo(to: since, in: store)
            try side.interpreter(store, rules, number: 1).rebuildTimers(at: since) { _ in
              MemoryShop.start
            }
            try side.run(
              store, adopting: nil, RuleTimeline(rules, number: 1, at: since),
              history.operations, tick: { _ in })
            return try Self.dump(store)
          }
        }.get()
        try store.close()
        if found != wanted {
          let (a, b) = (Set(found), Set(wanted))
          Issue.record(
            """
            seed \(seed) since \(since)
            done again:
            \(a.subtracting(b).sorted().prefix(8).joined(separator: "\n"))
            as it was:
            \(b.subtracting(a).sorted().prefix(8).joined(separator: "\n"))
            """)
        }
        compared += 1
      }
    }
    #expect(compared == 2 * Self.count)
    #expect(replayed > 50 * Self.count)
  }

  /// All that a history leaves: records, journal rows by their changes and firings, timers, refusals.
  private static func dump(_ session: StoreSession) throws -> [String] {
    var rows: [String] = []
    for definition in session.schema.classes {
      let read = try session.statement("SELECT * FROM \"\(definition.name)\" ORDER BY objectId")
      while try read.step() {
        let row = (0..<read.columnCount).map { read.text($0) }
        rows.append("\(definition.name): \(row.joined(separator: "|"))")
      }
    }
    for sql in [
      "SELECT 'timer', rule, record, due, live, fired FROM _timers ORDER BY 2, 3",
      "SELECT 'schedule', rule, next FROM _schedules ORDER BY 2",
      "SELECT 'refused', at, reason, rule, message FROM _refused ORDER BY number",
      "SELECT 'journal', seq, at FROM _journal ORDER BY seq",
    ] {
      let read = try session.statement(sql)
      while try read.step() {
        rows.append((0..<read.columnCount).map { read.text($0) }.joined(separator: "|"))
      }
    }
    return rows
  }
}

/// The rules of a random shop, compiled as the engine of the shop has them.
enum RandomShopRules {
  static var settings: ProjectSettings {
    var settings = ProjectSettings()
    settings.groups = ["managers": .addresses([]), "buyers": .addresses([])]
    return settings
  }

  static func compiled(_ shop: RandomShop, _ schema: Schema) throws -> RuleSet {
    let options = RuleCheckOptions(
      checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    return try LoadedRules(
      files: [SourceFile(name: "rules/rules.yaml", text: shop.text)], schema: schema,
      settings: settings, options: options
    ).ruleSet
  }
}
