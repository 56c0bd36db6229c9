import Foundation
import QuartermasterSupply
import Testing

@testable import QuartermasterShell

/// `demo --template`: each template from an empty folder to the end of its day.
struct TemplateDemoTests {
  @Test(arguments: ProjectTemplate.all.map(\.name))
  func `the day of a template runs from an empty folder`(_ name: String) throws {
    var context = ShellContext()
    context.width = 100
    var command = DemoCommand()
    command.template = name
    let reply = command.run(context)
    #expect(reply.status == .done, "\(reply.errors)")
    let text = reply.output.replacing(/[0-9.]+ s( \([0-9,]+ a second\))?/, with: "N s")
      .replacing(/\([0-9.]+ s\)/, with: "(N s)")
    try expectGolden(text, "demo-\(name)")
    // What stopped nothing was told; nothing else was.
    #expect(reply.errors.isEmpty)
  }

  @Test func `a template that is not there is named`() {
    var command = DemoCommand()
    command.template = "warehouse"
    let reply = command.run(ShellContext())
    #expect(reply.status == .usage)
    #expect(reply.errors.hasPrefix("error: there is no template warehouse"))
    #expect(reply.errors.contains("warehouse-ops"))
  }

  @Test func `a project that was there stays as it was`() throws {
    let fixture = try Fixture()
    var command = DemoCommand()
    command.template = "supply"
    command.folder = fixture.folder
    let reply = command.run(ShellContext())
    #expect(reply.status != .done && reply.errors.contains("is there already"))
  }
}
