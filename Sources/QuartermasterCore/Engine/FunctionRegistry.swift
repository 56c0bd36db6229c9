public import QuartermasterCEL

/// The functions that a host adds to expressions.
///
/// The schema declares their names and types.
public struct FunctionRegistry: Sendable {
  /// What a function does with its arguments.
  ///
  /// It runs wherever a condition runs: it should be quick, and give the same result for the same arguments.
  public typealias Body = @Sendable ([Value]) throws(EvaluationError) -> Value

  private(set) var bodies: [String: Body] = [:]

  /// Creates a registry without functions.
  public init() {}

  /// Adds a function; one of the same name is replaced.
  public mutating func register(_ name: String, _ body: @escaping Body) { bodies[name] = body }
}
