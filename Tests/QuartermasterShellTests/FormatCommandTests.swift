import Foundation
import Testing

@testable import QuartermasterShell

struct FormatCommandTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try fixture.write(
      """
      # Late orders.
      - rule: chase-late
        trigger: {saved: PurchaseOrder,becomes: purchaseOrder.status=="sent"}
        action:
        - notify: managers
          message:   ${purchaseOrder.number} was sent.    # told
      - rule: second
        trigger: {deleted: Product}
        when: ${ old.onHand>0 }
        action: {reject: There are ${ old.onHand } left.}

      """, to: "rules/late.yaml")
  }

  private func run(_ change: (inout FormatCommand) -> Void = { _ in }) -> Reply {
    var command = FormatCommand()
    command.paths = [fixture.folder]
    change(&command)
    return command.run(ShellContext())
  }

  @Test func `it says what would change, changes it, and then nothing changes`() throws {
    var text = "$ fmt --check --diff\n"
    text += fixture.shown(
      run {
        $0.checks = true
        $0.showsDifference = true
      })
    #expect(try read().contains("${ old.onHand>0 }"))
    text += "$ fmt\n" + fixture.shown(run())
    text += "$ fmt --check\n" + fixture.shown(run { $0.checks = true })
    text += "$ cat rules/late.yaml\n" + (try read())
    try expectGolden(text, "fmt")
  }

  @Test func `a file that cannot be read stays, and the others are formatted`() throws {
    let bad = "- rule: low\n  action:\n    - reject: Low stock: bolts\n"
    try fixture.write(bad, to: "rules/bad.yaml")
    try expectGolden(fixture.shown(run()), "fmt-errors")
    #expect(try String(contentsOfFile: fixture.path("rules/bad.yaml"), encoding: .utf8) == bad)
    #expect(try !read().contains("${ old.onHand>0 }"))
  }

  @Test func `standard input is printed in form`() throws {
    var command = FormatCommand()
    command.paths = ["-"]
    command.input = { Data("- rule:  a\n".utf8) }
    let reply = command.run(ShellContext())
    #expect(reply.output == "- rule: a\n")
    #expect(reply.status == .done)
    command.checks = true
    #expect(command.run(ShellContext()).status == .failed)
  }

  @Test func `one file is formatted with the schema of the project above it`() throws {
    let reply = run { $0.paths = [fixture.path("rules/late.yaml")] }
    #expect(reply.status == .done)
    #expect(try read().contains("${old.onHand} left"))
  }

  @Test func `wrong arguments are named`() throws {
    let missing = run { $0.paths = [fixture.path("nothing")] }
    #expect(missing.status == .usage)
    #expect(missing.errors.contains("is not there"))
    let empty = FileManager.default.temporaryDirectory.path
    #expect(run { $0.paths = [empty] }.errors.contains("no schema.yaml"))
  }

  private func read() throws -> String {
    try String(contentsOfFile: fixture.path("rules/late.yaml"), encoding: .utf8)
  }
}
