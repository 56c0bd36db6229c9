internal import QuartermasterCEL

/// A hardware trader of whom weeks of business are made up: the same ones for the same seed.
///
/// What comes out is a stream of changes for `apply` with a clock that the stream moves: stock and prices on the first
/// morning, then orders, payments, counts, and what suppliers and carriers do. Nothing in it says what to buy, when an
/// order moves on or whom to tell: that is what the rules are for.
public struct DemoTrader: Sendable {
  /// How many days of business there are.
  public static let days = 90

  /// Returns the stream: a line of JSON for each change, in order of time.
  public static func lines(seed: UInt64 = 1) -> [String] {
    var trader = Trade(seed: seed)
    trader.openShop()
    for day in 0..<days { trader.work(day: day) }
    return trader.stream()
  }
}

/// The making of the stream.
private struct Trade {
  private var random: DemoRandom
  private let catalogue: DemoCatalogue
  private var lines: [DemoLine] = []
  private var orders = 0

  private static let customers = 40
  /// Monday, 5 January 2026, at midnight UTC.
  private static let start: Int64 = 1_767_571_200_000
  private static let minute: Int64 = 60_000

  init(seed: UInt64) {
    random = DemoRandom(seed: seed)
    catalogue = DemoCatalogue(&random)
  }

  /// Returns an instant on a day, in minutes after midnight.
  private static func instant(_ day: Int, _ minutes: Int) -> Timestamp {
    Timestamp(milliseconds: start + Int64(day) * 1440 * minute + Int64(minutes) * minute)
  }

  /// Returns the lines in order of time; those of one instant in the order in which they were made.
  func stream() -> [String] {
    lines.enumerated().sorted { a, b in
      a.element.at == b.element.at ? a.offset < b.offset : a.element.at < b.element.at
    }.map(\.element.text)
  }

  // MARK: The first morning

  mutating func openShop() {
    let at = Self.instant(0, 6 * 60)
    for (id, role) in [("eve", "manager"), ("max", "manager"), ("bo", "buyer")] {
      lines.append(
        .create(
          "User", id, at: at,
          [
            ("username", .text(id)), ("email", .text("\(id)@trader.example")),
            ("role", .text(role)),
          ]
        ))
    }
    for supplier in catalogue.suppliers {
      lines.append(
        .create(
          "Supplier", supplier.id, at: at,
          [
            ("name", .text(supplier.name)),
            ("contactEmail", .text("orders@\(supplier.id).example")),
            ("leadTime", .text("\(supplier.leadDays)d")),
            ("minimumOrder", .whole(supplier.minimumOrder)),
          ]))
    }
    for customer in 1...Self.customers {
      lines.append(
        .create(
          "Customer", "c\(customer)", at: at,
          [
            ("name", .text("Customer \(customer)")),
            ("email", .text("customer\(customer)@mail.example")),
          ]))
    }
    for product in catalogue.products { stock(product, at: at) }
  }

  /// A product is put on sale when it lies in its bin; before that nothing is bought.
  private mutating func stock(_ product: DemoCatalogue.Product, at: Timestamp) {
    let supplier = catalogue.suppliers[product.family.supplier]
    lines.append(
      .create(
        "Product", product.id, at: at,
        [
          ("sku", .text("HW-\(product.id.dropFirst())")), ("name", .text(product.name)),
          ("category", .text(product.family.category)),
          ("supplier", .pointer("Supplier", supplier.id)),
          ("price", .text(Self.price(product.cost))), ("cost", .mills(product.cost)),
          ("packSize", .whole(product.family.pack)), ("active", .flag(false)),
          ("reorderPoint", .whole(product.reorderPoint)), ("orderUpTo", .whole(product.orderUpTo)),
        ]))
    lines.append(
      .create(
        "SupplierProduct", "\(product.id)-\(supplier.id)", at: at,
        [
          ("supplier", .pointer("Supplier", supplier.id)),
          ("product", .pointer("Product", product.id)), ("price", .mills(product.cost)),
          ("preferred", .flag(true)), ("minimumQuantity", .whole(product.family.pack)),
        ]))
    if random.chance(percent: 35) {
      let other = catalogue.suppliers[random.number(0...catalogue.suppliers.count - 1)]
      if other.id != supplier.id {
        lines.append(
          .create(
            "SupplierProduct", "\(product.id)-\(other.id)", at: at,
            [
              ("supplier", .pointer("Supplier", other.id)),
              ("product", .pointer("Product", product.id)),
              ("price", .mills(product.cost * random.number(95...125) / 100)),
            ]))
      }
    }
    lines.append(
      .create(
        "Bin", "bin-\(product.id)", at: at,
        [
          ("code", .text("A-\(product.id.dropFirst())")),
          ("capacity", .whole(6 * product.orderUpTo + 20 * product.family.pack + 200)),
        ]))
    lines.append(
      .create(
        "Inventory", "at-\(product.id)", at: at,
        [
          ("product", .pointer("Product", product.id)),
          ("bin", .pointer("Bin", "bin-\(product.id)")),
          ("quantity", .whole(random.number(product.reorderPoint + 1...product.orderUpTo))),
        ]))
    lines.append(.set("Product", product.id, at: at, [("active", .flag(true))]))
  }

  /// The selling price: the cost and two thirds of it, in whole cents.
  private static func price(_ mills: Int) -> String {
    let cents = (mills * 5 / 3 + 9) / 10
    let tail = cents % 100
    return "\(cents / 100).\(tail < 10 ? "0" : "")\(tail)"
  }

  // MARK: A day

  mutating func work(day: Int) {
    let weekday = day % 7
    if weekday < 5 {
      for supplier in catalogue.suppliers {
        lines.append(
          .signal(
            "goods-arrived", at: Self.instant(day, 600 + random.number(0...90)),
            [("supplier", .pointer("Supplier", supplier.id))]))
      }
      let carrier = day % 2 == 0 ? "Hermod" : "Pigeon Post"
      lines.append(
        .signal(
          "parcels-collected", at: Self.instant(day, 17 * 60 + 30), [("carrier", .text(carrier))]))
    }
    if weekday < 6 {
      lines.append(
        .signal(
          "parcels-delivered", at: Self.instant(day, 12 * 60),
          [("before", .instant(Self.instant(day - 1, 18 * 60)))]))
    }
    let count = weekday < 5 ? random.number(14...28) : weekday == 5 ? random.number(3...8) : 0
    for _ in 0..<count { order(day) }
    if day == 29 { orderForProject(day) }
    if weekday == 2 { for _ in 0..<3 { changePrice(day) } }
    if weekday < 5, random.chance(percent: 60) { countBin(day) }
  }

  private mutating func order(_ day: Int) {
    orders += 1
    let id = "so\(1000 + orders)"
    let minutes = random.number(8 * 60...17 * 60)
    let at = Self.instant(day, minutes)
    let customer = "c\(random.number(1...Self.customers))"
    let fields: [(String, DemoLine.Field)] = [
      ("customer", .pointer("Customer", customer)), ("reference", .text("R-\(id.dropFirst(2))")),
      ("orderDate", .instant(at)), ("deliveryDate", .instant(Self.instant(day + 4, 12 * 60))),
    ]
    lines.append(.create("Order", id, at: at, fields))
    // Some send the same order twice; the second is refused.
    if random.chance(percent: 2) {
      lines.append(.create("Order", "\(id)-again", at: Self.instant(day, minutes + 5), fields))
    }
    for line in 0..<random.number(1...4) {
      let weights = catalogue.products.map(\.weight)
      let product = catalogue.products[random.place(weights: weights)]
      lines.append(
        .create(
          "OrderLine", "\(id)-\(line + 1)", at: at,
          [
            ("order", .pointer("Order", id)), ("product", .pointer("Product", product.id)),
            ("quantity", .whole(random.number(product.family.quantity))),
          ]))
    }
    pay(id, day, minutes)
  }

  /// A builder's order, so large that it is held until a manager has looked at it.
  private mutating func orderForProject(_ day: Int) {
    let at = Self.instant(day, 11 * 60)
    lines.append(
      .create(
        "Order", "project", at: at,
        [("customer", .pointer("Customer", "c1")), ("reference", .text("Harbour 7"))]))
    for (number, name) in ["Cylinder lock 40/45", "Wall paint 5 l blue"].enumerated() {
      guard let product = catalogue.products.first(where: { $0.name == name }) else { continue }
      lines.append(
        .create(
          "OrderLine", "project-\(number + 1)", at: at,
          [
            ("order", .pointer("Order", "project")),
            ("product", .pointer("Product", product.id)), ("quantity", .whole(120)),
          ]))
    }
    let paid: [(String, DemoLine.Field)] = [("status", .text("paid"))]
    lines.append(.set("Order", "project", at: Self.instant(day, 15 * 60), paid))
    lines.append(
      .set("Order", "project", at: Self.instant(day + 1, 9 * 60), [("held", .flag(false))]))
  }

  /// Most pay at once, some the next day, some never.
  private mutating func pay(_ id: String, _ day: Int, _ minutes: Int) {
    let luck = random.number(1...100)
    let paid: [(String, DemoLine.Field)] = [("status", .text("paid"))]
    if luck <= 84 {
      let at = Self.instant(day, minutes + random.number(6...300))
      lines.append(.set("Order", id, at: at, paid))
    } else if luck <= 94 {
      lines.append(.set("Order", id, at: Self.instant(day + 1, minutes + 130), paid))
    } else {
      let at = Self.instant(day + 3, minutes)
      lines.append(.set("Order", id, at: at, [("status", .text("cancelled"))]))
    }
  }

  private mutating func changePrice(_ day: Int) {
    let product = catalogue.products[random.number(0...catalogue.products.count - 1)]
    let supplier = catalogue.suppliers[product.family.supplier].id
    let mills = product.cost * random.number(88...118) / 100
    lines.append(
      .set(
        "SupplierProduct", "\(product.id)-\(supplier)", at: Self.instant(day, 9 * 60),
        [("price", .mills(max(1, mills)))]))
  }

  /// A count finds a few less than the books say; now and then a hand slips, and the bin would burst.
  private mutating func countBin(_ day: Int) {
    let product = catalogue.products[random.number(0...catalogue.products.count - 1)]
    let at = Self.instant(day, 18 * 60)
    if random.chance(percent: 10) {
      lines.append(
        .set("Inventory", "at-\(product.id)", at: at, [("quantity", .whole(1_000_000))]))
    }
    lines.append(
      .set(
        "Inventory", "at-\(product.id)", at: at,
        [("quantity", .increment(-random.number(1...3)))]))
  }
}
