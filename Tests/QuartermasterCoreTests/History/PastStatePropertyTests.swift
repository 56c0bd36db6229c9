import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The state at an instant, rebuilt from the end, is the state that the file had at that instant.
@Suite struct PastStatePropertyTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count =
    environment["QUARTERMASTER_SEEDS"].flatMap { Int($0) } ?? (environment["CI"] == nil ? 20 : 200)
  /// What is not rebuilt: counts, how far streams came, the last id, and which schema was written when.
  private static let left: Set = ["_stats", "_progress", "_meta", "_schema", "_leases"]

  @Test func `a state rebuilt from the end is the state of then`() throws {
    let folder = try TemporaryFolder()
    var (compared, undone, timers) = (0, 0, 0)
    for seed in 1...UInt64(Self.count) {
      let shop = RandomShop(seed: seed)
      let path = folder.file("\(seed).sqlite")
      let whole = try ProjectDriver(shop, path: path)
      try whole.apply(shop.lines)
      let end = try whole.journal().count
      let schema = whole.engine.schema
      try whole.engine.close()
      for instant in try Self.instants(shop) {
        let then = try ProjectDriver(shop)
        try then.apply(try Self.lines(shop, before: instant))
        try then.engine.advance(to: Timestamp(milliseconds: instant.milliseconds - 1))
        let wanted = try then.dump(leavingOut: Self.left)
        let past = try PastState(at: instant, schema: schema) { copy throws(Refusal) in
          try Store.copy(path, to: copy)
        }
        defer { past.close() }
        let rules = try RandomShopRules.compiled(shop, schema)
        let found = try past.store.perform { store throws(Refusal) in
          let interpreter = try Interpreter(
            store: store, schema: schema, rules: rules, settings: RandomShopRules.settings,
            now: instant)
          try interpreter.rebuildTimers(at: instant) { _ in MemoryShop.start }
          return Result { () throws -> [String] in try store.dump(leavingOut: Self.left) }
        }.get()
        expectSame(found, wanted, "seed \(seed) at \(instant)")
        compared += 1
        undone += end - (Int(past.firstUndone) - 1)
        timers += wanted.filter { $0.hasPrefix("_timers") }.count
      }
    }
    #expect(compared >= 3 * Self.count)
    #expect(undone > 20 * Self.count)
    #expect(timers > 2 * Self.count)
  }

  /// Leaves out since when a used timer of `due` waited: a record that is written at the very instant at which it is due
  /// starts it anew, which the journal does not tell and nothing depends on.
  private func comparable(_ lines: [String]) -> [String] {
    lines.map { line in
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      guard line.hasPrefix("_timers: ripe|"), parts.count == 6, parts[4] == "0" else { return line }
      return (parts.prefix(2) + ["-"] + parts.dropFirst(3)).joined(separator: "|")
    }.sorted()
  }

  private func expectSame(_ rebuilt: [String], _ then: [String], _ where: String) {
    let (found, wanted) = (comparable(rebuilt), comparable(then))
    if found == wanted { return }
    let (a, b) = (Set(found), Set(wanted))
    Issue.record(
      """
      \(`where`)
      rebuilt, and was not so:
      \(a.subtracting(b).sorted().prefix(6).joined(separator: "\n"))
      was so, and is not rebuilt:
      \(b.subtracting(a).sorted().prefix(6).joined(separator: "\n"))
      """)
  }

  /// Some of the instants at which something happens, and one between.
  private static func instants(_ shop: RandomShop) throws -> [Timestamp] {
    var all: [Timestamp] = []
    for text in shop.lines {
      if let at = try line(text).at, all.last != at { all.append(at) }
    }
    var chosen = [all[all.count / 4], all[all.count / 2], all[all.count - 1]]
    chosen.append(Timestamp(milliseconds: chosen[1].milliseconds + 7_000))
    return chosen
  }

  private static func lines(_ shop: RandomShop, before instant: Timestamp) throws -> [String] {
    var lines: [String] = []
    for text in shop.lines {
      if let at = try line(text).at, at >= instant { break }
      lines.append(text)
    }
    return lines
  }

  private static func line(_ text: String) throws -> StreamLine {
    try Array(text.utf8).withUnsafeBufferPointer { try StreamLine($0) }
  }
}
