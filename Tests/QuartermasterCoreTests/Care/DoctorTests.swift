import CSQLite
import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A file in which all that `doctor` looks at is there, to be broken.
private struct Patient {
  private static let yaml = """
    domain: test
    classes:
      Customer:
        name: {type: String, required: true}
        open: {count: orders}
      Order:
        number: {type: String, sequence: "SO-%d"}
        customer: {type: Customer, required: true, inverse: orders}
        rank: {type: Integer, default: 0}
        wanted: {type: Date}
        twice: {computed: order.rank * 2}
        index: [[rank]]
    """

  private static let rules = """
    - rule: chase
      trigger:
        saved: Order
        becomes: order.rank == 0
        for: 24h
      action:
        - set: order
          rank: 1
    - rule: remind
      trigger:
        saved: Order
        due: order.wanted
      action:
        - set: order
          rank: 2
    - rule: nightly
      trigger:
        every: day
        at: "02:00"
      action:
        - notify: boss@example.com
          by: post
          message: night
          once: "'night'"
    """

  let folder: TemporaryFolder
  let schema: Schema
  var path: String { folder.file("data.sqlite") }
  static let now = "2026-03-03T08:00:00Z"

  init() throws {
    folder = try TemporaryFolder()
    schema = try Schema.load(SourceFile(name: "schema.yaml", text: Self.yaml)).0
    let rules = try LoadedRules(
      files: [SourceFile(name: "rules/a.yaml", text: Self.rules)], schema: schema)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(try #require(Timestamp("2026-03-02T09:00:00Z")))
    let engine = try Engine(
      path: path, schema: schema, rules: rules, configuration: configuration)
    try engine.write { db in
      try db.create("Customer", id: "ann", ["name": .string("Ann")])
      try db.create("Customer", id: "bob", ["name": .string("Bob")])
    }
    for number in 0..<3 {
      try engine.write { db in
        try db.create(
          "Order",
          [
            "customer": .string(number == 2 ? "bob" : "ann"),
            "wanted": .timestamp(try #require(Timestamp("2026-03-05T09:00:00Z"))),
          ])
      }
    }
    try engine.advance(to: try #require(Timestamp(Self.now)))
    try engine.write { db in
      try db.create("Order", id: "gone", ["customer": .string("bob")])
    }
    try engine.write { db in try db.delete("Order", id: "gone") }
    try engine.close()
  }

  /// Runs SQL as another program would.
  func breaking(_ sql: String) {
    var connection: OpaquePointer?
    #expect(sqlite3_open(path, &connection) == SQLITE_OK)
    defer { sqlite3_close(connection) }
    #expect(
      sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK,
      "\(String(cString: sqlite3_errmsg(connection)))")
  }

  func examine(mending: Bool = false) throws -> Examination {
    var options = Doctor.Options()
    options.mends = mending
    options.now = try #require(Timestamp(Self.now))
    return try Doctor.examine(path, schema: schema, options: options)
  }
}

/// What is broken, what is said of it, and whether it can be mended.
private struct Ailment: CustomTestStringConvertible, Sendable {
  let sql: String, check: Finding.Check, text: String
  var isMended = true

  var testDescription: String { sql }

  static let all: [Ailment] = [
    Ailment(
      sql: "UPDATE Customer SET open = 9 WHERE objectId = 'ann'", check: .totals,
      text: "Customer/ann.open is 9"),
    Ailment(
      sql: #"UPDATE "Order" SET rank = 7 WHERE number = 'SO-1'"#, check: .journal,
      text: "rank is 7 and was 0"),
    Ailment(
      sql: #"UPDATE "Order" SET _last = 1 WHERE number = 'SO-1'"#, check: .journal,
      text: "says that row 1 changed it last"),
    Ailment(
      sql: #"UPDATE Customer SET _last = 900 WHERE objectId = 'bob'"#, check: .journal,
      text: "says that row 900 changed it last"),
    Ailment(sql: "DELETE FROM _deleted", check: .journal, text: "Order/gone was deleted in row"),
    Ailment(
      sql: "INSERT INTO _deleted VALUES ('Customer', 'ann', 1)", check: .journal,
      text: "is listed as deleted in row 1"),
    Ailment(
      sql: "UPDATE _deleted SET seq = 2", check: .journal, text: "is listed as deleted in row 2"),
    Ailment(
      sql: "UPDATE _meta SET value = 3 WHERE key = 'lastId'", check: .counters,
      text: "the last id that was given"),
    Ailment(
      sql: "UPDATE _sequences SET value = 0", check: .counters,
      text: "would be SO-1, which is given"),
    Ailment(
      sql: "DELETE FROM _timers WHERE rule = 'chase'", check: .timers,
      text: "chase should wait for Order/"),
    Ailment(
      sql: "DELETE FROM _timers WHERE rule = 'remind'", check: .timers,
      text: "remind should wait for Order/"),
    Ailment(
      sql: "UPDATE _timers SET due = due + 5 WHERE rule = 'chase'", check: .timers,
      text: "is due 2026-03-03T09:00:00.005Z"),
    Ailment(
      sql: "UPDATE _timers SET due = due - 1 WHERE rule = 'remind'", check: .timers,
      text: "should be 2026-03-05T09:00:00Z"),
    Ailment(
      sql: "INSERT INTO _timers VALUES ('chase', 'nobody', 0, 1, 0, 1)", check: .timers,
      text: "there is no such record"),
    Ailment(
      sql: "INSERT INTO _timers VALUES ('other', 'nobody', 0, 1, 0, 1)", check: .timers,
      text: "no such rule waits"),
    Ailment(sql: "DELETE FROM _schedules", check: .schedules, text: "nightly has no next instant"),
    Ailment(
      sql: "UPDATE _schedules SET next = next + 60000", check: .schedules,
      text: "is none of its instants"),
    Ailment(
      sql: "INSERT INTO _schedules VALUES ('other', 1)", check: .schedules,
      text: "no such rule is in force"),
    Ailment(
      sql: "UPDATE _outbox SET state = 'lost'", check: .outbox, text: "in the state `lost`",
      isMended: false),
    Ailment(
      sql: "UPDATE _outbox SET body = '{'", check: .outbox, text: "cannot be read", isMended: false),
    Ailment(
      sql: "UPDATE _outbox SET key = ''", check: .outbox, text: "has no key", isMended: false),
    Ailment(
      sql: "UPDATE _once SET at = at + 86400000000", check: .outbox, text: "dated in the future"),
    Ailment(
      sql: #"DROP INDEX "Order(rank)""#, check: .tables, text: "the index Order(rank) is missing"),
    Ailment(
      sql: #"DROP INDEX "_timers(due)""#, check: .tables, text: "the index _timers(due) is missing"),
    Ailment(
      sql: #"DROP INDEX "Order(rank)"; CREATE INDEX "Order(rank)" ON "Order" (number)"#,
      check: .tables, text: "is another one than the schema asks for"),
    Ailment(sql: "DROP TABLE _leases", check: .tables, text: "the table _leases is missing"),
    Ailment(
      sql: "ALTER TABLE Customer ADD COLUMN hat TEXT", check: .tables, text: "has a column hat",
      isMended: false),
    Ailment(
      sql: "PRAGMA foreign_keys = OFF; UPDATE \"Order\" SET customer = 'zoe' WHERE number = 'SO-1'",
      check: .pointers, text: "1 pointer of Order leads to a Customer", isMended: false),
    Ailment(
      sql: "UPDATE _rules SET text = '[[\"a.yaml\",\"- rule: half\"]]'", check: .rules,
      text: "do not check", isMended: false),
    Ailment(
      sql: "UPDATE _journal SET body = x'7B' WHERE seq = 3", check: .journal,
      text: "row 3 of the journal cannot be read", isMended: false),
  ]
}

struct DoctorTests {
  @Test func `nothing is wrong with a file that only the engine wrote`() throws {
    let found = try Patient().examine()
    #expect(found.findings.map(\.text) == [])
  }

  @Test(arguments: Ailment.all) fileprivate func `what is broken is found, and mended`(
    _ ailment: Ailment
  ) throws {
    let patient = try Patient()
    patient.breaking(ailment.sql)
    let found = try patient.examine()
    #expect(
      found.problems.contains { $0.check == ailment.check && $0.text.contains(ailment.text) },
      "\(found.findings.map(\.text))")
    #expect(found.operation == nil)
    let mended = try patient.examine(mending: true)
    if !ailment.isMended {
      #expect(
        mended.problems.contains { $0.mend == nil && $0.check == ailment.check }
          || mended.operation != nil)
      return
    }
    #expect(mended.operation != nil)
    #expect(try patient.examine().problems.map(\.text) == [])
  }

  @Test func `mending is one operation that the journal tells of`() throws {
    let patient = try Patient()
    patient.breaking(
      "UPDATE Customer SET open = 9 WHERE objectId = 'ann'; UPDATE \"Order\" SET rank = 7 WHERE number = 'SO-1'"
    )
    let row = try #require(try patient.examine(mending: true).operation)
    let store = try Store.open(patient.path, schema: patient.schema)
    try store.perform { store throws(Refusal) in
      let reader = JournalReader(store)
      let entry = try reader.entry(row)
      #expect(entry?.origin == .mending)
      #expect(
        entry?.changes.map { "\($0.className) \($0.fields.map(\.name))" } == [
          "Customer [\"open\"]", "Order [\"rank\"]",
        ])
      // The chain of the record goes on over it.
      var rows: [Int64] = []
      if let definition = store.schema["Customer"] {
        try reader.history(of: definition, "ann") { entry, _ in
          rows.append(entry.row)
          return true
        }
      }
      #expect(rows.first == row && rows.count > 2)
    }
    try store.close()
  }

  @Test func `a claim that a process left behind is only noted`() throws {
    let patient = try Patient()
    patient.breaking("UPDATE _outbox SET claimed = 5")
    let found = try patient.examine()
    #expect(found.problems.isEmpty)
    #expect(found.findings.count == 1)
  }

  @Test func `an index that does not hold its rows is made anew`() throws {
    let patient = try Patient()
    // The table says that the index is of another column than it was made of.
    patient.breaking(
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_master SET sql = replace(sql, '"rank"', '"number"') WHERE name = 'Order(rank)';
      """)
    let found = try patient.examine()
    #expect(found.problems.contains { $0.check == .file && $0.mend != nil })
    _ = try patient.examine(mending: true)
    #expect(try !patient.examine().problems.contains { $0.check == .file })
  }
}
