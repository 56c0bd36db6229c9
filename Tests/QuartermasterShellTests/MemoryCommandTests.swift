import Foundation
import Testing

@testable import QuartermasterCEL
@testable import QuartermasterCore
@testable import QuartermasterShell
@testable import QuartermasterSupply

/// The commands that ask what a file remembers: why-not, log, rules, stats, prune.
struct MemoryCommandTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 80
    return context
  }

  private func ids(_ fixture: Fixture, _ query: String) -> [String] {
    var command = QueryCommand("\(query).map(r, r.objectId).join(\" \")")
    command.folder = fixture.folder
    return command.run(context).output.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  @Test func `why-not names the gate`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let order = try #require(ids(fixture, "PurchaseOrder").last)
    var text = ""
    for (rule, record) in [
      ("reorder-low-stock", "Product/bolt"), ("reorder-low-stock", "Product/nut"),
      ("celebrate-full-shelf", "Product/bolt"), ("celebrate-full-shelf", "Inventory/bolts"),
      ("chase-open-draft", "PurchaseOrder/\(order)"), ("send-drafts", "PurchaseOrder/\(order)"),
      ("close-day", "Product/bolt"), ("thank-later", "PurchaseOrder/\(order)"),
      ("refuse-negative-stock", "Inventory/bolts"), ("reorder-low-stok", "Product/bolt"),
      ("reorder-low-stock", "Product/nothing"),
    ] {
      var command = WhyNotCommand(rule, record)
      command.folder = fixture.folder
      text += "> why-not \(rule) \(record)\n" + fixture.shown(command.run(context))
    }
    try expectGolden(text, "why-not")
    var command = WhyNotCommand("reorder-low-stock", "Product/bolt")
    command.folder = fixture.folder
    command.format = .json
    try expectGolden(fixture.shown(command.run(context)), "why-not-json")
  }

  @Test func `the log is asked by time, actor, rule and record`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var text = ""
    func log(_ title: String, _ change: (inout LogCommand) -> Void) {
      var command = LogCommand()
      command.folder = fixture.folder
      change(&command)
      text += "> log \(title)\n" + fixture.shown(command.run(context))
    }
    log("--since 2026-03-07 --until 2026-03-07") {
      $0.since = "2026-03-07"
      $0.until = "2026-03-07"
    }
    log("--since 3h") { $0.since = "3h" }
    log("--since 2026-03-06T18:00:00Z --limit 2") {
      $0.since = "2026-03-06T18:00:00Z"
      $0.limit = 2
    }
    log("--since 2026-03-06T18:00:00Z --before 17") {
      $0.since = "2026-03-06T18:00:00Z"
      $0.before = 17
    }
    log("--rule reorder-low-stock --full --limit 1") {
      $0.rule = "reorder-low-stock"
      $0.isFull = true
      $0.limit = 1
    }
    log("Inventory/bolts --until 2026-03-02T07:14:03Z") {
      $0.record = "Inventory/bolts"
      $0.until = "2026-03-02T07:14:03Z"
    }
    log("--actor User/ann") { $0.actor = "User/ann" }
    log("Inventory/bolts --refused") {
      $0.record = "Inventory/bolts"
      $0.showsRefused = true
    }
    log("--since tomorrow") { $0.since = "tomorrow" }
    log("--since 1h --until 2h") {
      $0.since = "1h"
      $0.until = "2h"
    }
    try expectGolden(text, "log-asked")
  }

  @Test func `rules are listed, switched, and compared`() throws {
    let fixture = try Fixture()
    var text = ""
    func rules(_ title: String, _ action: RulesCommand.Action, _ format: OutputFormat = .text) {
      var command = RulesCommand(action)
      command.folder = fixture.folder
      command.format = format
      text += "> rules \(title)\n" + fixture.shown(command.run(context))
    }
    rules("list", .list)
    fixture.applyDay()
    rules("list", .list)
    rules("disable send-drafts", .turn(rule: "send-drafts", off: true, by: "ann"))
    rules("disable send-drafts", .turn(rule: "send-drafts", off: true, by: "ann"))
    rules("disable send-draft", .turn(rule: "send-draft", off: true, by: "ann"))
    rules("list --format json", .list, .json)
    let orders = try String(contentsOfFile: fixture.path("rules/orders.yaml"), encoding: .utf8)
    try fixture.write(
      orders.replacingOccurrences(of: "at: \"16:00\"", with: "at: \"17:30\"")
        .replacingOccurrences(of: "Drafts leave at four", with: "Drafts leave late"),
      to: "rules/orders.yaml")
    try fixture.append(
      """

      - rule: new-one
        trigger:
          created: Supplier
        action:
          - notify: managers
            message: A new supplier.

      """, to: "rules/stock.yaml")
    try fixture.write(
      #"{"op":"create","class":"Supplier","id":"gold","fields":{"name":"Gold"}}"# + "\n",
      to: "more.jsonl")
    var apply = ApplyCommand(path: fixture.path("more.jsonl"))
    apply.folder = fixture.folder
    text += "> apply more.jsonl\n" + fixture.shown(apply.run(context))
    rules("list", .list)
    rules("enable send-drafts", .turn(rule: "send-drafts", off: false, by: "ann"))
    rules("log", .log)
    rules("diff", .diff(from: nil, to: nil))
    rules("diff 1 2", .diff(from: 1, to: 2))
    rules("diff 9", .diff(from: 9, to: nil))
    try expectGolden(text, "rules")
  }

  @Test func `stats counts what the rules did`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var command = StatsCommand()
    command.folder = fixture.folder
    // Times and sizes differ from run to run.
    let text = fixture.shown(command.run(context))
      .replacing(/[ ]+[0-9,.]+ +[0-9,.]+\n/, with: "  T  T\n")
      .replacing(/[0-9.]+ [kM]?B/, with: "N B")
    let rows = text.split(separator: "\n").filter { !$0.contains("T  T") }
    let rules = text.split(separator: "\n").filter { $0.contains("T  T") }.map(String.init).sorted()
    try expectGolden((rules + rows.map(String.init)).joined(separator: "\n") + "\n", "stats")
    command.format = .json
    let json = try JSONReader.read(command.run(context).output)
    #expect(json["journal"]?["operations"].map(JSONWriter.text) == "18")
    #expect(json["changes"]?["PurchaseOrder"].map(JSONWriter.text) == "4")
  }

  @Test func `what is forgotten is said to be`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var text = ""
    func prune(_ title: String, _ change: (inout PruneCommand) -> Void) {
      var command = PruneCommand()
      command.folder = fixture.folder
      change(&command)
      text += "> prune \(title)\n" + fixture.shown(command.run(context))
    }
    prune("") { _ in }
    prune("--keep soon") { $0.keep = "soon" }
    prune("--keep 3d") { $0.keep = "3d" }
    prune("--keep 3d") { $0.keep = "3d" }
    var log = LogCommand()
    log.folder = fixture.folder
    log.limit = 0
    text += "> log --limit 0\n" + fixture.shown(log.run(context))
    for record in ["Product/bolt", "Product/bolt.onHand", "Inventory/bolts", "Product/nut"] {
      var command = WhyCommand(record)
      command.folder = fixture.folder
      text += "> why \(record)\n" + fixture.shown(command.run(context))
    }
    var command = WhyNotCommand("reorder-low-stock", "Product/bolt")
    command.folder = fixture.folder
    text += "> why-not reorder-low-stock Product/bolt\n" + fixture.shown(command.run(context))
    try expectGolden(text, "prune")
  }

  @Test func `three causes across two operations`() throws {
    let fixture = try Fixture()
    try fixture.append(
      """

      - rule: note-sent
        phase: later
        trigger:
          saved: PurchaseOrder
          becomes: purchaseOrder.status == "sent"
        when:
          - purchaseOrder.lines.size() > 0
          - purchaseOrder.supplier.name != ""
        action:
          - notify: managers
            message: Order ${purchaseOrder.number} is on its way.

      - rule: send-at-once
        description: Orders of Acme leave as soon as they are raised
        trigger:
          created: PurchaseOrderLine
        when: purchaseOrderLine.order.supplier.name == "Acme"
        action:
          - advance: purchaseOrderLine.order
            to: sent

      """, to: "rules/orders.yaml")
    var lines = try String(contentsOfFile: fixture.path("day.jsonl"), encoding: .utf8)
      .split(separator: "\n").prefix(6).joined(separator: "\n")
    lines +=
      "\n"
      + #"{"op":"set","class":"Inventory","id":"bolts","fields":{"quantity":{"__op":"Increment","amount":-7}},"at":"2026-03-02T08:14:03Z"}"#
      + "\n"
    try fixture.write(lines, to: "day.jsonl")
    let applied = fixture.applyDay()
    #expect(applied.status == .done, "\(applied.errors)")
    let note = try #require(ids(fixture, "Notification.filter(n, n.rule == \"note-sent\")").first)
    var command = WhyCommand("Notification/\(note)")
    command.folder = fixture.folder
    try expectGolden(fixture.shown(command.run(context)), "why-chain")
    command.format = .json
    let chain = try JSONReader.read(command.run(context).output)
    guard case .array(let links) = chain else {
      Issue.record("no list")
      return
    }
    let rules = links.compactMap { $0["rule"]?.text }
    #expect(rules == ["note-sent", "send-at-once", "reorder-low-stock"])
    let operations = Set(links.compactMap { $0["operation"].map(JSONWriter.text) })
    #expect(operations.count == 2)
  }

  @Test func `why a line of the demo's orders is there`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-why-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try ProjectTemplate.supply.write(to: folder)
    let stream = folder + "/demo.jsonl"
    try Data((DemoTrader.lines().prefix(900).joined(separator: "\n") + "\n").utf8)
      .write(to: URL(fileURLWithPath: stream))
    var apply = ApplyCommand(path: stream)
    apply.folder = folder
    apply.clock = .replay
    apply.batch = 100
    apply.shownRefusals = 0
    #expect(apply.run(context).status == .done)
    var query = QueryCommand("PurchaseOrderLine.map(l, l.objectId).join(\" \")")
    query.folder = folder
    var explained = 0
    for id in query.run(context).output.split(whereSeparator: \.isWhitespace) {
      var command = WhyCommand("PurchaseOrderLine/\(id).product")
      command.folder = folder
      command.format = .json
      guard case .array(let links) = try JSONReader.read(command.run(context).output),
        let first = links.first, first["rule"]?.text == "reorder-low-stock",
        let last = links.last, last["by"]?.text == "host",
        let record = last["record"]?.text, record.hasPrefix("Inventory/")
      else { continue }
      explained += 1
      // The rule, and which version of it stood where.
      #expect(first["ruleSet"].map(JSONWriter.text) == "1")
      let file = try #require(first["file"]?.text)
      let line = try #require(first["line"].map(JSONWriter.text).flatMap(Int.init))
      let source = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      #expect(
        source.split(separator: "\n", omittingEmptySubsequences: false)[line - 1]
          .hasSuffix("rule: reorder-low-stock"))
      // The values that decided: at or below the reorder point.
      let operands = try #require(first["operands"])
      let projected = try #require(operands["product.projected"]?.text.flatMap(Int.init))
      let point = try #require(operands["product.reorderPoint"]?.text.flatMap(Int.init))
      #expect(projected <= point)
      // The sale: stock that somebody took.
      let quantity = try #require(last["fields"]?["quantity"])
      guard case .array(let ends) = quantity, ends.count == 2,
        let before = Int(JSONWriter.text(ends[0])), let after = Int(JSONWriter.text(ends[1]))
      else {
        Issue.record("no quantity: \(JSONWriter.text(quantity))")
        continue
      }
      #expect(after < before)
    }
    #expect(explained > 0)
  }
}
