import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules that act in the name of who made the change: `authority: actor`.
@Suite struct AuthorityTests {
  private func refusal(_ who: ScopedEngine, _ body: (WriteContext) throws -> Void) -> String? {
    who.refusal(body).map { "\($0.reason.rawValue) in \($0.rule ?? "-"): \($0.message)" }
  }

  @Test func `a rule may do what who made the change may do, and no more`() throws {
    let rules = """
      - rule: stamp
        authority: actor
        trigger:
          changed: Order.note
        action:
          - set: order
            total: 9.00
      - rule: log
        trigger:
          changed: Order.note
        action:
          - create: Note
            text: ${order.note}
      """
    let shop = try AccessShop(rules: rules)
    #expect(
      refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) }
        == "denied in -: User/ann may not set Order.total")
    // Nothing of the operation is kept.
    #expect(shop.field("o1", "note") == "ring twice" && shop.max.answer("Note.size()") == "0")
    #expect(refusal(shop.max) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    #expect(shop.field("o1", "total") == "9.00")
    // The host itself may do all, also in somebody's name by whom its rules are bound.
    try shop.engine.write { try $0.set("Order", id: "o2", ["note": "host"]) }
    #expect(shop.field("o2", "total") == "9.00")
    let asAnn = #expect(throws: Refusal.self) {
      try shop.engine.write(actor: (className: "User", id: "ann")) {
        try $0.set("Order", id: "o1", ["note": "again"])
      }
    }
    #expect(asAnn?.reason == .denied && asAnn?.rule == "stamp")
    // Order o2 is not hers: what she may not read wakes nothing of hers.
    let other = try shop.engine.write(actor: (className: "User", id: "ann")) {
      try $0.set("Order", id: "o2", ["note": "again"])
    }
    #expect(other.firings.map(\.rule) == ["log"])
  }

  @Test func `failure skip leaves out what is denied`() throws {
    let shop = try AccessShop(
      rules: """
        - rule: stamp
          authority: actor
          failure: skip
          trigger:
            changed: Order.note
          action:
            - set: order
              total: 9.00
        """)
    #expect(refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    #expect(
      shop.field("o1", "note") == "hi" && shop.field("o1", "total") == "0.00")
  }

  @Test func `a rule sees what the actor sees`() throws {
    let rules = """
      - rule: tally
        authority: actor
        trigger:
          changed: Order.note
        action:
          - create: Note
            text: ${Order.size()} orders, ${OrderLine.size()} lines
      """
    let shop = try AccessShop(rules: rules)
    #expect(refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    // Counting all orders is for whoever is signed in; of the lines she has her own.
    #expect(shop.max.answer("Note.map(n, n.text)") == shown(["2 orders, 1 lines"]))
    try shop.engine.write { try $0.set("Order", id: "o2", ["note": "host"]) }
    #expect(
      shop.max.answer("Note.map(n, n.text)")
        == shown(["2 orders, 1 lines", "2 orders, 2 lines"]))
  }

  @Test func `a hidden field is refused to the rule, and shown to it for others`() throws {
    let rules = """
      - rule: margin
        authority: actor
        trigger:
          created: OrderLine
        when: orderLine.product.cost > 1.00
        action:
          - create: Note
            text: cost ${orderLine.product.cost}
      """
    let access = AccessShop.accessText.replacingOccurrences(
      of: "create: {own: order.customer.user}", with: "create: [manager, own: order.customer.user]")
    let shop = try AccessShop(rules: rules, access: access)
    let line: [String: Value] = ["order": .string("o1"), "product": .string("bolt")]
    #expect(
      refusal(shop.ann) { try $0.create("OrderLine", line) }
        == "denied in -: Product.cost is hidden from User/ann")
    #expect(refusal(shop.max) { try $0.create("OrderLine", line) } == nil)
    // Two were there when the host made the first lines.
    #expect(
      shop.max.answer("Note.map(n, n.text)") == shown(["cost 1.10", "cost 1.10", "cost 1.10"]))
  }

  @Test func `a before rule sets what the actor may set`() throws {
    let rules = """
      - rule: price
        phase: before
        authority: actor
        trigger:
          changed: Order.note
        action:
          - set: order
            total: 5.00
      """
    let shop = try AccessShop(rules: rules)
    #expect(
      refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) }
        == "denied in -: User/ann may not set Order.total")
    #expect(refusal(shop.max) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    #expect(shop.field("o1", "total") == "5.00")
  }

  @Test func `create, delete, ensure, signals and verbs are judged as if he asked`() throws {
    func shop(_ action: String) throws -> AccessShop {
      try AccessShop(
        rules: """
          - rule: act
            authority: actor
            trigger:
              changed: Order.note
            action:
              - \(action.split(separator: "\n").joined(separator: "\n      "))
          """)
    }
    func denial(_ action: String) throws -> String? {
      refusal(try shop(action).ann) { try $0.set("Order", id: "o1", ["note": "hi"]) }
    }
    #expect(
      try denial("create: Product\nname: Nut")
        == "denied in -: User/ann may not create records of Product")
    #expect(try denial("delete: order") == "denied in -: User/ann may not delete Order/o1")
    #expect(
      try denial("ensure: Product\nmatch:\n  name: Nut")
        == "denied in -: User/ann may not create records of Product")
    #expect(try denial("ensure: Product\nmatch:\n  name: Bolt") == nil)
    #expect(
      try denial("ensure: Product\nmatch:\n  cost: 1.10\n  name: Bolt")
        == "denied in -: Product.cost is hidden from User/ann")
    #expect(
      try denial("signal: close-day") == "denied in -: User/ann may not raise the signal close-day")
    #expect(try denial("create: Note\ntext: hi") == nil)
    let boss = try shop("signal: close-day")
    #expect(refusal(boss.max) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
  }

  @Test func `what the actor may not read wakes no rule of his`() throws {
    // A rule of the system touches another's order; the rule in ann's name does not hear of it.
    let rules = """
      - rule: copy
        trigger:
          changed: Order.note
        when: order.objectId == "o1"
        action:
          - set: o
            each: o in Order.filter(o, o.objectId == "o2")
            note: ${order.note}
      - rule: tell
        authority: actor
        trigger:
          changed: Order.note
        action:
          - create: Note
            text: ${order.objectId} has ${order.note}
      """
    let shop = try AccessShop(rules: rules)
    #expect(refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    #expect(shop.max.answer("Note.map(n, n.text)") == shown(["o1 has hi"]))
    #expect(shop.field("o2", "note") == "hi")
    #expect(refusal(shop.max) { try $0.set("Order", id: "o1", ["note": "yo"]) } == nil)
    #expect(
      shop.max.answer("Note.map(n, n.text)") == shown(["o1 has hi", "o1 has yo", "o2 has yo"]))
  }

  @Test func `an edge over what is null for him does not wake it`() throws {
    let access = AccessShop.accessText.replacingOccurrences(
      of: "read-only: {total: {except: manager}}",
      with: "hidden: {note: {except: [manager]}}\n    read-only: {total: {except: manager}}")
    let rules = """
      - rule: rung
        authority: actor
        trigger:
          saved: Order
          becomes: order.note == "ring"
        action:
          - create: Note
            text: rung
      """
    let shop = try AccessShop(rules: rules, access: access)
    #expect(refusal(shop.max) { try $0.set("Order", id: "o1", ["note": "ring"]) } == nil)
    #expect(shop.max.answer("Note.size()") == "1")
    let said = refusal(shop.ann) { try $0.set("Order", id: "o1", ["status": "paid"]) }
    #expect(said == nil, "an edge that did not come about is not asked for")
  }

  @Test func `without permissions such a rule acts as the system`() throws {
    let schema = try schema(AccessShop.schemaText)
    let rules = """
      - rule: stamp
        authority: actor
        trigger:
          changed: Order.note
        action:
          - set: order
            total: 9.00
      """
    let engine = try Engine(
      path: nil, schema: schema,
      rules: try LoadedRules(
        files: [SourceFile(name: "rules.yaml", text: rules)], schema: schema))
    try engine.write { db in
      try db.create("User", id: "ann", ["name": "ann"])
      try db.create("Customer", id: "c", ["name": "c"])
      try db.create("Order", id: "o", ["customer": .string("c")])
    }
    try engine.write(actor: (className: "User", id: "ann")) {
      try $0.set("Order", id: "o", ["note": "hi"])
    }
    #expect(
      try engine.read { shown(try $0.query("Order.map(o, string(o.total))")) } == shown(["9.00"]))
  }

  @Test func `tests cover such a rule, whoever woke it`() throws {
    let rules = """
      - rule: together
        authority: actor
        trigger:
          changed: Order.note
        when: order.note != null && order.note != "x"
        action:
          - set: o
            each: o in Order.filter(o, o.customer == order.customer && o.status == "paid")
            when: o.total < 5.00
            total: 5.00
      - test: ann has an order that is paid
        given:
          User: {ann: {role: clerk}, max: {role: manager}}
          Customer: {hers: {user: ann}, his: {user: max}}
          Order:
            one: {customer: hers}
            two: {customer: hers, status: paid, total: 9.00}
            three: {customer: his, status: paid}
        do:
          - set: one
            note: hi
            actor: ann
          - set: one
            note: x
            actor: ann
          - delete: "one"
            actor: max
          - set: three
            note: hi
            actor: max
        expect:
          - two.total == 9.00
          - three.total == 5.00
      """
    let bench = try RuleTestBench(
      schema: AccessShop.schemaText, rules: rules, access: AccessShop.accessText)
    let coverage = bench.coverage()
    #expect(coverage.openBranches == ["together when: order.note != null T"])
  }

  @Test func `why says in whose name a rule acted`() throws {
    let shop = try AccessShop(
      rules: """
        - rule: note
          authority: actor
          trigger:
            changed: Order.note
          action:
            - create: Note
              text: ${order.note}
        """)
    #expect(refusal(shop.ann) { try $0.set("Order", id: "o1", ["note": "hi"]) } == nil)
    let notes = try shop.engine.write { try $0.set("Order", id: "o1", ["note": "host"]) }
    #expect(notes.firings.map(\.notes) == [[]])
    let kept = try shop.engine.store.read { session throws(Refusal) in
      try session.integer(
        "SELECT count(*) FROM _journal WHERE CAST(body AS TEXT) LIKE '%in the name of User/ann%'")
    }
    #expect(kept == 1)
  }
}

extension AccessShop {
  /// A field of an order, as the host sees it.
  func field(_ order: String, _ name: String) -> String? {
    try? engine.read { db in
      let text =
        "Order.filter(o, o.objectId == '\(order)' && o.\(name) != null).map(o, string(o.\(name)))"
      guard case .list(let items) = try db.query(text), case .string(let found)? = items.first
      else { return nil }
      return found
    }
  }
}
