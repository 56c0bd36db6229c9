@testable import QuartermasterCEL

/// Whether an expression gives the same checked and unchecked.
enum Agreement {
  /// Evaluates an expression both ways; returns how the results differ, or nil.
  ///
  /// What the checker refuses is not run. Both evaluations have a limit, which they may reach at different places.
  static func difference(
    _ parsed: ParsedExpr, _ environment: CELEnvironment, _ bindings: [String: Value]
  ) -> String? {
    guard let checked = try? environment.check(parsed) else { return nil }
    let strict = outcome(environment.program(checked), bindings)
    let loose = outcome(environment.uncheckedProgram(parsed), bindings)
    switch (strict, loose) {
    case (.limit, _), (_, .limit): return nil
    case (.value(let a), .value(let b)):
      return same(a, b) ? nil : "checked \(a) (\(a.typeName)), unchecked \(b) (\(b.typeName))"
    case (.failure, .failure): return nil
    case (.value(let a), .failure(let b)): return "checked \(a), unchecked failed: \(b)"
    case (.failure(let a), .value(let b)): return "checked failed: \(a), unchecked \(b)"
    }
  }

  private enum Outcome {
    case value(Value)
    case failure(String)
    case limit
  }

  private static func outcome(_ program: Program, _ bindings: [String: Value]) -> Outcome {
    do { return .value(try program.evaluate(bindings, costLimit: 20_000)) } catch {
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
