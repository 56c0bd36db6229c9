import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// A data file with rules that send, and engines on it.
struct PostOffice {
  static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  static let schema = """
    domain: post
    classes:
      User:
        username: {type: String, required: true}
        email: {type: String}
        role: {type: String, default: clerk}
        contact: {email: email}
      Note:
        user: {type: User}
        text: {type: String, required: true}
      Item:
        name: {type: String, required: true}
        to: {type: String, default: dock}
        quantity: {type: Integer, default: 0}
        limit: {type: Integer, default: 100}
        owner: {type: User}
    calls:
      weigh: {arguments: {item: Item, times: Integer}}
    """

  static let rules = """
    - rule: tell
      trigger:
        changed: Item.quantity
      when: item.quantity > 0
      action:
        - notify: item.to
          by: hook
          message: ${item.name} ${item.quantity}
    """

  let folder: TemporaryFolder
  let schema: Schema
  let settings: ProjectSettings
  let rules: LoadedRules

  init(
    rules: String = Self.rules, settings: String = "outbox: {jitter: 0}\n",
    schema schemaText: String = Self.schema
  ) throws {
    folder = try TemporaryFolder()
    let loaded = try QuartermasterCore.Schema.load(
      SourceFile(name: "schema.yaml", text: schemaText)
    ).schema
    let settings = try ProjectSettings.load(
      SourceFile(name: "quartermaster.yaml", text: settings), schema: loaded
    ).settings
    schema = loaded
    self.settings = settings
    do {
      self.rules = try LoadedRules(
        files: [SourceFile(name: "rules.yaml", text: rules)], schema: loaded, settings: settings)
    } catch {
      Issue.record("\(described(error.items))")
      throw error
    }
  }

  var path: String { folder.file("data.sqlite") }

  /// Opens an engine on the file, whose clock stands still until it is moved.
  func open(
    inMemory: Bool = false, _ change: (inout Engine.Configuration) -> Void = { _ in }
  ) throws -> Engine {
    var configuration = Engine.Configuration()
    configuration.settings = settings
    configuration.clock = .manual(Self.start)
    configuration.jitter = { 0 }
    change(&configuration)
    return try Engine(
      path: inMemory ? nil : path, schema: schema, rules: rules, configuration: configuration)
  }
}

/// A channel that notes what it is given, and does what it is told.
final class Receiver: Sendable {
  private let seen = Mutex<[Delivery]>([])
  private let behaviour: Mutex<@Sendable (Delivery) async throws -> Void>

  init(_ behaviour: @escaping @Sendable (Delivery) async throws -> Void = { _ in }) {
    self.behaviour = Mutex(behaviour)
  }

  var deliveries: [Delivery] { seen.withLock { $0 } }
  var keys: [String] { deliveries.map(\.key) }
  /// The messages that came, in order.
  var messages: [String] {
    deliveries.map { (try? $0.content())?["message"]?.text ?? "" }
  }

  func become(_ behaviour: @escaping @Sendable (Delivery) async throws -> Void) {
    self.behaviour.withLock { $0 = behaviour }
  }

  func take(_ delivery: Delivery) async throws {
    seen.withLock { $0.append(delivery) }
    try await behaviour.withLock { $0 }(delivery)
  }

  func register(_ configuration: inout Engine.Configuration, as name: String = "hook") {
    configuration.channels.register(name) { try await self.take($0) }
  }
}

struct Down: Error, CustomStringConvertible {
  var description = "the receiver is down"
}

/// Opens when it is told to; tasks wait for it.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for item in waiting { item.resume() }
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

extension Engine {
  func set(_ quantity: Int64, of id: String = "bolt") throws {
    try write { db in try db.set("Item", id: id, ["quantity": .int(quantity)]) }
  }

  func add(_ id: String, to: String = "dock", quantity: Int64 = 0) throws {
    try write { db in
      try db.create(
        "Item", id: id, ["name": .string(id), "to": .string(to), "quantity": .int(quantity)])
    }
  }

  func advance(by text: String) throws {
    let span = try #require(TimeSpan(text, allowsDays: true))
    try advance(to: try #require(now.adding(span)))
  }

  /// The value of an expression, as it prints.
  func value(_ text: String) throws -> String {
    try read { db in try db.query(text).description }
  }

  /// The entries of the outbox as `id state tries`.
  func outboxLines(_ filter: OutboxFilter = OutboxFilter()) throws -> [String] {
    try outbox(filter).map { "\($0.id) \($0.state.rawValue) \($0.tries)" }
  }

  /// Runs SQL on the engine's tables, as a process that dies or errs might leave them.
  func execute(_ sql: String) throws {
    try perform { interpreter throws(Refusal) in try interpreter.store.execute(sql) }
  }

  func integer(_ sql: String) throws -> Int64? {
    try perform { interpreter throws(Refusal) in try interpreter.store.integer(sql) }
  }
}
