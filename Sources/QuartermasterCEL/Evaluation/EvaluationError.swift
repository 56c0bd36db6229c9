/// Why an evaluation failed.
///
/// A class, so that the typed throw is one pointer wide.
public final class EvaluationError: Error, @unchecked Sendable {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    case overflow, divisionByZero, noSuchOverload, noSuchKey, noSuchField, unknownName,
      unknownFunction
    case indexOutOfRange, invalidArgument, duplicateKey, nullValue, deletedRecord, limit,
      interrupted, storage
  }

  /// The kind.
  public let code: Code
  /// What happened, in a sentence without the place.
  public let message: String
  /// UTF-8 offsets in the expression's text of the part that failed; set by the innermost node that knows.
  public package(set) var range: Range<Int>?
  /// The text that ``range`` is about, where it is another than that of the program that ran: a variable's own
  /// expression.
  public package(set) var source: ExprSource?

  /// Creates an error.
  public init(_ code: Code, _ message: String, range: Range<Int>? = nil) {
    self.code = code
    self.message = message
    self.range = range
  }
}

extension EvaluationError: CustomStringConvertible {
  /// The message and the code; ``Program/text(of:)`` says which part of the expression it is about.
  public var description: String { "\(message) (\(code.rawValue))" }
}
