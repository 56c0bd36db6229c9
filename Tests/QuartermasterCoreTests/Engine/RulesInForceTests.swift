import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The rules that the file says are in force, and how processes take them over.
@Suite struct RulesInForceTests {
  private static func note(_ text: String, _ more: String = "") -> String {
    """
    - rule: note
      trigger:
        created: Product
      action:
        - create: Note
          text: \(text)
    \(more)
    """
  }

  @Test func `an engine that uses the rules of the file follows those that another publishes`()
    throws
  {
    let shop = try TestShop()
    let first = try shop.open(Self.note("one"))
    let second = try shop.open()
    #expect(second.ruleNumber == 1)
    #expect(!second.publishedRules)
    try second.write { db in try db.create("Product", id: "a", [:]) }
    let published = try first.publish(shop.files(Self.note("two")))
    #expect(published.isNew && published.number == 2 && published.count == 1)
    try second.write { db in try db.create("Product", id: "b", [:]) }
    #expect(try second.answer("Note.map(n, n.text)") == #"["one", "two"]"#)
    // Rows that satisfied the rules when they came fire nothing.
    #expect(try second.answer("Note.size()") == "2")
    #expect(try second.journal().map(\.rules) == [1, 2])
    #expect(second.ruleNumber == 2)
    #expect(try !first.publish(shop.files(Self.note("two"))).isNew)
    try first.close()
    try second.close()
  }

  @Test func `rules with a mistake change nothing`() throws {
    let shop = try TestShop()
    let engine = try shop.open(Self.note("one"))
    #expect(throws: DiagnosticList.self) {
      try engine.publish(shop.files(Self.note("${product.nmae}")))
    }
    #expect(engine.ruleNumber == 1)
    let outcome = try engine.write { db in try db.create("Product", [:]) }
    #expect(outcome.firings.map(\.rule) == ["note"])
    try engine.close()
  }

  @Test func `rules whose verb this process does not have leave those from before`() throws {
    let classes =
      TestShop.classes + "\nverbs:\n  weigh:\n    target: Product\nfunctions:\n  half:\n"
      + "    arguments: {n: Integer}\n    result: Integer\n"
    let shop = try TestShop(classes)
    func opens(_ rules: String?) throws -> Engine {
      try shop.open(rules) { configuration in
        configuration.verbs.register("weigh") { call, context in
          try context.create("Note", ["text": .string("weighed")])
        }
      }
    }
    let plain = try shop.open(Self.note("one"))
    var told: [String] = []
    try plain.perform { interpreter throws(Refusal) in
      interpreter.notice = { notice in
        switch notice {
        case .rulesUnusable(let problem): told.append("unusable \(problem.number)")
        case .rulesAdopted(let number, _): told.append("adopted \(number)")
        case .outsideChanges: told.append("outside")
        }
      }
    }
    let weigh = """
      - rule: weigh-it
        trigger:
          created: Product
        action:
          - weigh: product
      - rule: hourly
        trigger:
          every: 1h
        action:
          - create: Note
            text: hour
      """
    let host = try opens(weigh)
    try plain.write { db in try db.create("Product", id: "a", [:]) }
    #expect(plain.ruleProblem?.number == 2)
    #expect(plain.ruleProblem?.inForce == 1)
    #expect(
      plain.ruleProblem?.findings.items.map(\.message).first?.contains("the verb `weigh`") == true)
    #expect(try plain.answer("Note.map(n, n.text)") == #"["one"]"#)
    #expect(try plain.journal().last?.rules == 1)
    // The schedules of rules that it does not know are left to those who do.
    try plain.advance(to: Timestamp(milliseconds: TestShop.start.milliseconds + 3_600_000))
    #expect(try plain.answer("Note.size()") == "1")
    try host.advance(to: Timestamp(milliseconds: TestShop.start.milliseconds + 3_600_000))
    #expect(try plain.answer("Note.map(n, n.text)") == #"["one", "hour"]"#)
    try host.publish(shop.files(Self.note("three")))
    try plain.write { db in try db.create("Product", id: "b", [:]) }
    #expect(plain.ruleProblem == nil)
    #expect(told == ["unusable 2", "adopted 3"])
    #expect(try plain.answer("Note.map(n, n.text)") == #"["one", "hour", "three"]"#)
    try plain.close()
    try host.publish(shop.files(weigh))
    try host.close()
    // With nothing to fall back to, the file does not open.
    #expect(throws: DiagnosticList.self) { try shop.open() }
    try opens(nil).close()
  }

  @Test func `an edge that was true before new rules came fires nothing`() throws {
    let shop = try TestShop()
    let engine = try shop.open("")
    try engine.write { db in try db.create("Product", id: "a", ["reorder": .int(5)]) }
    try engine.publish(
      shop.files(
        """
        - rule: low
          trigger:
            saved: Product
            becomes: product.low
          action:
            - create: Note
              text: low
        """))
    try engine.write { db in try db.set("Product", id: "a", ["name": .string("A")]) }
    #expect(try engine.answer("Note.size()") == "0")
    try engine.close()
  }
}
