public import QuartermasterCEL

/// The functions that a host adds to expressions.
///
/// The schema declares their names and types.
public struct FunctionRegistry: Sendable {
  /// What a function does with its arguments.
  ///
  /// It runs wherever a condition runs: it should be quick, and give the same result for the same arguments.
  public typealias Body = @Sendable ([Value]) throws(EvaluationError) -> Value

  private(set) var bodies: [String: Body] = [:]

  /// Creates a registry without functions.
  public init() {}

  /// Adds a function; one of the same name is replaced.
  public mutating func register(_ name: String, _ body: @escaping Body) { bodies[name] = body }
}

/// A message or a call on its way to a channel.
public struct Delivery: Sendable {
  /// The channel, as `by:` names it; `call` for a call of a host's function.
  public let channel: String
  /// Where it goes: an address, a record as `User/eve`, or the name of the call.
  public let address: String
  /// The content as JSON: `message`, `title`, `to` and `rule`, or the arguments of a call.
  public let body: String
  /// The same for each try of one delivery, so that a receiver can drop repeats.
  public let key: String
  /// Which try this is, from 1.
  public let attempt: Int
}

/// The channels that a host adds for messages.
///
/// Messages come after the commit, at least once.
public struct ChannelRegistry: Sendable {
  /// Hands a message over; an error means that it is tried again later.
  public typealias Body = @Sendable (Delivery) throws -> Void

  private(set) var bodies: [String: Body] = [:]

  /// Creates a registry without channels.
  public init() {}

  /// Adds a channel; one of the same name is replaced.
  public mutating func register(_ name: String, _ body: @escaping Body) { bodies[name] = body }
}
