import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// A data file of its own with users, whose engines and accounts tests open.
final class AccountShop {
  static let classes = """
    classes:
      User:
        username: {type: String, required: true, unique: true}
        email: {type: String, unique: true}
        password: {type: String, secret: true}
        role: {type: String, in: [manager, buyer, customer], default: customer}
        address: {type: String}
        greeting: {type: String}
      Order:
        number: {type: String, required: true}
        customer: {type: User, required: true, inverse: orders}
      Note:
        text: {type: String, required: true}
    """

  static let rules = """
    - rule: greet
      trigger:
        created: User
      action:
        - create: Note
          text: welcome ${user.username}

    - rule: no-robots
      phase: before
      trigger:
        created: User
      when: user.username == "robot"
      action:
        - reject: robots may not sign up
    """

  let folder: String
  let schema: Schema
  let time = TestTime()
  var path: String { folder + "/shop.sqlite" }

  init(_ classes: String = AccountShop.classes) throws {
    folder = NSTemporaryDirectory() + "/quartermaster-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    schema = try Schema.load(SourceFile(name: "schema.yaml", text: classes)).schema
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Opens an engine that keeps hashes of the least cost.
  func open(
    _ rules: String = AccountShop.rules, passwords: PasswordHasher? = nil,
    inMemory: Bool = false, observer: StatementObserver? = nil, access: AccessPolicy? = nil
  ) throws -> Engine {
    var configuration = Engine.Configuration()
    if let access { configuration.access = access }
    configuration.passwords = passwords ?? .scrypt(PasswordSettings(cost: .forTests))
    configuration.observer = observer
    let loaded = try LoadedRules(
      files: [SourceFile(name: "rules.yaml", text: rules)], schema: schema)
    return try Engine(
      path: inMemory ? nil : path, schema: schema, rules: loaded, configuration: configuration)
  }

  /// Settings of the least cost, by the clock of the test.
  var settings: AccountSettings {
    var settings = AccountSettings()
    settings.passwords.cost = .forTests
    settings.clock = { [time] in time.now }
    return settings
  }

  func accounts(
    _ engine: Engine, _ change: (inout AccountSettings) -> Void = { _ in }
  ) throws -> Accounts {
    var settings = settings
    change(&settings)
    return try Accounts(engine, settings: settings)
  }

  /// All bytes of the data file and of what lies beside it.
  func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != "shm" {
      bytes += Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
    }
    return bytes
  }
}

/// A clock that a test moves, also backwards.
final class TestTime: Sendable {
  private let milliseconds = Mutex<Int64>(1_800_000_000_000)

  var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

  func move(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
  func move(days: Int64) { move(seconds: days * 86_400) }
}

extension [UInt8] {
  /// How often a text stands in the bytes.
  func count(of text: String) -> Int {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, count >= wanted.count else { return 0 }
    var found = 0
    for start in 0...(count - wanted.count)
    where self[start] == first && self[start..<start + wanted.count].elementsEqual(wanted) {
      found += 1
    }
    return found
  }
}

/// Expects an error of accounts, and returns it.
@discardableResult
func refusal(
  _ body: () throws -> Void, location: SourceLocation = #_sourceLocation
) -> AccountError? {
  do {
    try body()
    Issue.record("it was allowed", sourceLocation: location)
  } catch let error as AccountError { return error } catch {
    Issue.record("another error: \(error)", sourceLocation: location)
  }
  return nil
}

/// Expects this very error.
func refused(
  _ wanted: AccountError, location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  guard let error = refusal(body, location: location) else { return }
  #expect(error == wanted, sourceLocation: location)
}
