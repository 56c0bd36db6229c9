import Foundation
import Quartermaster
import Testing

@testable import QuartermasterCore

struct DemoTests {
  @Test func `the demo is the same for the same seed, and another for another`() {
    let lines = DemoTrader.lines(seed: 1)
    #expect(lines == DemoTrader.lines(seed: 1))
    #expect(lines != DemoTrader.lines(seed: 2))
    #expect(lines.count > 7000)
  }

  @Test func `weeks of business run through the rules`() throws {
    let lines = DemoTrader.lines(seed: 1).prefix { !$0.contains(#""at":"2026-02-16"#) }
    let (summary, answers) = try run(
      Array(lines),
      asking: [
        "Product.all(p, p.onHand >= 0 && p.reserved <= p.onHand)",
        #"Order.filter(o, o.createdAt < now - days(10) && !(o.status in ["delivered", "cancelled"])).size() < 20"#,
        #"PurchaseOrder.filter(p, p.status == "received").size() > 50"#,
        #"PurchaseOrder.all(p, p.totalAmount == p.lines.map(l, l.amount).sum())"#,
        #"Order.exists(o, o.objectId == "project" && o.status == "delivered")"#,
        "Notification.size() > 500",
      ])
    #expect(Set(summary.refused.keys) == ["reject"])
    #expect(summary.skipped.isEmpty)
    #expect(summary.failedAlone.isEmpty)
    // The demo shows what the template does: these have their turn within the first weeks.
    let shown: Set = [
      "reorder-low-stock", "nightly-reorder", "send-purchase-orders", "receive-at-gate",
      "receive-goods", "allocate-when-paid", "backorder-when-short", "fill-backorders",
      "backorder-filled", "ship-when-allocated", "hold-large-order", "hand-over-parcels",
      "parcels-arrive", "finish-order", "chase-pending-order", "chase-late-supplier",
      "release-on-cancel", "supplier-price-jump", "morning-digest", "price-order-line",
    ]
    #expect(shown.subtracting(summary.firings.keys).isEmpty)
    for (question, answer) in answers { #expect(answer == "true", "\(question)") }
  }

  /// Applies lines with a clock that they move, and asks afterwards.
  private func run(
    _ lines: [String], asking questions: [String]
  ) throws -> (StreamSummary, [(String, String)]) {
    let project = try ProjectTemplate.supply.project()
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("demo-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    let start = try #require(StreamRunner.firstInstant(path: file.path))
    let store = try Store.open(nil, schema: project.schema)
    return try store.perform { store throws(Refusal) in
      let interpreter = try Interpreter(
        store: store, schema: project.schema, rules: rules.ruleSet, settings: project.settings,
        now: start, verbs: .supply)
      try store.begin()
      try interpreter.startSchedules()
      try store.commit()
      var options = StreamRunner.Options()
      options.movesClock = true
      options.batch = 100
      let summary: StreamSummary
      do {
        summary = try StreamRunner(interpreter, options).run(path: file.path, name: "demo")
      } catch { throw Refusal(.error, "\(error)") }
      var answers: [(String, String)] = []
      for question in questions {
        answers.append((question, try interpreter.query(question, [:]).description))
      }
      return (summary, answers)
    }
  }
}
