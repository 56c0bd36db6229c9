internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// Why a command could not do what it was asked, in the one voice of all of them.
struct CommandFailure: Error {
  /// How the command ends.
  let status: ExitStatus
  /// What is printed on standard error.
  let text: String

  /// Creates a failure of a sentence.
  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    text = "error: \(message)\n"
  }

  /// Creates a failure of diagnostics.
  ///
  /// Only errors are shown: `check` is where warnings are read.
  init(_ diagnostics: DiagnosticList, _ context: ShellContext, status: ExitStatus = .badInput) {
    self.status = status
    let errors = diagnostics.items.filter { $0.severity == .error }
    text = errors.map(context.renderer.render).joined()
  }

  /// Creates a failure of what a store or an engine refused.
  init(_ refusal: Refusal) {
    switch refusal.reason {
    case .storage: status = refusal.isPassing ? .failure : .badInput
    case .schema: status = .badInput
    default: status = .failure
    }
    text = "error: \(refusal.sentence)\n"
  }

  /// Creates a failure of any error that a call may throw.
  init(anything error: any Error, _ context: ShellContext) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let list as DiagnosticList: self.init(list, context)
    case let refusal as Refusal: self.init(refusal)
    case let failure as StreamFailure: self.init(failure)
    case let error as AccountError: self.init(error)
    case let gap as HistoryReach.Gap: self.init(.usage, gap.message)
    case let problem as BacktestProblem:
      self.init(problem.earliest == nil ? .badInput : .usage, problem.message)
    case let error as EvaluationError: self.init(.failure, error.message)
    default: self.init(.failure, "\(error)")
    }
  }

  /// Creates a failure of a stream.
  init(_ failure: StreamFailure) {
    switch failure.kind {
    case .usage: self.init(.usage, failure.message)
    case .badInput: self.init(.badInput, failure.message)
    case .storage: self.init(.failure, failure.message)
    }
  }

  /// The failure as a reply.
  var reply: Reply { Reply(errors: text, status: status) }
}

extension Refusal {
  /// The message with the rule that it comes from and the place of that rule.
  var sentence: String {
    guard let rule else { return message }
    guard let span else { return "\(message) [\(rule)]" }
    let line = span.file.position(of: span.range.lowerBound).line
    return "\(message) [\(rule), \(span.file.name):\(line)]"
  }
}

extension ShellContext {
  /// What draws diagnostics.
  var renderer: DiagnosticRenderer {
    DiagnosticRenderer(decorator: isColored ? .ansi : .plain)
  }

  /// Runs a command; what it throws becomes a reply.
  func reply(_ body: () throws -> Reply) -> Reply {
    do { return try body() } catch { return CommandFailure(anything: error, self).reply }
  }
}
