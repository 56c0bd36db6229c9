package import QuartermasterCEL

/// Runs one test.
package enum ConformanceRun {
  /// The environment of a test: all libraries that the suite is about.
  package static func environment(_ test: ConformanceTest) -> CELEnvironment {
    var environment = CELEnvironment(libraries: [
      .standard, .math, .strings, .optionals, .bindings, .pairs, .encoders, .network,
      CELLibrary(
        name: "test", functions: test.functions,
        macros: ["cel.block", "cel.index", "cel.iterVar", "cel.accuVar"]),
    ])
    environment.checksNull = false
    environment.usesMacros = test.usesMacros
    environment.container = test.container
    for variable in test.variables { environment.declare(variable) }
    return environment
  }

  /// Runs a test.
  ///
  /// - Parameters:
  ///   - test: The test.
  ///   - checked: Whether the expression is checked before it runs.
  /// - Returns: What came out in place of what is expected; nil when the test passes.
  package static func failure(of test: ConformanceTest, checked: Bool) -> String? {
    let environment = environment(test)
    do throws(DiagnosticList) {
      let parsed = try environment.parse(ExprSource(test.text))
      let program: Program
      if checked {
        let result = try environment.check(parsed)
        if case .type(let type, _) = test.expected, result.type != type {
          return "the type \(result.type)"
        }
        program = environment.program(result)
      } else {
        program = environment.uncheckedProgram(parsed)
      }
      guard test.isEvaluated else { return nil }
      return failure(of: test, program)
    } catch {
      let isMissing = error.items.contains { $0.code == "cel/unknown-function" }
      if test.accepts(missingFunction: isMissing) { return nil }
      return "refused: " + error.items.map(\.message).joined(separator: "; ")
    }
  }

  private static func failure(of test: ConformanceTest, _ program: Program) -> String? {
    let value: Value
    do throws(EvaluationError) { value = try program.evaluate(test.bindings) } catch {
      let isMissing = error.code == .unknownFunction
      if test.accepts(missingFunction: isMissing) { return nil }
      return "failed: \(error.message)"
    }
    switch test.expected {
    case .value(let expected), .type(_, let expected?):
      return same(value, expected) ? nil : "\(value) (\(value.typeName))"
    case .failure: return "\(value)"
    case .type: return nil
    }
  }

  /// Returns whether two values are the same, types included.
  package static func same(_ a: Value, _ b: Value) -> Bool {
    guard a.typeName == b.typeName else { return false }
    switch (a, b) {
    case (.double(let x), .double(let y)): return x == y || (x.isNaN && y.isNaN)
    case (.list(let x), .list(let y)): return x.count == y.count && zip(x, y).allSatisfy(same)
    case (.map(let x), .map(let y)):
      return x.count == y.count
        && x.entries.allSatisfy { entry in
          y.entries.contains { same($0.key, entry.key) && same($0.value, entry.value) }
        }
    default: return Value.equal(a, b)
    }
  }
}

extension ConformanceTest {
  /// Returns whether an error is what the test expects.
  ///
  /// That a function is not there counts only where that is the error that is meant: a library that is missing must not
  /// make its tests of errors pass.
  fileprivate func accepts(missingFunction: Bool) -> Bool {
    guard case .failure(let messages) = expected else { return false }
    return !missingFunction
      || messages.contains { message in
        ["unbound function", "undeclared reference", "unknown function"].contains {
          message.contains($0)
        }
      }
  }
}
