/// A planned expression: a tree of final classes that override the typed form that they are best at.
///
/// The typed forms exist because the cost of an evaluation is copying ``Value``s, not dispatch: a comparison of two
/// integer fields that asks its operands for `Int64` copies none.
package class Node: @unchecked Sendable {
  /// UTF-8 offsets of the expression in its text, for errors and observers.
  package let range: Range<Int>

  package init(range: Range<Int>) { self.range = range }

  /// Returns the value.
  package func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    throw EvaluationError(.unknownFunction, "this expression has no value", range: range)
  }

  /// Returns the value as a boolean; a value of another type is an error.
  package func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if case .bool(let value) = try eval(frame) { return value }
    throw EvaluationError(.noSuchOverload, "needs true or false", range: range)
  }

  /// Returns the value as an integer; a value of another type is an error.
  package func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    if case .int(let value) = try eval(frame) { return value }
    throw EvaluationError(.noSuchOverload, "needs an integer", range: range)
  }

  /// Returns the value as a double; a value of another type is an error.
  package func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    if case .double(let value) = try eval(frame) { return value }
    throw EvaluationError(.noSuchOverload, "needs a double", range: range)
  }

  /// Returns the value as a record; null is nil; a value of another type is an error.
  package func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    switch try eval(frame) {
    case .record(let record): return record
    case .null: return nil
    default: throw EvaluationError(.noSuchOverload, "needs a record", range: range)
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
    super.init(range: range)
  }

  override package func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    do { return try body.evaluate(frame) } catch {
      if error.range == nil { error.range = range }
      throw error
    }
  }
}
