import Testing

@testable import QuartermasterCEL

/// The examples of the library are what help and reference show: each has to be true.
@Suite struct LibraryExampleTests {
  static let libraries = CELLibrary.all

  @Test(arguments: libraries.flatMap { library in library.functions })
  func `examples are true`(function: FunctionDeclaration) throws {
    let environment = CELEnvironment(libraries: Self.libraries)
    #expect(!function.examples.isEmpty, "\(function.name) has no example")
    for example in function.examples {
      do {
        let parsed = try environment.parse(ExprSource(example))
        let checked = try environment.check(parsed)
        #expect(checked.type == .bool, "\(example)")
        let value = try environment.program(checked).evaluate()
        #expect(Value.equal(value, .bool(true)), "\(example) gave \(value)")
        let loose = try environment.uncheckedProgram(parsed).evaluate()
        #expect(Value.equal(loose, .bool(true)), "unchecked, \(example) gave \(loose)")
      } catch {
        let messages = (error as? DiagnosticList)?.items.map(\.message) ?? []
        Issue.record("\(example): \((error as? EvaluationError)?.message ?? "\(messages)")")
      }
    }
  }

  @Test func `every overload has an id of its own`() {
    let ids = Self.libraries.flatMap(\.functions).flatMap(\.overloads).map(\.id)
    let twice = Dictionary(grouping: ids, by: { $0 }).filter { $0.value.count > 1 }.keys
    #expect(twice.isEmpty, "\(twice)")
  }
}
