/// The channels that a host adds for messages.
///
/// Messages come after the commit, at least once.
public struct ChannelRegistry: Sendable {
  /// Hands a message over; an error means that it is tried again later, ``DeliveryFailure`` can say otherwise.
  ///
  /// Bodies run beside each other on threads of their own, which they may block. The task is cancelled when the delivery
  /// is told to stop.
  public typealias Body = @Sendable (Delivery) async throws -> Void

  private(set) var bodies: [String: Body] = [:]
  /// What no error may show.
  private(set) var secrets: [String] = []

  /// Creates a registry without channels.
  public init() {}

  /// Adds a channel; one of the same name is replaced.
  ///
  /// - Parameters:
  ///   - name: The channel, as `by:` names it.
  ///   - secrets: What the errors of the channel could repeat and nobody may read; it is struck out of them.
  ///   - body: Hands a message over.
  public mutating func register(
    _ name: String, secrets: [String] = [], _ body: @escaping Body
  ) {
    bodies[name] = body
    self.secrets += secrets.filter { !$0.isEmpty }
  }

  /// Whether a channel was registered.
  package func has(_ name: String) -> Bool { bodies[name] != nil }

  /// Returns an error as one line that may be stored and shown.
  func shown(_ error: any Error) -> String {
    var text = "\(error)"
    // The longest first: one may be part of another.
    for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) {
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(
        separator: "•••")
    }
    text = String(text.map { $0.isNewline ? " " : $0 })
    return text.count > Self.longest ? text.prefix(Self.longest) + "…" : text
  }

  private static let longest = 500
}
