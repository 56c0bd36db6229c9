import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct QueryGoldenTests {
  @Test func `prints`() throws {
    var bench = try QueryBench(supplySchema)
    bench.declare("order", record: "Order")
    bench.declare("product", record: "Product")
    bench.declare("inventory", record: "Inventory")
    bench.declare("now", .timestamp)
    for text in [
      "Order.filter(o, o.status == 'pending')",
      "Order.exists(o, o.customer == order.customer && o.reference == order.reference && o.status != 'cancelled' && o.createdAt > now - days(1))",
      "order.lines.all(l, l.allocated >= l.quantity)",
      "OrderLine.filter(l, l.product == inventory.product && l.backordered > 0).sortBy(l, l.order.createdAt)",
      "order.lines.map(l, l.quantity).sum()",
      "order.lines.map(l, l.amount).sum()",
      "Inventory.exists(i, i.product == product && i.bin != null && i.bin.code == 'A1')",
      "Product.filter(p, p.name.startsWith('bolt')).size()",
      "Order.filter(o, o.status in ['paid', 'shipped']).sortBy(o, -o.totalAmount).slice(0, 5)",
      "Order.filter(o, o.lines.exists(l, l.product == product))",
      "Product.filter(p, p.inventory.all(i, i.quantity == 0))",
      "Order.filter(o, o.shipment == null && o.status == 'paid').size()",
      "order.lines.exists(l, l.quantity - l.allocated > 0)",
      "order.lines.exists(l, l.backordered > 0 && l.quantity - l.allocated > 0)",
      "Product.filter(p, p.cost != null && p.cost > 1.5)",
      "order.lines.map(l, l.product).distinct()",
      "Order.filter(o, o.orderDate == null || o.orderDate > now)",
      "Order.filter(o, !(o.orderDate != null && o.orderDate > now))",
      "Product.filter(p, has(p.cost) && has(p.inventory)).first()",
    ] {
      Swift.print(text, "\n    ", try bench.sql(text))
    }
  }
}
