package import QuartermasterCEL

/// One test of the published conformance suite, as a line of JSON has it.
package struct ConformanceTest: Sendable {
  /// `suite/section/name`.
  package let id: String
  /// The expression.
  package let text: String
  /// The namespace in which names are looked up.
  package let container: String
  /// The values of variables, by name.
  package let bindings: [String: Value]
  /// The variables that the checker knows.
  package let variables: [VariableDeclaration]
  /// The functions that the checker knows; they have nothing to run.
  package let functions: [FunctionDeclaration]
  /// Whether the expression is checked before it runs.
  package let isChecked: Bool
  /// Whether it runs.
  package let isEvaluated: Bool
  /// Whether macros are macros.
  package let usesMacros: Bool
  /// What has to come out.
  package let expected: Expected

  /// What has to come out of a test.
  package enum Expected: Sendable {
    case value(Value)
    /// Any error; the messages are those of other implementations.
    case failure([String])
    /// A type, and a value where one is given.
    case type(CELType, Value?)
  }

  /// Whether an error is expected.
  package var expectsError: Bool {
    if case .failure = expected { true } else { false }
  }
}

extension ConformanceTest.Expected: CustomStringConvertible {
  /// What is expected, for people.
  package var description: String {
    switch self {
    case .value(let value): "\(value)"
    case .failure(let messages): "an error (\(messages.joined(separator: "; ")))"
    case .type(let type, let value):
      value.map { "\($0) of the type \(type)" } ?? "the type \(type)"
    }
  }
}
