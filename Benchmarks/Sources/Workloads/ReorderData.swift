import Foundation

/// The data and the movements of W1, drawn from splitmix64 in a fixed order, so that each implementation has the same.
struct ReorderData {
  /// A product with its stock; the ids of both are its place, from 1.
  struct Product {
    let supplier: Int, category: Int, price: Int, threshold: Int, quantity: Int
  }

  /// A movement of stock.
  struct Movement {
    let product: Int
    /// What comes in; less than zero for a sale.
    let amount: Int
    /// Whether the oldest order that is on its way arrives after it.
    let closesOrder: Bool
  }

  /// Whether each supplier is active.
  let suppliers: [Bool]
  let products: [Product]
  let movements: [Movement]

  init(products: Int, suppliers: Int, movements: Int) {
    var random = SplitMix64(state: 1)
    self.suppliers = (0..<suppliers).map { _ in random.below(20) != 0 }
    self.products = (0..<products).map { _ in
      let (supplier, category) = (1 + random.below(suppliers), random.below(20))
      let (price, threshold) = (100 + random.below(9_900), 20 + random.below(41))
      return Product(
        supplier: supplier, category: category, price: price, threshold: threshold,
        quantity: threshold + 1 + random.below(2 * threshold))
    }
    var receipts = 0
    self.movements = (0..<movements).map { _ in
      let product = 1 + random.below(products)
      if random.below(10) < 7 {
        return Movement(product: product, amount: -1 - random.below(15), closesOrder: false)
      }
      receipts += 1
      return Movement(
        product: product, amount: 1 + random.below(5), closesOrder: receipts % 50 == 0)
    }
  }

  /// Returns an id whose order as a text is that of the numbers.
  static func id(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }

  /// Writes the tables as the floors read them.
  func writeTables(to folder: URL) throws {
    func write(_ name: String, _ header: String, _ rows: [String]) throws {
      try ([header] + rows).joined(separator: "\n").appending("\n")
        .write(to: folder.appendingPathComponent(name + ".csv"), atomically: false, encoding: .utf8)
    }
    try write(
      "supplier", "id,name,active",
      suppliers.enumerated().map { "\($0 + 1),\(Self.supplierName($0 + 1)),\($1 ? 1 : 0)" })
    try write(
      "product", "id,sku,supplierId,category,priceCents",
      products.enumerated().map {
        "\($0 + 1),SKU\(Self.id($0 + 1)),\($1.supplier),c\($1.category),\($1.price)"
      })
    try write(
      "inventory", "id,productId,quantity,threshold",
      products.enumerated().map { "\($0 + 1),\($0 + 1),\($1.quantity),\($1.threshold)" })
    try write(
      "movement", "seq,kind,inventoryId,amount,closesOrder",
      movements.enumerated().map {
        "\($0 + 1),\($1.amount < 0 ? "sale" : "receive"),\($1.product),\(abs($1.amount)),"
          + ($1.closesOrder ? "1" : "0")
      })
  }

  /// Writes the rows and the movements as streams of changes: `data.jsonl` and `movements.jsonl`.
  func writeStreams(to folder: URL) throws {
    func pointer(_ name: String, _ number: Int) -> String {
      #"{"__type": "Pointer", "className": "\#(name)", "objectId": "\#(Self.id(number))"}"#
    }
    var data = ""
    for (place, isActive) in suppliers.enumerated() {
      data +=
        #"{"op": "create", "class": "Supplier", "id": "\#(Self.id(place + 1))", "fields": "#
        + #"{"name": "\#(Self.supplierName(place + 1))", "active": \#(isActive)}}"# + "\n"
    }
    for (place, product) in products.enumerated() {
      let id = Self.id(place + 1)
      data +=
        #"{"op": "create", "class": "Product", "id": "\#(id)", "fields": {"sku": "SKU\#(id)", "#
        + #""supplier": \#(pointer("Supplier", product.supplier)), "#
        + #""category": "c\#(product.category)", "priceCents": \#(product.price)}}"# + "\n"
      data +=
        #"{"op": "create", "class": "Inventory", "id": "\#(id)", "fields": "#
        + #"{"product": \#(pointer("Product", place + 1)), "quantity": \#(product.quantity), "#
        + #""threshold": \#(product.threshold)}}"# + "\n"
    }
    var lines = ""
    for movement in movements {
      lines +=
        #"{"op": "set", "class": "Inventory", "id": "\#(Self.id(movement.product))", "fields": "#
        + #"{"quantity": {"__op": "Increment", "amount": \#(movement.amount)}}}"# + "\n"
      if movement.closesOrder { lines += #"{"op": "signal", "name": "close-oldest-order"}"# + "\n" }
    }
    for (name, text) in [("data", data), ("movements", lines)] {
      try text.write(
        to: folder.appendingPathComponent(name + ".jsonl"), atomically: false, encoding: .utf8)
    }
  }

  private static func supplierName(_ number: Int) -> String {
    "Supplier " + String(id(number).suffix(3))
  }
}

/// Random numbers that every language can repeat.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns a number from 0 to below another.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
