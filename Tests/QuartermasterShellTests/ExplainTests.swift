import Testing

@testable import QuartermasterShell

@Suite struct ExplainTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 80
    return context
  }

  @Test func `a code is explained with what is wrong and what is right`() throws {
    // As people copy it from a finding.
    let reply = ExplainCommand("[rules/nullable]").run(context)
    try expectGolden(reply.output + reply.errors, "explain")
    #expect(reply.status == .done)
  }

  @Test func `all codes are listed once`() {
    let lines = ExplainCommand(nil).run(context).output.split(separator: "\n")
    let codes = lines.compactMap { $0.split(separator: " ").first }
    #expect(codes.count == Set(codes).count)
    #expect(codes.count > 100)
  }

  @Test func `a code that is not there is met with one that is close`() {
    let reply = ExplainCommand("rules/nulable").run(context)
    #expect(reply.status == .usage)
    #expect(
      reply.errors == "error: there is no code `rules/nulable`; did you mean `rules/nullable`?\n")
  }
}
