import Foundation
import QuartermasterSupply
import Synchronization
import Testing

@testable import QuartermasterShell

/// `backtest` and `query --at` as an operator sees them.
struct BacktestCommandTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 100
    return context
  }

  private func backtest(
    _ fixture: Fixture, _ rules: String = "rules",
    _ change: (inout BacktestCommand) -> Void = { _ in }
  ) -> Reply {
    var command = BacktestCommand(rules: rules.hasPrefix("/") ? rules : fixture.path(rules))
    command.folder = fixture.folder
    change(&command)
    return command.run(context)
  }

  /// A folder of the rules with a text in them replaced.
  private func proposal(_ fixture: Fixture, _ old: String, _ new: String) throws {
    try FileManager.default.copyItem(
      atPath: fixture.path("rules"), toPath: fixture.path("proposal"))
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.path("proposal")) {
      let text = try String(contentsOfFile: fixture.path("proposal/" + name), encoding: .utf8)
      try fixture.write(text.replacingOccurrences(of: old, with: new), to: "proposal/" + name)
    }
  }

  @Test func `a day is done again under other rules`() throws {
    let fixture = try Fixture()
    try proposal(fixture, "product.reorderPoint", "product.reorderPoint / 10")
    var text = "> backtest, without a data file\n" + fixture.shown(backtest(fixture))
    fixture.applyDay()
    text += "> backtest --rules rules\n" + fixture.shown(backtest(fixture))
    text += "> backtest --rules proposal\n" + fixture.shown(backtest(fixture, "proposal"))
    text +=
      "> backtest --rules proposal --fields orders,messages --format json\n"
      + fixture.shown(
        backtest(fixture, "proposal") {
          $0.fields = ["orders", "messages"]
          $0.format = .json
        })
    try expectGolden(text, "backtest")
  }

  @Test func `what is wrong is told`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var text = "> backtest --rules nothing\n" + fixture.shown(backtest(fixture, "nothing"))
    text +=
      "> backtest --fields spent\n" + fixture.shown(backtest(fixture) { $0.fields = ["spent"] })
    text +=
      "> backtest --since tomorrow\n" + fixture.shown(backtest(fixture) { $0.since = "tomorrow" })
    text +=
      "> backtest --since 2026-03-03 --until 2026-03-02\n"
      + fixture.shown(
        backtest(fixture) {
          $0.since = "2026-03-03"
          $0.until = "2026-03-02"
        })
    text +=
      "> backtest --world nowhere.yaml\n"
      + fixture.shown(backtest(fixture) { $0.world = "nowhere.yaml" })
    try proposal(fixture, "product.orderUpTo", "product.orderUptTo")
    text += "> backtest --rules proposal\n" + fixture.shown(backtest(fixture, "proposal"))
    try fixture.sql("DELETE FROM _journal WHERE seq < 8")
    text +=
      "> backtest --since 2026-03-02, forgotten\n"
      + fixture.shown(backtest(fixture) { $0.since = "2026-03-02" })
    try fixture.sql("DELETE FROM _journal")
    text += "> backtest, without a journal\n" + fixture.shown(backtest(fixture))
    try expectGolden(text, "backtest-wrong")
  }

  @Test func `worlds that are too far apart are not compared`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var query = QueryCommand("PurchaseOrder.map(p, p.objectId).first()")
    query.folder = fixture.folder
    let ids = query.run(context).output.trimmingCharacters(in: .whitespacesAndNewlines)
    let line =
      #"{"op":"set","class":"PurchaseOrder","id":"ID","fields":{"status":"received"},"at":"2026-03-06T09:00:00Z"}"#
    try fixture.write(line.replacingOccurrences(of: "ID", with: ids) + "\n", to: "more.jsonl")
    var command = ApplyCommand(path: fixture.path("more.jsonl"))
    command.folder = fixture.folder
    command.clock = .replay
    #expect(command.run(context).status == .done)
    let reply = backtest(fixture) { $0.fields = ["statuses"] }
    #expect(reply.status == .failed)
    var text = "> backtest --fields statuses\n" + fixture.shown(reply)
    // The world receives it in the place of the person.
    try fixture.write(
      """
      - rule: world-receives
        trigger:
          changed: PurchaseOrder
          becomes: purchaseOrder.status == "sent"
          for: 24h
        action:
          - advance: purchaseOrder
            to: received

      """, to: "world.yaml")
    text +=
      "> backtest --fields statuses, with a world.yaml\n"
      + fixture.shown(backtest(fixture) { $0.fields = ["statuses"] })
    try expectGolden(text, "backtest-apart")
  }

  @Test func `the state of an instant is asked`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    func query(_ at: String?) -> String {
      var command = QueryCommand("Inventory")
      command.folder = fixture.folder
      command.at = at
      return "> query Inventory \(at.map { "--at \($0)" } ?? "")\n"
        + fixture.shown(command.run(context))
    }
    let text =
      query(nil) + query("2026-03-02T08:14:03Z") + query("2026-03-02T06:00:00Z") + query("soon")
    try expectGolden(text, "query-at")
  }

  @Test func `the trader of the demo, with half as much again`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try ProjectTemplate.supply.write(to: folder)
    // Three weeks are enough to see it, and the whole takes its time in a build for debugging.
    let lines = DemoTrader.lines().prefix { !$0.contains(#""at":"2026-01-26"#) }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(
      to: URL(fileURLWithPath: folder + "/weeks.jsonl"))
    var apply = ApplyCommand(path: folder + "/weeks.jsonl")
    apply.folder = folder
    apply.clock = .replay
    apply.batch = 100
    #expect(apply.run(context).status == .done)

    var command = BacktestCommand(rules: folder)
    command.folder = folder
    command.isWithoutWorld = true
    command.format = .json
    let told = Mutex(0.0)
    var watched = context
    watched.progress = { progress in told.withLock { $0 = progress.fraction ?? 0 } }
    let exact = try Tables(command.run(watched))
    #expect(exact.status == .done)
    #expect(exact.rows.count > 30)
    #expect(told.withLock { $0 } == 1)
    for row in exact.rows {
      #expect(row.old == row.new, "\(row)")
      #expect(row.old == row.asItWas, "\(row)")
    }

    command.isWithoutWorld = false
    let same = try Tables(command.run(watched))
    for row in same.rows { #expect(row.old == row.new, "\(row)") }
    let near = same.rows.filter { $0.old == $0.asItWas }.count
    #expect(near * 2 > same.rows.count)

    let proposal = folder + "/proposal"
    try FileManager.default.copyItem(atPath: folder + "/rules", toPath: proposal)
    let rule = "product.orderUpTo - product.projected"
    let text = try String(contentsOfFile: proposal + "/purchasing.yaml", encoding: .utf8)
    try Data(
      text.replacingOccurrences(
        of: "quantity: \(rule)", with: "quantity: product.orderUpTo * 3 / 2 - product.projected"
      ).utf8
    ).write(to: URL(fileURLWithPath: proposal + "/purchasing.yaml"))
    command.rules = proposal
    let other = try Tables(command.run(watched))
    #expect(other.rows.filter { $0.table == "orders" && $0.old != $0.new }.count > 3)
    let spend = try #require(other.rows.first { $0.table == "spend" && $0.name == "EUR" })
    #expect((Double(spend.new) ?? 0) > (Double(spend.old) ?? 0))
  }

  /// The tables of a reply in JSON.
  private struct Tables {
    struct Row {
      let table: String, name: String, asItWas: String, old: String, new: String
    }
    let status: QuartermasterShell.ExitStatus
    let rows: [Row]

    init(_ reply: Reply) throws {
      status = reply.status
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(reply.output.utf8)) as? [String: Any])
      var rows: [Row] = []
      for table in try #require(json["tables"] as? [[String: Any]]) {
        let name = try #require(table["name"] as? String)
        for row in try #require(table["rows"] as? [[String: Any]]) {
          func text(_ key: String) -> String { row[key].map { "\($0)" } ?? "" }
          rows.append(
            Row(
              table: name, name: text("name"), asItWas: text("asItWas"), old: text("old"),
              new: text("new")))
        }
      }
      self.rows = rows
    }
  }
}
