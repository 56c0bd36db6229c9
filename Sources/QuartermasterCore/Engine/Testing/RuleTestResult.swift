public import QuartermasterCEL

/// What a test of rules came to.
public struct RuleTestResult: Sendable {
  /// What it shows.
  public let title: String
  /// Where it stands.
  public let span: SourceSpan
  /// What did not hold; none when it passed.
  public internal(set) var failures: [Failure] = []
  /// How long it took.
  public internal(set) var seconds = 0.0
  /// How often each rule fired in it.
  public internal(set) var firings: [String: Int] = [:]

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

    init(_ message: String, at span: SourceSpan, values: [(text: String, value: String)] = []) {
      self.message = message
      self.span = span
      self.values = values
    }
  }
}
