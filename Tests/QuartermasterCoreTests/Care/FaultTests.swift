import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A process ends at a named place, again and again: the file is whole, nothing is lost, and what is delivered twice
/// has one key.
///
/// `QUARTERMASTER_KILLS` says how often; by default a few tens, with `CI` set a few hundreds.
@Suite(.serialized) struct FaultTests {
  private static var kills: Int {
    let environment = ProcessInfo.processInfo.environment
    return environment["QUARTERMASTER_KILLS"].flatMap(Int.init)
      ?? (environment["CI"] == nil ? 40 : 200)
  }

  /// The places, with how often each is passed at the least before its turn comes again.
  private static let places = [
    "end:%d:INSERT INTO _journal", "begin:%d:COMMIT", "end:%d:COMMIT",
    "begin:%d:INSERT INTO _timers",
    "end:%d:DELETE FROM _timers", "end:%d:INSERT INTO _outbox", "end:%d:INSERT INTO _later",
    "begin:%d:DELETE FROM _later", "end:%d:INSERT INTO _once",
    "end:%d:INSERT OR REPLACE INTO _progress",
    "begin:%d:UPDATE _outbox", "end:%d:UPDATE _outbox", "before-hand-over:%d", "after-hand-over:%d",
    "after:%d",
  ]

  @Test func `a process that ends anywhere loses nothing and repeats only under one key`() throws {
    let calm = try FaultShop()
    #expect(try calm.run("apply", "never") == .ended)
    let wanted = try calm.state()
    let received = try calm.received()
    #expect(received.count > 50)
    #expect(Set(received.map(\.key)).count == received.count, "nothing is repeated undisturbed")
    #expect(try calm.problems().isEmpty)

    var random = SystemRandomNumberGenerator()
    var kills = 0
    var reached: Set<String> = []
    while kills < Self.kills {
      let shop = try FaultShop()
      // Some kills one after the other on one file, then to the end; then a new file.
      var isDone = false
      for _ in 0..<8 where !isDone {
        let form = try #require(Self.places.randomElement(using: &random))
        let most = form.hasPrefix("after:") ? 200_000 : 25
        var place = form.replacingOccurrences(
          of: "%d", with: "\(Int.random(in: 1...most, using: &random))")
        let checkpoints = kills % 5 == 4
        if checkpoints, kills % 10 == 9 {
          // In the midst of a checkpoint: within the first half of a millisecond of one of the first.
          place =
            "checkpoint:\(Int.random(in: 1...4, using: &random)):\(Int.random(in: 0...500, using: &random))"
        }
        let end = try shop.run(checkpoints ? "checkpoint" : "apply", place)
        #expect(end != .failed, "\(place)")
        isDone = end == .ended
        if end == .killed {
          kills += 1
          reached.insert(form)
        }
        let problems = try shop.problems()
        #expect(problems.isEmpty, "after \(place): \(problems)")
      }
      #expect(try shop.run("apply", "never") == .ended)
      let state = try shop.state()
      if let first = zip(state, wanted).first(where: { $0 != $1 }) {
        Issue.record("killed: \(first.0.prefix(300)); undisturbed: \(first.1.prefix(300))")
      }
      #expect(state.count == wanted.count)
      try compare(try shop.received(), with: received)
    }
    #expect(reached.count >= min(8, kills / 3))
  }

  /// All that was received undisturbed was received, in its order in each lane; repeats are the same to the letter.
  private func compare(_ got: [FaultShop.Received], with wanted: [FaultShop.Received]) throws {
    var firsts: [FaultShop.Received] = []
    var seen: [String: FaultShop.Received] = [:]
    for item in got {
      if let before = seen[item.key] {
        #expect(before == item, "a key came with something else")
      } else {
        seen[item.key] = item
        firsts.append(item)
      }
    }
    let lost = wanted.filter { seen[$0.key] == nil }
    #expect(lost.isEmpty, "lost: \(lost.prefix(3))")
    #expect(firsts.count == wanted.count)
    for lane in Set(wanted.map(\.address)) {
      let keys = firsts.filter { $0.address == lane }.map(\.key)
      #expect(keys == wanted.filter { $0.address == lane }.map(\.key), "the order of \(lane)")
    }
  }

  @Test func `a migration that ends anywhere is done or not begun`() throws {
    let before = try FaultShop()
    #expect(try before.run("apply", "never") == .ended)
    let old = try before.state()
    try before.changeSchema()
    let count = try before.statementsOfMigration()
    #expect(count > 20)
    // Each statement in turn while there are kills to give; else some of them.
    let step = max(1, count / max(1, Self.kills / 2))
    for number in stride(from: 1, through: count, by: step) {
      let shop = try FaultShop(copying: before)
      let end = try shop.run("migrate", "end:\(number): ")
      #expect(end == .killed, "statement \(number)")
      let isNew = try shop.hasNewTables()
      // Looked at with the schema that its tables are of.
      if !isNew { try shop.keepOldSchema() }
      #expect(try shop.problems().isEmpty, "after statement \(number)")
      if isNew { continue }
      #expect(try shop.state() == old, "after statement \(number)")
      try shop.changeSchema()
      #expect(try shop.run("migrate", "never") == .ended)
      #expect(try shop.problems().isEmpty)
    }
  }
}

/// A project for the harness: orders with timers, a schedule, a later rule, keys and messages.
private final class FaultShop {
  enum End { case ended, killed, failed }

  struct Received: Equatable {
    let key: String, address: String, body: String
  }

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try write(Self.schema, "schema.yaml")
    try write(Self.settings, "quartermaster.yaml")
    try FileManager.default.createDirectory(
      atPath: folder.file("rules"), withIntermediateDirectories: true)
    try write(Self.rules, "rules/orders.yaml")
    for (number, part) in Self.parts.enumerated() { try write(part, "part-\(number + 1).jsonl") }
  }

  /// A copy of a project with its data.
  init(copying other: FaultShop) throws {
    folder = try TemporaryFolder()
    try FileManager.default.removeItem(atPath: folder.path)
    try FileManager.default.copyItem(atPath: other.folder.path, toPath: folder.path)
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
  }

  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("FaultHarness")
  }()

  func run(_ mode: String, _ place: String) throws -> End {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = [folder.path, mode, place]
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL {
      return .killed
    }
    if process.terminationStatus == 0 { return .ended }
    Issue.record("the harness failed: \(String(decoding: said, as: UTF8.self).prefix(500))")
    return .failed
  }

  // MARK: What is there afterwards

  private func project() throws -> Project { try Project.load(folder: folder.path) }

  func problems() throws -> [String] {
    let project = try project()
    // Killed before it made its tables.
    guard FileManager.default.fileExists(atPath: project.dataPath) else { return [] }
    var options = Doctor.Options()
    options.settings = project.settings
    let found: Examination
    do throws(Refusal) {
      found = try Doctor.examine(project.dataPath, schema: project.schema, options: options)
    } catch { return [error.message] }
    return found.problems.map(\.text)
  }

  /// All rows that do not depend on how often the process began: the tables of classes, journal, timers, outbox.
  func state() throws -> [String] {
    let columns = [
      "Message": "objectId, createdAt, rule, \"to\", title, message, channel, at, state",
      "_outbox": "number, message, at, rule, channel, address, body, key, state",
      "_timers": "rule, record, since, due, fired, live", "_journal": "seq, at, body",
    ]
    var lines: [String] = []
    let tables = try rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        + "AND name NOT IN ('_progress', '_meta', '_schema', '_rules', '_leases', '_stats') ORDER BY 1"
    )
    for table in tables {
      lines += try rows("SELECT \(columns[table] ?? "*") FROM \"\(table)\" ORDER BY 1, 2")
        .map { "\(table): \($0)" }
    }
    // A later rule that is made up for after a kill belongs to no line of the stream any more.
    return lines.map { $0.replacing(/"stream":\[[0-9,]*\],/, with: "") }
  }

  func received() throws -> [Received] {
    let path = folder.file("received.txt")
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Received(key: parts[0], address: parts[1], body: parts.count > 2 ? parts[2] : "")
    }
  }

  private func rows(_ sql: String) throws -> [String] {
    let file = try PlainFile(folder.file("data.sqlite"), .reading)
    defer { file.close() }
    let statement = try file.statement(sql)
    var rows: [String] = []
    while try statement.step() {
      rows.append(
        (0..<statement.columnCount).map { statement.text($0) }.joined(separator: "|"))
    }
    return rows
  }

  // MARK: Migration

  func changeSchema() throws {
    try write(
      Self.schema.replacingOccurrences(
        of: "    note: {type: String}",
        with: "    note: {type: String}\n    extra: {type: Integer, default: 7}"
      ).replacingOccurrences(of: "    rank: {type: Integer", with: "    rank: {type: Number"),
      "schema.yaml")
  }

  func keepOldSchema() throws { try write(Self.schema, "schema.yaml") }

  func hasNewTables() throws -> Bool {
    try rows("SELECT 1 FROM pragma_table_xinfo('Order') WHERE name = 'extra'").count == 1
  }

  /// Returns how many statements end while the tables are changed.
  func statementsOfMigration() throws -> Int {
    let copy = try FaultShop(copying: self)
    let project = try copy.project()
    let counter = Counter()
    var options = StoreOptions()
    options.migration = .safe
    options.observer = StatementObserver { sql, hasEnded in
      if hasEnded, sql.contains(" ") { counter.add() }
    }
    try Store.open(project.dataPath, schema: project.schema, options: options).close()
    return counter.value
  }

  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func add() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
  }
}

extension FaultShop {
  private static let schema = """
    domain: test
    classes:
      Customer:
        name: {type: String, required: true}
        open: {count: orders, where: order.status == "pending"}
      Order:
        number: {type: String, sequence: "SO-%05d"}
        customer: {type: Customer, required: true, inverse: orders}
        rank: {type: Integer, default: 0}
        note: {type: String}
        wanted: {type: Date}
        status: {type: String, default: pending, flow: {pending: [paid], paid: [done], done: []}}
      Log:
        text: {type: String, required: true}
    """

  private static let settings = """
    groups:
      managers: boss@example.com
    channels:
      post: {kind: host}
    outbox: {tries: 100, lease: 1s}
    """

  private static let rules = """
    - rule: greet
      trigger:
        created: Order
      action:
        - notify: ${order.customer.name}
          by: post
          message: We have order ${order.number}.
    - rule: chase
      trigger:
        saved: Order
        becomes: order.status == "pending"
        for: 6h
        repeat: 12h
      action:
        - set: order
          rank: order.rank + 1
        - notify: managers
          by: post
          message: Order ${order.number} waits, rank ${order.rank}.
    - rule: remind
      trigger:
        saved: Order
        due: order.wanted
      action:
        - notify: managers
          by: post
          message: Order ${order.number} is wanted now.
          once: order.objectId
    - rule: afterwards
      phase: later
      trigger:
        changed: Order
        becomes: order.status == "paid"
      action:
        - create: Log
          text: ${order.number} is paid
        - notify: ${order.customer.name}
          by: post
          message: Thank you for ${order.number}.
    - rule: evening
      trigger:
        every: day
        at: "18:00"
      action:
        - create: Log
          text: evening
        - delete: done
          each: done in Order.filter(o, o.status == "done").slice(0, 3)
    """

  /// Three days of orders, in parts.
  private static let parts: [String] = {
    var lines = ["a", "b", "c"].map {
      #"{"op":"create","class":"Customer","id":"\#($0)","fields":{"name":"\#($0)@example.com"},"at":"2026-03-02T08:00:00Z"}"#
    }
    let start: Int64 = 1_772_438_400_000
    for number in 0..<60 {
      let at = Timestamp(milliseconds: start + Int64(number) * 3_600_000)
      let customer = ["a", "b", "c"][number % 3]
      let wanted = Timestamp(milliseconds: start + Int64(number + 5) * 3_600_000)
      lines.append(
        #"{"op":"create","class":"Order","id":"o\#(number)","fields":{"customer":{"__type":"Pointer","className":"Customer","objectId":"\#(customer)"},"wanted":{"__type":"Date","iso":"\#(wanted)"}},"at":"\#(at)"}"#
      )
      if number >= 4, number % 3 != 0 {
        lines.append(
          #"{"op":"set","class":"Order","id":"o\#(number - 4)","fields":{"status":"paid"},"at":"\#(at)"}"#
        )
      }
      if number >= 9, number % 3 != 0, number % 2 == 0 {
        lines.append(
          #"{"op":"set","class":"Order","id":"o\#(number - 9)","fields":{"status":"done"},"at":"\#(at)"}"#
        )
      }
      // One that is refused.
      if number % 10 == 3 {
        lines.append(
          #"{"op":"set","class":"Order","id":"none\#(number)","fields":{"rank":1},"at":"\#(at)"}"#)
      }
    }
    let size = 20
    return stride(from: 0, to: lines.count, by: size).map {
      lines[$0..<min($0 + size, lines.count)].joined(separator: "\n") + "\n"
    }
  }()
}
