import Foundation
import Synchronization
import Testing

@testable import QuartermasterShell

/// Rules that the data file has in force already are not checked again when a command starts.
@Suite struct PublishedRulesTests {
  /// What a command says on standard error while it runs.
  private final class Lines: Sendable {
    private let lines = Mutex("")
    func add(_ text: String) { lines.withLock { $0 += text } }
    var text: String { lines.withLock { $0 } }
  }

  private func apply(_ fixture: Fixture) -> (reply: Reply, said: String) {
    let lines = Lines()
    var context = ShellContext()
    context.complain = { lines.add($0) }
    var command = ApplyCommand(path: fixture.path("day.jsonl"))
    command.folder = fixture.folder
    command.clock = .replay
    return (command.run(context), lines.text)
  }

  private static let warned = """

    - rule: always
      trigger: {saved: Supplier}
      when: supplier.name != null
      action:
        - notify: managers
          message: A supplier.

    """

  @Test func `the second start says nothing of the same rules, and other rules are checked`() throws
  {
    let fixture = try Fixture()
    try fixture.append(Self.warned, to: "rules/stock.yaml")
    let first = apply(fixture)
    #expect(first.said.contains("rules/always"), "\(first.said) \(first.reply)")
    let second = apply(fixture)
    #expect(!second.said.contains("rules/always"), "\(second.said)")
    #expect(second.reply.status == first.reply.status)
    try fixture.append("# one line more\n", to: "rules/stock.yaml")
    #expect(apply(fixture).said.contains("rules/always"))
  }

  @Test func `rules with an error are refused although the file has them`() throws {
    let fixture = try Fixture()
    #expect(apply(fixture).reply.status == .done)
    // The schema changed under the rules: they are the same, and no longer right.
    let schema = try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8)
    try fixture.write(
      schema.replacing("reorderPoint:", with: "orderPoint:"), to: "schema.yaml")
    let reply = apply(fixture).reply
    #expect(reply.status == .badInput, "\(reply)")
  }
}
