import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What advisories about other systems tell of, tried here.
@Suite struct AccessAdvisoryTests {
  let shop: AccessShop

  init() throws { shop = try AccessShop() }

  @Test(arguments: [
    "Order.exists(o, o.note == \"leave it\")", "Order.exists(o, o.customer.name == \"bob\")",
    "Customer.exists(c, c.name == \"bob\")", "User.exists(u, u.email == \"bob@example.com\")",
    "Product.exists(p, p.lines.exists(l, l.order.note == \"leave it\"))",
    "OrderLine.exists(l, l.order.customer.name == \"bob\")",
    "!Order.all(o, o.note == \"ring twice\")",
    "Order.map(o, o.note).exists(n, n == \"leave it\")", "\"leave it\" in Order.map(o, o.note)",
    "Order.exists_one(o, o.note == \"leave it\")", "Order[\"o2\"] != null",
  ])
  func `the rows of others are not asked for by way of a test`(text: String) {
    #expect(shop.ann.answer(text) == shown(false), "\(text)")
    #expect(shop.max.answer(text) == shown(true), "\(text)")
  }

  @Test(arguments: ["constructor", "__proto__", "toString", "hasOwnProperty", "prototype", "_last"])
  func `names that mean something elsewhere mean nothing here`(name: String) throws {
    #expect(shop.ann.answer("Order.map(o, o.\(name))").contains("cel/unknown-field"))
    #expect(shop.ann.answer("\(name)(Order)").contains("cel/unknown-function"))
    #expect(shop.ann.answer("\(name)").contains("cel/unknown-name"))
    // A principal who is called so has no rights by that.
    let named = shop.engine.as(Principal(userID: name, roles: [name]))
    #expect(try named.ids("Order") == [])
    #expect(
      shop.ann.refusal { db in try db.set("Order", id: "o1", [name: "x"]) }?.reason == .schema)
    #expect(shop.max.refusal { db in try db.signal(name) }?.reason == .schema)
    #expect(shop.max.refusal { db in try db.perform(name) }?.reason == .schema)
  }

  @Test(arguments: [
    "x' OR '1'='1", "x\" OR \"1\"=\"1", "x'; DROP TABLE \"Order\"; --", "x\u{0}", "*",
    "role:manager",
    "ann\".\"read", "$.\"*\"", "x\\", "'", "\"",
  ])
  func `names that carry SQL or JSON are texts`(name: String) throws {
    try shop.engine.write { db in
      try db.create("Note", id: "n0", ["ACL": ["ann": ["read": true]]])
      try db.create("Note", id: "n1", ["ACL": ["role:manager": ["read": true]]])
    }
    let odd = shop.engine.as(Principal(userID: name, roles: [name]))
    #expect(try odd.ids("Order") == [])
    #expect(try odd.ids("Note") == [])
    let found = try odd.read { db in
      shown(try db.query("Order.filter(o, o.note == n)", ["n": .string(name)]))
    }
    #expect(found == "[]")
    #expect(try odd.read { db in try db.find("Order", id: name) } == nil)
    #expect(try shop.max.ids("Order").count == 2)
  }

  @Test func `nesting without end is refused, and long lists of conditions are not`() throws {
    let deep = String(repeating: "(", count: 5000) + "true" + String(repeating: ")", count: 5000)
    #expect(shop.ann.answer("Order.filter(o, \(deep))").contains("cel/depth"))
    let long = Array(repeating: "o.status == \"pending\"", count: 2000).joined(separator: " && ")
    #expect(try shop.ann.ids("Order.filter(o, \(long))") == ["o1"])
    func nested(_ depth: Int) -> String {
      (0..<depth).reduce("true") { text, place in "Order.exists(x\(place), \(text))" }
    }
    #expect(shop.ann.answer(nested(5)) == shown(true))
    #expect(shop.ann.answer(nested(40)).contains("cel/depth"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a regular expression takes no longer than its text`() throws {
    let text = String(repeating: "a", count: 5000) + "!"
    try shop.engine.write { db in try db.set("Order", id: "o1", ["note": .string(text)]) }
    #expect(try shop.ann.ids("Order.filter(o, o.note != null && o.note.matches(\"(a+)+$\"))") == [])
  }

  @Test func `a read-only field is not written by a side way`() throws {
    let definition = try #require(shop.engine.schema["Order"])
    let total = try #require(definition["total"])
    for update in [
      FieldUpdate.increment(.decimal(ExactDecimal(coefficient: 100, scale: 2))),
      .set(.decimal(ExactDecimal(coefficient: 100, scale: 2))), .delete,
      .setOnInsert(.decimal(ExactDecimal(coefficient: 100, scale: 2))),
    ] {
      let view = shop.ann.access
      let refusal = #expect(throws: Refusal.self) {
        try shop.engine.perform { interpreter throws(Refusal) in
          try interpreter.act(as: view)
          try interpreter.run { () throws(Refusal) in
            try interpreter.giveSet(definition, id: "o1", [(total, .update(update))])
          }
        }
      }
      #expect(refusal?.message == "you may not set Order.total")
    }
    // Neither without the rules, nor by the id of somebody else's record.
    let refusal = #expect(throws: Refusal.self) {
      try shop.engine.perform { interpreter throws(Refusal) in
        try interpreter.act(as: shop.ann.access)
        try interpreter.runWithoutRules { () throws(Refusal) in
          try interpreter.giveDelete(definition, id: "o1", rules: false)
        }
      }
    }
    #expect(refusal?.reason == .denied)
    #expect(shop.max.answer("Order.map(o, o.total)").contains("0.00"))
  }

  @Test func `what is not there and what may not be seen are told in the same words`() throws {
    func words(_ id: String) -> [String?] {
      [
        shop.ann.refusal { try $0.set("Order", id: id, ["note": "x"]) }?.message,
        shop.ann.refusal { try $0.delete("Order", id: id) }?.message,
        shop.ann.refusal {
          try $0.create("OrderLine", ["order": .string(id), "product": "bolt"])
        }?.message,
        shop.ann.answer("Order[\"\(id)\"]"),
      ].map { $0?.replacingOccurrences(of: id, with: "ID") }
    }
    #expect(words("o2") == words("zz"))
  }
}
