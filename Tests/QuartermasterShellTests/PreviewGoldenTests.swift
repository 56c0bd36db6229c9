import Foundation
import Synchronization
import Testing

@testable import QuartermasterShell

/// What `plan`, `catch-up` and `dry-run` print.
struct PreviewGoldenTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 100
    return context
  }

  /// A project whose products were loaded past the rules: one is low, one cannot be ordered.
  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    try fixture.append(
      """

      - rule: no-more-than-fifty
        trigger:
          created: PurchaseOrderLine
        when: purchaseOrderLine.quantity > 50
        action:
          - reject: ${purchaseOrderLine.quantity} of ${purchaseOrderLine.product.name} is too much at once.

      - rule: asleep
        enabled: false
        trigger:
          saved: Product
          becomes: product.price == 0.00
        action:
          - notify: managers
            message: ${product.name} has no price.

      - rule: mourn
        trigger:
          deleted: Product
        action:
          - notify: managers
            message: ${old.name} is gone.

      """, to: "rules/stock.yaml")
    try fixture.write(
      """
      {"op":"create","class":"User","id":"ann","fields":{"username":"ann","role":"manager"},"at":"2026-03-02T06:00:00Z"}
      {"op":"create","class":"Supplier","id":"acme","fields":{"name":"Acme"}}
      {"op":"create","class":"Product","id":"bolt","fields":{"name":"M8 bolt","supplier":{"__type":"Pointer","className":"Supplier","objectId":"acme"},"price":"0.12","reorderPoint":20,"orderUpTo":40}}
      {"op":"create","class":"Product","id":"gravel","fields":{"name":"Gravel","supplier":{"__type":"Pointer","className":"Supplier","objectId":"acme"},"reorderPoint":20,"orderUpTo":4000}}
      {"op":"create","class":"Product","id":"nut","fields":{"name":"M8 nut","supplier":{"__type":"Pointer","className":"Supplier","objectId":"acme"},"price":"0.05","orderUpTo":10}}
      {"op":"create","class":"Inventory","id":"bolts","fields":{"product":{"__type":"Pointer","className":"Product","objectId":"bolt"},"quantity":12}}
      {"op":"create","class":"Inventory","id":"nuts","fields":{"product":{"__type":"Pointer","className":"Product","objectId":"nut"},"quantity":8}}
      {"op":"create","class":"PurchaseOrder","id":"old","fields":{"supplier":{"__type":"Pointer","className":"Supplier","objectId":"acme"}}}

      """, to: "load.jsonl")
    var load = ApplyCommand(path: fixture.path("load.jsonl"))
    load.folder = fixture.folder
    load.clock = .replay
    load.runsRules = false
    #expect(load.run(ShellContext()).status == .done)
    return fixture
  }

  private func plan(
    _ rule: String, _ fixture: Fixture, _ change: (inout PlanCommand) -> Void = { _ in }
  ) -> String {
    var command = PlanCommand(rule)
    command.folder = fixture.folder
    change(&command)
    return "> plan \(rule)\n" + fixture.shown(command.run(context)) + "\n"
  }

  @Test func `a plan says which records satisfy a rule, and what it would do`() throws {
    let fixture = try fixture()
    var text = ""
    for rule in [
      "reorder-low-stock", "send-drafts", "close-day", "chase-open-draft", "thank-later",
      "stamp-count", "asleep", "mourn", "celebrate-full-shelf", "reorder-low-stok",
      "nothing-like-it",
    ] { text += plan(rule, fixture) }
    text +=
      "> plan reorder-low-stock --full\n" + plan("reorder-low-stock", fixture) { $0.isFull = true }
    text +=
      "> plan reorder-low-stock --limit 1\n" + plan("reorder-low-stock", fixture) { $0.limit = 1 }
    try expectGolden(text, "plan")
    var query = QueryCommand("[PurchaseOrder.size(), PurchaseOrderLine.size(), Message.size()]")
    query.folder = fixture.folder
    #expect(query.run(context).output == "[1, 0, 0]\n")
  }

  @Test func `a plan for programs`() throws {
    let fixture = try fixture()
    try expectGolden(
      plan("reorder-low-stock", fixture) { $0.format = .json }
        + plan("close-day", fixture) { $0.format = .json }
        + plan("send-drafts", fixture) { $0.format = .json }, "plan-json")
  }

  @Test func `a plan of a project without a data file makes none`() throws {
    let fixture = try Fixture()
    let text = plan("reorder-low-stock", fixture)
    #expect(text.contains("0 records of Product satisfy it now"))
    #expect(!FileManager.default.fileExists(atPath: fixture.path("data.sqlite")))
    let dryRun = dryRun(fixture.path("day.jsonl"), fixture) { $0.clock = .replay }
    #expect(dryRun.contains("nothing of it is in the data file"))
    #expect(!FileManager.default.fileExists(atPath: fixture.path("data.sqlite")))
  }

  private func catchUp(
    _ rule: String, _ fixture: Fixture, _ context: ShellContext,
    _ change: (inout CatchUpCommand) -> Void = { _ in }
  ) -> String {
    var command = CatchUpCommand(rule, by: "ann")
    command.folder = fixture.folder
    change(&command)
    return "> catch-up \(rule)\n" + fixture.shown(command.run(context)) + "\n"
  }

  @Test func `a catch-up asks, fires for each record, and lists what is refused`() throws {
    let fixture = try fixture()
    // Nobody to ask.
    var text = catchUp("reorder-low-stock", fixture, context)
    let asked = Mutex("")
    var declining = context
    declining.confirm = { question in
      asked.withLock { $0 += "? \(question)\n" }
      return false
    }
    text += catchUp("reorder-low-stock", fixture, declining)
    text += catchUp("send-drafts", fixture, declining)
    var agreeing = declining
    agreeing.confirm = { question in
      asked.withLock { $0 += "? \(question)\n" }
      return true
    }
    text += catchUp("reorder-low-stock", fixture, agreeing)
    text += catchUp("celebrate-full-shelf", fixture, context)
    text += catchUp("send-drafts", fixture, context) { $0.isSure = true }
    text += catchUp("chase-open-draft", fixture, context) {
      $0.isSure = true
      $0.format = .json
    }
    for rule in ["close-day", "stamp-count", "asleep", "mourn", "send-draft"] {
      text += catchUp(rule, fixture, context) { $0.isSure = true }
    }
    text += catchUp("reorder-low-stock", fixture, context) {
      $0.isSure = true
      $0.actor = "ann"
    }
    text += catchUp("reorder-low-stock", fixture, context) {
      $0.isSure = true
      $0.actor = "User/nobody"
    }
    text += asked.withLock { $0 }
    var why = WhyCommand("Product/bolt.onOrder")
    why.folder = fixture.folder
    text += "> why Product/bolt.onOrder\n" + fixture.shown(why.run(context))
    var log = LogCommand()
    log.folder = fixture.folder
    text += "> log\n" + fixture.shown(log.run(context))
    log.format = .json
    let json = log.run(context).output
    #expect(json.contains(#""origin":"catch-up","by":"ann""#))
    try expectGolden(text, "catch-up")
  }

  private func dryRun(
    _ path: String, _ fixture: Fixture, _ change: (inout DryRunCommand) -> Void = { _ in }
  ) -> String {
    var command = DryRunCommand(path: path)
    command.folder = fixture.folder
    change(&command)
    let said = Mutex("")
    var context = context
    context.say = { line in said.withLock { $0 += line } }
    let reply = fixture.shown(command.run(context))
    return "> dry-run\n" + said.withLock { $0 } + reply + "\n"
  }

  @Test func `a dry run says what a stream would do`() throws {
    let fixture = try Fixture()
    var text = dryRun(fixture.path("day.jsonl"), fixture)
    text += dryRun(fixture.path("day.jsonl"), fixture) { $0.clock = .replay }
    text += dryRun(fixture.path("day.jsonl"), fixture) {
      $0.clock = .replay
      $0.isFull = true
      $0.shownRefusals = 2
    }
    text += dryRun(fixture.path("day.jsonl"), fixture) {
      $0.clock = .replay
      $0.runsRules = false
    }
    text += dryRun(fixture.path("nothing.jsonl"), fixture)
    try expectGolden(text, "dry-run")
    let json =
      dryRun(fixture.path("day.jsonl"), fixture) {
        $0.clock = .replay
        $0.isFull = true
        $0.format = .json
      }.replacing(/"seconds":[0-9.]+/, with: "\"seconds\":N")
    try expectGolden(json, "dry-run-json")
  }
}
