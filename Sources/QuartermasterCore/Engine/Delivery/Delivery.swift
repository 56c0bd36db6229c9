public import QuartermasterCEL

/// A message or a call on its way to a channel.
public struct Delivery: Sendable {
  /// The channel, as `by:` names it; `call` for a call of a host's function.
  public let channel: String
  /// Where it goes: an address, a record as `User/eve`, or the name of the call.
  public let address: String
  /// The content as JSON: `message`, `title`, `to` and `rule`, or the arguments of a call.
  public let body: String
  /// The same for each try of one delivery, so that a receiver can drop repeats; printable ASCII without spaces.
  public let key: String
  /// Which try this is, from 1.
  public let attempt: Int
  /// When the operation that queued it ran.
  public let at: Timestamp
  /// The rule that queued it.
  public let rule: String

  package init(
    channel: String, address: String, body: String, key: String, attempt: Int, at: Timestamp,
    rule: String
  ) {
    self.channel = channel
    self.address = address
    self.body = body
    self.key = key
    self.attempt = attempt
    self.at = at
    self.rule = rule
  }
}

/// Why a delivery failed, and whether another try makes sense.
///
/// A channel may throw any error, which means that the delivery is tried again; this one says more.
public struct DeliveryFailure: Error, Sendable, CustomStringConvertible {
  /// What happened, without secrets.
  public let description: String
  /// Whether no other try can go better: the delivery is a dead letter at once.
  public let isFinal: Bool
  /// How long the receiver asked to be left alone; nil when it did not say.
  public let retryAfter: TimeSpan?

  /// Creates a failure.
  ///
  /// - Parameters:
  ///   - description: What happened, without secrets.
  ///   - isFinal: Whether no other try can go better.
  ///   - retryAfter: How long the receiver asked to be left alone.
  public init(_ description: String, isFinal: Bool = false, retryAfter: TimeSpan? = nil) {
    self.description = description
    self.isFinal = isFinal
    self.retryAfter = retryAfter
  }
}

/// What one round of deliveries came to.
public struct DeliveryReport: Sendable {
  /// How many were handed over.
  public internal(set) var delivered = 0
  /// How many tries failed that are repeated later.
  public internal(set) var failed = 0
  /// How many were given up; they stay in the outbox as dead letters.
  public internal(set) var dead = 0
  /// How many wait: for their next try, behind one that does, or for a channel.
  public internal(set) var waiting = 0
  /// How many wait for a channel or a call that nobody registered, by its name.
  public internal(set) var unregistered: [String: Int] = [:]
  /// When the next one is due; nil when none waits for an instant.
  public internal(set) var next: Timestamp?
  /// Who delivers at the moment, when it is another process or another engine; then nothing was tried here.
  public internal(set) var heldBy: String?
  /// Whether it was told to stop before it was done.
  public internal(set) var wasStopped = false
}
