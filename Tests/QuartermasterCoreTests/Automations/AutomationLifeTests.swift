import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What becomes of rules that are records: with other files, another schema, other processes, and in time.
@Suite struct AutomationLifeTests {
  private func open(
    _ path: String, _ classes: String, _ rules: String?,
    migration: Engine.Configuration.Migration = .refuse
  ) throws -> Engine {
    let schema = try QuartermasterCoreTests.schema(classes)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(TestShop.start)
    configuration.migration = migration
    configuration.settings = try AutomationTests.settings(schema)
    let files = rules.map { [SourceFile(name: "rules.yaml", text: $0)] }
    return try Engine(
      path: path, schema: schema,
      rules: try files.map {
        .publish(
          try LoadedRules(files: $0, schema: schema, settings: configuration.settings))
      } ?? .use, configuration: configuration)
  }

  private func row(_ name: String, _ trigger: String, _ action: String) -> [String: Value] {
    ["name": .string(name), "trigger": .string(trigger), "action": .string(action)]
  }

  private static let colourNote = "create: Note\ntext: ${product.colour}"

  private func later(_ hours: Int64) -> Timestamp {
    Timestamp(milliseconds: TestShop.start.milliseconds + hours * 3_600_000)
  }

  @Test func `another process follows, with the files it has`() throws {
    let shop = try TestShop(AutomationTests.classes)
    let first = try open(shop.path, AutomationTests.classes, AutomationTests.noteFile)
    let second = try open(shop.path, AutomationTests.classes, nil)
    let before = try second.perform { (interpreter) throws(Refusal) in interpreter.fileRules }
    try first.write { db in
      try db.create("Automation", id: "a", row("a", "created: Product", "create: Note\ntext: a"))
    }
    let outcome = try second.write { db in try db.create("Product", id: "p", [:]) }
    #expect(outcome.firings.map(\.rule) == ["note", "a"])
    #expect(second.automations.map(\.name) == ["a"] && second.ruleNumber == 2)
    let after = try second.perform { (interpreter) throws(Refusal) in interpreter.fileRules }
    #expect(before === after, "the files were compiled again")
    // Each writes a rule in turn; neither loses the other's.
    try second.write { db in
      try db.create("Automation", id: "b", row("b", "created: Product", "create: Note\ntext: b"))
    }
    try first.write { db in
      try db.create("Automation", id: "c", row("c", "created: Product", "create: Note\ntext: c"))
    }
    #expect(
      try second.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        == ["note", "a", "b", "c"])
    let taken = #expect(throws: Refusal.self) {
      try first.write { db in
        try db.create("Automation", row("b", "created: Product", "create: Note\ntext: b"))
      }
    }
    #expect(taken?.message.contains("has a rule `b` already") == true)
    try first.close()
    try second.close()
  }

  @Test func `other files break a record, which is off until it is good again`() throws {
    let shop = try TestShop(AutomationTests.classes)
    let engine = try open(shop.path, AutomationTests.classes, AutomationTests.noteFile)
    try engine.write { db in
      try db.create("Automation", id: "a", row("mine", "created: Product", "create: Note\ntext: a"))
      var second = row("other", "created: Product", "create: Note\ntext: b")
      second["follows"] = .string("note")
      try db.create("Automation", id: "b", second)
    }
    let rival = """
      - rule: mine
        trigger:
          created: Product
        action:
          - create: Note
            text: rival

      - rule: tell
        trigger:
          changed: Automation.problem
        when: automation.problem != null
        action:
          - create: Note
            text: ${automation.name} is off
      """
    let published = try engine.publish(shop.files(rival))
    #expect(published.isNew && published.count == 2)
    #expect(published.automationsOff.map(\.name) == ["mine", "other"])
    #expect(
      engine.automations.map(\.problem) == [
        "name: a rule file has a rule `mine` already; give this one another name [rules/duplicate]",
        "follows 1:1: there is no rule `note` [rules/follows]",
      ])
    #expect(try engine.field("Automation", "a", "problem").contains("already"))
    #expect(
      try engine.answer("Note.map(n, n.text)") == #"["mine is off", "other is off"]"#)
    #expect(try engine.journal().last?.origin == .automations)
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule) == ["mine"])
    // A record that is off may be switched off, and may not be written with the same mistake again.
    #expect(throws: Refusal.self) {
      try engine.write { db in try db.set("Automation", id: "b", ["description": .string("x")]) }
    }
    try engine.publish(shop.files(AutomationTests.noteFile))
    #expect(engine.automations.map(\.problem) == [nil, nil])
    #expect(try engine.field("Automation", "a", "problem") == "null")
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        == ["note", "mine", "other"])
    try engine.close()
  }

  @Test(arguments: [true, false])
  func `a changed schema breaks a record, and the file opens all the same`(_ publishes: Bool) throws
  {
    let shop = try TestShop(AutomationTests.classes)
    let wide = AutomationTests.classes.replacingOccurrences(
      of: "    name: String\n    price",
      with: "    name: String\n    colour: {type: String, default: red}\n    price")
    var engine = try open(
      shop.path, wide, publishes ? AutomationTests.noteFile : nil, migration: .dropping)
    try engine.write { db in
      try db.create(
        "Automation", id: "a", row("red", "created: Product", Self.colourNote))
      try db.create("Automation", id: "b", row("good", "created: Product", "create: Note\ntext: b"))
    }
    try engine.close()
    let rules = publishes ? AutomationTests.noteFile : nil
    engine = try open(shop.path, AutomationTests.classes, rules, migration: .dropping)
    let problem = try #require(engine.automations.first?.problem)
    #expect(problem.hasPrefix("action 2:9: `product.colour` does not exist"), "\(problem)")
    #expect(try engine.field("Automation", "a", "problem").contains("action 2:9"))
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule).last == "good")
    let number = engine.ruleNumber
    try engine.close()
    // Opened again, nothing is new.
    engine = try open(shop.path, AutomationTests.classes, rules)
    #expect(engine.ruleNumber == number)
    try engine.close()
    engine = try open(shop.path, wide, rules, migration: .safe)
    #expect(engine.automations.map(\.problem) == [nil, nil])
    #expect(try engine.field("Automation", "a", "problem") == "null")
    try engine.close()
  }

  @Test func `timers and schedules of records go on, move and end with them`() throws {
    let shop = try TestShop(AutomationTests.classes)
    var engine = try open(shop.path, AutomationTests.classes, AutomationTests.noteFile)
    let wait = "saved: Product\nbecomes: product.reorder > 5\nfor: 4h"
    try engine.write { db in
      try db.create("Automation", id: "w", row("wait", wait, "create: Note\ntext: waited"))
      try db.create("Automation", id: "h", row("hourly", "every: 2h", "create: Note\ntext: hour"))
    }
    try engine.write { db in try db.create("Product", id: "p", ["reorder": .int(6)]) }
    try engine.advance(to: later(1))
    // Another record, another process: the timer stays.
    try engine.write { db in
      try db.create("Automation", id: "x", row("x", "deleted: Product", "create: Note\ntext: x"))
    }
    try engine.close()
    engine = try open(shop.path, AutomationTests.classes, nil)
    try engine.advance(to: later(3))
    #expect(try engine.answer("Note.map(n, n.text)") == #"["file", "hour", "hour"]"#)
    try engine.advance(to: later(4))
    #expect(try engine.answer("Note.filter(n, n.text == \"waited\").size()") == "1")
    // A longer wait counts from when the condition became true; one that is deleted ends.
    try engine.write { db in try db.create("Product", id: "q", ["reorder": .int(6)]) }
    try engine.write { db in
      try db.set(
        "Automation", id: "w",
        ["trigger": .string(wait.replacingOccurrences(of: "4h", with: "6h"))])
    }
    try engine.advance(to: later(9))
    #expect(try engine.answer("Note.filter(n, n.text == \"waited\").size()") == "1")
    try engine.advance(to: later(10))
    #expect(try engine.answer("Note.filter(n, n.text == \"waited\").size()") == "2")
    try engine.write { db in try db.create("Product", id: "r", ["reorder": .int(6)]) }
    try engine.write { db in
      try db.delete("Automation", id: "w")
      try db.delete("Automation", id: "h")
    }
    let hours = try engine.answer("Note.filter(n, n.text == \"hour\").size()")
    try engine.advance(to: later(40))
    #expect(try engine.answer("Note.filter(n, n.text == \"waited\").size()") == "2")
    #expect(try engine.answer("Note.filter(n, n.text == \"hour\").size()") == hours)
    let left = try engine.perform { (interpreter) throws(Refusal) in
      try interpreter.store.integer(
        "SELECT (SELECT count(*) FROM _timers) + (SELECT count(*) FROM _schedules)")
    }
    #expect(left == 0)
    try engine.close()
  }

  @Test(.enabled(if: TestShop.hasShell, "needs the sqlite3 program"))
  func `a record that plain SQL wrote runs when it is good, and is off when not`() throws {
    let shop = try TestShop(AutomationTests.classes)
    var engine = try open(shop.path, AutomationTests.classes, AutomationTests.noteFile)
    func insert(_ id: String, _ action: String) throws {
      try shop.shell(
        "INSERT INTO Automation (objectId, createdAt, updatedAt, name, trigger, action, enabled, hits) "
          + "VALUES ('\(id)', 0, 0, '\(id)', 'created: Product', '\(action)', 1, 0);")
    }
    try insert("good", "{create: Note, text: sql}")
    try insert("bad", "{create: Nota, text: sql}")
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        == ["note", "good"])
    #expect(engine.automations.map(\.name) == ["bad", "good"])
    #expect(try engine.field("Automation", "bad", "problem").contains("action 1:10: "))
    #expect(try engine.journal().first?.origin == .outside)
    try engine.close()
    // Also while no engine is open.
    try shop.shell(
      "UPDATE Automation SET action = '{create: Note, text: mended}' WHERE name = 'bad';")
    engine = try open(shop.path, AutomationTests.classes, nil)
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        == ["note", "bad", "good"])
    #expect(try engine.field("Automation", "bad", "problem") == "null")
    try engine.close()
  }

  @Test func `a switch of the file turns a record off whose class has no field for it`() throws {
    let classes = TestShop.classes + "\n  Automation:\n    trigger: String\n    action: String\n"
    let shop = try TestShop(classes)
    let engine = try open(shop.path, classes, AutomationTests.noteFile)
    try engine.write { db in
      try db.create(
        "Automation", id: "a",
        ["trigger": .string("created: Product"), "action": .string("{create: Note, text: a}")])
    }
    try engine.turn("automation-a", isOn: false, by: "ann")
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule) == ["note"])
    // It stays off when another record comes.
    try engine.write { db in
      try db.create(
        "Automation", id: "b",
        ["trigger": .string("created: Product"), "action": .string("{create: Note, text: b}")])
    }
    #expect(
      try engine.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        == ["note", "automation-b"])
    try engine.close()
  }
}
