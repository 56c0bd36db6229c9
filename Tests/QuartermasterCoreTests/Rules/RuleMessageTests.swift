import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Each kind of mistake as it is shown: the place, the words, the line and the mark below it.
@Suite struct RuleMessageTests {
  private func shown(_ text: String, name: String = "rules.yaml") -> String {
    load((name: name, text: text)).rendered
  }

  @Test func `a misspelt field`() {
    #expect(
      shown(
        """
        - rule: low-bin
          trigger:
            saved: Inventory
            becomes: inventory.quantity <= inventory.treshold
          action:
            - notify: managers
              message: low
        """, name: "stock.yaml") == """
          stock.yaml:4:36: error: `inventory.treshold` does not exist; did you mean `threshold`? [rules/unknown-field]
            |
          4 |     becomes: inventory.quantity <= inventory.treshold
            |                                    ^^^^^^^^^^^^^^^^^^

          """)
  }

  @Test func `an unknown status, in a formula and as a word`() {
    #expect(
      shown(
        """
        - rule: pay
          trigger:
            saved: Order
            becomes: order.status == "payed"
          action:
            - advance: order
              to: alocated
        """) == """
          rules.yaml:4:30: error: "payed" is not a status of Order (pending, held, paid, ...); did you mean "paid"? [rules/unknown-status]
            |
          4 |     becomes: order.status == "payed"
            |                              ^^^^^^^

          """)
    #expect(
      load(
        """
        - rule: pay
          trigger: {saved: Order}
          action:
            - advance: order
              to: alocated
            - set: order
              status: payd
        - rule: news
          trigger: {changed: Shipment.status}
          when: shipment.status in ["shiped"]
          action:
            - set: shipment
              status: '${shipment.carrier == null ? "packd" : "packed"}'
        """
      ).lines == [
        "rules.yaml:5:11: error: \"alocated\" is not a status of Order (pending, held, paid, ...); did you mean \"allocated\"? [rules/unknown-status]",
        "rules.yaml:7:15: error: \"payd\" is not a status of Order (pending, held, paid, ...); did you mean \"paid\"? [rules/unknown-status]",
        "rules.yaml:10:29: error: \"shiped\" is not a status of Shipment (packed, shipped, out-for-delivery, delivered); did you mean \"shipped\"? [rules/unknown-status]",
        "rules.yaml:13:45: error: \"packd\" is not a status of Shipment (packed, shipped, out-for-delivery, delivered); did you mean \"packed\"? [rules/unknown-status]",
      ])
  }

  @Test func `a wrong type`() {
    #expect(
      shown(
        """
        - rule: order-more
          trigger:
            saved: Product
          action:
            - purchase: product
              quantity: product.name
        """) == """
          rules.yaml:6:17: error: quantity needs a whole number; `product.name` is a text [rules/type]
            |
          6 |       quantity: product.name
            |                 ^^^^^^^^^^^^

          """)
  }

  @Test func `null that is not guarded`() {
    #expect(
      shown(
        """
        - rule: tell-bin
          trigger:
            changed: Inventory.quantity
          when: inventory.bin.capacity < inventory.quantity
          action:
            - reject: too much
        """, name: "orders.yaml") == """
          orders.yaml:4:9: error: `inventory.bin` may be null here; guard it: inventory.bin != null && ... [rules/nullable]
            |
          4 |   when: inventory.bin.capacity < inventory.quantity
            |         ^^^^^^^^^^^^^

          """)
  }

  @Test func `words where a formula belongs`() {
    #expect(
      shown(
        """
        - rule: order-more
          trigger:
            saved: Inventory
          action:
            - purchase: inventory.product
              quantity: threshold
        """) == """
          rules.yaml:6:17: error: quantity needs a number; `threshold` is not defined; did you mean `inventory.threshold`? [rules/unknown-name]
            |
          6 |       quantity: threshold
            |                 ^^^^^^^^^

          """)
    #expect(
      load(
        """
        - rule: order-more
          trigger: {saved: Inventory}
          when: the stock is low
          action:
            - purchase: inventory.product
              quantity: two times the threshold
        """
      ).lines == [
        "rules.yaml:3:13: error: `when` needs true or false, and these are words; write a formula (expected an operator or the end, found `stock`) [rules/words]",
        "rules.yaml:6:21: error: quantity needs a number, and these are words; write a formula (expected an operator or the end, found `times`) [rules/words]",
      ])
  }

  @Test func `a formula where words belong`() {
    #expect(
      shown(
        """
        - rule: note
          trigger:
            saved: Order
          action:
            - create: Log
              text: order.reference
        """) == """
          rules.yaml:6:13: error: `text` takes words, and this is a formula; write `${order.reference}` for the value [rules/formula-in-text]
            |
          6 |       text: order.reference
            |             ^^^^^^^^^^^^^^^

          """)
  }

  @Test func `a syntax error`() {
    #expect(
      shown(
        """
        - rule: note
          trigger:
            saved: Order
          when: (order.status == "paid"
          action:
            - create: Log
              text: paid
        """) == """
          rules.yaml:4:32: error: expected `)`, found the end [rules/syntax]
            |
          4 |   when: (order.status == "paid"
            |                                ^
          rules.yaml:4:9: note: opened here
            |
          4 |   when: (order.status == "paid"
            |         ^

          """)
  }

  @Test func `a loop, with the actions that lead round`() {
    #expect(
      shown(
        """


        - rule: lift-status
          trigger:
            changed: Shipment.status
          when: shipment.status == "packed"
          action:
            - set: shipment
              status: shipped
        - rule: drop-status
          trigger:
            changed: Shipment.status
          when: shipment.status == "shipped"
          action:
            - set: shipment
              status: packed
        """, name: "loops.yaml") == """
          loops.yaml:3:3: warning: may loop: lift-status -> drop-status -> lift-status [rules/loop]
            |
          3 | - rule: lift-status
            |   ^^^^
          loops.yaml:8:7: note: lift-status changes Shipment.status here, which may wake drop-status
            |
          8 |     - set: shipment
            |       ^^^
          loops.yaml:15:7: note: drop-status changes Shipment.status here, which may wake lift-status
             |
          15 |     - set: shipment
             |       ^^^

          """)
  }

  @Test func `two writers that conflict`() {
    #expect(
      shown(
        """
        - rule: to-road
          trigger:
            changed: Shipment.status
          action:
            - set: shipment
              carrier: road
        - rule: to-rail
          trigger:
            changed: Shipment.status
          action:
            - set: shipment
              carrier: rail
        """) == """
          rules.yaml:9:5: warning: to-road and to-rail both start when Shipment.status changes, and both may set Shipment.carrier, to different values: that undoes the operation; add `follows:` to say which goes last [rules/order]
            |
          9 |     changed: Shipment.status
            |     ^^^^^^^

          """)
  }

  @Test func `two rules of which one reads what the other writes`() {
    let rules = SupplyFixture.rules.replacing("  follows: allocate-when-paid\n", with: "")
    #expect(
      load((name: "orders.yaml", text: rules)).lines == [
        "orders.yaml:51:5: warning: allocate-when-paid and backorder-when-short both start when Order becomes paid, and one reads what the other writes (OrderLine.allocated); add `follows:` to say which goes first [rules/order]"
      ])
  }
}
