import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Tests that stand beside rules: what they are compiled to, and what can be wrong with them.
@Suite struct TestLoadingTests {
  private static let rules = """
    - rule: reorder
      trigger: {saved: Product, becomes: product.projected <= product.reorderPoint}
      action:
        - notify: managers
          message: low

    """

  @Test func `given, do and expect become data`() throws {
    let loaded = load(
      Self.rules + """
        - test: two low products
          now: 2026-03-02T09:00:00Z
          given:
            Product:
              bolt: {name: M8 bolt, supplier: acme, packSize: 12, reorderPoint: 20}
            Supplier:
              acme: {name: Acme, leadTime: 3d}
            Inventory:
              "000123": {product: bolt, quantity: 21}
          do:
            - set: Inventory["000123"]
              quantity: 20
              actor: User["boss"]
            - create: Order
              as: order
              customer: Customer.filter(c, c.name == "x").first()
            - wait: 23h
            - expect:
                - quiet: reorder
                - fired: reorder
            - together:
                - advance: order
                  to: paid
                - delete: bolt
            - purchase: bolt
              quantity: 3
            - signal: tick
          expect:
            - PurchaseOrder.size() == 1
            - Message.filter(m, m.rule == "reorder" && m.title == null).size() == 1
            - order.customer.email == "x"
            - notified: managers
              message: "Low: ${bolt.name}"
            - notified: order.customer
            - rejected: M8 bolt
            - called: print-label
            - denied: no
        """)
    #expect(loaded.lines == [])
    let test = try #require(loaded.tests.first)
    #expect(test.title == "two low products")
    #expect(test.now == Timestamp("2026-03-02T09:00:00Z"))
    #expect(test.fixtures.map(\.id) == ["bolt", "acme", "000123"])
    #expect(
      test.fixtures[0].assignments.map(\.field.name) == [
        "name", "supplier", "packSize", "reorderPoint",
      ])
    let steps = test.steps.map { step in
      switch step {
      case .act(let action): action.actor == nil ? "act" : "act as"
      case .wait(let span, _): "wait \(span)"
      case .together(let actions, _): "together \(actions.count)"
      case .expect(let expectations, _): "expect \(expectations.count)"
      }
    }
    #expect(steps == ["act as", "act", "wait 23h", "expect 2", "together 2", "act", "act"])
    #expect(test.expectations.count == 8)
  }

  @Test func `what can be wrong with a test`() {
    #expect(
      load(
        Self.rules + """
          - test: all wrong
            now: yesterday
            given:
              Product:
                bolt: {nam: M8 bolt, projected: 4}
                bolt2: 5
              Supplier:
                bolt: {name: Acme}
                now: {name: Acme}
              Prodct:
                x: {}
            do:
              - sett: bolt
              - reject: no
              - together:
                  - wait: 1h
              - wait: soon
              - set: nut
                name: x
              - set: bolt
                name: x
                once: bolt
            expect:
              - fired: reorda
              - notifed: managers
              - bolt.nam == "x"
              - old == null
              - bolt.name
          - test: nothing
          """
      ).lines == [
        "rules.yaml:7:8: error: `now` needs an instant such as `2026-03-02T09:00:00Z`, not `yesterday` [rules/test]",
        "rules.yaml:10:14: error: Product has no field `nam`; did you mean `name`? [rules/unknown-field]",
        "rules.yaml:10:28: error: Product.projected is computed from other fields; set those [rules/read-only]",
        "rules.yaml:11:14: error: `bolt2` needs keys and values; it holds a line `field: value` for each [rules/shape]",
        "rules.yaml:13:7: error: two records of this test are called `bolt`; rename one [rules/duplicate]",
        "rules.yaml:14:7: error: `now` is already the name of something here; choose another name for `Supplier` [rules/shadow]",
        "rules.yaml:15:5: error: there is no class `Prodct`; did you mean `Product`? [rules/unknown-class]",
        "rules.yaml:18:7: error: `sett` is not a verb; did you mean `set`? [rules/unknown-verb]",
        "rules.yaml:19:15: error: `reject` is for rules; a test does not take it [rules/test]",
        "rules.yaml:21:11: error: `together` makes several changes one operation; `wait` does not go into it [rules/test]",
        "rules.yaml:22:13: error: `wait` needs a duration such as `15m`, `24h` or `3d`, not `soon` [rules/duration]",
        "rules.yaml:23:12: error: `nut` is not defined [rules/unknown-name]",
        "rules.yaml:27:13: error: `once` is for rules; a test does not take it [rules/test]",
        "rules.yaml:29:14: error: there is no rule `reorda`; did you mean `reorder`? [rules/test]",
        "rules.yaml:30:7: error: a test cannot expect `notifed`; it expects a formula, or `fired`, `quiet`, `notified`, `rejected`, `called` or `denied`; did you mean `notified`? [rules/test]",
        "rules.yaml:31:7: error: `bolt.nam` does not exist; did you mean `name`? [rules/unknown-field]",
        "rules.yaml:32:7: error: `old` is not known here: a test is woken by no change [rules/unknown-name]",
        "rules.yaml:33:7: error: `expect` needs true or false; `bolt.name` is a text [rules/type]",
        "rules.yaml:34:9: error: the test needs `expect:`; say what must hold [rules/missing-key]",
      ])
  }

  @Test func `a test that is wrong leaves rules and other tests alone`() {
    let loaded = load(
      Self.rules + """
        - test: wrong
          expect: [nothing]
        - test: right
          expect: Product.size() == 0
        """)
    #expect(loaded.codes == ["rules/unknown-name"])
    #expect(loaded.rules?.rules.count == 1)
    #expect(loaded.tests.map(\.title) == ["right"])
  }
}
