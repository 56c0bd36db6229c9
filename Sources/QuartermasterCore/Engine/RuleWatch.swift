package import QuartermasterCEL

/// Sees what the rules of one interpreter do: for coverage, and for the trace of a test that failed.
///
/// It looks on and decides nothing: an interpreter with a watch does the same as one without, which pays for it with a
/// comparison with nil. Used by one thread at a time.
package final class RuleWatch {
  /// What a rule was asked, and how it answered.
  package struct Attempt: Sendable {
    /// What came of it.
    package enum Result: Sendable {
      /// Its conditions held, and its actions ran.
      case fired
      /// `becomes` was false after the change.
      case edgeFalse
      /// `becomes` was true before the change already.
      case edgeWasTrue
      /// An item of `when:` was false.
      case conditionFalse
    }

    /// The step of the test, from 0.
    package let step: Int
    /// The name of the rule.
    package let rule: String
    /// The record that it was about, `Product/bolt`; nil for a schedule or a signal.
    package let record: String?
    /// The round; 0 for a before rule.
    package let round: Int
    /// The instant.
    package let at: Timestamp
    /// What came of it.
    package let result: Result
    /// The condition that did not hold, as `becomes`, `when` or `when 2`, and its text; nil when it fired.
    package let condition: (label: String, text: String)?
    /// The values that the condition looks at; of a firing, those of all its conditions.
    package let operands: [(text: String, value: String)]
    /// Why its actions failed and were undone alone.
    package fileprivate(set) var skipped: String?
    /// Whether the operation was refused and undone.
    package fileprivate(set) var isUndone = false
  }

  /// What was seen of the parts of conditions; nil where they were not numbered.
  package let branches: BranchLog?
  /// The rules that fired, also in operations that were refused, by place.
  package private(set) var fired: Set<Int> = []
  /// The rules whose conditions were asked, by place.
  package private(set) var considered: Set<Int> = []
  /// The moves of statuses in operations that were kept.
  package private(set) var moves: Set<StatusMove> = []
  /// What rules were asked; only where a trace is wanted.
  package private(set) var attempts: [Attempt] = []
  /// The step that runs.
  var step = 0

  private let keepsAttempts: Bool
  private var firstAttempt = 0
  /// How many attempts a trace holds.
  private static let mostAttempts = 10_000

  /// Creates a watch.
  ///
  /// - Parameters:
  ///   - branches: How many parts of conditions the rules number; nil to leave them out.
  ///   - keepsAttempts: Whether a trace is wanted.
  package init(branches: Int?, keepsAttempts: Bool) {
    self.branches = branches.map { BranchLog(count: $0) }
    self.keepsAttempts = keepsAttempts
  }

  // MARK: Rules

  /// A rule is asked about something that its trigger waits for.
  func consider(_ rule: CompiledRule) { considered.insert(rule.index) }

  /// The conditions of a rule held.
  func noteFiring(_ runtime: RuleRuntime, _ record: Record?, round: Int, at: Timestamp) {
    fired.insert(runtime.rule.index)
    guard keepsAttempts else { return }
    note(runtime, record, round, at, .fired, nil, runtime.operands())
  }

  /// An item of `when:` was false.
  func noteFalse(
    _ runtime: RuleRuntime, _ record: Record?, item: Int, round: Int, at: Timestamp
  ) {
    guard keepsAttempts else { return }
    let conditions = runtime.rule.conditions
    let label = RuleBranch.Gate.when(item: conditions.count > 1 ? item + 1 : nil).label
    note(runtime, record, round, at, .conditionFalse, (label, conditions[item]))
  }

  /// `becomes` did not turn true.
  func noteEdge(_ runtime: RuleRuntime, _ change: Change, wasTrue: Bool) {
    guard keepsAttempts, let edge = runtime.recordTrigger?.becomes else { return }
    // No firing of the rule runs while its edge is judged: its frame is free.
    runtime.lend(
      change.newRecord ?? change.oldRecord, change, now: Timestamp(milliseconds: 0), actor: nil)
    defer { runtime.takeBack() }
    note(
      runtime, change.record, -1, Timestamp(milliseconds: 0), wasTrue ? .edgeWasTrue : .edgeFalse,
      ("becomes", edge))
  }

  /// The actions of the rule that fired last failed and were undone alone.
  func noteSkip(_ rule: String, _ message: String) {
    guard let place = attempts.lastIndex(where: { $0.rule == rule }) else { return }
    attempts[place].skipped = message
  }

  private func note(
    _ runtime: RuleRuntime, _ record: Record?, _ round: Int, _ at: Timestamp,
    _ result: Attempt.Result, _ condition: (label: String, condition: CompiledCondition)?,
    _ operands: [(text: String, value: Value)]? = nil
  ) {
    guard attempts.count < Self.mostAttempts else { return }
    let written = condition.map {
      RuleBook.Condition(label: $0.label, text: $0.condition.program.source.text)
    }
    let values = (operands ?? runtime.operands()).filter { written?.mentions($0.text) ?? true }
    attempts.append(
      Attempt(
        step: step, rule: runtime.rule.name, record: record.map(Interpreter.name), round: round,
        at: at, result: result, condition: written.map { ($0.label, $0.text) },
        operands: values.map { ($0.text, $0.value.description) }))
  }

  // MARK: Operations

  /// An operation begins.
  func begin() { firstAttempt = attempts.count }

  /// An operation is kept that made some moves.
  func keep(_ made: [StatusMove]) { moves.formUnion(made) }

  /// The operation is undone.
  func undo() {
    for place in attempts.indices.dropFirst(firstAttempt) { attempts[place].isUndone = true }
  }
}
