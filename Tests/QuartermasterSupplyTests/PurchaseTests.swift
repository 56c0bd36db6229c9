import Quartermaster
import Testing

@testable import QuartermasterCore

/// `purchase`, sentence by sentence of LANGUAGE.md, section 7.
struct PurchaseTests {
  /// A shop with a supplier and a product.
  private func shop(
    rules: String? = "", supplier: [String: Value] = [:], product: [String: Value] = [:]
  ) throws -> Shop {
    let shop = try Shop(rules: rules)
    try shop.add("Supplier", "acme", supplier)
    try shop.add("Product", "bolt", product)
    return shop
  }

  private func offer(
    _ shop: Shop, _ supplier: String, price: String, _ more: [String: Value] = [:]
  ) throws {
    if try shop.value(#"Supplier.exists(s, s.objectId == "\#(supplier)")"#) == "false" {
      try shop.add("Supplier", supplier)
    }
    var fields: [String: Value] = [
      "supplier": .string(supplier), "product": .string("bolt"), "price": .money(price),
    ]
    fields.merge(more) { _, new in new }
    try shop.add("SupplierProduct", "offer-\(supplier)", fields)
  }

  private func chosen(_ shop: Shop) throws -> String {
    try shop.all(PurchaseOrder.self).map(\.supplier.id).joined(separator: " ")
  }

  @Test(arguments: [0, -1, -50])
  func `a quantity of nothing or less does nothing and says so in the trace`(_ quantity: Int)
    throws
  {
    let shop = try shop(
      rules: """
        - rule: buy
          trigger:
            changed: Product.reorderPoint
          action:
            - purchase: product
              quantity: \(quantity)
              as: line
            - create: User
              username: "bought ${line == null ? \\"nothing\\" : \\"something\\"}"
        """)
    let outcome = try shop.engine.write { db in
      try db.set("Product", id: "bolt", ["reorderPoint": .int(1)])
    }
    #expect(try shop.all(PurchaseOrder.self).isEmpty)
    #expect(outcome.firings.first?.notes == ["nothing bought: the quantity of bolt is \(quantity)"])
    #expect(try shop.all(User.self).map(\.username) == ["bought nothing"])
    let asked = try shop.perform("purchase", "Product/bolt", ["quantity": .int(Int64(quantity))])
    #expect(asked.notes == ["nothing bought: the quantity of bolt is \(quantity)"])
  }

  // MARK: The supplier

  @Test func `from names the supplier, whatever the offers are`() throws {
    let shop = try shop()
    try offer(shop, "best", price: "1", ["preferred": .bool(true)])
    try shop.add("Supplier", "other")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(5), "from": .string("other")])
    #expect(try chosen(shop) == "other")
  }

  @Test func `the preferred offer whose minimum is within the quantity comes first`() throws {
    let shop = try shop()
    try offer(shop, "cheap", price: "1")
    try offer(
      shop, "dear", price: "2", ["preferred": .bool(true), "minimumQuantity": .int(10)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(10)])
    #expect(try chosen(shop) == "dear")
  }

  @Test func `the supplier is chosen after the quantity is known`() throws {
    let shop = try shop()
    try offer(shop, "cheap", price: "1")
    try offer(
      shop, "dear", price: "2", ["preferred": .bool(true), "minimumQuantity": .int(10)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(9)])
    #expect(try chosen(shop) == "cheap")
  }

  @Test func `else the cheapest offer within the quantity`() throws {
    let shop = try shop()
    try offer(shop, "cheapest", price: "0.90", ["minimumQuantity": .int(100)])
    try offer(shop, "cheap", price: "1.0001")
    try offer(shop, "dear", price: "1.0002")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(99)])
    #expect(try chosen(shop) == "cheap")
  }

  @Test func `ties go by lead time, the offer's or else the supplier's`() throws {
    let shop = try shop()
    try shop.add("Supplier", "a-slow", ["leadTime": .days(9)])
    try shop.add("Supplier", "b-quick", ["leadTime": .days(9)])
    try offer(shop, "a-slow", price: "1")
    try offer(shop, "b-quick", price: "1", ["leadTime": .days(2)])
    try offer(shop, "c-unknown", price: "1")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(try chosen(shop) == "b-quick")
  }

  @Test func `then by id`() throws {
    let shop = try shop()
    try offer(shop, "zeta", price: "1")
    try offer(shop, "beta", price: "1")
    try offer(shop, "gamma", price: "1")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(try chosen(shop) == "beta")
  }

  @Test func `else the product's supplier`() throws {
    let shop = try shop()
    try offer(shop, "bulk", price: "1", ["minimumQuantity": .int(100)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(try chosen(shop) == "acme")
  }

  @Test func `a supplier that is not active is asked only where from says so`() throws {
    let shop = try shop()
    try offer(shop, "closed", price: "1")
    try shop.set("Supplier", "closed", ["active": .bool(false)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(try chosen(shop) == "acme")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1), "from": .string("closed")])
    #expect(try shop.all(PurchaseOrder.self).map(\.supplier.id).sorted() == ["acme", "closed"])
  }

  // MARK: The quantity

  @Test(arguments: [(1, 12), (12, 12), (13, 24), (24, 24)])
  func `the quantity is rounded up to the pack size`(_ asked: Int64, _ bought: Int64) throws {
    let shop = try shop(product: ["packSize": .int(12)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(asked)])
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [bought])
  }

  @Test func `the pack size of the offer counts before that of the product`() throws {
    let shop = try shop(product: ["packSize": .int(12)])
    try offer(shop, "acme", price: "1", ["packSize": .int(5)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(6)])
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [10])
  }

  @Test func `then up to the minimum of the supplier`() throws {
    let shop = try shop(product: ["packSize": .int(12)])
    try offer(shop, "acme", price: "1", ["minimumQuantity": .int(48)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(5)])
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [48])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(50)])
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [108])
  }

  @Test func `a quantity that overflows is refused`() throws {
    let shop = try shop(product: ["packSize": .int(12)])
    let message = try shop.refusal {
      try shop.perform("purchase", "Product/bolt", ["quantity": .int(.max)])
    }
    #expect(message == "the quantity of bolt overflows: it is more than a whole number can be")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(.max - 7)])
    #expect(
      try shop.refusal {
        try shop.perform("purchase", "Product/bolt", ["quantity": .int(12)])
      }.contains("overflows"))
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [.max - 7])
  }

  // MARK: The price

  @Test func `the price is the offer's`() throws {
    let shop = try shop(product: ["cost": .money("3")])
    try offer(shop, "acme", price: "2.5001")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.all(PurchaseOrderLine.self).first?.price == ExactDecimal("2.5001"))
  }

  @Test func `else the product's cost`() throws {
    let shop = try shop(product: ["cost": .money("3.1")])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.all(PurchaseOrderLine.self).first?.price == ExactDecimal("3.1"))
  }

  @Test func `a missing price is no error at the draft`() throws {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    let order = try #require(try shop.all(PurchaseOrder.self).first)
    #expect(try shop.all(PurchaseOrderLine.self).map(\.price) == [nil])
    #expect(order.unpriced == 1)
    #expect(order.totalAmount == ExactDecimal(0))
  }

  @Test func `a missing price is an error when the order is sent`() throws {
    let shop = try shop(rules: nil)
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    let order = try #require(try shop.all(PurchaseOrder.self).first)
    let message = try shop.refusal {
      try shop.set("PurchaseOrder", order.id, ["status": .string("sent")])
    }
    #expect(message.contains("without a price"))
  }

  @Test func `a price that is on the draft already stays, and one that is missing is filled in`()
    throws
  {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    let line = try #require(try shop.all(PurchaseOrderLine.self).first)
    try shop.set("Product", "bolt", ["cost": .money("2")])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.find(PurchaseOrderLine.self, line.id).price == ExactDecimal(2))
    try shop.set("Product", "bolt", ["cost": .money("9")])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.find(PurchaseOrderLine.self, line.id).price == ExactDecimal(2))
  }

  @Test func `totals are rounded to the scale of the field`() throws {
    let shop = try shop(product: ["cost": .money("0.3335")])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    // 1.0005 is a half and goes away from zero.
    #expect(try shop.all(PurchaseOrder.self).map { "\($0.totalAmount)" } == ["1.00"])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(7)])
    #expect(try shop.all(PurchaseOrder.self).map { "\($0.totalAmount)" } == ["3.34"])
  }

  // MARK: The order

  @Test func `it is added to the open draft of the supplier`() throws {
    let shop = try shop()
    try shop.add("Product", "nut")
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    try shop.perform("purchase", "Product/nut", ["quantity": .int(4)])
    let orders = try shop.all(PurchaseOrder.self)
    #expect(orders.count == 1)
    #expect(orders.first?.status == "draft")
    #expect(orders.first?.lineCount == 2)
  }

  @Test(arguments: ["approved", "sent", "cancelled"])
  func `an order that is no draft any more is left alone`(_ status: String) throws {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    let first = try #require(try shop.all(PurchaseOrder.self).first)
    try shop.set("PurchaseOrder", first.id, ["status": .string(status)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.all(PurchaseOrder.self).map(\.status).sorted() == [status, "draft"].sorted())
  }

  @Test func `another currency is another draft`() throws {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    try shop.set("Supplier", "acme", ["currency": .string("USD")])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    #expect(try shop.all(PurchaseOrder.self).map(\.currency) == ["EUR", "USD"])
  }

  @Test func `another destination is another draft`() throws {
    let shop = try shop()
    for destination in [nil, "Lyon", nil, "Lyon", "Oslo"] as [String?] {
      var arguments: [String: Value] = ["quantity": .int(2)]
      if let destination { arguments["destination"] = .string(destination) }
      try shop.perform("purchase", "Product/bolt", arguments)
    }
    #expect(try shop.all(PurchaseOrder.self).map(\.destination) == [nil, "Lyon", "Oslo"])
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [4, 4, 2])
  }

  @Test func `one line per product, added to if it is there`() throws {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(3)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(4)])
    let lines = try shop.all(PurchaseOrderLine.self)
    #expect(lines.map(\.quantity) == [7])
    #expect(lines.map(\.open) == [7])
  }

  @Test func `every addition keeps its origin`() throws {
    let shop = try shop(
      rules: """
        - rule: buy-what-is-low
          trigger:
            changed: Inventory.quantity
          action:
            - purchase: inventory.product
              quantity: 10 - inventory.quantity
        """)
    try shop.add("Inventory", "bolts", ["product": .string("bolt"), "quantity": .int(10)])
    let first = try shop.engine.write { db in
      try db.set("Inventory", id: "bolts", ["quantity": .int(7)])
    }
    let second = try shop.engine.write { db in
      try db.set("Inventory", id: "bolts", ["quantity": .int(6)])
    }
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    let origins = try shop.all(PurchaseOrderLine.self).flatMap(\.origins)
    #expect(origins.map(\.rule) == ["buy-what-is-low", "buy-what-is-low", nil])
    #expect(origins.map(\.record) == ["Inventory/bolts", "Inventory/bolts", nil])
    #expect(origins.map(\.quantity) == [3, 4, 1])
    #expect(origins.map(\.version) == [1, 1, 1])
    #expect(origins.prefix(2).map(\.change) == [first.journalRow, second.journalRow])
  }

  @Test func `the expected date is now and the lead time`() throws {
    let shop = try shop(supplier: ["leadTime": .days(3)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(
      try shop.all(PurchaseOrder.self).map { $0.expectedAt?.description } == [
        "2026-03-05T09:00:00Z"
      ])
  }

  @Test func `the lead time of the offer counts before that of the supplier`() throws {
    let shop = try shop(supplier: ["leadTime": .days(3)])
    try offer(shop, "acme", price: "1", ["leadTime": .days(10)])
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(
      try shop.all(PurchaseOrder.self).map { $0.expectedAt?.description } == [
        "2026-03-12T09:00:00Z"
      ])
  }

  @Test func `without a lead time nobody knows when it comes`() throws {
    let shop = try shop()
    try shop.perform("purchase", "Product/bolt", ["quantity": .int(1)])
    #expect(try shop.all(PurchaseOrder.self).map(\.expectedAt) == [nil])
  }

  @Test func `an order keeps the latest expected date and the earliest date of need`() throws {
    let shop = try shop(supplier: ["leadTime": .days(3)])
    try shop.add("Product", "nut")
    try shop.add(
      "SupplierProduct", "slow",
      [
        "supplier": .string("acme"), "product": .string("nut"), "price": .int(1),
        "leadTime": .days(20),
      ])
    let (early, late) = (Timestamp("2026-03-04T00:00:00Z"), Timestamp("2026-04-01T00:00:00Z"))
    for (product, by) in [("nut", late), ("bolt", early), ("nut", late)] {
      try shop.perform(
        "purchase", "Product/\(product)",
        ["quantity": .int(1), "by": by.map(Value.timestamp) ?? .null])
    }
    let order = try #require(try shop.all(PurchaseOrder.self).first)
    #expect(order.expectedAt == Timestamp("2026-03-22T09:00:00Z"))
    #expect(order.neededBy == early)
  }

  @Test func `on order counts drafts, so that running the rule again adds nothing`() throws {
    let shop = try shop(
      rules: """
        - rule: nightly
          trigger:
            every: hour
          action:
            - purchase: product
              each: product in Product.filter(p, p.projected <= p.reorderPoint)
              quantity: product.orderUpTo - product.projected
        """, product: ["reorderPoint": .int(20), "orderUpTo": .int(40), "packSize": .int(12)])
    try shop.advance(hours: 10)
    #expect(try shop.all(PurchaseOrderLine.self).map(\.quantity) == [48])
    #expect(try shop.find(Product.self, "bolt").onOrder == 48)
    #expect(try shop.find(Product.self, "bolt").projected == 48)
  }
}
