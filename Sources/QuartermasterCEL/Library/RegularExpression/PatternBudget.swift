/// What bounds the time that reading a pattern takes, and the memory of what is read.
///
/// Patterns come from data too. RE2 bounds the memory of a compiled program for the same reason.
struct PatternBudget {
  /// How many code points a pattern may have.
  static let longestPattern = 100_000
  /// How many single characters, classes, groups and parts of classes.
  private static let mostParts = 20_000
  /// How many runs of code points the classes may have together.
  private static let mostRanges = 500_000
  /// How many may be put together to make them.
  private static let mostGathered = 2_000_000

  private let pattern: String
  private var parts = 0
  private var gathered = 0
  /// How many runs of code points the classes have so far.
  private(set) var ranges = 0

  init(_ pattern: String) { self.pattern = pattern }

  /// Fails for a pattern of more code points than may be read.
  func checkLength(_ count: Int) throws(EvaluationError) {
    if count > Self.longestPattern { throw Self.tooLarge(pattern) }
  }

  /// Counts parts.
  mutating func take(parts count: Int) throws(EvaluationError) {
    parts += count
    if parts > Self.mostParts { throw Self.tooLarge(pattern) }
  }

  /// Counts runs of code points of which a class is put together.
  mutating func gather(ranges count: Int) throws(EvaluationError) {
    gathered += count
    if gathered > Self.mostGathered { throw Self.tooLarge(pattern) }
  }

  /// Counts runs of code points that are kept.
  mutating func take(ranges count: Int) throws(EvaluationError) {
    ranges += count
    if ranges > Self.mostRanges { throw Self.tooLarge(pattern) }
  }

  /// A pattern whose automaton would be too large.
  static func tooLarge(_ pattern: String) -> EvaluationError {
    EvaluationError(
      .invalidArgument,
      "\(excerpt(pattern)) is too large a regular expression; match its parts one by one")
  }

  /// Returns the pattern, or the beginning of a long one, in quotes.
  static func excerpt(_ pattern: String) -> String { Value.string(pattern).brief }
}
