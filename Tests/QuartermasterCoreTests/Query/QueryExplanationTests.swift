import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct QueryExplanationTests {
  private func explained(_ text: String) throws -> [QueryExplanation] {
    var bench = try QueryBench(shopSchema)
    bench.declareShop()
    let queries = bench.planner.queries(in: try bench.check(text))
    let store = try Store.open(nil, schema: bench.schema)
    return try store.perform { store throws(Refusal) in
      var found: [QueryExplanation] = []
      for query in queries { found.append(try query.explain(store)) }
      return found
    }
  }

  @Test func `a whole query says its statement and the index`() throws {
    let found = try explained("Order.filter(o, o.status == 'paid').size() > 3")
    #expect(found.count == 1)
    #expect(found.first?.pushed == "Order.filter(o, o.status == 'paid').size()")
    #expect(found.first?.residual == nil)
    #expect(found.first?.usesIndex == true)
    #expect(found.first?.plan == ["SEARCH o USING COVERING INDEX Order(status) (status=?)"])
  }

  @Test func `a narrowed query says what stays, and what that asks for`() throws {
    let found = try explained(
      "order.lines.filter(l, l.backordered > 0 && l.product.inventory.map(i, i.quantity).sum() > 2)"
    )
    #expect(
      found.map(\.pushed) == ["l.backordered > 0", "l.product.inventory.map(i, i.quantity).sum()"])
    #expect(found.first?.residual == "l.product.inventory.map(i, i.quantity).sum() > 2")
  }

  @Test func `a table that is read from end to end is no index's work`() throws {
    #expect(
      try explained("Order.filter(o, o.reference == 'x').first()").map(\.usesIndex) == [false])
    #expect(
      try explained("Product.exists(p, p.onHand < p.reorderPoint)").map(\.usesIndex) == [false])
    #expect(try explained("Order.map(o, o.totalAmount).sum()").map(\.usesIndex) == [false])
    #expect(try explained("Order.sortBy(o, o.createdAt).first()").map(\.usesIndex) == [false])
    #expect(try explained("Product.sortBy(p, p.name).first()").map(\.usesIndex) == [true])
    #expect(try explained("Order.last()").map(\.usesIndex) == [true])
  }
}
