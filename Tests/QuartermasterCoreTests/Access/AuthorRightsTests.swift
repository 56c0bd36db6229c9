import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules that are records act with the rights of who wrote them.
@Suite struct AuthorRightsTests {
  private static let classes = """

      Automation:
        trigger: {type: String, required: true}
        action: {type: String, required: true}
        name: String
        when: String
        enabled: {type: Boolean, default: true}
        author: {type: User}
        problem: String

    """

  private static let access =
    AccessShop.accessText.replacingOccurrences(
      of: "  Note:\n", with: "  Automation: {read: signed-in, write: signed-in}\n  Note:\n")

  private func shop(_ classes: String = Self.classes) throws -> AccessShop {
    try AccessShop(
      access: Self.access, classes: classes, settings: "automations: {class: Automation}")
  }

  private func rule(
    _ name: String, _ action: String, trigger: String = "changed: Order.note", when: String? = nil
  ) -> [String: Value] {
    var values: [String: Value] = [
      "name": .string(name), "trigger": .string(trigger), "action": .string(action),
    ]
    if let when { values["when"] = .string(when) }
    return values
  }

  @Test func `a rule does what its author may do, whoever wakes it`() throws {
    let shop = try shop()
    try shop.ann.write { try $0.create("Automation", rule("stamp", "set: order\ntotal: 9.00")) }
    try shop.max.write { try $0.create("Automation", rule("price", "set: order\nstatus: paid")) }
    // What she may not do is left out, and stops nobody.
    let outcome = try shop.engine.write { try $0.set("Order", id: "o1", ["note": "hi"]) }
    #expect(outcome.firings.map(\.rule) == ["stamp", "price"])
    #expect(outcome.firings.map(\.skipped) == ["User/ann may not set Order.total", nil])
    #expect(
      outcome.firings.map(\.notes) == [["in the name of User/ann"], ["in the name of User/max"]])
    #expect(
      shop.field("o1", "total") == "0.00" && shop.field("o1", "status") == "paid")
    // Another's order does not wake hers.
    let other = try shop.engine.write { try $0.set("Order", id: "o2", ["note": "hi"]) }
    #expect(other.firings.map(\.rule) == ["price"])
  }

  @Test func `a rule cannot read out what its author may not see`() throws {
    let shop = try shop()
    let said = shop.ann.refusal {
      try $0.create(
        "Automation",
        rule("spy", "create: Note\ntext: ${Product.map(p, string(p.cost)).join(',')}"))
    }
    #expect(
      said?.message.contains("Product.cost is hidden from User/ann") == true, "\(said as Any)")
    try shop.ann.write {
      try $0.create(
        "Automation",
        rule("count", "create: Note\ntext: ${OrderLine.size()} of ${Order.filter(o, true).size()}"))
    }
    try shop.engine.write { try $0.set("Order", id: "o1", ["note": "hi"]) }
    #expect(shop.max.answer("Note.map(n, n.text)") == shown(["1 of 1"]))
  }

  @Test func `rights that are taken away are taken from the rule`() throws {
    let shop = try shop()
    try shop.max.write { try $0.create("Automation", rule("stamp", "set: order\ntotal: 9.00")) }
    try shop.engine.write { try $0.set("Order", id: "o1", ["note": "hi"]) }
    #expect(shop.field("o1", "total") == "9.00")
    try shop.engine.write { try $0.set("User", id: "max", ["role": "clerk"]) }
    // He may not read the orders of others any more: nothing of theirs wakes it.
    let outcome = try shop.engine.write { try $0.set("Order", id: "o2", ["note": "hi"]) }
    #expect(outcome.firings.isEmpty)
    #expect(shop.field("o2", "total") == "0.00")
    try shop.engine.write { try $0.set("User", id: "max", ["role": "manager"]) }
    try shop.engine.write { try $0.set("Order", id: "o2", ["note": "ho"]) }
    #expect(shop.field("o2", "total") == "9.00")
  }

  @Test func `a rule whose author is gone does nothing, and says so`() throws {
    // Without a pointer to him nothing keeps his record.
    let shop = try shop(Self.classes.replacingOccurrences(of: "author: {type: User}", with: ""))
    try shop.engine.write {
      try $0.create("User", id: "eve", ["name": "eve", "role": "manager"])
    }
    let eve = shop.engine.as(Principal(userID: "eve", roles: ["manager"]))
    try eve.write { try $0.create("Automation", rule("stamp", "set: order\ntotal: 9.00")) }
    try shop.engine.write { try $0.set("Order", id: "o1", ["note": "hi"]) }
    #expect(shop.field("o1", "total") == "9.00")
    try shop.engine.write { try $0.delete("User", id: "eve") }
    let outcome = try shop.engine.write { try $0.set("Order", id: "o2", ["note": "hi"]) }
    #expect(outcome.firings.map(\.skipped) == ["its author User/eve is not there"])
    // The host can still write its record, and turn it off.
    let id = try #require(try shop.max.ids("Automation").first)
    try shop.engine.write { try $0.set("Automation", id: id, ["enabled": false]) }
    #expect(try shop.engine.write { try $0.set("Order", id: "o1", ["note": "ho"]) }.firings.isEmpty)
    #expect(shop.field("o2", "total") == "0.00")
  }

  @Test func `nobody takes the author out of a rule`() throws {
    let shop = try shop()
    try shop.ann.write { try $0.create("Automation", rule("stamp", "set: order\ntotal: 9.00")) }
    let id = try #require(try shop.max.ids("Automation").first)
    for author in [Value.null, "max"] {
      try shop.engine.write { try $0.set("Automation", id: id, ["author": author]) }
      let outcome = try shop.engine.write { try $0.set("Order", id: "o1", ["note": author]) }
      #expect(outcome.firings.map(\.skipped) == ["User/ann may not set Order.total"])
    }
    let refused = #expect(throws: Refusal.self) {
      try shop.engine.write { try $0.delete("User", id: "ann") }
    }
    #expect(refused?.message.contains("User/ann is used by") == true)
  }

  @Test func `the host's own rules act as the system`() throws {
    let shop = try shop()
    try shop.engine.write { try $0.create("Automation", rule("stamp", "set: order\ntotal: 9.00")) }
    #expect(shop.ann.refusal { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    #expect(shop.field("o1", "total") == "9.00")
  }

  @Test func `calls are not for rules that users store`() throws {
    let shop = try shop()
    try shop.max.write { try $0.create("Automation", rule("tell", "call: charge")) }
    let outcome = try shop.engine.write { try $0.set("Order", id: "o1", ["note": "hi"]) }
    #expect(
      outcome.firings.map(\.skipped) == ["User/max may not send messages or call the host"])
    #expect(outcome.calls.isEmpty)
  }
}
