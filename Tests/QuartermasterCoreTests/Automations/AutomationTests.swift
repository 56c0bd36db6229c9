import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules that are records: checked before they are stored, in force from the next operation on.
@Suite struct AutomationTests {
  static let automation = """
      User:
        name: String
      Automation:
        trigger: {type: String, required: true}
        action: {type: String, required: true}
        name: String
        when: String
        description: String
        phase: String
        follows: String
        enabled: {type: Boolean, default: true}
        author: {type: User}
        problem: String
        hits: {type: Integer, default: 0}
    """

  static let classes = TestShop.classes + "\n" + automation

  static func settings(_ schema: Schema) throws -> ProjectSettings {
    try ProjectSettings.load(
      SourceFile(name: "quartermaster.yaml", text: "automations: {class: Automation}"),
      schema: schema
    ).settings
  }

  static let noteFile = """
    - rule: note
      trigger:
        created: Product
      action:
        - create: Note
          text: file
    """

  private func shop(_ classes: String = AutomationTests.classes) throws -> TestShop {
    try TestShop(classes)
  }

  private func open(_ shop: TestShop, _ rules: String? = AutomationTests.noteFile) throws -> Engine
  {
    let settings = try Self.settings(shop.schema)
    return try shop.open(rules) { $0.settings = settings }
  }

  private static func row(
    _ name: String, _ words: String, _ more: [String: Value] = [:]
  ) -> [String: Value] {
    [
      "name": .string(name), "trigger": .string("created: Product"),
      "action": .string("create: Note\ntext: \(words)"),
    ].merging(more) { _, new in new }
  }

  private func product(_ engine: Engine, _ id: String) throws -> Outcome {
    try engine.write { db in try db.create("Product", id: id, [:]) }
  }

  /// The message of what an operation is refused with.
  private func refused(_ engine: Engine, _ body: (WriteContext) throws -> Void) -> String? {
    do {
      try engine.write { db in try body(db) }
      return nil
    } catch { return (error as? Refusal)?.message ?? "\(error)" }
  }

  @Test func `a record is a rule from the next operation on, behind the rules of the files`() throws
  {
    let shop = try shop()
    let engine = try open(shop)
    let first = try engine.write { db in
      try db.create("Automation", id: "b", Self.row("second", "b"))
      try db.create("Product", id: "p1", [:])
      try db.create("Automation", id: "a", Self.row("first", "a"))
    }
    #expect(first.firings.map(\.rule) == ["note"])
    #expect(engine.ruleNumber == 2)
    let outcome = try product(engine, "p2")
    #expect(outcome.firings.map(\.rule) == ["note", "first", "second"])
    #expect(try engine.answer("Note.map(n, n.text)") == #"["file", "file", "a", "b"]"#)
    #expect(try engine.journal().map(\.rules) == [1, 2])
    try engine.write { db in try db.set("Automation", id: "a", ["enabled": .bool(false)]) }
    #expect(try product(engine, "p3").firings.map(\.rule) == ["note", "second"])
    try engine.write { db in try db.delete("Automation", id: "b") }
    #expect(try product(engine, "p4").firings.map(\.rule) == ["note"])
    // What is no part of the rule makes no rule set.
    let number = engine.ruleNumber
    try engine.write { db in try db.set("Automation", id: "a", ["hits": .int(3)]) }
    #expect(engine.ruleNumber == number)
    try engine.close()
  }

  @Test func `a record with mistakes is refused, with the place in its fields`() throws {
    let shop = try shop()
    let engine = try open(shop)
    func message(_ fields: [String: Value]) -> String? {
      refused(engine) { db in try db.create("Automation", id: "x", fields) }
    }
    #expect(
      message([
        "trigger": .string("changed: Product\nbecomes: product.onhand < 5"),
        "action": .string("- create: Note\n  text: low\n- advance: product\n  to: dead"),
      ])
        == "Automation/x cannot be a rule: trigger 2:10: `product.onhand` does not exist; "
        + "did you mean `onHand`? [rules/unknown-field]")
    #expect(
      message([
        "trigger": .string("changed: Product"),
        "action": .string("- create: Note\n  text: low\n- advance: product\n  to: dead"),
      ])
        == "Automation/x cannot be a rule: action 4:7: \"dead\" is not a status of "
        + "Product (draft, live, gone) [rules/unknown-status]")
    #expect(
      message(["trigger": .string(""), "action": .string("create: Note\ntext: x")])?
        .hasPrefix("Automation/x cannot be a rule: trigger 1:1: ") == true)
    // Nothing in a text can leave its key.
    #expect(
      message([
        "trigger": .string("created: Product\naction:\n- delete: product"),
        "action": .string("create: Note\ntext: x"),
      ])?.contains("trigger 2:1: ") == true)
    #expect(
      message([
        "trigger": .string("created: \"Product"), "action": .string("create: Note\ntext: \"x\""),
      ])?.hasPrefix("Automation/x cannot be a rule: ") == true)
    #expect(message(Self.row("note", "x"))?.contains("name: a rule file has a rule `note`") == true)
    #expect(
      message(Self.row("x", "x", ["follows": .string("nobody")]))?
        .contains("follows 1:1: there is no rule `nobody`") == true)
    #expect(try engine.answer("Automation.size()") == "0")
    #expect(engine.ruleNumber == 1)
    do {
      try engine.write { db in
        try db.create("Automation", Self.row("x", "${product.nmae}"))
      }
      Issue.record("the rule was taken")
    } catch let refusal as Refusal {
      #expect(refusal.rule == "x" && refusal.reason == .schema)
      let finding = try #require(refusal.findings.first)
      #expect(finding.span.file.name.hasSuffix(" action"))
      let place = finding.span.file.position(of: finding.span.range.lowerBound)
      #expect(place.line == 2 && place.column == 9)
    }
    try engine.close()
  }

  @Test func `the author is who wrote the text last, whatever a client says`() throws {
    let shop = try shop()
    let engine = try open(shop)
    try engine.write { db in
      try db.create("User", id: "ann", [:])
      try db.create("User", id: "bob", [:])
    }
    let forged = Self.row("mine", "x", ["author": .string("bob"), "problem": .string("none")])
    try engine.write(actor: ("User", "ann")) { db in
      try db.create("Automation", id: "a", forged)
    }
    #expect(engine.automations.map(\.author) == ["User/ann"])
    #expect(try engine.field("Automation", "a", "problem") == "null")
    try engine.write(actor: ("User", "bob")) { db in
      try db.set("Automation", id: "a", ["enabled": .bool(false), "author": .string("bob")])
      try db.set("Automation", id: "a", ["enabled": .bool(true)])
    }
    #expect(engine.automations.map(\.author) == ["User/ann"])
    try engine.write(actor: ("User", "bob")) { db in
      try db.set("Automation", id: "a", ["when": .string("product.reorder == 0")])
    }
    #expect(engine.automations.map(\.author) == ["User/bob"])
    try engine.write { db in try db.set("Automation", id: "a", ["description": .string("d")]) }
    #expect(engine.automations.map(\.author) == [nil])
    try engine.close()
  }

  @Test func `a class with nothing but trigger and action is enough`() throws {
    let shop = try shop(
      TestShop.classes + "\n  User:\n    name: String\n  Automation:\n"
        + "    trigger: String\n    action: String\n")
    let engine = try open(shop)
    try engine.write { db in try db.create("User", id: "ann", [:]) }
    try engine.write(actor: ("User", "ann")) { db in
      try db.create(
        "Automation", id: "low",
        [
          "trigger": .string("{changed: Product.reorder}"),
          "action": .string("{create: Note, text: \"${new.reorder}\"}"),
        ])
    }
    #expect(engine.automations.map(\.name) == ["automation-low"])
    #expect(engine.automations.map(\.author) == ["User/ann"])
    _ = try product(engine, "p")
    try engine.write { db in try db.set("Product", id: "p", ["reorder": .int(7)]) }
    #expect(try engine.answer("Note.map(n, n.text)") == #"["file", "7"]"#)
    try engine.close()
    // The author is known after opening, too, and does not change with the files.
    let again = try open(shop, Self.noteFile + "\n")
    #expect(again.automations.map(\.author) == ["User/ann"])
    try again.close()
  }

  @Test func `rules do not write rules`() throws {
    let verbs = Self.classes + "\nverbs:\n  install:\n    target: Product\n"
    let shop = try shop(verbs)
    let settings = try Self.settings(shop.schema)
    for action in [
      "create: Automation\n      trigger: x\n      action: y", "delete: automation",
      "set: automation\n      enabled: false",
    ] {
      let rule =
        "- rule: r\n  phase: \(action.hasPrefix("set") ? "before" : "after")\n"
        + "  trigger:\n    saved: Automation\n  action:\n    - \(action)\n"
      let found = #expect(throws: DiagnosticList.self) {
        try LoadedRules(files: shop.files(rule), schema: shop.schema, settings: settings)
      }
      #expect(found?.items.contains { $0.code == "rules/read-only" } == true, "\(action)")
    }
    let engine = try shop.open(
      """
      - rule: install-it
        trigger:
          created: Product
        action:
          - install: product
      """
    ) { configuration in
      configuration.settings = settings
      configuration.verbs.register("install") { call, context in
        try context.create("Automation", Self.row("sneaky", "x"))
      }
    }
    let message = refused(engine) { db in try db.create("Product", id: "p", [:]) }
    #expect(message?.contains("rules do not write rules") == true, "\(message ?? "kept")")
    // A program may, with the same verb.
    try engine.write { db in
      try db.create("Automation", id: "a", Self.row("fine", "x"))
    }
    #expect(engine.automations.map(\.name) == ["fine"])
    try engine.close()
  }

  @Test func `a draft may have mistakes, and is judged when it is switched on`() throws {
    let shop = try shop()
    let engine = try open(shop)
    try engine.write { db in
      try db.create(
        "Automation", id: "a", Self.row("draft", "${product.nmae}", ["enabled": .bool(false)]))
    }
    #expect(try engine.field("Automation", "a", "problem").contains("action 2:9"))
    #expect(try product(engine, "p1").firings.map(\.rule) == ["note"])
    let message = refused(engine) { db in
      try db.set("Automation", id: "a", ["enabled": .bool(true)])
    }
    #expect(message?.contains("action 2:9") == true)
    try engine.write { db in
      try db.set(
        "Automation", id: "a",
        ["enabled": .bool(true), "action": .string("create: Note\ntext: a")])
    }
    #expect(try engine.field("Automation", "a", "problem") == "null")
    #expect(try product(engine, "p2").firings.map(\.rule) == ["note", "draft"])
    try engine.close()
  }

  @Test func `follows goes to rules of files and of records, and none that is followed is deleted`()
    throws
  {
    let shop = try shop()
    let engine = try open(shop)
    try engine.write { db in
      try db.create("Automation", id: "z", Self.row("last-in-key", "z"))
      try db.create(
        "Automation", id: "a",
        Self.row("first-in-key", "a", ["follows": .string("[last-in-key, note]")]))
    }
    #expect(
      try product(engine, "p").firings.map(\.rule) == ["note", "last-in-key", "first-in-key"])
    let message = refused(engine) { db in try db.delete("Automation", id: "z") }
    #expect(message?.contains("there is no rule `last-in-key`") == true)
    let ring = refused(engine) { db in
      try db.set("Automation", id: "z", ["follows": .string("first-in-key")])
    }
    #expect(ring?.contains("`follows` goes round") == true)
    // Both at once is fine: they are judged at the end.
    try engine.write { db in
      try db.delete("Automation", id: "z")
      try db.set("Automation", id: "a", ["follows": .null])
    }
    #expect(try product(engine, "p2").firings.map(\.rule) == ["note", "first-in-key"])
    try engine.close()
  }

  @Test func `a batch that is undone leaves the rules from before`() throws {
    struct Stop: Error {}
    let shop = try shop()
    let engine = try open(shop)
    var fired: [String] = []
    #expect(throws: Stop.self) {
      try engine.batch { (batch) -> Void in
        try batch.write { db in try db.create("Automation", id: "a", Self.row("gone", "a")) }
        fired = try batch.write { db in try db.create("Product", [:]) }.firings.map(\.rule)
        throw Stop()
      }
    }
    #expect(fired == ["note", "gone"])
    #expect(engine.automations.isEmpty && engine.ruleNumber == 1)
    #expect(try product(engine, "p").firings.map(\.rule) == ["note"])
    try engine.batch { batch in
      try batch.write { db in try db.create("Automation", id: "a", Self.row("kept", "a")) }
      #expect(throws: Refusal.self) {
        try batch.write { db in try db.create("Automation", Self.row("kept", "again")) }
      }
      try batch.write { db in try db.create("Product", [:]) }
    }
    #expect(try engine.answer("Note.map(n, n.text)") == #"["file", "file", "a"]"#)
    try engine.close()
  }

  @Test func `rules as text become records, and go`() throws {
    let shop = try shop()
    let engine = try open(shop)
    let text = """
      # Two rules of the shop.
      - rule: welcome
        description: Says "hello"
        trigger:
          created: Product
        when:
          - product.reorder < 5     # few
          - "product.status == 'draft'"
        action:
          - create: Note
            text: |
              Hello,
                there

      - rule: renamed
        trigger: {changed: Product.name}
        action:
          - create: Note
            text: ${old.name} is ${new.name}
        enabled: false
      """
    try engine.write { db in
      let added = try db.addRules(SourceFile(name: "my.yaml", text: text))
      #expect(added.count == 2)
    }
    #expect(engine.automations.map(\.name) == ["welcome", "renamed"])
    #expect(engine.automations.map(\.isEnabled) == [true, false])
    #expect(try engine.answer("Automation.map(a, a.description).first()") == #""Says \"hello\"""#)
    _ = try product(engine, "p")
    #expect(try engine.answer("Note.map(n, n.text).last()") == #""Hello,\n  there""#)
    try engine.write { db in try db.turnRule("renamed", isOn: true) }
    try engine.write { db in try db.set("Product", id: "p", ["name": .string("P")]) }
    #expect(try engine.answer("Note.map(n, n.text).last()") == #"" is P""#)
    let one = SourceFile(
      name: "-", text: "trigger:\n  created: Product\naction:\n  create: Note\n  text: new\n")
    try engine.write { db in try db.addRules(one, name: "welcome") }
    #expect(engine.automations.count == 2)
    #expect(try engine.answer("Automation.map(a, a.when).first()") == "null")
    try engine.write { db in try db.removeRule("renamed") }
    #expect(engine.automations.map(\.name) == ["welcome"])
    let messages = ["note", "welcom"].map { name in
      refused(engine) { db in try db.removeRule(name) } ?? ""
    }
    #expect(messages[0] == "note stands in rules.yaml, and is no record of Automation")
    #expect(messages[1].hasSuffix("did you mean welcome?"))
    try engine.close()
  }
}
