/// What a command or a line at the prompt gives back.
public struct Reply: Sendable {
  /// What is printed on standard output.
  public var output: String
  /// What is printed on standard error.
  public var errors: String
  /// How it ended.
  public var status: ExitStatus
  /// Whether a prompt is to say how long it took.
  var isTimed = false

  /// Creates a reply.
  public init(_ output: String = "", errors: String = "", status: ExitStatus = .done) {
    self.output = output
    self.errors = errors
    self.status = status
  }
}

/// How a command ended, as the exit code of the process.
public enum ExitStatus: Int32, Sendable {
  /// It did what was asked.
  case done = 0
  /// It ran, and something failed: a test, or a check that found errors.
  case failed = 1
  /// It was called wrongly.
  case usage = 64
  /// A file that it needs is bad.
  case badInput = 65
  /// It failed while it ran.
  case failure = 70
}
