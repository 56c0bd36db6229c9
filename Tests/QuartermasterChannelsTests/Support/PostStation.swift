import Foundation
import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterChannels

/// An engine in memory whose rule sends by a channel of the settings.
final class PostStation: Sendable {
  static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  let engine: Engine
  /// What could not be registered.
  let problems: [String]

  private static let schema = """
    classes:
      Item:
        name: {type: String, required: true}
        to: {type: String, required: true}
        quantity: {type: Integer, default: 0}
    """
  private static let rules = """
    - rule: tell
      trigger:
        changed: Item.quantity
      action:
        - notify: item.to
          by: channel
          title: Stock of ${item.name}
          message: ${item.quantity} left
    """

  /// Opens it with the settings of the channel, as they stand between braces.
  init(_ channel: String, environment: [String: String] = [:], outbox: String = "jitter: 0") throws
  {
    let schema = try Schema.load(SourceFile(name: "schema.yaml", text: Self.schema)).schema
    let text = "channels: {channel: {\(channel)}}\noutbox: {\(outbox)}\n"
    let settings = try ProjectSettings.load(
      SourceFile(name: "quartermaster.yaml", text: text), schema: schema
    ).settings
    var configuration = Engine.Configuration()
    configuration.settings = settings
    configuration.clock = .manual(Self.start)
    configuration.jitter = { 0 }
    problems = configuration.channels.registerShipped(
      of: settings, folder: "/", environment: environment)
    let rules = try LoadedRules(
      files: [SourceFile(name: "rules.yaml", text: Self.rules)], schema: schema,
      settings: settings)
    engine = try Engine(path: nil, schema: schema, rules: rules, configuration: configuration)
  }

  /// Queues a message for an address.
  func send(to address: String, name: String = "bolt") throws {
    var id = ""
    try engine.write { db in
      id = try db.create("Item", ["name": .string(name), "to": .string(address)])
    }
    try engine.write { db in try db.set("Item", id: id, ["quantity": .int(4)]) }
  }

  func deliver() throws -> DeliveryReport { try engine.deliver() }

  /// The state, the tries and the error of the entry at a place.
  func entry(_ place: Int = 0) throws -> (state: String, tries: Int, error: String, key: String) {
    let entry = try engine.outbox()[place]
    return (entry.state.rawValue, entry.tries, entry.error ?? "", entry.key ?? "")
  }

  func advance(milliseconds: Int64) throws {
    try engine.advance(
      to: Timestamp(milliseconds: engine.now.milliseconds + milliseconds))
  }
}
