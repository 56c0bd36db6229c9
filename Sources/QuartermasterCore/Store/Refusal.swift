public import QuartermasterCEL

/// Why an operation was not done; it left nothing behind.
public struct Refusal: Error, Sendable {
  /// The kinds of refusal.
  public enum Reason: String, Sendable {
    /// A rule said so.
    case reject
    /// A value does not fit the schema: type, required, unique, range, flow, a pointer to nothing, a restricted delete.
    case schema
    /// A condition or an action failed.
    case error
    /// Two rules wrote different values to one field in one round.
    case conflict
    /// More rounds than allowed.
    case rounds
    /// More firings than allowed.
    case firings
    /// What another program wrote stays, and something about it is left to be mended.
    case outside
    /// Who acts may not do it.
    case denied
    /// The file could not be read or written: full, locked, corrupt.
    case storage
  }

  /// The kind.
  public let reason: Reason
  /// What happened and what to do, in one sentence or two.
  public let message: String
  /// The rule in which it happened, if any.
  public package(set) var rule: String?
  /// The place in the rule file, if any.
  public package(set) var span: SourceSpan?
  /// What is wrong with a rule that is a record, each with its place; empty for other refusals.
  public package(set) var findings: [Diagnostic] = []
  /// Whether the machine failed and not the file: a full disk, a lock that another holds, a read or write that failed.
  ///
  /// The file is good then, and the same may go well later.
  public package(set) var isPassing = false

  /// Whether somebody ended it on purpose, while nothing was wrong.
  public package(set) var isInterruption = false

  /// What is said instead to somebody who may not see all records; nil where the message names no other record.
  var outward: String?

  /// Whether a value in the file is at fault, and not the file: only what needs that value fails.
  var isOfValue = false

  /// Creates a refusal.
  public init(_ reason: Reason, _ message: String, rule: String? = nil, span: SourceSpan? = nil) {
    self.reason = reason
    self.message = message
    self.rule = rule
    self.span = span
  }

  /// Somebody ended it on purpose.
  package static func interruption(_ text: String = "it was interrupted; nothing of it was kept")
    -> Refusal
  {
    var refusal = Refusal(.storage, text)
    refusal.isPassing = true
    refusal.isInterruption = true
    return refusal
  }

  /// A value in the file that its field cannot hold; another program wrote it.
  static func unreadable(_ record: String, _ field: String, _ why: Refusal) -> Refusal {
    var refusal = Refusal(
      .storage,
      "\(record) cannot be read: its \(field) holds what the field cannot (\(why.message))")
    refusal.isOfValue = true
    return refusal
  }
}
