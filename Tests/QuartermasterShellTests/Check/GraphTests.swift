import Foundation
import Testing

@testable import QuartermasterShell

/// `check --graph`: which rule may wake which, as Mermaid.
@Suite struct GraphTests {
  @Test func `the graph of a project`() throws {
    let fixture = try Fixture()
    try fixture.write(
      """
      - rule: count
        trigger: {saved: Inventory}
        action:
          - set: inventory.product
            name: counted
      - rule: say-counted
        trigger: {changed: Product.name}
        action:
          - notify: managers
            message: Counted.

      """, to: "rules/graph.yaml")
    var command = CheckCommand()
    command.folder = fixture.folder
    command.showsGraph = true
    try expectGolden(fixture.shown(command.run(ShellContext())), "check-graph")
  }

  @Test func `a project with mistakes has no graph`() throws {
    let fixture = try Fixture()
    try fixture.append("- rule: r\n  trigger: {saved: Nothing}\n", to: "rules/stock.yaml")
    var command = CheckCommand()
    command.folder = fixture.folder
    command.showsGraph = true
    let reply = command.run(ShellContext())
    #expect(reply.status == .failed)
    #expect(reply.errors.contains("rules/unknown-class"))
  }
}
