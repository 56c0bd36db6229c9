import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Which rules are warned of because they may wake each other for ever, or because their order matters.
@Suite struct RuleLoopTests {
  private func loops(_ text: String) -> [String] {
    load(text).diagnostics.filter { $0.code == "rules/loop" }.map(\.message)
  }

  private func rule(_ name: String, _ trigger: String, _ action: String, when: String = "")
    -> String
  {
    "- rule: \(name)\n  trigger: {\(trigger)}\n" + (when.isEmpty ? "" : "  when: \(when)\n")
      + "  action: {\(action)}\n"
  }

  @Test func `a rule that wakes itself`() {
    #expect(
      loops(
        rule(
          "up", "changed: Inventory.quantity", "set: inventory, quantity: inventory.quantity + 1"))
        == ["may loop: up -> up"])
    // Another field is no cause.
    #expect(
      loops(
        rule(
          "up", "changed: Inventory.quantity", "set: inventory, reserved: inventory.quantity + 1"))
        == [])
    // A computed field follows the fields it reads, a roll-up its children.
    #expect(
      loops(
        rule(
          "up", "changed: Inventory.available", "set: inventory, reserved: inventory.quantity - 1"))
        == ["may loop: up -> up"])
    #expect(
      loops(
        rule(
          "up", "changed: Product.onHand",
          "set: i, each: i in product.inventory, quantity: product.onHand - i.quantity"))
        == ["may loop: up -> up"])
  }

  @Test func `a constant comes to rest`() {
    #expect(loops(rule("r", "saved: Shipment", "set: shipment, carrier: road")) == [])
    #expect(
      loops(
        rule("r", "saved: Shipment", "set: shipment, carrier: road")
          + rule("s", "saved: Shipment", "set: shipment, carrier: rail")) == [
          "may loop: r -> s -> r"
        ])
    #expect(
      loops(rule("r", "saved: Log", "create: Log, text: again")) == ["may loop: r -> r"])
    #expect(loops(rule("r", "deleted: Log", "delete: l, each: l in Log")) == [])
  }

  @Test func `a constant that makes the edge false`() {
    let pay = rule(
      "pay", "saved: Order, becomes: 'order.status == \"pending\"'", "advance: order, to: paid")
    let hold = rule(
      "hold", "saved: Order, becomes: 'order.status == \"paid\"'", "advance: order, to: held")
    let wait = rule(
      "wait", "saved: Order, becomes: 'order.status == \"held\"'", "advance: order, to: pending")
    #expect(loops(pay) == [])
    #expect(loops(pay + hold) == [])
    #expect(loops(pay + hold + wait) == ["may loop: pay -> hold -> wait -> pay"])
    // The same in a condition.
    #expect(
      loops(
        rule(
          "pay", "changed: Order.status", "set: order, status: paid",
          when: "order.status == \"pending\"")
          + rule(
            "back", "changed: Order.status", "set: order, status: pending",
            when: "new.status in [\"held\"]"))
        == [])
    // A new record has the default.
    #expect(
      loops(
        rule(
          "more", "created: Order", "create: Order, customer: order.customer",
          when: "order.status == \"paid\"")) == [])
    #expect(
      loops(rule("more", "created: Order", "create: Order, customer: order.customer"))
        == ["may loop: more -> more"])
  }

  @Test func `a direction that leads away from the edge`() {
    // A purchase raises what is open, so it raises what is projected: no product becomes low by it.
    #expect(
      loops(
        rule(
          "reorder", "saved: Product, becomes: product.projected <= product.reorderPoint",
          "purchase: product, quantity: 5")) == [])
    #expect(
      loops(
        rule(
          "reorder", "saved: Product, becomes: product.projected >= product.reorderPoint",
          "purchase: product, quantity: 5")) == ["may loop: reorder -> reorder"])
    // Shipping lowers stock only.
    let trigger = "changed: Inventory.quantity"
    let action = "ship: o, each: 'o in Order.filter(o, o.status == \"allocated\")'"
    #expect(loops(rule("more", trigger, action, when: "new.quantity > old.quantity")) == [])
    #expect(
      loops(rule("less", trigger, action, when: "new.quantity < old.quantity"))
        == ["may loop: less -> less"])
    #expect(loops(rule("any", trigger, action)) == ["may loop: any -> any"])
    // As does a number that is added to the field itself.
    #expect(
      loops(
        rule(
          "count", "saved: Inventory, becomes: inventory.quantity < 5",
          "set: inventory, quantity: inventory.quantity + 1")) == [])
  }

  @Test func `signals, timers and before rules`() {
    #expect(loops(rule("tick", "signal: tick", "signal: tick")) == ["may loop: tick -> tick"])
    // A timer fires in an operation of its own.
    #expect(
      loops(
        rule(
          "wait", "saved: Order, becomes: 'order.reference == null', for: 1h",
          "set: order, reference: '${null}'")) == [])
    #expect(
      loops(
        "- rule: before\n  phase: before\n  trigger: {saved: Log}\n  action: {set: log, n: log.n + 1}\n"
      )
        == [])
    #expect(
      loops(
        "- rule: before\n  phase: before\n  trigger: {saved: Log}\n  action: {set: log, n: log.n + 1}\n"
          + rule("after", "changed: Log.n", "set: log, text: 'x ${log.n}'"))
        == ["may loop: before -> after -> before"])
  }

  @Test func `what a message writes into the inbox`() throws {
    var settings = supplySettings
    settings.inbox = ProjectSettings.Inbox(
      className: "Log", user: nil, text: "text", title: nil, read: nil, rule: nil, firing: nil)
    let text = rule("tell", "created: Log", "notify: managers, message: x")
    let loaded = load((name: "rules.yaml", text: text), settings: settings)
    #expect(loaded.codes == ["rules/loop"])
  }

  @Test func `rivals that can never meet`() {
    let set = { (name: String, trigger: String, when: String) in
      self.rule(name, trigger, "set: shipment, carrier: \(name)", when: when)
    }
    let order = { (text: String) in
      load(text, options: RuleCheckOptions(checksLoops: false)).codes
    }
    let changed = "changed: Shipment.order"
    #expect(order(set("a", changed, "") + set("b", changed, "")) == ["rules/order"])
    #expect(
      order(
        set("a", changed, "shipment.status == \"packed\"")
          + set("b", changed, "shipment.status == \"shipped\""))
        == [])
    #expect(
      order(
        set("a", "changed: Shipment.order, becomes: 'shipment.status == \"packed\"'", "")
          + set("b", "changed: Shipment.order, becomes: 'shipment.status == \"shipped\"'", ""))
        == [])
    #expect(order(set("a", "created: Shipment", "") + set("b", changed, "")) == [])
    #expect(
      order(
        set("a", changed, "")
          + set("b", changed, "").replacing("  when", with: "  follows: a\n  when"))
        == ["rules/order"])
    #expect(
      order(
        set("a", changed, "") + "- rule: b\n  follows: a\n" + set("c", changed, "").dropFirst(10))
        == [])
    // The same value is no conflict, and what reads the field is none.
    let road = { (name: String) in self.rule(name, changed, "set: shipment, carrier: road") }
    #expect(order(road("a") + road("b")) == [])
  }
}
