import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The short ways of permissions in SQL give what the long ones give.
@Suite struct AccessSpeedTests {
  private static let texts = [
    "{}", #"{"*":{"read":true}}"#, #"{"ann":{"read":true,"write":true}}"#,
    #"{"ann":{"write":true}}"#, #"{"role:clerk":{"read":true},"ann":{"write":true}}"#,
    #"{"bob":{"read":true}}"#, #"{"anne":{"read":true}}"#, #"{"an":{"read":true}}"#,
    // Written by another program: other forms of JSON, and what grants nothing.
    #"{ "ann" : { "read" : true } }"#, #"{"ann":{"write":true,"read":true}}"#,
    #"{"\u0061nn":{"read":true}}"#, #"{"ann":{"read":false}}"#, #"{"ann":{"read":1}}"#,
    #"{"ann":{}}"#, #"{"ann":true}"#, #"{"x":{"ann":{"read":true}}}"#,
    #"{"ann":{"read":true,"more":"\"bob\":{\"read\":true"}}"#, #"{"ann":{"read":true},"bob":7}"#,
    #"{"":{"read":true}}"#,
  ]

  @Test(arguments: texts, ["read", "write"])
  func `the function of SQL answers as the language does`(_ text: String, _ right: String) throws {
    let shop = try AccessShop()
    let keys = ["*", "ann", "role:clerk"]
    let found = try shop.engine.store.read { session throws(Refusal) in
      let list = keys.map { "'\($0)'" }.joined(separator: ", ")
      return try session.integer("SELECT _grants('\(text)', '\(right)', \(list))")
    }
    let list = try Array(text.utf8).withUnsafeBufferPointer {
      try StoredJSON.value(of: $0, .object(nil))
    }
    let expected = AccessList.grants([list, .string(right), .list(keys.map(Value.string))])
    #expect(found == (expected ? 1 : 0))
  }

  @Test func `no permissions grant all, and what is no JSON is an error`() throws {
    let shop = try AccessShop()
    try shop.engine.store.read { session throws(Refusal) in
      #expect(try session.integer("SELECT _grants(NULL, 'read', 'ann')") == 1)
      for text in ["", "{", #"{"ann":{"read":true}"#, #"{"ann":{"read":true}}x"#, "[1]"] {
        #expect(throws: Refusal.self) {
          try session.integer("SELECT _grants('\(text)', 'read', 'ann')")
        }
      }
    }
  }

  @Test func `a plan made for few stays right for many`() throws {
    let shop = try AccessShop()
    let text = "Order.filter(o, o.note != \"x\").size()"
    #expect(shop.ann.answer(text) == "1")
    try shop.engine.write { db in
      for number in 0..<80 {
        try db.create(
          "Customer", id: "more\(number)", ["name": "more", "user": .string("ann")])
        try db.create("Order", ["customer": .string("more\(number)"), "note": "y"])
      }
    }
    #expect(shop.ann.answer(text) == "81")
    // Planned when there were many.
    #expect(shop.ann.answer("Order.filter(o, o.note != \"z\").size()") == "81")
    #expect(shop.bob.answer(text) == "1")
    let customers = try #require(shop.engine.schema["Customer"])
    try shop.engine.store.read { session throws(Refusal) in
      #expect(!session.hasFew(customers, whose: "user", is: "ann"))
      #expect(session.hasFew(customers, whose: "user", is: "bob"))
      // Without an index nothing is looked up.
      #expect(!session.hasFew(customers, whose: "name", is: "bob"))
    }
  }

  @Test func `what is known of the owner is not asked again`() throws {
    let shop = try AccessShop()
    let definition = try #require(shop.engine.schema["Order"])
    let view = shop.ann.access
    let own = view[definition][.get]
    #expect(own == .owned(["customer", "user"], by: "ann"))
    let customer = AccessCondition.owned(["user"], by: "ann")
    let line = AccessCondition.owned(["order", "customer", "user"], by: "ann")
    let listed = AccessCondition.granted(.read, to: ["*", "ann"])
    #expect(customer.left(knowing: own, through: "customer") == .always)
    #expect(customer.left(knowing: own, through: "other") == customer)
    #expect(customer.left(knowing: .always, through: "customer") == customer)
    #expect(line.left(knowing: own, ofOwnerBy: "order") == .always)
    #expect(line.left(knowing: own, ofOwnerBy: "customer") == line)
    #expect(AccessCondition.both([line, listed]).left(knowing: own, ofOwnerBy: "order") == listed)
    #expect(listed.left(knowing: listed, through: "customer") == listed)
    // Either of two ways in is not known to be this one.
    let either = AccessCondition.any([own, .granted(.read, to: ["*"])])
    #expect(customer.left(knowing: either, through: "customer") == customer)
    #expect(
      AccessCondition.any([customer, listed]).left(
        knowing: .all([own, listed]), through: "customer") == .any([customer, listed]))
  }

  @Test func `a record from outside is not taken for one that may be read`() throws {
    let shop = try AccessShop()
    // Bob's order, handed in by name: its customer is not ann's to see.
    let order = try shop.engine.read { db in try #require(try db.find("Order", id: "o2")) }
    let seen = try shop.ann.read { db in
      try db.query("other.customer == null", ["other": .record(order)])
    }
    #expect(Value.equal(seen, true))
  }
}
