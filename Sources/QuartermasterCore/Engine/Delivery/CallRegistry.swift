internal import Foundation
public import QuartermasterCEL

/// A call of a host's function, on its way through the outbox.
public struct HostCall: Sendable {
  /// The name, as `call:` gives it.
  public let name: String
  /// The arguments as a JSON object: records as their ids, instants and spans in milliseconds, decimals as texts.
  public let arguments: String
  /// The same for each try of one call, so that repeats can be told.
  public let key: String
  /// Which try this is, from 1.
  public let attempt: Int
  /// When the operation that queued it ran.
  public let at: Timestamp
  /// The rule that queued it.
  public let rule: String

  init(_ delivery: Delivery) {
    name = delivery.address
    arguments = delivery.body
    key = delivery.key
    attempt = delivery.attempt
    at = delivery.at
    rule = delivery.rule
  }

  /// Returns the arguments as a type of the host.
  ///
  /// - Throws: `DecodingError` when they do not fit.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try JSONDecoder().decode(type, from: Data(arguments.utf8))
  }
}

/// The functions that `call:` names, which a host adds.
///
/// The schema declares them under `calls:`. They run after the commit, at least once, in the order in which they were
/// queued; what is queued for a call that nobody registered stays in the outbox.
public struct CallRegistry: Sendable {
  /// Does what was asked; an error means that it is tried again later, ``DeliveryFailure`` can say otherwise.
  public typealias Body = @Sendable (HostCall) async throws -> Void

  private(set) var bodies: [String: Body] = [:]
  private var arguments: [String: [String: String]] = [:]

  /// Creates a registry without calls.
  public init() {}

  /// Adds a call; one of the same name is replaced.
  ///
  /// - Parameters:
  ///   - name: The name, as the schema declares it.
  ///   - arguments: The types of the arguments by their names, as in the schema: `["order": "Order", "copies": "Integer"]`.
  ///     An engine does not open when they are not those of the schema.
  ///   - body: Does what was asked.
  public mutating func register(
    _ name: String, _ arguments: [String: String], _ body: @escaping Body
  ) {
    bodies[name] = body
    self.arguments[name] = arguments
  }

  /// Compares what was registered with what a schema declares.
  ///
  /// - Throws: ``Refusal`` that names the first difference.
  func check(_ schema: Schema) throws(Refusal) {
    for (name, given) in arguments.sorted(by: { $0.key < $1.key }) {
      guard let call = schema.calls[name] else {
        let hint = Suggestion.closest(to: name, among: Array(schema.calls.keys))
        throw Refusal(
          .schema,
          "the host registers the call \(name), which the schema does not declare"
            + (hint.map { "; did you mean \($0)?" } ?? "; declare it under `calls:`"))
      }
      let declared = Dictionary(
        call.parameters.map { ($0.name, $0.type.schemaName) }, uniquingKeysWith: { $1 })
      for argument in Set(declared.keys).union(given.keys).sorted()
      where declared[argument] != given[argument] {
        let (ours, theirs) = (given[argument] ?? "none", declared[argument] ?? "none")
        throw Refusal(
          .schema,
          "the call \(name) differs from its declaration: for `\(argument)` the host has \(ours), the schema "
            + "\(theirs)")
      }
    }
  }
}
