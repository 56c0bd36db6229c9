import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// How a recipient becomes an address of a channel, and what the outbox shows of it.
struct RecipientTests {
  private static func rule(_ to: String, by: String) -> String {
    """
    - rule: tell
      trigger:
        changed: Item.quantity
      action:
        - notify: \(to)
          by: \(by)
          title: Stock of ${item.name}
          message: ${item.quantity} left
    """
  }

  private static let settings = """
    groups:
      staff: User.filter(u, u.role == "clerk")
      nobody: User.filter(u, u.role == "none")
    channels:
      mail: {kind: email, server: localhost, from: shop@example.com}
      ops: {kind: webhook, url: "http://127.0.0.1:1/", to: ops}
      hook: {kind: webhook, url: "http://127.0.0.1:1/"}
      audit: {kind: log}
      book: {kind: file, path: out/book.jsonl}
      words: {kind: file, path: words.txt, format: text}
    outbox: {jitter: 0}

    """

  private func engine(
    _ to: String, by: String, _ change: (inout Engine.Configuration) -> Void = { _ in }
  ) throws -> Engine {
    let office = try PostOffice(rules: Self.rule(to, by: by), settings: Self.settings)
    let engine = try office.open(inMemory: true, change)
    try engine.write { db in
      for (id, email) in [
        ("ann", "ann@example.com"), ("bob", "bob@example.com"), ("cyd", "ann@example.com"),
      ] {
        try db.create("User", id: id, ["username": .string(id), "email": .string(email)])
      }
      try db.create("User", id: "dan", ["username": .string("dan")])
    }
    try engine.add("bolt")
    try engine.set(3)
    return engine
  }

  @Test func `e-mail goes to the contact's address, once per address`() throws {
    let engine = try engine("staff", by: "mail")
    let entries = try engine.outbox()
    #expect(entries.map(\.address) == ["ann@example.com", "bob@example.com", "User/dan"])
    #expect(entries.map(\.state) == [.waiting, .waiting, .dead])
    #expect(entries[2].error == "User/dan has no e-mail address")
    #expect(Set(entries.map(\.message)).count == 1)
    #expect(try engine.value("Message.map(m, m.state)") == #"["queued"]"#)
  }

  @Test func `other channels get the name of the record, and a fixed address gets all`() throws {
    let members = try engine("staff", by: "hook").outbox()
    #expect(members.map(\.address) == ["User/ann", "User/bob", "User/cyd", "User/dan"])
    let fixed = try engine("staff", by: "ops").outbox()
    #expect(fixed.map(\.address) == ["ops"])
    #expect(
      fixed[0].body == #"{"message":"3 left","title":"Stock of bolt","to":"staff","rule":"tell"}"#)
  }

  @Test func `the state of a message is that of its deliveries`() throws {
    let none = try engine("nobody", by: "hook")
    #expect(try none.value("Message.map(m, m.state)") == #"["undeliverable"]"#)
    #expect(try none.outbox().isEmpty)
    let fixed = try engine("nobody", by: "ops")
    #expect(try fixed.value("Message.map(m, m.state)") == #"["queued"]"#)
    let log = try engine("staff", by: "audit")
    #expect(try log.value("Message.map(m, m.state)") == #"["delivered"]"#)
    #expect(try log.outbox().isEmpty)
    let dropped = try engine("staff", by: "hook")
    try dropped.drop(OutboxFilter())
    #expect(try dropped.value("Message.map(m, m.state)") == #"["dropped"]"#)
    var filter = OutboxFilter()
    filter.ids = ["1"]
    try dropped.retry(filter)
    #expect(try dropped.value("Message.map(m, m.state)") == #"["queued"]"#)
  }

  @Test func `entries are found by state, channel, rule, message and name`() throws {
    let engine = try engine("staff", by: "[mail, hook]")
    func lines(_ change: (inout OutboxFilter) -> Void) throws -> [String] {
      var filter = OutboxFilter()
      change(&filter)
      return try engine.outbox(filter).map(\.id)
    }
    #expect(try lines { _ in } == ["1", "2", "3", "4", "5", "6", "7"])
    #expect(try lines { $0.states = [.dead] } == ["3"])
    #expect(try lines { $0.channel = "hook" } == ["4", "5", "6", "7"])
    #expect(try lines { $0.channel = "later" } == [])
    #expect(try lines { $0.rule = "none" } == [])
    #expect(try lines { $0.ids = ["2", "5"] } == ["2", "5"])
    #expect(try lines { $0.limit = 2 } == ["1", "2"])
    let message = try #require(try engine.outbox()[0].message)
    #expect(try lines { $0.message = message } == ["1", "2", "3", "4", "5", "6", "7"])
    #expect(throws: Refusal.self) { try lines { $0.ids = ["x'; DROP TABLE _outbox"] } }
  }

  @Test func `what was delivered is neither retried nor dropped`() async throws {
    let receiver = Receiver()
    let engine = try engine("staff", by: "ops") { receiver.register(&$0, as: "ops") }
    #expect(try await engine.deliver().delivered == 1)
    #expect(try engine.retry(OutboxFilter()).isEmpty)
    #expect(try engine.drop(OutboxFilter()).isEmpty)
    #expect(try engine.outboxLines() == ["1 delivered 1"])
  }

  @Test func `a file gets a line per delivery that can be told from its repeats`() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("out"), withIntermediateDirectories: true)
    let settings = try ProjectSettings.load(
      SourceFile(name: "q.yaml", text: Self.settings), schema: schema(PostOffice.schema)
    ).settings
    let engine = try engine("staff", by: "[book, words]") { configuration in
      configuration.channels.registerFiles(of: settings, folder: folder.path)
    }
    // A line that a power cut left unfinished.
    try Data(#"{"key":"#.utf8).write(to: URL(fileURLWithPath: folder.file("out/book.jsonl")))
    #expect(try await engine.deliver().delivered == 8)
    try engine.execute("UPDATE _outbox SET state = 'waiting' WHERE number = 1")
    #expect(try await engine.deliver().delivered == 1)
    let lines = try String(contentsOfFile: folder.file("out/book.jsonl"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    #expect(lines[0] == #"{"key":"#)
    #expect(lines[1...4].filter { $0 == lines[5] }.count == 1)
    let first = try JSONReader.read(lines[5])
    #expect(first["address"]?.text == "User/ann")
    #expect(first["message"]?.text == "3 left")
    #expect(first["at"]?.text == "2026-03-02T09:00:00Z")
    #expect(first["key"]?.text?.hasSuffix("/book/User/ann") == true)
    let words = try String(contentsOfFile: folder.file("words.txt"), encoding: .utf8)
    #expect(words.split(separator: "\n").count == 4)
    #expect(words.contains("User/bob: Stock of bolt: 3 left\n"))
  }

  @Test func `a file that cannot be written is tried again`() async throws {
    let settings = try ProjectSettings.load(
      SourceFile(name: "q.yaml", text: Self.settings), schema: schema(PostOffice.schema)
    ).settings
    let engine = try engine("staff", by: "book") { configuration in
      configuration.channels.registerFiles(of: settings, folder: "/nowhere")
    }
    #expect(try await engine.deliver().failed == 4)
    #expect(
      try engine.outbox()[0].error
        == "the file /nowhere/out/book.jsonl cannot be opened: No such file or directory")
  }
}
