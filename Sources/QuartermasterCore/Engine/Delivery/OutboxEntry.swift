public import QuartermasterCEL

/// What the outbox holds of one delivery, or of one firing of a later rule that did not go well yet.
public struct OutboxEntry: Sendable {
  /// What it is.
  public enum Kind: String, Sendable {
    /// A message on its way to a channel.
    case message
    /// A call of a host's function.
    case call
    /// A firing of a rule of the phase later.
    case later
  }

  /// How far it came.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for its turn, its next try, or its channel.
    case waiting
    /// It is being tried, or was when the process that tried it ended.
    case trying
    /// It was handed over.
    case delivered
    /// It was given up: a dead letter.
    case dead
    /// An operator took it out.
    case dropped
  }

  /// Its name for ``Engine/retry(_:)`` and ``Engine/drop(_:)``: a number, or `later/3`.
  public let id: String
  /// What it is.
  public let kind: Kind
  /// How far it came.
  public let state: State
  /// The rule that queued it.
  public let rule: String
  /// The channel; `call` for a call, `later` for a firing.
  public let channel: String
  /// Where it goes: an address, a record as `User/eve`, the name of a call, or the record of a firing.
  public let address: String
  /// When the operation that queued it ran.
  public let at: Timestamp
  /// How often it was tried.
  public let tries: Int
  /// When it is tried next; nil when it does not wait.
  public let next: Timestamp?
  /// When it was delivered, given up or dropped.
  public let ended: Timestamp?
  /// What went wrong the last time.
  public let error: String?
  /// The key that all its tries carry; nil for a firing.
  public let key: String?
  /// The id of its record of the class Message; nil for a call and a firing.
  public let message: String?
  /// The content as JSON; nil for a firing.
  public let body: String?
}

/// Which entries of the outbox are meant.
public struct OutboxFilter: Sendable {
  /// These alone; empty for all.
  public var ids: [String] = []
  /// Those in one of these states; empty for all.
  public var states: Set<OutboxEntry.State> = []
  /// Those of this channel; `call` and `later` stand for calls and firings.
  public var channel: String?
  /// Those that this rule queued.
  public var rule: String?
  /// Those of this record of the class Message.
  public var message: String?
  /// How many at the most, the oldest first; nil for all.
  public var limit: Int?

  /// Creates a filter that all entries pass.
  public init() {}
}
