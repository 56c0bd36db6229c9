import Quartermaster

/// A type of the program for records of one class.
struct Stock: StoredRecord {
  static let className = "Inventory"
  let id: String
  let product: Reference<Product>
  let quantity: Int64
  let available: Int64

  init(record: RecordReader) throws {
    id = record.id
    product = try record["product"]
    quantity = try record["quantity"]
    available = try record["available"]
  }
}

/// Expressions of the rule language, over one state of the file.
func reading(_ engine: Engine) throws {
  let low = try engine.read { db in
    try db.query(Product.self, "Product.filter(p, p.onHand <= p.reorderPoint).sortBy(p, p.sku)")
  }
  print("low:", low.map(\.name))

  try engine.read { db in
    for stock in try db.query(
      Stock.self, "Inventory.filter(i, i.available < least)", ["least": 100])
    {
      let product = try db.find(stock.product)
      print(product?.name ?? "-", stock.quantity, stock.available)
    }
    let spend = try db.query(
      "PurchaseOrder.filter(p, p.status != 'cancelled').map(p, p.totalAmount).sum()")
    print("ordered for", spend)
  }
}
