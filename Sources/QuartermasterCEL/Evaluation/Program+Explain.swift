extension Program {
  /// The value that a part of an expression had.
  public struct Observation: Sendable {
    /// UTF-8 offsets of the part in the program's text.
    public let range: Range<Int>
    /// What it was; for the variable of a macro, the element that decided.
    public let value: Value
  }

  /// Evaluates a program that was planned to be observed, for variables given by name.
  ///
  /// - Parameter bindings: The values, as ``evaluate(_:costLimit:)`` takes them.
  /// - Returns: The values of the parts that decided: the operands of comparisons, of logic and of tests of texts, as far
  ///   as they were evaluated, in that order, and the elements that decided an `exists` or `all`. An error ends the list
  ///   where it happened. Of a program that was not planned to be observed, the elements alone.
  public func explain(_ bindings: [String: Value]) -> [Observation] {
    let frame = Frame(layout)
    if !bindings.isEmpty { frame.activation = bindings }
    return explain(frame)
  }

  /// Evaluates a program that was planned to be observed, and returns the values of the parts that decided.
  ///
  /// These are the operands of comparisons, of logic and of tests of texts, as far as they were evaluated, in that
  /// order, and the elements that decided an `exists` or `all`. An error ends the list where it happened.
  package func explain(_ frame: Frame) -> [Observation] {
    frame.observations = []
    defer { frame.observations = nil }
    _ = try? root.eval(frame)
    return frame.observations ?? []
  }
}

extension Frame {
  /// How much is noted at most: a macro over many elements would say the same thing again and again.
  private static let mostObservations = 200

  /// Notes the value of a part.
  func observe(_ range: Range<Int>, _ value: Value) {
    guard let count = observations?.count, count < Self.mostObservations else { return }
    observations?.append(Program.Observation(range: range, value: value))
  }
}

/// A part of an observed program: notes its value.
final class ObservedNode: Node, @unchecked Sendable {
  private let inner: Node

  init(_ inner: Node) {
    self.inner = inner
    super.init(at: inner.range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let value = try inner.eval(frame)
    frame.observe(range, value)
    return value
  }
}
