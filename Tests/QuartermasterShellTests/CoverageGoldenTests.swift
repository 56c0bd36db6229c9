import Foundation
import Testing

@testable import QuartermasterShell

/// What `test --coverage` prints, and how it ends.
struct CoverageGoldenTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 100
    return context
  }

  private func test(
    _ fixture: Fixture, _ change: (inout TestCommand) -> Void = { _ in }
  ) -> Reply {
    var command = TestCommand()
    command.folder = fixture.folder
    change(&command)
    return command.run(context)
  }

  @Test func `coverage names what the tests leave out, with its place`() throws {
    let fixture = try Fixture()
    try fixture.append(
      """

      - rule: asleep
        enabled: false
        trigger:
          saved: Product
          becomes: product.price == 0.00
        action:
          - notify: managers
            message: ${product.name} has no price.

      """, to: "rules/stock.yaml")
    var text = fixture.shown(test(fixture) { $0.showsCoverage = true })
    text += "> test --coverage --filter nothing\n"
    text += fixture.shown(
      test(fixture) {
        $0.showsCoverage = true
        $0.filter = "NOTHING"
      })
    try expectGolden(text, "test-coverage")
    let json = fixture.shown(
      test(fixture) {
        $0.showsCoverage = true
        $0.format = .json
      }
    ).replacing(/"seconds":[0-9.]+/, with: "\"seconds\":N")
    try expectGolden(json, "test-coverage-json")
  }

  @Test func `too little coverage fails the command`() throws {
    let fixture = try Fixture()
    #expect(test(fixture).status == .done)
    #expect(test(fixture) { $0.minimum = 10 }.status == .done)
    let short = test(fixture) {
      $0.minimum = 100
      $0.minimumMoves = 50
    }
    #expect(short.status == .failed)
    #expect(
      short.errors == """
        error: the tests cover 37.5 % of the rules; at least 100 % was asked for
        error: the tests cover 31.8 % of the condition branches; at least 100 % was asked for
        error: the tests cover 0 % of the flow moves; at least 50 % was asked for

        """)
    for share in [-1.0, 100.5] {
      let wrong = test(fixture) { $0.minimum = share }
      #expect(wrong.status == .usage)
      #expect(wrong.errors == "error: --minimum needs a share in per cent, from 0 to 100\n")
    }
  }

  @Test func `results are written for a build server, whatever is printed`() throws {
    let fixture = try Fixture()
    let path = fixture.path("results.xml")
    let reply = test(fixture) { $0.junitPath = path }
    #expect(reply.output.hasPrefix("ok      a low product is put on an order\n"))
    let xml = try String(contentsOfFile: path, encoding: .utf8)
    #expect(xml.contains(#"<testsuites tests="2" failures="0">"#))
    let refused = test(fixture) { $0.junitPath = fixture.path("none/results.xml") }
    #expect(refused.status == .usage)
    #expect(refused.errors.contains("none/results.xml cannot be written"))
  }
}
