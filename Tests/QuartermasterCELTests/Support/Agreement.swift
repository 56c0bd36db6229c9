@testable import QuartermasterCEL

/// Whether an expression gives the same however it is planned and run.
enum Agreement {
  /// Evaluates an expression in all ways; returns how the results differ, or nil.
  ///
  /// Checked and unchecked; observed, where no constant is computed beforehand; while notes are taken; and without a limit
  /// on the cost, where there is none to be reached. What the checker refuses is not run. Evaluations have a limit, which
  /// they may reach at different places.
  static func difference(
    _ parsed: ParsedExpr, _ environment: CELEnvironment, _ bindings: [String: Value]
  ) -> String? {
    guard let checked = try? environment.check(parsed) else { return nil }
    let program = environment.program(checked)
    let plain = outcome(program, bindings)
    let observed = environment.program(checked, observed: true)
    var others = [
      ("unchecked", outcome(environment.uncheckedProgram(parsed), bindings)),
      ("observed", outcome(observed, bindings)), ("noting", noting(observed, bindings)),
    ]
    if case .limit = plain {} else { others.append(("unlimited", outcome(program, bindings, nil))) }
    for (name, other) in others {
      if let difference = difference(plain, other, name) { return difference }
    }
    return nil
  }

  private static func difference(_ plain: Outcome, _ other: Outcome, _ name: String) -> String? {
    switch (plain, other) {
    case (.limit, _), (_, .limit): return nil
    case (.value(let a), .value(let b)):
      return same(a, b) ? nil : "checked \(a) (\(a.typeName)), \(name) \(b) (\(b.typeName))"
    case (.failure, .failure): return nil
    case (.value(let a), .failure(let b)): return "checked \(a), \(name) failed: \(b)"
    case (.failure(let a), .value(let b)): return "checked failed: \(a), \(name) \(b)"
    }
  }

  private enum Outcome {
    case value(Value)
    case failure(String)
    case limit
  }

  private static let limit = 20_000

  private static func outcome(
    _ program: Program, _ bindings: [String: Value], _ limit: Int? = limit
  ) -> Outcome {
    outcome { () throws(EvaluationError) in try program.evaluate(bindings, costLimit: limit) }
  }

  /// Evaluates an observed program while it notes what it sees.
  private static func noting(_ program: Program, _ bindings: [String: Value]) -> Outcome {
    let frame = Frame(program.layout)
    frame.activation = bindings
    frame.stepLimit = limit
    frame.observations = []
    return outcome { () throws(EvaluationError) in try program.root.eval(frame) }
  }

  private static func outcome(_ evaluate: () throws(EvaluationError) -> Value) -> Outcome {
    do throws(EvaluationError) { return .value(try evaluate()) } catch {
      return error.code == .limit ? .limit : .failure(error.message)
    }
  }

  /// Whether two values are the same, types included; a decimal may stand for an integer that the checker made one.
  private static func same(_ a: Value, _ b: Value) -> Bool {
    guard a.typeName == b.typeName else { return false }
    switch (a, b) {
    case (.double(let x), .double(let y)): return x == y || (x.isNaN && y.isNaN)
    case (.list(let x), .list(let y)): return x.count == y.count && zip(x, y).allSatisfy(same)
    case (.map(let x), .map(let y)):
      return x.count == y.count
        && zip(x.entries, y.entries).allSatisfy { same($0.key, $1.key) && same($0.value, $1.value) }
    case (.optional(let x), .optional(let y)):
      guard let x = x.value, let y = y.value else { return x.value == nil && y.value == nil }
      return same(x, y)
    default: return Value.equal(a, b)
    }
  }
}
