import Testing

@testable import QuartermasterCEL

@Suite struct ObservationTests {
  @Test func `an observed program tells the values of what decided`() throws {
    var environment = CELEnvironment.standard
    environment.declare(VariableDeclaration("x", .int))
    environment.declare(VariableDeclaration("l", .list(.int)))
    let text = "x > 1 && l.exists(e, e == x)"
    let checked = try environment.check(try environment.parse(ExprSource(text)))
    let values: [String: Value] = ["x": .int(3), "l": .list([.int(1), .int(3)])]
    let seen = environment.program(checked, observed: true).explain(values)
      .map {
        "\(String(text.utf8.dropFirst($0.range.lowerBound).prefix($0.range.count)) ?? "")=\($0.value)"
      }
    #expect(seen.first == "x=3")
    #expect(seen.contains("e=1"))
    #expect(seen.last == "l.exists(e, e == x)=true")
    // Without being asked for, only macros note what decided, and only here.
    #expect(environment.program(checked).explain(values).count < seen.count)
  }
}
