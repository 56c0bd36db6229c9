public import QuartermasterCEL

/// How well a trading company serves, stocks and buys: figures over a period, from the journal of its data file.
///
/// Docs/report.md says how each figure is defined.
public struct SupplyReport: Sendable {
  /// The period: from its first to its last millisecond.
  public let since: Timestamp, until: Timestamp
  /// Its length.
  public let days: Double
  /// The orders that were accepted, and what was set aside for them at once.
  public internal(set) var service = Service()
  /// The products that had stock or were asked for, by id.
  public internal(set) var products: [Product] = []
  /// The suppliers that got purchase orders, by id.
  public internal(set) var suppliers: [Supplier] = []
  /// The lines that wait for goods at the end, and their units.
  public internal(set) var waitingLines = 0, waitingUnits: Int64 = 0

  init(since: Timestamp, until: Timestamp) {
    self.since = since
    self.until = until
    days = Double(until.milliseconds - since.milliseconds + 1) / Double(Self.day)
  }

  static let day: Int64 = 86_400_000

  /// What customers asked for, and how much of it was there.
  public struct Service: Sendable, Equatable {
    /// The orders that were accepted, and those of which every line was filled at once.
    public internal(set) var orders = 0, filledOrders = 0
    /// Their lines, and those that were filled at once.
    public internal(set) var lines = 0, filledLines = 0
    /// The units of the lines, and those that were set aside at once.
    public internal(set) var units: Int64 = 0, filledUnits: Int64 = 0

    /// The share of lines that were filled at once; nil without lines.
    public var lineFillRate: Double? { SupplyReport.share(filledLines, of: lines) }
    /// The share of units that were set aside at once; nil without units.
    public var unitFillRate: Double? { SupplyReport.share(Int(filledUnits), of: Int(units)) }
    /// The share of orders that were filled at once; nil without orders.
    public var orderFillRate: Double? { SupplyReport.share(filledOrders, of: orders) }

    mutating func add(line quantity: Int64, filled: Int64) {
      lines += 1
      units += quantity
      filledUnits += min(quantity, filled)
      if filled >= quantity { filledLines += 1 }
    }
  }

  /// A product in the period.
  public struct Product: Sendable {
    /// The id of the record.
    public let id: String
    /// The number and the name.
    public internal(set) var sku = "", name = ""
    /// What was asked for of it.
    public internal(set) var service = Service()
    /// What lies there at the end.
    public internal(set) var onHand: Int64 = 0
    /// How often nothing was free any more, and for how long altogether.
    public internal(set) var stockOuts = 0, stockOutMilliseconds: Int64 = 0
    /// How long it was active in the period.
    public internal(set) var activeMilliseconds: Int64 = 0
    /// What one costs; nil where nothing says it.
    public internal(set) var cost: ExactDecimal?
    /// How many are asked for on a day of the period.
    public internal(set) var dailyDemand = 0.0

    /// How many days nothing was free.
    public var stockOutDays: Double { Double(stockOutMilliseconds) / Double(SupplyReport.day) }
    /// How many days what lies there lasts at the demand of the period; nil without demand.
    public var daysOfStock: Double? { dailyDemand > 0 ? Double(onHand) / dailyDemand : nil }
    /// What lies there at cost; nil where the cost is not known.
    public var stockValue: ExactDecimal? {
      cost?.multiplied(by: ExactDecimal(onHand))?.rounded(scale: 2)
    }
  }

  /// A supplier in the period.
  public struct Supplier: Sendable {
    /// The id of the record.
    public let id: String
    /// The name.
    public internal(set) var name = ""
    /// The currency of its purchase orders.
    public internal(set) var currency = ""
    /// The purchase orders that left, their lines and units.
    public internal(set) var orders = 0, lines = 0, units: Int64 = 0
    /// What they come to.
    public internal(set) var spend = ExactDecimal(0)
    /// Of these, the orders that are not in yet.
    public internal(set) var open = 0
    /// The orders that came in within the period, and how long they had been away altogether.
    public internal(set) var received = 0, leadMilliseconds: Int64 = 0
    /// Of these, the orders with an expected date, and those that came after it.
    public internal(set) var promised = 0, late = 0

    /// How many days an order was away, on average; nil when none came in.
    public var leadDays: Double? {
      received > 0
        ? Double(leadMilliseconds) / Double(SupplyReport.day) / Double(received) : nil
    }
  }

  // MARK: All products

  /// How often nothing was free of a product.
  public var stockOuts: Int { products.reduce(0) { $0 + $1.stockOuts } }

  /// For how many days nothing was free, over all products.
  public var stockOutDays: Double { products.reduce(0) { $0 + $1.stockOutDays } }

  /// The share of the time in which an active product had something free; nil without active products.
  public var availability: Double? {
    let active = products.reduce(Int64(0)) { $0 + $1.activeMilliseconds }
    if active == 0 { return nil }
    let out = products.reduce(Int64(0)) { $0 + $1.stockOutMilliseconds }
    return 1 - Double(out) / Double(active)
  }

  /// What lies there at cost, of the products whose cost is known.
  public var stockValue: ExactDecimal {
    products.reduce(ExactDecimal(0)) { sum, product in
      product.stockValue.flatMap { sum.adding($0) } ?? sum
    }
  }

  /// How many days the stock lasts by its value: value at cost, over the cost of a day's demand; nil without demand.
  public var daysOfStock: Double? {
    var daily = 0.0
    for product in products {
      guard let cost = product.cost, let number = Double(cost.description) else { continue }
      daily += number * product.dailyDemand
    }
    guard daily > 0, let value = Double(stockValue.description) else { return nil }
    return value / daily
  }

  /// The purchase orders that left.
  public var purchaseOrders: Int { suppliers.reduce(0) { $0 + $1.orders } }

  /// What purchase orders come to, by currency.
  public var spend: [(currency: String, amount: ExactDecimal)] {
    var sums: [String: ExactDecimal] = [:]
    for supplier in suppliers {
      let sum = sums[supplier.currency] ?? ExactDecimal(0)
      sums[supplier.currency] = sum.adding(supplier.spend) ?? sum
    }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  fileprivate static func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }
}
