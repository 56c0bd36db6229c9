import Quartermaster
import Testing

@testable import QuartermasterCore

/// A property test: days of business, generated from a seed, with what must hold after each operation.
struct DaysOfBusinessTests {
  @Test(arguments: 1...6, [true, false])
  func `the books agree after each operation`(_ seed: Int, _ hasRules: Bool) throws {
    var business = try Business(seed: UInt64(seed), hasRules: hasRules)
    for _ in 0..<120 {
      try business.step()
      try business.check()
    }
    #expect(business.done > 60, "almost all was refused")
  }

  @Test(arguments: 1...3) func `buying again what was bought adds nothing`(_ seed: Int) throws {
    var business = try Business(seed: UInt64(100 + seed), hasRules: true)
    for _ in 0..<60 { try business.step() }
    try business.buyAll()
    let before = try business.shop.all(PurchaseOrderLine.self).map { [$0.quantity, $0.open] }
    let outcome = try business.buyAll()
    #expect(outcome.changes.isEmpty)
    #expect(
      try business.shop.all(PurchaseOrderLine.self).map { [$0.quantity, $0.open] } == before)
  }
}

/// A trading company of a few products, in which things happen at random.
private struct Business {
  let shop: Shop
  /// Whether the rules of the template run; without them the verbs alone keep the books.
  let hasRules: Bool
  var random: SeededRandom
  /// How many operations were kept.
  var done = 0
  /// What was done last, for the message of a failure.
  var last = ""
  /// Whether a count lowered the quantity of a bin, so that it may hold less than is promised.
  var counted: Set<String> = []

  init(seed: UInt64, hasRules: Bool) throws {
    shop = try Shop(rules: hasRules ? nil : "")
    self.hasRules = hasRules
    random = SeededRandom(seed: seed)
    try shop.add("User", "eve", ["username": .string("eve"), "role": .string("manager")])
    for customer in ["ann", "bob"] { try shop.add("Customer", customer) }
    for (number, supplier) in ["acme", "bolts", "cogs"].enumerated() {
      try shop.add(
        "Supplier", supplier,
        [
          "leadTime": .days(Int64(1 + number)), "minimumOrder": .int(Int64(number * 10)),
          "currency": .string(number == 2 ? "USD" : "EUR"),
        ])
    }
    for bin in ["a", "b", "c"] { try shop.add("Bin", bin, ["capacity": .int(400)]) }
    for number in 0..<5 {
      let product = "p\(number)"
      try shop.add(
        "Product", product,
        [
          "supplier": .string(random.pick(["acme", "bolts", "cogs"])),
          "packSize": .int(Int64(1 + random.below(6))),
          "cost": number == 0 ? .null : .money("0.\(1111 + number)"),
          "reorderPoint": .int(10), "orderUpTo": .int(25),
        ])
      for bin in ["a", "b", "c"].prefix(1 + number % 3) {
        try shop.add(
          "Inventory", "\(product)-\(bin)",
          [
            "product": .string(product), "bin": .string(bin),
            "quantity": .int(Int64(random.below(20))),
          ])
      }
      if number > 0 {
        try shop.add(
          "SupplierProduct", "\(product)-offer",
          [
            "supplier": .string(random.pick(["acme", "bolts", "cogs"])),
            "product": .string(product), "price": .money("1.\(1005 + number)"),
            "minimumQuantity": .int(Int64(random.below(20))),
            "preferred": .bool(random.below(2) == 0),
          ])
      }
    }
  }

  // MARK: What happens

  /// Does something; what the rules or the schema refuse changes nothing.
  mutating func step() throws {
    do {
      switch random.below(20) {
      case 0..<5: try order()
      case 5..<9: try pay()
      case 9: try cancel()
      case 10..<12: try count()
      case 12..<14: try verb()
      case 14..<16: try receive()
      case 16: try send()
      case 17: try ship()
      default:
        last = "a few hours pass"
        try shop.advance(hours: Int64(1 + random.below(12)))
      }
      done += 1
    } catch let refusal as Refusal {
      if refusal.reason == .conflict || refusal.reason == .rounds || refusal.reason == .firings {
        throw refusal
      }
    }
  }

  private mutating func order() throws {
    last = "an order"
    let number = random.next()
    var items: [(product: String, quantity: Int64)] = []
    for _ in 0...random.below(3) { items.append(("p\(random.below(5))", Int64(random.below(9)))) }
    let customer = random.pick(["ann", "bob"])
    try shop.engine.write { db in
      let order = try db.create("Order", ["customer": .string(customer)])
      for (place, item) in items.enumerated() {
        try db.create(
          "OrderLine", id: "l\(number)-\(place)",
          [
            "order": .string(order), "product": .string(item.product),
            "quantity": .int(item.quantity), "price": .money("2.50"),
          ])
      }
    }
  }

  private mutating func pay() throws {
    if !hasRules {
      let verb = random.pick(["allocate", "ship", "allocate", "ship", "release"])
      guard let order = pick(try shop.all(Order.self)) else { return }
      last = "\(verb) \(order.id)"
      try shop.perform(verb, "Order/\(order.id)")
      return
    }
    last = "a payment"
    guard let order = pick(try shop.all(Order.self).filter { $0.status == "pending" }) else {
      return
    }
    try shop.set("Order", order.id, ["status": .string("paid")])
  }

  private mutating func cancel() throws {
    let open = ["pending", "paid", "backordered", "allocated"]
    if random.below(2) == 0 {
      last = "an order is cancelled"
      guard let order = pick(try shop.all(Order.self).filter({ open.contains($0.status) })) else {
        return
      }
      try shop.set("Order", order.id, ["status": .string("cancelled")])
    } else {
      last = "a purchase order is cancelled"
      guard let order = pick(try shop.all(PurchaseOrder.self)) else { return }
      try shop.set("PurchaseOrder", order.id, ["status": .string("cancelled")])
    }
  }

  private mutating func count() throws {
    guard let bin = pick(try shop.all(Inventory.self)) else { return }
    let found = max(0, bin.quantity + Int64(random.below(13)) - 8)
    last = "a count of \(bin.id) found \(found) in place of \(bin.quantity)"
    counted.insert(bin.id)
    try shop.set("Inventory", bin.id, ["quantity": .int(found)])
  }

  private mutating func verb() throws {
    let verb = random.pick(["allocate", "release", "purchase"])
    if verb == "purchase" {
      let quantity = Int64(random.below(30)) - 3
      last = "\(quantity) are bought"
      try shop.perform("purchase", "Product/p\(random.below(5))", ["quantity": .int(quantity)])
    } else if random.below(2) == 0, let order = pick(try shop.all(Order.self)) {
      last = "\(verb) \(order.id)"
      try shop.perform(verb, "Order/\(order.id)")
    } else if let line = pick(try shop.all(OrderLine.self)) {
      last = "\(verb) \(line.id)"
      try shop.perform(verb, "OrderLine/\(line.id)")
    }
  }

  private mutating func receive() throws {
    if random.below(2) == 0, let order = pick(try shop.all(PurchaseOrder.self)) {
      last = "receive \(order.id)"
      try shop.perform("receive", "PurchaseOrder/\(order.id)")
    } else if let line = pick(try shop.all(PurchaseOrderLine.self)) {
      let part = Int64(random.below(10))
      last = "receive \(part) of \(line.id)"
      try shop.perform("receive", "PurchaseOrderLine/\(line.id)", ["quantity": .int(part)])
    }
  }

  private mutating func send() throws {
    last = "orders are sent"
    for order in try shop.all(PurchaseOrder.self) where order.status == "draft" {
      try shop.set("PurchaseOrder", order.id, ["status": .string("sent")])
    }
  }

  private mutating func ship() throws {
    last = "ship"
    guard let order = pick(try shop.all(Order.self)) else { return }
    try shop.perform("ship", "Order/\(order.id)")
  }

  private mutating func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : random.pick(items) }

  /// What the rules buy, by hand.
  @discardableResult
  func buyAll() throws -> Outcome {
    try shop.engine.write { db in
      for product in try db.all(Product.self) where product.projected <= product.reorderPoint {
        let record = try #require(try db.find("Product", id: product.id))
        try db.perform(
          "purchase", record, ["quantity": .int(product.orderUpTo - product.projected)])
      }
    }
  }

  // MARK: What must hold

  func check() throws {
    let inventory = try shop.all(Inventory.self)
    let purchases = try shop.all(PurchaseOrderLine.self)
    let lines = try shop.all(OrderLine.self)
    let orders = Dictionary(uniqueKeysWithValues: try shop.all(Order.self).map { ($0.id, $0) })
    for bin in inventory {
      #expect(bin.quantity >= 0, "after \(last): \(bin.id)")
      #expect(bin.reserved >= 0, "after \(last): \(bin.id)")
      #expect(bin.available == bin.quantity - bin.reserved)
      if !counted.contains(bin.id) {
        #expect(bin.reserved <= bin.quantity, "after \(last): \(bin.id)")
      }
    }
    for product in try shop.all(Product.self) {
      let mine = inventory.filter { $0.product.id == product.id }
      let sold = lines.filter { $0.product.id == product.id }
      #expect(product.onHand == mine.reduce(0) { $0 + $1.quantity }, "after \(last)")
      #expect(product.reserved == mine.reduce(0) { $0 + $1.reserved }, "after \(last)")
      #expect(product.backordered == sold.reduce(0) { $0 + $1.backordered }, "after \(last)")
      #expect(
        product.onOrder
          == purchases.filter { $0.product.id == product.id }.reduce(0) { $0 + $1.open },
        "after \(last)")
      #expect(
        product.projected
          == product.onHand + product.onOrder - product.reserved - product.backordered)
      // What is set aside and has not left is what is reserved.
      #expect(
        product.reserved == sold.reduce(0) { $0 + $1.allocated - $1.shipped },
        "after \(last): \(product.id)")
    }
    for line in lines {
      let status = orders[line.order.id]?.status ?? ""
      #expect(line.shipped >= 0 && line.shipped <= line.allocated, "after \(last)")
      #expect(line.allocated <= line.quantity, "after \(last)")
      #expect(line.allocated + line.backordered <= line.quantity, "after \(last)")
      if status == "shipped" || status == "delivered" { #expect(line.shipped == line.quantity) }
      if hasRules, status == "cancelled" {
        #expect(line.allocated == line.shipped && line.backordered == 0, "after \(last)")
      }
    }
    for order in orders.values {
      let mine = lines.filter { $0.order.id == order.id }
      #expect(order.totalAmount == sum(mine.map(\.amount)), "after \(last)")
      #expect(order.backordered == mine.reduce(0) { $0 + $1.backordered }, "after \(last)")
    }
    for order in try shop.all(PurchaseOrder.self) {
      let mine = purchases.filter { $0.order.id == order.id }
      #expect(order.totalAmount == sum(mine.map(\.amount)), "after \(last)")
      #expect(order.lineCount == Int64(mine.count))
      #expect(order.unpriced == Int64(mine.count { $0.price == nil }))
      #expect(Set(mine.map(\.product.id)).count == mine.count, "two lines of a product")
      for line in mine {
        let isClosed = hasRules && order.status == "cancelled"
        #expect(line.open == (isClosed ? 0 : line.quantity - line.received), "after \(last)")
        #expect(line.origins.reduce(0) { $0 + $1.quantity } == line.quantity, "after \(last)")
        if order.status == "received" { #expect(line.open == 0, "after \(last)") }
      }
    }
  }

  private func sum(_ amounts: [ExactDecimal]) -> ExactDecimal {
    amounts.reduce(ExactDecimal(0)) { $0.adding($1) ?? $0 }
  }
}
