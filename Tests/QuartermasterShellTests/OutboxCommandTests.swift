import Foundation
import QuartermasterCore
import Testing

@testable import QuartermasterShell

/// `outbox list | show | retry | drop | deliver` on a project with a file channel.
struct OutboxCommandTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 110
    return context
  }

  private static let rules = """

    - rule: tell-by-channels
      trigger:
        created: Supplier
      action:
        - notify: buyers
          by: [book, ops, log]
          title: New supplier
          message: ${supplier.name} is new.

    - rule: check-later
      phase: later
      trigger:
        created: Supplier
      when: supplier.name != "Fine"
      action:
        - reject: ${supplier.name} is not known to us.

    """

  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    try fixture.append(Self.rules, to: "rules/stock.yaml")
    try fixture.append(
      """

      channels:
        book: {kind: file, path: book.jsonl}
        ops: {kind: webhook, urlFrom: OPS_URL, to: ops}
      outbox: {jitter: 0}
      """, to: "quartermaster.yaml")
    let settings = try String(contentsOfFile: fixture.path("quartermaster.yaml"), encoding: .utf8)
    try fixture.write(
      settings.replacingOccurrences(
        of: "groups:\n", with: "groups:\n  buyers: [eve@example.com, bob@example.com]\n"),
      to: "quartermaster.yaml")
    try fixture.write(
      #"{"op":"create","class":"Supplier","id":"a","fields":{"name":"Acme"},"at":"2026-03-09T10:00:00Z"}"#,
      to: "one.jsonl")
    var apply = ApplyCommand(path: fixture.path("one.jsonl"))
    apply.folder = fixture.folder
    apply.clock = .replay
    let reply = apply.run(context)
    #expect(reply.status == .done, "\(reply)")
    return fixture
  }

  @Test func `what waits is listed, shown, retried, dropped and delivered`() throws {
    let fixture = try fixture()
    var text = ""
    func run(_ title: String, _ reply: Reply) {
      text += "> \(title)\n" + fixture.shown(reply)
    }
    func list(_ title: String, _ change: (inout OutboxListCommand) -> Void = { _ in }) {
      var command = OutboxListCommand()
      command.folder = fixture.folder
      change(&command)
      run(title, command.run(context))
    }
    func change(
      _ action: OutboxChangeCommand.Action, _ title: String,
      _ set: (inout OutboxChangeCommand) -> Void
    ) {
      var command = OutboxChangeCommand(action)
      command.folder = fixture.folder
      set(&command)
      run(title, command.run(context))
    }
    func show(_ id: String, _ format: OutputFormat = .text) {
      var command = OutboxShowCommand(id)
      command.folder = fixture.folder
      command.format = format
      run("outbox show \(id)", command.run(context))
    }
    func deliver(_ title: String, _ set: (inout OutboxDeliverCommand) -> Void = { _ in }) {
      var command = OutboxDeliverCommand()
      command.folder = fixture.folder
      set(&command)
      run(title, command.run(context))
    }

    list("outbox list")
    list("outbox list --channel book --format json") {
      $0.selection.channel = "book"
      $0.format = .json
    }
    list("outbox list --limit 2") { $0.limit = 2 }
    list("outbox list --state ded") { $0.selection.states = ["ded"] }
    show("1")
    show("3", .json)
    show("later/1")
    show("99")
    show("bolt")
    change(.drop, "outbox drop") { _ in }
    change(.drop, "outbox drop 2 99") { $0.selection.ids = ["2", "99"] }
    deliver("outbox deliver")
    deliver("outbox deliver --replayed") { $0.deliversReplay = true }
    deliver("outbox deliver --replayed --format json") {
      $0.deliversReplay = true
      $0.format = .json
    }
    change(.retry, "outbox retry 1 2 --format json") {
      $0.selection.ids = ["1", "2"]
      $0.format = .json
    }
    change(.retry, "outbox retry --channel later") { $0.selection.channel = "later" }
    list("outbox list --all") { $0.selection.takesAll = true }
    var query = QueryCommand("Message.map(m, m.objectId).join()")
    query.folder = fixture.folder
    let message = query.run(context).output.trimmingCharacters(in: .whitespacesAndNewlines)
      .replacingOccurrences(of: "\"", with: "")
    show("Message/\(message)")
    show("Message/none")
    try expectGolden(text, "outbox")
    let book = try String(contentsOfFile: fixture.path("book.jsonl"), encoding: .utf8)
    #expect(book.split(separator: "\n").count == 1)
  }

  @Test func `a channel that lacks its secret is named, and the others deliver`() throws {
    let fixture = try fixture()
    let told = Told()
    var context = context
    context.complain = { told.add($0) }
    context.channels = { settings, folder in
      var registry = ChannelRegistry()
      registry.registerFiles(of: settings, folder: folder)
      return (registry, ["the channel ops is left out: the environment has no OPS_URL"])
    }
    var command = OutboxDeliverCommand()
    command.folder = fixture.folder
    command.deliversReplay = true
    let reply = command.run(context)
    #expect(reply.status == .done)
    #expect(reply.output.hasPrefix("2 delivered, 1 waiting\n"))
    #expect(reply.output.contains("nobody takes what is for ops here: 1 delivery\n"))
    #expect(told.text == "warning: the channel ops is left out: the environment has no OPS_URL\n")
  }

  @Test func `a channel that is not declared is found by check`() throws {
    let fixture = try Fixture()
    try fixture.append(
      Self.rules.replacingOccurrences(of: "[book, ops, log]", with: "bok")
        .replacingOccurrences(of: "buyers", with: "managers"), to: "rules/stock.yaml")
    try fixture.append("\nchannels: {book: {kind: file, path: x}}\n", to: "quartermaster.yaml")
    var command = CheckCommand()
    command.folder = fixture.folder
    let reply = command.run(context)
    #expect(reply.status == .failed)
    #expect((reply.output + reply.errors).contains("did you mean `book`?"), "\(reply)")
  }

  private final class Told: @unchecked Sendable {
    private let lock = NSLock()
    private var lines = ""

    func add(_ line: String) {
      lock.lock()
      lines += line
      lock.unlock()
    }

    var text: String { lines }
  }
}
