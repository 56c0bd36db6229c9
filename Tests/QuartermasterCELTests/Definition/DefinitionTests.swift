import CELConformance
import Testing

@testable import QuartermasterCEL

/// What the definition of the language and of its published libraries says, section by section: each expression beside
/// one that has the same value, or `error`.
@Suite struct DefinitionTests {
  static let environment: CELEnvironment = {
    var environment = CELEnvironment(libraries: [
      .standard, .strings, .math, .lists, .sets, .encoders, .bindings, .pairs, .optionals, .network,
    ])
    environment.checksNull = false
    for (name, type, _) in variables { environment.declare(VariableDeclaration(name, type)) }
    return environment
  }()

  static let variables: [(name: String, type: CELType, value: Value)] = [
    ("x", .int, .int(123)), ("u", .uint, .uint(7)), ("d", .double, .double(2.5)),
    ("b", .bool, .bool(true)), ("s", .string, .string("text")), ("y", .bytes, .bytes([1, 255])),
    ("l", .list(.int), .list([.int(1), .int(2), .int(3)])), ("n", .null, .null),
    (
      "m", .map(key: .string, value: .dyn),
      .map(map([(.string("a"), .int(1)), (.string("z"), .null)]))
    ),
    ("any", .dyn, .map(map([(.string("list"), .list([.int(1), .string("two")]))]))),
    ("a.b.c", .int, .int(5)), ("t", .timestamp, .timestamp(epoch)),
  ]

  private static func map(_ entries: [(Value, Value)]) -> MapValue {
    guard let map = MapValue(entries.map { (key: $0.0, value: $0.1) }) else {
      preconditionFailure("keys twice")
    }
    return map
  }

  private static var epoch: Timestamp {
    guard let instant = Timestamp(seconds: 0) else { preconditionFailure("1970") }
    return instant
  }

  /// Returns the value of an expression, or what was wrong.
  static func outcome(_ text: String, checked: Bool) -> Result<Value, EvaluationError> {
    do throws(DiagnosticList) {
      let parsed = try environment.parse(ExprSource(text))
      let program =
        checked
        ? environment.program(try environment.check(parsed)) : environment.uncheckedProgram(parsed)
      let values = Dictionary(uniqueKeysWithValues: variables.map { ($0.name, $0.value) })
      do throws(EvaluationError) { return .success(try program.evaluate(values)) } catch {
        return .failure(error)
      }
    } catch {
      return .failure(
        EvaluationError(.invalidArgument, error.items.map(\.message).joined(separator: "; ")))
    }
  }

  private func expectSame(_ text: String, _ expected: String, checked: Bool) {
    let got = Self.outcome(text, checked: checked)
    if expected == "error" {
      if case .success(let value) = got { Issue.record("\(text) gave \(value)") }
      return
    }
    switch (got, Self.outcome(expected, checked: false)) {
    case (.success(let a), .success(let b)):
      #expect(
        ConformanceRun.same(a, b), "\(text) gave \(a) (\(a.typeName)), not \(b) (\(b.typeName))")
    case (.failure(let error), _): Issue.record("\(text): \(error.message)")
    case (_, .failure(let error)): Issue.record("\(expected): \(error.message)")
    }
  }

  @Test(arguments: DefinitionCases.agreed) func `what is said holds, checked and unchecked`(
    _ text: String, _ expected: String
  ) {
    expectSame(text, expected, checked: true)
    expectSame(text, expected, checked: false)
  }

  @Test(arguments: DefinitionCases.unchecked) func `what is said of unchecked texts holds`(
    _ text: String, _ expected: String
  ) {
    expectSame(text, expected, checked: false)
  }

  @Test(arguments: DefinitionCases.refused) func `types that do not go together are refused`(
    _ text: String
  ) throws {
    let parsed = try Self.environment.parse(ExprSource(text))
    #expect(throws: DiagnosticList.self, "\(text)") { try Self.environment.check(parsed) }
  }

  @Test(arguments: DefinitionCases.accepted) func `types that go together are accepted`(
    _ text: String
  ) throws {
    let parsed = try Self.environment.parse(ExprSource(text))
    #expect(throws: Never.self, "\(text)") { try Self.environment.check(parsed) }
  }
}
