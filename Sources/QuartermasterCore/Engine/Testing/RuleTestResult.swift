public import QuartermasterCEL

/// What a test of rules came to.
public struct RuleTestResult: Sendable {
  /// What it shows.
  public let title: String
  /// Where it stands.
  public let span: SourceSpan
  /// What did not hold; none when it passed.
  public internal(set) var failures: [Failure] = []
  /// What the rules did with which the failures have to do, step by step; none when it passed.
  public internal(set) var trace: [TraceEntry] = []
  /// How long it took.
  public internal(set) var seconds = 0.0
  /// How often each rule fired in it.
  public internal(set) var firings: [String: Int] = [:]
  /// What was seen of rules, conditions and flows; nil when nobody asked.
  package internal(set) var seen: TestCoverage.Seen?

  /// Whether all that it expects held.
  public var passed: Bool { failures.isEmpty }

  /// Something that did not hold.
  public struct Failure: Sendable {
    /// What, in a sentence.
    public let message: String
    /// Where the expectation, the step or the rule stands.
    public let span: SourceSpan
    /// The values that decided, with their texts.
    public let values: [(text: String, value: String)]
    /// What it has to do with.
    var concern = TestConcern()

    init(_ message: String, at span: SourceSpan, values: [(text: String, value: String)] = []) {
      self.message = message
      self.span = span
      self.values = values
    }
  }

  /// A rule that was asked in a step of a test, and what came of it.
  public struct TraceEntry: Sendable {
    /// What came of it.
    public enum Result: String, Sendable {
      /// Its conditions held, and its actions ran.
      case fired
      /// Its conditions held; its actions failed and were undone alone, as `failure: skip` asks.
      case skipped
      /// `becomes` was false after the change.
      case becomesFalse
      /// `becomes` was true before the change already.
      case becomesWasTrue
      /// An item of `when:` was false.
      case whenFalse
      /// Nothing happened that it waits for.
      case neverConsidered
    }

    /// Where the step stands; nil for a rule that was never considered.
    public let step: SourceSpan?
    /// The instant; nil where it is that of the step.
    public let at: Timestamp?
    /// The rule.
    public let rule: String
    /// The record that it was about, `Product/bolt`; nil for a schedule or a signal.
    public let record: String?
    /// What came of it.
    public let result: Result
    /// Whether the operation was refused and undone in the end.
    public let isUndone: Bool
    /// The condition that did not hold, as `when 2`; of a rule that was never considered, nil.
    public let gate: String?
    /// The text of that condition, why the actions failed, or what the rule waits for.
    public let detail: String?
    /// The values that the conditions looked at.
    public let values: [(text: String, value: String)]
  }
}
