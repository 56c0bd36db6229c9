import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What the check of loops knows of `old`, and of what verbs leave as it is.
@Suite struct RuleLoopKnowledgeTests {
  private func loops(_ text: String, schema: Schema = SupplyFixture.loadedSchema) -> [String] {
    load(("rules.yaml", text), schema: schema).diagnostics
      .filter { $0.code == "rules/loop" }.map(\.message)
  }

  @Test func `a record that is changed had an old version`() {
    func rule(_ condition: String) -> String {
      """
      - rule: less
        trigger: {saved: Inventory.quantity}
        when: \(condition)
        action: {set: inventory, quantity: inventory.quantity - 1}
      """
    }
    #expect(loops(rule("old == null")).isEmpty)
    #expect(loops(rule("old == null || new.quantity > old.quantity")).isEmpty)
    #expect(loops(rule("old != null")) == ["may loop: less -> less"])
    #expect(
      loops(rule("old == null || new.quantity < old.quantity")) == ["may loop: less -> less"])
  }

  @Test func `a record that is created had none`() {
    func rule(_ condition: String) -> String {
      """
      - rule: more
        trigger: {saved: Log}
        when: \(condition)
        action: {create: Log, text: again}
      """
    }
    #expect(loops(rule("old != null")).isEmpty)
    #expect(loops(rule("old == null")) == ["may loop: more -> more"])
  }

  @Test func `a verb says what it leaves as it is`() throws {
    let rule = """
      - rule: ship-what-is-free
        trigger: {saved: Inventory, becomes: inventory.available > 0}
        action: {ship: order, each: order in Order}
      """
    #expect(loops(rule) == ["may loop: ship-what-is-free -> ship-what-is-free"])
    let text = SupplyFixture.schema.replacing(
      "Inventory.reserved: down, OrderLine.shipped: up}",
      with: "Inventory.reserved: down, Inventory.available: same, OrderLine.shipped: up}")
    let schema = try Schema.load(SourceFile(name: "schema.yaml", text: text)).schema
    #expect(schema.verbs["ship"]?.directions["Inventory.available"] == 0)
    #expect(loops(rule, schema: schema).isEmpty)
  }
}
