import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What the checker knows of a rule beyond the shape of its actions: null, order, edges, money, moves.
@Suite struct RuleMeaningTests {
  @Test func `a condition narrows what comes after it`() {
    let reject = "    - reject: ${inventory.bin.code}"
    let trigger = "{saved: Inventory}"
    let message =
      "error: `inventory.bin` may be null here; guard it: inventory.bin != null && ... [rules/nullable]"
    #expect(said(reject, trigger: trigger) == ["rules.yaml:4:17: " + message])
    #expect(said(reject, trigger: trigger, more: "  when: inventory.bin != null\n") == [])
    #expect(
      said(
        reject, trigger: trigger,
        more: "  when: [inventory.bin != null, inventory.bin.capacity > 3]\n")
        == [])
    #expect(
      said(
        reject, trigger: trigger,
        more: "  when: [inventory.bin.capacity > 3, inventory.bin != null]\n")
        == ["rules.yaml:3:10: " + message])
    #expect(
      said(
        reject + "\n      when: inventory.bin != null && inventory.bin.capacity > 3",
        trigger: trigger)
        == [])
    #expect(
      said(reject, trigger: "{saved: Inventory, becomes: inventory.bin != null}") == [])
    // What one action's condition says is not so in the next.
    #expect(
      said(
        reject + "\n      when: inventory.bin != null\n" + reject, trigger: trigger)
        == ["rules.yaml:6:17: " + message])
  }

  @Test func `a let is checked where it is first used`() throws {
    let loaded = load(
      """
      - rule: overfull
        trigger: {saved: Inventory}
        let:
          room: inventory.bin.capacity - load
          load: inventory.bin.contents.map(i, i.quantity).sum()
        when:
          - inventory.bin != null
          - load > 10 || room < 0
        action:
          - reject: ${load} in ${inventory.bin.code}
      """)
    #expect(loaded.lines == [])
    let rule = try #require(loaded.rules?.rules.first)
    #expect(rule.lazySlots.count == 4)
    #expect(rule.readFields == ["bin", "contents", "quantity", "capacity"])
    #expect(
      load(
        """
        - rule: overfull
          trigger: {saved: Inventory}
          let:
            load: inventory.bin.contents.map(i, i.quantity).sum()
          when: load > 10
          action: {reject: no}
        - rule: ring
          trigger: {saved: Inventory}
          let:
            a: b + 1
            b: c + a
            c: 5
            now: 3
            inventory: 4
          when: a > c
          action: {reject: no}
        """
      ).lines == [
        "rules.yaml:4:11: error: `inventory.bin` may be null here; guard it: inventory.bin != null && ... [rules/nullable]",
        "rules.yaml:10:5: error: this value needs itself: a -> b -> a; take one step out [rules/let]",
        "rules.yaml:13:5: error: `now` is already the name of something here; choose another name for `let` [rules/shadow]",
        "rules.yaml:14:5: error: `inventory` is already the name of something here; choose another name for `let` [rules/shadow]",
      ])
  }

  @Test func `old beside the live record is warned of`() {
    let warning =
      "warning: `inventory` is the record as it is by now, `old` is fixed: what earlier rules changed is counted twice; write new.quantity beside old.quantity [rules/mixed-old]"
    #expect(
      load(
        """
        - rule: r
          trigger: {changed: Inventory.quantity}
          when: inventory.quantity - old.quantity > 3
          action: {reject: "from ${old.quantity} to ${inventory.quantity}"}
        """
      ).lines == ["rules.yaml:3:9: " + warning])
    #expect(
      load(
        """
        - rule: r
          trigger: {changed: Inventory.quantity}
          when: new.quantity - old.quantity > inventory.quantity
          action: {reject: no}
        """
      ).lines == [])
  }

  @Test func `a query of a stored record finds the record itself`() {
    let rule = { (phase: String, condition: String) in
      "- rule: dup\n  trigger: {created: Order}\n  phase: \(phase)\n  when: \(condition)\n  action: {reject: no}\n"
    }
    let same = "order.reference != null && Order.exists(o, o.reference == order.reference)"
    #expect(
      load((name: "dup.yaml", text: rule("after", same))).lines == [
        "dup.yaml:4:36: warning: this rule runs after the order is stored, so Order.exists(...) also finds the new order itself; leave it out with o != order, or write phase: before [rules/finds-itself]"
      ])
    #expect(load(rule("before", same)).lines == [])
    #expect(
      load(rule("after", same.replacing("o.reference ==", with: "o != order && o.reference ==")))
        .lines == [])
  }

  @Test func `a purchase that starts with an edge should have a sweep`() {
    let rules = SupplyFixture.rules
    let start = rules.range(of: "- rule: nightly-reorder")
    let end = rules.range(of: "- rule: send-purchase-orders")
    guard let start, let end else { return }
    let without = rules.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: "")
    #expect(
      load(without).lines == [
        "rules.yaml:7:7: note: an edge that is missed, by a load without rules or a skipped firing, is past; add a rule with `every: day` that does `purchase` for all that still need it [rules/sweep]"
      ])
  }

  @Test func `money that a formula mixes with a double`() {
    #expect(
      load(
        """
        - rule: r
          trigger: {saved: Product}
          action: {set: product, price: product.price * product.weight}
        """
      ).lines == [
        "rules.yaml:3:49: error: product.price is money; `product.weight` is a double; write decimal(product.weight) to say you accept rounding [rules/type]"
      ])
  }

  @Test func `checks that can be switched off`() {
    let text = """
      - rule: a
        trigger: {changed: Shipment.carrier}
        action:
          - set: shipment
            carrier: x
          - notify: nobody
            message: ${shipment.order.promised} ${shipment.order.customer.user.email}
      - rule: b
        trigger: {changed: Shipment.carrier}
        action: {set: shipment, carrier: y}
      """
    #expect(
      load(text).codes == [
        "rules/unknown-group", "rules/null-hole", "rules/nullable",
      ])
    let off = RuleCheckOptions(
      checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    #expect(load(text, options: off).lines == [])
    let rivals = RuleCheckOptions(checksNull: false, checksGroups: false)
    #expect(load(text, options: rivals).codes == ["rules/loop", "rules/order"])
    #expect(
      load(text, options: RuleCheckOptions(groups: ["nobody"])).codes.contains(
        "rules/unknown-group") == false)
  }

  @Test func `moves that a flow does not allow`() {
    #expect(
      said("    - advance: order\n      to: delivered", more: "  when: order.status == \"paid\"\n")
        == [
          "rules.yaml:6:11: error: Order may not go from paid to delivered (allocated, backordered, cancelled) [rules/flow]"
        ])
    #expect(
      said(
        "    - set: order\n      status: delivered",
        trigger: "{saved: Order, becomes: order.status == \"cancelled\"}") == [
          "rules.yaml:5:7: warning: Order may not go from cancelled to delivered (it is an end) [rules/flow]"
        ])
    #expect(
      said(
        "    - advance: order\n      to: allocated\n    - advance: order\n      to: shipped",
        more: "  when: order.status == \"paid\"\n") == [])
    #expect(
      said(
        "    - advance: order\n      when: order.reference != null\n      to: allocated\n    - advance: order\n      to: backordered",
        more: "  when: order.status == \"paid\"\n") == [])
    // A verb of the host may have moved it.
    #expect(
      said(
        "    - ship: order\n    - advance: order\n      to: delivered",
        more: "  when: order.status == \"allocated\"\n") == [])
    #expect(
      said("    - advance: order\n      to: pending") == [
        "rules.yaml:5:11: warning: no move of the flow of Order leads to pending, so a record gets there only when it is created; add the move to the flow, or take this action out [rules/flow]"
      ])
  }

  @Test func `a pointer is no text`() {
    #expect(
      said("    - reject: no", more: "  when: order.customer == \"c1\"\n") == [
        "rules.yaml:3:9: error: `order.customer` is a Customer, not a text; compare its id: order.customer.objectId == \"c1\" [rules/type]"
      ])
  }

  @Test func `words with a dash are words`() throws {
    #expect(
      said("    - create: Log\n      text: order-late", trigger: "{created: Order}") == [])
    #expect(
      said("    - create: Log\n      text: order - late", trigger: "{created: Order}").count == 1)
  }
}
