public import QuartermasterCEL

/// Why the rules that the file says are not in force in this process.
public struct RuleProblem: Sendable {
  /// The number of the rules in the file.
  public let number: Int64
  /// The number of the rules that stay in force here; 0 for none.
  public let inForce: Int64
  /// What is wrong with them here, such as a verb that this program does not have.
  public let findings: DiagnosticList
}

/// Something worth knowing that came about between the operations of an engine.
public enum EngineNotice: Sendable {
  /// The rules that another process published are in force here now.
  case rulesAdopted(number: Int64, count: Int)
  /// The rules that another process published do not check here; those from before stay.
  case rulesUnusable(RuleProblem)
  /// What another program wrote past the engine was taken in.
  case outsideChanges(OutsideReport)
}

/// What came of changes that another program made with plain SQL.
public struct OutsideReport: Sendable {
  /// How many records differ.
  public package(set) var records = 0
  /// The journal row of the operation that took them in; nil when in the end nothing differed.
  public package(set) var journalRow: Int64?
  /// What is left to be mended by hand, one sentence each.
  public package(set) var unresolved: [String] = []
}
