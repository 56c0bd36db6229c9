/// A planned expression: a tree of final classes that override the typed form that they are best at.
///
/// The typed forms exist because the cost of an evaluation is copying ``Value``s, not dispatch: a comparison of two
/// integer fields that asks its operands for `Int64` copies none.
package class Node: @unchecked Sendable {
  /// UTF-8 offsets of the expression in its text, for errors and observers.
  package let range: Range<Int>

  init(at range: Range<Int>) { self.range = range }

  /// Creates a node that fails when it is reached.
  package convenience init(range: Range<Int>) { self.init(at: range) }

  /// Returns the value.
  package func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    throw EvaluationError(.unknownFunction, "this expression has no value", range: range)
  }

  /// Returns the value as a boolean; a value of another type is an error.
  package func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let value = try eval(frame)
    guard case .bool(let flag) = value else { throw mismatch(value, "true or false") }
    return flag
  }

  /// Returns the value as an integer; a value of another type is an error.
  package func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    let value = try eval(frame)
    guard case .int(let number) = value else { throw mismatch(value, "an integer") }
    return number
  }

  /// Returns the value as a double; a value of another type is an error.
  package func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    let value = try eval(frame)
    guard case .double(let number) = value else { throw mismatch(value, "a double") }
    return number
  }

  /// Returns a decimal, or an integer as one; a value of another type is an error.
  package func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    let value = try eval(frame)
    switch value {
    case .decimal(let number): return number
    case .int(let number): return ExactDecimal(number)
    default: throw mismatch(value, "a decimal")
    }
  }

  /// Returns the value as a record; null is nil; a value of another type is an error.
  package func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    let value = try eval(frame)
    switch value {
    case .record(let record): return record
    case .null: return nil
    default: throw mismatch(value, "a record")
    }
  }

  /// Returns the value as a record that is not held: the host holds all that it gave out while an evaluation runs.
  package func lentRecord(_ frame: Frame) throws(EvaluationError) -> Unmanaged<Record>? {
    try evalRecord(frame).map(Unmanaged.passUnretained)
  }

  /// Returns the id of a record, without loading it; nil for null.
  package func evalID(_ frame: Frame) throws(EvaluationError) -> String? {
    try evalRecord(frame)?.id
  }

  /// Returns whether the value is null.
  package func evalIsNull(_ frame: Frame) throws(EvaluationError) -> Bool {
    if case .null = try eval(frame) { true } else { false }
  }

  /// Whether ``place(_:)`` may be called.
  package var hasPlace: Bool { false }

  /// Returns where the value stands, for a node whose value need not be made: reading it there
  /// copies nothing.
  ///
  /// What is there stays until the frame, or the row that it is part of, changes; no evaluation
  /// changes rows.
  package func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    throw EvaluationError(.unknownFunction, "this expression has no place", range: range)
  }

  /// The value, where it is known before anything runs.
  package var constant: Value? { nil }

  /// Says that a value has not the type that is needed here.
  final func mismatch(_ value: Value, _ needed: String) -> EvaluationError {
    if case .null = value {
      return EvaluationError(.nullValue, "needs \(needed), but the value is null", range: range)
    }
    return EvaluationError(.noSuchOverload, "needs \(needed), not \(value.kindText)", range: range)
  }
}

extension EvaluationError {
  /// The same error, with a place if it had none.
  @inline(never)
  func at(_ range: Range<Int>) -> EvaluationError {
    if self.range == nil { self.range = range }
    return self
  }

  /// Whether `&&`, `||`, `all` and `exists` may go on as if the part that failed did not matter.
  ///
  /// What ends the whole evaluation (a limit, an interruption, a failing store) is no answer that
  /// another part could outweigh.
  package var isAbsorbed: Bool {
    switch code {
    case .limit, .interrupted, .storage: false
    default: true
    }
  }
}

/// What a host makes of a sub-expression over a class or a relation: a query.
package protocol QueryNodeBody: AnyObject, Sendable {
  /// Returns the value of the sub-expression.
  func evaluate(_ frame: Frame) throws(EvaluationError) -> Value
}

/// A node whose work a host does, such as a query that runs as SQL.
package final class HostNode: Node, @unchecked Sendable {
  /// The host's part.
  package let body: any QueryNodeBody

  package init(body: any QueryNodeBody, range: Range<Int>) {
    self.body = body
    super.init(at: range)
  }

  override package func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    do { return try body.evaluate(frame) } catch { throw error.at(range) }
  }
}
