import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What the checks of queries, moves and searches leave alone.
@Suite struct CheckLimitsTests {
  private func codes(
    _ trigger: String, when: String = "true", action: String = "- notify: managers\n  message: x"
  ) -> [String] {
    var options = RuleCheckOptions()
    options.checksQueries = true
    options.checksConditions = false
    let lines = action.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    return load(
      "- rule: r\n  trigger: {\(trigger)}\n  when: (\(when))\n  action:\n\(lines)\n",
      options: options
    ).diagnostics.map(\.code)
  }

  @Test func `a query that an index serves is not noted, and one of a schedule neither`() {
    let unindexed = "Shipment.exists(s, s != shipment && s.carrier == shipment.carrier)"
    #expect(codes("created: Shipment", when: unindexed) == ["rules/scan"])
    #expect(codes("every: day", when: "Shipment.exists(s, s.carrier == \"rail\")") == [])
    #expect(codes("created: Order", when: "order.lines.exists(l, l.quantity > 5)") == [])
  }

  @Test func `a move is allowed when one of the statuses that are left allows it`() {
    let pay = "- advance: order\n  to: paid"
    #expect(
      codes("saved: Order", when: "order.status in [\"pending\", \"cancelled\"]", action: pay) == []
    )
    #expect(
      codes("saved: Order", when: "order.status in [\"shipped\", \"cancelled\"]", action: pay)
        == ["rules/flow"])
    #expect(
      codes(
        "saved: Order", when: "order.status == \"shipped\" || order.status == \"cancelled\"",
        action: pay) == ["rules/flow"])
    // Staying is no move.
    #expect(
      codes("saved: Order", when: "order.status in [\"paid\", \"cancelled\"]", action: pay) == [])
    #expect(codes("saved: Order", when: "order.status != \"cancelled\"", action: pay) == [])
    #expect(
      codes("saved: Order", when: "order.status == \"shipped\" || order.tags == null", action: pay)
        == [])
  }

  @Test func `a search that leaves the record out, or is for others, finds nothing of its own`() {
    let same = "o.reference == order.reference"
    #expect(
      codes("created: Order", when: "Order.exists(o, \(same))").contains("rules/finds-itself"))
    #expect(
      codes("created: Order", when: "order.customer.orders.filter(o, \(same)).size() > 0")
        .contains("rules/finds-itself"))
    #expect(
      !codes("created: Order", when: "Order.exists(o, o != order && \(same))")
        .contains("rules/finds-itself"))
    #expect(
      !codes("created: Order", when: "Order.filter(o, \(same)).size() > 1")
        .contains("rules/finds-itself"))
    #expect(
      !codes("created: Order", when: "Shipment.exists(s, s.carrier == order.reference)")
        .contains("rules/finds-itself"))
  }

  @Test func `one close name alone is meant for sure`() {
    #expect(Suggestion.only(to: "treshold", among: ["threshold", "quantity"]) == "threshold")
    #expect(Suggestion.only(to: "rule-b", among: ["rule-c", "rule-d"]) == nil)
    // The same but for case stands before what is spelt differently.
    #expect(Suggestion.only(to: "dueDate", among: ["duedate", "dueDates"]) == "duedate")
    #expect(Suggestion.only(to: "xyz", among: ["threshold"]) == nil)
  }
}
