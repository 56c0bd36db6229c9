import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// Backtests of a shop that orders when little is left, and whose supplier delivers.
@Suite struct BacktestTests {
  private static let classes = """
    classes:
      Part:
        stock: {type: Integer, default: 0}
        least: {type: Integer, default: 5}
        most: {type: Integer, default: 10}
        open: {sum: orders.open}
      Order:
        number: {type: String, unique: true, sequence: "O-%03d"}
        part: {type: Part, required: true, inverse: orders}
        quantity: {type: Integer, default: 0}
        open: {type: Integer, default: 0}
        status:
          type: String
          default: sent
          flow:
            sent: [here]
            here: []
    signals:
      delivery: {}
    """

  private static func rules(_ most: String = "part.most") -> String {
    """
    - rule: order
      trigger:
        saved: Part
        becomes: part.stock + part.open <= part.least
      action:
        - create: Order
          part: part
          quantity: \(most) - part.stock
          open: \(most) - part.stock
        - notify: buyer@example.com
          message: ${part} is low

    - rule: arrive
      trigger:
        changed: Order
        becomes: order.status == "here"
      action:
        - set: order.part
          stock: order.part.stock + order.open
        - set: order
          open: 0

    - rule: unload
      trigger:
        signal: delivery
      action:
        - advance: order
          each: order in Order.filter(o, o.status == "sent")
          to: here

    - rule: nothing-below-zero
      phase: before
      trigger:
        changed: Part.stock
      when: part.stock < 0
      action:
        - reject: there is not so much
    """
  }

  private static let world = """
    - rule: world-delivers
      trigger:
        every: day
        at: "12:00"
      action:
        - signal: delivery
    """

  private func at(_ hours: Int64) -> Timestamp {
    Timestamp(milliseconds: TestShop.start.milliseconds + hours * 3_600_000)
  }

  private func take(_ engine: Engine, _ count: Int64) throws {
    try engine.perform { interpreter throws(Refusal) in
      let definition = try interpreter.definition("Part")
      let field = try interpreter.field("stock", of: definition)
      try interpreter.run { () throws(Refusal) in
        try interpreter.giveSet(
          definition, id: "bolt", [(field, .update(.increment(.int(-count))))])
      }
    }
  }

  /// Ten days on which three parts are taken; every second day a delivery stands at the gate.
  private func tenDays(_ shop: TestShop, signals: Bool = true) throws -> Engine {
    let engine = try shop.open(Self.rules())
    try engine.write { db in try db.create("Part", id: "bolt", ["stock": .int(9)]) }
    for day in 0..<10 {
      try engine.advance(to: at(Int64(day) * 24 + 1))
      _ = try? take(engine, 3)
      try engine.advance(to: at(Int64(day) * 24 + 3))
      if signals, day % 2 == 0 { try engine.write { db in try db.signal("delivery") } }
    }
    return engine
  }

  private func files(_ text: String) -> [SourceFile] {
    [SourceFile(name: "new/a.yaml", text: text)]
  }

  private func numbers(_ report: BacktestReport, _ section: String) -> [String] {
    report.sections.first { $0.name == section }?.rows.map {
      "\($0.name): \($0.asItWas) \($0.old) \($0.new) \($0.difference)"
    } ?? []
  }

  @Test func `the same rules differ in nothing, and give what happened`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    let report = try engine.backtest(files(Self.rules()))
    #expect(report.isComparable)
    #expect(report.share.replayed == 16)
    #expect(report.share.total == 16)
    let rows = report.sections.flatMap(\.rows)
    #expect(rows.count == 7)
    for row in rows {
      #expect(row.difference == ExactDecimal(0), "\(row.name)")
      #expect(row.old == row.asItWas, "\(row.name)")
    }
    #expect(report.faithful == (rows.count, rows.count))
    #expect(numbers(report, "made") == ["Order: 5 5 5 0"])
    // The file is as it was, and the engine goes on.
    #expect(try engine.answer("Order.size()") == "5")
    try engine.close()
  }

  @Test func `other rules show what they change`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    let measure = BacktestMeasure(name: "bought", title: "Parts bought") { view in
      let sum = try view.end.query("Order.map(o, o.quantity).sum()")
      guard case .int(let count) = sum else { return [] }
      return [BacktestMeasure.Row("parts", ExactDecimal(count))]
    }
    var options = BacktestOptions()
    options.measures = [measure]
    let told = Mutex<[Double]>([])
    options.progress = { part in told.withLock { $0.append(part) } }
    let report = try engine.backtest(files(Self.rules("part.most * 2")), options: options)
    #expect(numbers(report, "made") == ["Order: 5 5 2 -3"])
    #expect(numbers(report, "messages") == ["order to buyer@example.com: 5 5 2 -3"])
    #expect(numbers(report, "firings").contains("order: 5 5 2 -3"))
    #expect(numbers(report, "bought").count == 1)
    let last = told.withLock { $0.last }
    #expect(last == 1)
    try engine.close()
  }

  @Test func `a world plays the supplier, and its signals are left out`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    var options = BacktestOptions()
    options.world = [SourceFile(name: "world.yaml", text: Self.world)]
    let report = try engine.backtest(files(Self.rules()), options: options)
    #expect(report.share.playedByWorld == 5)
    #expect(report.share.replayed == 11)
    #expect(report.share.total == 11)
    // What the world does is no part of the numbers.
    #expect(!numbers(report, "firings").contains { $0.hasPrefix("world-delivers") })
    #expect(report.sections.flatMap(\.rows).allSatisfy { $0.difference == ExactDecimal(0) })
    try engine.close()
  }

  @Test
  func `what hosts did to records that rules made is counted, and the worlds are not compared`()
    throws
  {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop, signals: false)
    let order = try #require(
      try engine.read { db in
        guard case .list(let items) = try db.query("Order.map(o, o.objectId)"),
          case .string(let id)? = items.first
        else { return nil as String? }
        return id
      })
    try engine.write { db in
      try db.set("Order", id: order, ["status": .string("here")])
      try db.create("Part", id: "nut", [:])
    }
    try engine.write { db in try db.create("Order", id: "mine", ["part": .string("bolt")]) }
    try engine.write { db in try db.set("Order", id: "mine", ["number": .string(order)]) }
    let report = try engine.backtest(files(Self.rules()))
    #expect(
      report.share.leftOut.map { "\($0.count) \($0.reason)" } == [
        "2 about records that rules made", "1 in one operation with these",
      ])
    #expect(report.share.total == report.share.replayed + 3)
    #expect(!report.isComparable)
    try engine.close()
  }

  @Test func `the old side goes through the rule sets as they came`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    try engine.publish(shop.files(Self.rules("part.most + 7")))
    for day in 10..<20 {
      try engine.advance(to: at(Int64(day) * 24 + 1))
      _ = try? take(engine, 3)
      try engine.advance(to: at(Int64(day) * 24 + 3))
      try engine.write { db in try db.signal("delivery") }
    }
    try engine.turn("order", isOn: false, by: "ann")
    try engine.advance(to: at(500))
    _ = try? take(engine, 3)
    let report = try engine.backtest(files(Self.rules()))
    #expect(report.oldRuleSets == [1, 2, 3])
    for row in report.sections.flatMap(\.rows) { #expect(row.old == row.asItWas, "\(row.name)") }
    #expect(report.sections.flatMap(\.rows).contains { $0.difference != ExactDecimal(0) })
    // Today's rules in place of those that came one after the other.
    var options = BacktestOptions()
    options.against = files(Self.rules())
    let same = try engine.backtest(files(Self.rules()), options: options)
    #expect(same.oldRuleSets == [])
    #expect(same.sections.flatMap(\.rows).allSatisfy { $0.difference == ExactDecimal(0) })
    try engine.close()
  }

  @Test func `a stretch of time is compared with what happened in it`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    var options = BacktestOptions()
    options.since = at(48)
    options.until = at(144)
    let report = try engine.backtest(files(Self.rules()), options: options)
    #expect(report.share.total == 6)
    let rows = report.sections.flatMap(\.rows)
    #expect(report.faithful == (rows.count, rows.count))
    options.until = at(40)
    let problem = try #require(throws: BacktestProblem.self) {
      try engine.backtest(files(Self.rules()), options: options)
    }
    #expect(
      problem.message.hasPrefix(
        "nothing lies between 2026-03-04T09:00:00Z and 2026-03-04T01:00:00Z"))
    try engine.close()
  }

  @Test func `a gap and an empty journal are told`() throws {
    let shop = try TestShop(Self.classes)
    let empty = try shop.open(Self.rules())
    let nothing = try #require(throws: BacktestProblem.self) {
      try empty.backtest(files(Self.rules()))
    }
    #expect(nothing.message.hasPrefix("the journal is empty"))
    try empty.close()
    let engine = try tenDays(shop)
    var settings = ProjectSettings.Retention()
    settings.journalAge = TimeSpan("72h", allowsDays: true)
    var retention = Retention(settings, rules: nil)
    try engine.perform { interpreter throws(Refusal) in
      while try retention.forgetSome(in: interpreter.store, now: interpreter.now) {}
    }
    var options = BacktestOptions()
    options.since = at(24)
    let gap = try #require(throws: BacktestProblem.self) {
      try engine.backtest(files(Self.rules()), options: options)
    }
    let earliest = try #require(gap.earliest)
    #expect(gap.message.hasSuffix("the earliest instant is \(earliest)"))
    // From there on it goes, and without a beginning it begins there.
    options.since = nil
    #expect(try engine.backtest(files(Self.rules()), options: options).since == earliest)
    try engine.close()
  }

  @Test func `rules that do not check are told, and no copy is left`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    #expect(throws: DiagnosticList.self) {
      try engine.backtest(files("- rule: odd\n  trigger:\n    created: Parts\n"))
    }
    #expect(try ScratchFolders.left() == [])
    try engine.close()
  }

  @Test func `the state of an instant can be read`() throws {
    let shop = try TestShop(Self.classes)
    let engine = try tenDays(shop)
    let then = try engine.read(at: at(26)) { db in
      try db.query("Part.map(p, p.stock).sum()").description
    }
    #expect(then == "3" || then == "13")
    let first = try engine.read(at: TestShop.start) { db in try db.query("Part.size()").description
    }
    #expect(first == "0")
    try engine.close()
  }
}
