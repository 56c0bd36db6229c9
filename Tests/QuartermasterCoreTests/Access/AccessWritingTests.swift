import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct AccessWritingTests {
  let shop: AccessShop

  init() throws { shop = try AccessShop() }

  private func message(_ who: ScopedEngine, _ body: (WriteContext) throws -> Void) -> String? {
    who.refusal(body).map { "\($0.reason.rawValue): \($0.message)" }
  }

  @Test func `one writes one's own, and what is another's is not there`() throws {
    #expect(message(shop.ann) { try $0.set("Order", id: "o1", ["note": "by the door"]) } == nil)
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o2", ["note": "mine"]) }
        == "schema: Order/o2 is not there")
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o9", ["note": "mine"]) }
        == "schema: Order/o9 is not there")
    #expect(
      message(shop.ann) { try $0.delete("Order", id: "o1") }
        == "denied: you may not delete Order/o1")
    #expect(
      message(shop.ann) { try $0.delete("Order", id: "o2") } == "schema: Order/o2 is not there")
    #expect(message(shop.max) { try $0.delete("Order", id: "o2") } == nil)
    #expect(
      message(shop.nobody) { try $0.create("Customer", ["name": "x"]) }
        == "denied: without signing in you may not create records of Customer")
  }

  @Test func `one makes records for oneself alone`() throws {
    #expect(
      message(shop.ann) { try $0.create("Order", ["customer": .string("c-ann")]) } == nil)
    // Another's customer may not be read, so it is not there.
    #expect(
      message(shop.ann) { try $0.create("Order", ["customer": .string("c-bob")]) }
        == "schema: Order.customer points at Customer/c-bob, which is not there")
    #expect(
      message(shop.ann) { try $0.create("Order", ["customer": .string("c-none")]) }
        == "schema: Order.customer points at Customer/c-none, which is not there")
  }

  @Test func `nothing is handed away, and nothing is taken`() throws {
    let access = """
      roles: {field: role}
      classes:
        Customer: {read: everyone}
        Order: {read: everyone, update: {own: customer.user}, create: {own: customer.user}}
        User: {read: everyone}
      """
    let shop = try AccessShop(access: access)
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o1", ["customer": .string("c-bob")]) }
        == "denied: you may not change Order/o1 so that you could not change it any more")
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o2", ["customer": .string("c-ann")]) }
        == "denied: you may not update Order/o2")
    #expect(
      message(shop.ann) { try $0.create("Order", ["customer": .string("c-bob")]) }
        == "denied: you may not create a record of Order with these values")
    #expect(shop.max.answer("Order.map(o, o.customer.objectId)") == shown(["c-ann", "c-bob"]))
  }

  @Test func `fields that are read-only or hidden are not set`() throws {
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o1", ["total": .string("0.01")]) }
        == "denied: you may not set Order.total")
    #expect(
      message(shop.ann) {
        try $0.create("Order", ["customer": .string("c-ann"), "total": .string("0.01")])
      } == "denied: you may not set Order.total")
    #expect(
      message(shop.max) { try $0.set("Order", id: "o1", ["total": .string("9.00")]) } == nil)
    #expect(
      message(shop.ann) { try $0.set("User", id: "ann", ["role": "manager"]) }
        == "denied: you may not set User.role")
    #expect(message(shop.ann) { try $0.set("User", id: "ann", ["email": "a@b.c"]) } == nil)
    // Passwords are set by who signs people up.
    #expect(
      message(shop.ann) { try $0.set("User", id: "ann", ["password": "x"]) }
        == "denied: you may not set User.password")
    #expect(
      message(shop.max) { try $0.set("Product", id: "bolt", ["cost": .string("1.00")]) } == nil)
  }

  @Test func `the objectId of a new record is not chosen`() throws {
    let refused = message(shop.ann) {
      try $0.create("Order", id: "o2", ["customer": .string("c-ann")])
    }
    #expect(refused?.hasPrefix("denied: you may not choose the objectId") == true)
  }

  @Test func `what is made of a refused change is undone with it`() throws {
    let refused = shop.ann.refusal { db in
      try db.set("Order", id: "o1", ["note": "changed"])
      try db.delete("Order", id: "o1")
    }
    #expect(refused?.reason == .denied)
    #expect(shop.ann.answer("Order.map(o, o.note)") == shown(["ring twice"]))
  }

  @Test func `texts of refusals name no other record`() throws {
    try shop.engine.write { db in
      try db.set("Order", id: "o2", ["number": "SO-77777"])
    }
    #expect(
      message(shop.ann) { try $0.set("Order", id: "o1", ["number": "SO-77777"]) }
        == "schema: Order: number is there already")
    let access = AccessShop.accessText.replacingOccurrences(
      of: "    update: manager\n    hidden", with: "    write: everyone\n    hidden")
    let open = try AccessShop(access: access)
    #expect(
      message(open.ann) { try $0.delete("Product", id: "bolt") }
        == "schema: Product/bolt is in use and cannot be deleted")
  }

  @Test func `signals and verbs are for whom they are granted to`() throws {
    #expect(
      message(shop.ann) { try $0.signal("close-day") }
        == "denied: you may not raise the signal close-day")
    #expect(message(shop.max) { try $0.signal("close-day") } == nil)
  }

  @Test func `rules answer as the system, and who acted stands in the journal`() throws {
    let shop = try AccessShop(
      rules: """
        - rule: count-the-order
          trigger:
            changed: Order.note
          action:
            - set: order
              total: order.total + 1.00
            - set: other
              each: other in Order.filter(o, o != order)
              total: "actor != null && actor.name == 'ann' ? 5.00 : 6.00"
        """)
    let outcome = try shop.ann.write { try $0.set("Order", id: "o1", ["note": "hello"]) }
    // Hers alone, whatever else was done.
    #expect(outcome.changes.map(\.id) == ["o1"])
    #expect(outcome.firings.isEmpty)
    #expect(
      shop.ann.answer("Order.map(o, o.total)")
        == shown(.list([.decimal(ExactDecimal(coefficient: 100, scale: 2))])))
    #expect(
      shop.bob.answer("Order.map(o, o.total)")
        == shown(.list([.decimal(ExactDecimal(coefficient: 500, scale: 2))])))
    let row = try #require(outcome.journalRow)
    let actor = try shop.engine.perform { interpreter throws(Refusal) in
      try JournalReader(interpreter.session).entry(row)?.actor
    }
    #expect(actor == "User/ann")
  }

  @Test func `a rule that fails tells nothing of what it read`() throws {
    let shop = try AccessShop(
      rules: """
        - rule: divide
          trigger:
            changed: Order.note
          when: 10 / (Product.filter(p, p.name == "Bolt").size() - 1) > 0
          action:
            - set: order
              total: 1.00
        """)
    let refused = shop.ann.refusal { try $0.set("Order", id: "o1", ["note": "x"]) }
    #expect(refused?.message.contains("the log of the system says why") == true)
    #expect(refused?.rule == nil)
  }

  @Test(arguments: [
    ("{}", nil), (#"{"*": {"read": true}}"#, nil),
    (#"{"ann": {"read": true, "write": true}}"#, nil),
    (#"{"role:stock-keeper": {"write": true}}"#, nil),
    (#"{"ann": {"read": false}}"#, "only true is a right"),
    (#"{"ann": {"read": 1}}"#, "only true is a right"),
    (#"{"ann": {"delete": true}}"#, "read and write, nothing else"),
    (#"{"ann": true}"#, "is given rights"), (#"{"role:": {"read": true}}"#, "is no key"),
    (#"{"role:a/b": {"read": true}}"#, "is no key"), (#"{"": {"read": true}}"#, "is no key"),
    (#"{"a\"b": {"read": true}}"#, "is no key"), ("[]", "needs"),
    (#""ann""#, "needs"),
  ])
  func `permissions of a record have one form`(text: String, problem: String?) throws {
    let schema = try schema(AccessShop.schemaText)
    let field = try schema.field("Note.ACL")
    let json = try JSONReader.read(Array(text.utf8))
    do throws(Refusal) {
      _ = try field.update(json: json, class: "Note")
      #expect(problem == nil, "\(text)")
    } catch {
      let wanted = try #require(problem, "\(text): \(error.message)")
      #expect(error.message.contains(wanted), "\(error.message)")
    }
  }

  @Test(arguments: ["role:manager", "role:", "*"])
  func `no record has the id of a role or of everyone`(id: String) throws {
    let refusal = #expect(throws: Refusal.self) {
      try shop.engine.write { db in try db.create("User", id: id, ["name": "x"]) }
    }
    #expect(refusal?.message.contains("may not be `\(id)`") == true)
  }
}
