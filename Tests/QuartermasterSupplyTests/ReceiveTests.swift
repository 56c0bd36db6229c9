import Quartermaster
import Testing

@testable import QuartermasterCore

/// `receive`, sentence by sentence of LANGUAGE.md, section 7.
struct ReceiveTests {
  /// A shop with a purchase order that was sent: ten bolts and four nuts.
  private func shop(status: String = "sent", rules: String? = "") throws -> Shop {
    let shop = try Shop(rules: rules)
    try shop.add("Supplier", "acme")
    for (product, quantity) in [("bolt", 10), ("nut", 4)] as [(String, Int64)] {
      try shop.add("Product", product)
      if product == "bolt" {
        try shop.add(
          "PurchaseOrder", "po", ["supplier": .string("acme"), "status": .string(status)])
      }
      try shop.add(
        "PurchaseOrderLine", "\(product)-line",
        [
          "order": .string("po"), "product": .string(product), "quantity": .int(quantity),
          "open": .int(quantity), "price": .int(1),
        ])
    }
    return shop
  }

  @Test func `an order receives what is outstanding on all its lines`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrder/po")
    let lines = try shop.all(PurchaseOrderLine.self)
    #expect(lines.map(\.received) == [10, 4])
    #expect(lines.map(\.open) == [0, 0])
    #expect(try shop.find(Product.self, "bolt").onHand == 10)
    #expect(try shop.find(Product.self, "bolt").onOrder == 0)
    #expect(try shop.find(Product.self, "nut").onHand == 4)
  }

  @Test func `the order is received when nothing is outstanding`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrderLine/bolt-line")
    #expect(try shop.find(PurchaseOrder.self, "po").status == "partial")
    try shop.perform("receive", "PurchaseOrderLine/nut-line")
    #expect(try shop.find(PurchaseOrder.self, "po").status == "received")
  }

  @Test func `a line receives a part`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrderLine/bolt-line", ["quantity": .int(3)])
    let line = try shop.find(PurchaseOrderLine.self, "bolt-line")
    #expect(line.received == 3)
    #expect(line.open == 7)
    #expect(try shop.find(Product.self, "bolt").onHand == 3)
    #expect(try shop.find(Product.self, "bolt").onOrder == 7)
    #expect(try shop.find(PurchaseOrder.self, "po").status == "partial")
  }

  @Test func `an order with one outstanding line receives a part of it`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrderLine/nut-line")
    try shop.perform("receive", "PurchaseOrder/po", ["quantity": .int(6)])
    #expect(try shop.find(PurchaseOrderLine.self, "bolt-line").received == 6)
  }

  @Test func `a part of an order with several outstanding lines is refused`() throws {
    let shop = try shop()
    let message = try shop.refusal {
      try shop.perform("receive", "PurchaseOrder/po", ["quantity": .int(6)])
    }
    #expect(
      message
        == "PO-00001 has 2 lines that are outstanding; receive a line to receive a part of it")
  }

  @Test func `more than is outstanding is refused`() throws {
    let shop = try shop()
    let message = try shop.refusal {
      try shop.perform("receive", "PurchaseOrderLine/nut-line", ["quantity": .int(5)])
    }
    #expect(message == "5 were to be received, and 4 are outstanding on PO-00001")
    #expect(try shop.find(Product.self, "nut").onHand == 0)
  }

  @Test(arguments: [0, -3])
  func `a part of nothing or less is no receipt`(_ quantity: Int64) throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrderLine/nut-line", ["quantity": .int(quantity)])
    #expect(try shop.find(Product.self, "nut").onHand == 0)
    #expect(try shop.find(PurchaseOrder.self, "po").status == "sent")
  }

  @Test func `nothing outstanding is no operation`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrder/po")
    let outcome = try shop.perform("receive", "PurchaseOrder/po")
    #expect(outcome.changes.isEmpty)
    #expect(try shop.find(Product.self, "bolt").onHand == 10)
  }

  @Test func `the goods go where into says`() throws {
    let shop = try shop()
    try shop.add("Bin", "gate")
    try shop.add("Inventory", "a", ["product": .string("bolt")])
    try shop.add("Inventory", "b", ["product": .string("bolt"), "bin": .string("gate")])
    try shop.perform(
      "receive", "PurchaseOrderLine/bolt-line", ["quantity": .int(4), "into": .string("b")])
    #expect(try shop.all(Inventory.self).map(\.quantity) == [0, 4])
    #expect(try shop.find(Bin.self, "gate").currentLoad == 4)
  }

  @Test func `into a place of another product is refused`() throws {
    let shop = try shop()
    try shop.add("Inventory", "nuts", ["product": .string("nut")])
    let message = try shop.refusal {
      try shop.perform("receive", "PurchaseOrderLine/bolt-line", ["into": .string("nuts")])
    }
    #expect(message == "Inventory/nuts does not hold bolt; name a place that does")
  }

  @Test func `without into they go to the product's first place, or a new one`() throws {
    let shop = try shop()
    try shop.add("Inventory", "a", ["product": .string("bolt"), "quantity": .int(1)])
    try shop.add("Bin", "shelf")
    try shop.add("Inventory", "b", ["product": .string("bolt"), "bin": .string("shelf")])
    try shop.perform("receive", "PurchaseOrder/po")
    #expect(try shop.find(Inventory.self, "a").quantity == 11)
    #expect(try shop.find(Inventory.self, "b").quantity == 0)
    #expect(try shop.all(Inventory.self).contains { $0.product.id == "nut" && $0.quantity == 4 })
  }

  @Test(arguments: ["draft", "approved"])
  func `an order that was not sent receives nothing`(_ status: String) throws {
    let shop = try shop(status: status)
    let message = try shop.refusal { try shop.perform("receive", "PurchaseOrder/po") }
    #expect(message.contains(status) && message.contains("received") && message.contains("sent"))
    #expect(try shop.find(Product.self, "bolt").onHand == 0)
  }

  @Test func `what came in is written down`() throws {
    let shop = try shop()
    try shop.perform("receive", "PurchaseOrderLine/bolt-line", ["quantity": .int(4)])
    let movements = try shop.all(StockMovement.self)
    #expect(movements.map(\.kind) == ["receipt"])
    #expect(movements.map(\.quantity) == [4])
    #expect(movements.map(\.reason) == ["PO-00001"])
  }

  @Test func `marking an order received receives it, once`() throws {
    let shop = try shop(rules: nil)
    try shop.set("PurchaseOrder", "po", ["status": .string("received")])
    #expect(try shop.find(Product.self, "bolt").onHand == 10)
    try shop.perform("receive", "PurchaseOrder/po")
    #expect(try shop.find(Product.self, "bolt").onHand == 10)
  }
}
