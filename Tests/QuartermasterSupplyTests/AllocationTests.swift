import Quartermaster
import Testing

@testable import QuartermasterCore

/// `allocate`, `release` and `ship`, sentence by sentence of LANGUAGE.md, section 7.
struct AllocationTests {
  /// A shop with bolts in bins, in key order, and an order for some.
  private func shop(bins: [Int64], ordered: Int64, rules: String? = "") throws -> Shop {
    let shop = try Shop(rules: rules)
    try shop.add("Supplier", "acme")
    try shop.add("Customer", "ann")
    try shop.add("Product", "bolt")
    for (place, quantity) in bins.enumerated() {
      try shop.add("Bin", "bin\(place)")
      try shop.add(
        "Inventory", "i\(place)",
        ["product": .string("bolt"), "bin": .string("bin\(place)"), "quantity": .int(quantity)])
    }
    try order(shop, "so", ordered)
    return shop
  }

  private func order(_ shop: Shop, _ id: String, _ quantity: Int64) throws {
    try shop.add("Order", id)
    try shop.add(
      "OrderLine", "\(id)-line",
      ["order": .string(id), "product": .string("bolt"), "quantity": .int(quantity)])
  }

  private func line(_ shop: Shop, _ id: String = "so") throws -> OrderLine {
    try shop.find(OrderLine.self, "\(id)-line")
  }

  private func reserved(_ shop: Shop) throws -> [Int64] {
    try shop.all(Inventory.self).map(\.reserved)
  }

  // MARK: allocate

  @Test func `allocate reserves what is available`() throws {
    let shop = try shop(bins: [10], ordered: 4)
    try shop.perform("allocate", "Order/so")
    #expect(try line(shop).allocated == 4)
    #expect(try reserved(shop) == [4])
    #expect(try shop.find(Product.self, "bolt").reserved == 4)
  }

  @Test func `never more`() throws {
    let shop = try shop(bins: [3], ordered: 4)
    try shop.perform("allocate", "Order/so")
    #expect(try line(shop).allocated == 3)
    #expect(try reserved(shop) == [3])
    try order(shop, "other", 2)
    try shop.perform("allocate", "Order/other")
    #expect(try line(shop, "other").allocated == 0)
    #expect(try reserved(shop) == [3])
  }

  @Test func `several bins in order`() throws {
    let shop = try shop(bins: [2, 0, 3, 9], ordered: 7)
    try shop.perform("allocate", "Order/so")
    #expect(try reserved(shop) == [2, 0, 3, 2])
  }

  @Test func `a line that is named is allocated alone`() throws {
    let shop = try shop(bins: [10], ordered: 4)
    try shop.add(
      "OrderLine", "second",
      ["order": .string("so"), "product": .string("bolt"), "quantity": .int(2)])
    try shop.perform("allocate", "OrderLine/second")
    #expect(try shop.all(OrderLine.self).map(\.allocated) == [2, 0])
  }

  @Test func `the backordered quantity goes down by what a line got`() throws {
    let shop = try shop(bins: [3], ordered: 8)
    try shop.perform("allocate", "Order/so")
    try shop.set("OrderLine", "so-line", ["backordered": .int(5)])
    try shop.set("Inventory", "i0", ["quantity": .int(5)])
    try shop.perform("allocate", "OrderLine/so-line")
    #expect(try line(shop).allocated == 5)
    #expect(try line(shop).backordered == 3)
    #expect(try shop.find(Product.self, "bolt").backordered == 3)
  }

  @Test func `allocating twice reserves once`() throws {
    let shop = try shop(bins: [10], ordered: 4)
    try shop.perform("allocate", "Order/so")
    #expect(try shop.perform("allocate", "Order/so").changes.isEmpty)
  }

  @Test func `an order at its end gets nothing`() throws {
    let shop = try shop(bins: [10], ordered: 4)
    try shop.set("Order", "so", ["status": .string("cancelled")])
    try shop.perform("allocate", "Order/so")
    #expect(try reserved(shop) == [0])
  }

  @Test func `a bin with less than is promised gives nothing`() throws {
    let shop = try shop(bins: [5, 5], ordered: 4)
    try shop.perform("allocate", "Order/so")
    try shop.set("Inventory", "i0", ["quantity": .int(1)])
    try order(shop, "other", 9)
    try shop.perform("allocate", "Order/other")
    #expect(try reserved(shop) == [4, 5])
    #expect(try line(shop, "other").allocated == 5)
  }

  // MARK: release

  @Test func `release is the reverse`() throws {
    let shop = try shop(bins: [2, 9], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.perform("release", "Order/so")
    #expect(try line(shop).allocated == 0)
    #expect(try reserved(shop) == [0, 0])
  }

  @Test func `release sets backordered to nothing`() throws {
    let shop = try shop(bins: [2], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.set("OrderLine", "so-line", ["backordered": .int(5)])
    try shop.perform("release", "OrderLine/so-line")
    #expect(try line(shop).backordered == 0)
    #expect(try line(shop).allocated == 0)
  }

  @Test func `what is shipped is not released`() throws {
    let shop = try shop(bins: [4], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.perform("ship", "Order/so")
    try shop.set("Inventory", "i0", ["quantity": .int(2)])
    try shop.perform("allocate", "Order/so")
    try shop.perform("release", "Order/so")
    #expect(try line(shop).allocated == 4)
    #expect(try line(shop).shipped == 4)
    #expect(try reserved(shop) == [0])
  }

  @Test func `release takes first from the bin that holds less than is promised`() throws {
    let shop = try shop(bins: [5, 5], ordered: 8)
    try shop.perform("allocate", "Order/so")
    try order(shop, "other", 2)
    try shop.perform("allocate", "Order/other")
    try shop.set("Inventory", "i0", ["quantity": .int(3)])
    #expect(try shop.find(Inventory.self, "i0").available == -2)
    try shop.perform("release", "Order/other")
    #expect(try shop.all(Inventory.self).map(\.available) == [0, 0])
  }

  // MARK: ship

  @Test func `ship takes stock and reservation down and creates a shipment`() throws {
    let shop = try shop(bins: [2, 9], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.perform(
      "ship", "Order/so", ["carrier": .string("Hermod"), "trackingNumber": .string("H-1")])
    #expect(try shop.all(Inventory.self).map(\.quantity) == [0, 4])
    #expect(try reserved(shop) == [0, 0])
    #expect(try line(shop).shipped == 7)
    let shipments = try shop.all(Shipment.self)
    #expect(shipments.map(\.order.id) == ["so"])
    #expect(shipments.map(\.carrier) == ["Hermod"])
    #expect(shipments.map(\.trackingNumber) == ["H-1"])
    #expect(shipments.map(\.status) == ["packed"])
  }

  @Test func `ship takes what is allocated, and the rest later`() throws {
    let shop = try shop(bins: [4], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.perform("ship", "Order/so")
    #expect(try line(shop).shipped == 4)
    try shop.set("Inventory", "i0", ["quantity": .int(9)])
    try shop.perform("allocate", "Order/so")
    try shop.perform("ship", "Order/so")
    #expect(try line(shop).shipped == 7)
    #expect(try shop.find(Inventory.self, "i0").quantity == 6)
    #expect(try shop.all(Shipment.self).count == 2)
  }

  @Test func `with nothing allocated there is no shipment`() throws {
    let shop = try shop(bins: [4], ordered: 7)
    #expect(try shop.perform("ship", "Order/so").changes.isEmpty)
    #expect(try shop.all(Shipment.self).isEmpty)
  }

  @Test func `ship never takes more than there is`() throws {
    let shop = try shop(bins: [5, 2], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.set("Inventory", "i0", ["quantity": .int(1)])
    try shop.perform("ship", "Order/so")
    #expect(try shop.all(Inventory.self).map(\.quantity) == [0, 0])
    #expect(try line(shop).shipped == 3)
    #expect(try reserved(shop) == [4, 0])
  }

  @Test func `what went out is written down`() throws {
    let shop = try shop(bins: [2, 9], ordered: 7)
    try shop.perform("allocate", "Order/so")
    try shop.perform("ship", "Order/so")
    let movements = try shop.all(StockMovement.self)
    #expect(movements.map(\.quantity) == [-2, -5])
    #expect(movements.map(\.kind) == ["shipment", "shipment"])
    #expect(movements.map(\.reason) == ["SO-00001", "SO-00001"])
  }

  // MARK: corrections

  @Test func `a correction may bring the quantity below what is reserved`() throws {
    let shop = try shop(bins: [5], ordered: 5)
    try shop.perform("allocate", "Order/so")
    try shop.set("Inventory", "i0", ["quantity": .int(2)])
    #expect(try shop.find(Inventory.self, "i0").available == -3)
  }

  @Test func `a shipped rule releases the newest lines and tells managers`() throws {
    let shop = try shop(bins: [10], ordered: 6, rules: nil)
    try shop.add("User", "eve", ["username": .string("eve"), "role": .string("manager")])
    try shop.set("Order", "so", ["held": .bool(true)])
    try shop.advance(hours: 1)
    try order(shop, "newer", 4)
    try shop.set("Order", "newer", ["held": .bool(true)])
    for id in ["so", "newer"] { try shop.set("Order", id, ["status": .string("paid")]) }
    #expect(try reserved(shop) == [10])
    try shop.set("Inventory", "i0", ["quantity": .int(7)])
    #expect(try line(shop).allocated == 6)
    #expect(try line(shop, "newer").allocated == 0)
    #expect(try line(shop, "newer").backordered == 4)
    #expect(try shop.all(UserNotification.self).contains { $0.rule == "over-allocated" })
  }
}
