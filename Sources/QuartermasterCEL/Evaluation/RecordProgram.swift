/// A program over one record, with the memory in which it runs: what is evaluated for each change.
///
/// The record is lent to it: taking hold of one and letting it go costs more than a comparison of two numbers.
///
/// Used by one thread at a time.
package final class RecordProgram {
  /// What runs.
  package let program: Program
  private let root: Node
  private let frame: Frame

  /// Gives a program its memory.
  ///
  /// - Parameters:
  ///   - program: A program whose one variable is the record, in slot 0.
  ///   - host: Where rows, relations and collections come from.
  ///   - branches: Where a program that was planned with branches notes what was true and what was false.
  package init(_ program: Program, host: any RecordHost, branches: BranchLog? = nil) {
    self.program = program
    root = program.root
    frame = Frame(program.layout, host: host)
    frame.branches = branches
  }

  /// Returns whether a condition is true for a record or a version of it.
  package func holds(_ record: Record) throws(EvaluationError) -> Bool {
    frame.lend(record, to: 0)
    defer { withExtendedLifetime(record) { frame.takeBack(0) } }
    return try root.evalBool(frame)
  }

  /// Returns the value for a record or a version of it.
  package func value(of record: Record) throws(EvaluationError) -> Value {
    frame.lend(record, to: 0)
    defer { withExtendedLifetime(record) { frame.takeBack(0) } }
    return try root.eval(frame)
  }
}
