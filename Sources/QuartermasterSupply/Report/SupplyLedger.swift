public import QuartermasterCEL
public import QuartermasterCore

/// Follows the changes of a trading company from the first on, and counts what falls into a period.
///
/// Give it all changes of the classes in ``classes``, oldest first, then ask for the report.
public struct SupplyLedger {
  /// The classes whose changes it needs.
  public static let classes = [
    "Product", "Supplier", "Order", "OrderLine", "PurchaseOrder", "PurchaseOrderLine",
  ]

  private struct Line {
    var order = "", product = ""
    var quantity: Int64 = 0, allocated: Int64 = 0, backordered: Int64 = 0
  }

  private struct Purchase {
    var supplier = "", status = "draft", currency = ""
    var total = ExactDecimal(0)
    var expected: Timestamp?
    var left: Timestamp?, cameIn: Timestamp?
  }

  private struct Stock {
    var sku = "", name = ""
    var onHand: Int64 = 0, reserved: Int64 = 0
    var isActive = true
    var cost: ExactDecimal?
    /// Since when nothing is free, and since when it is active.
    var outSince: Timestamp?, activeSince: Timestamp?
  }

  private let since: Timestamp, until: Timestamp
  private var report: SupplyReport
  private var stocks: [String: Stock] = [:]
  private var figures: [String: SupplyReport.Product] = [:]
  private var names: [String: String] = [:]
  private var orders: [String: String] = [:]
  private var accepted: Set<String> = []
  private var lines: [String: Line] = [:]
  private var linesOfOrder: [String: [String]] = [:]
  private var purchases: [String: Purchase] = [:]
  private var purchaseLines: [String: Line] = [:]
  /// The operation that is being read, and what it touched.
  private var row: Int64 = -1
  private var at = Timestamp(milliseconds: 0)
  private var touchedOrders: [String] = []
  private var touchedPurchases: [String] = []
  private var touchedStocks: [String] = []

  /// Creates a ledger for a period.
  ///
  /// - Parameters:
  ///   - since: Its first instant.
  ///   - until: Its last instant.
  public init(since: Timestamp, until: Timestamp) {
    self.since = since
    self.until = until
    report = SupplyReport(since: since, until: until)
  }

  /// Takes in a change.
  ///
  /// - Parameter change: A change; those of other classes are left alone.
  /// - Returns: Whether it was within the period or before; after it, the rest need not be given.
  @discardableResult
  public mutating func add(_ change: RecordChange) -> Bool {
    if change.at > until { return false }
    if change.journalRow != row {
      endOperation()
      (row, at) = (change.journalRow, change.at)
    }
    switch change.className {
    case "Product": addProduct(change)
    case "Supplier":
      if case .string(let name)? = change["name"]?.new { names[change.id] = name }
    case "Order":
      if let status = change["status"]?.new.text { orders[change.id] = status }
      touchedOrders.append(change.id)
    case "OrderLine": addLine(change)
    case "PurchaseOrder": addPurchase(change)
    case "PurchaseOrderLine":
      if change.kind == .deleted {
        purchaseLines[change.id] = nil
      } else {
        var line = purchaseLines[change.id] ?? Line()
        if let order = change["order"]?.new.text { line.order = order }
        if let quantity = change["quantity"]?.new.integer { line.quantity = quantity }
        purchaseLines[change.id] = line
      }
    default: break
    }
    return true
  }

  private mutating func addProduct(_ change: RecordChange) {
    touchedStocks.append(change.id)
    if change.kind == .deleted {
      stocks[change.id]?.isActive = false
      return
    }
    var stock = stocks[change.id] ?? Stock()
    if let sku = change["sku"]?.new.text { stock.sku = sku }
    if let name = change["name"]?.new.text { stock.name = name }
    if let number = change["onHand"]?.new.integer { stock.onHand = number }
    if let number = change["reserved"]?.new.integer { stock.reserved = number }
    if case .bool(let flag)? = change["active"]?.new { stock.isActive = flag }
    if let cost = change["cost"]?.new { stock.cost = cost.decimal }
    stocks[change.id] = stock
  }

  private mutating func addLine(_ change: RecordChange) {
    if change.kind == .deleted {
      lines[change.id] = nil
      return
    }
    var line = lines[change.id] ?? Line()
    if let order = change["order"]?.new.text {
      line.order = order
      linesOfOrder[order, default: []].append(change.id)
    }
    if let product = change["product"]?.new.text { line.product = product }
    if let number = change["quantity"]?.new.integer { line.quantity = number }
    if let number = change["allocated"]?.new.integer { line.allocated = number }
    if let number = change["backordered"]?.new.integer { line.backordered = number }
    lines[change.id] = line
  }

  private mutating func addPurchase(_ change: RecordChange) {
    if change.kind == .deleted {
      purchases[change.id] = nil
      return
    }
    var purchase = purchases[change.id] ?? Purchase()
    if let supplier = change["supplier"]?.new.text { purchase.supplier = supplier }
    if let status = change["status"]?.new.text { purchase.status = status }
    if let currency = change["currency"]?.new.text { purchase.currency = currency }
    if let total = change["totalAmount"]?.new.decimal { purchase.total = total }
    if let expected = change["expectedAt"]?.new {
      if case .timestamp(let instant) = expected {
        purchase.expected = instant
      } else {
        purchase.expected = nil
      }
    }
    purchases[change.id] = purchase
    touchedPurchases.append(change.id)
  }

  // MARK: Operations

  /// Judges what an operation came to: its changes count together.
  private mutating func endOperation() {
    for id in touchedOrders { judgeOrder(id) }
    for id in touchedPurchases { judgePurchase(id) }
    for id in touchedStocks { judgeStock(id) }
    touchedOrders.removeAll(keepingCapacity: true)
    touchedPurchases.removeAll(keepingCapacity: true)
    touchedStocks.removeAll(keepingCapacity: true)
  }

  /// An order that leaves `pending` is accepted; what is set aside for it in that operation is filled at once.
  private mutating func judgeOrder(_ id: String) {
    guard let status = orders[id], status != "pending", status != "cancelled",
      accepted.insert(id).inserted, at >= since
    else { return }
    var isFilled = true
    for line in (linesOfOrder[id] ?? []).compactMap({ lines[$0] }) where line.quantity > 0 {
      report.service.add(line: line.quantity, filled: line.allocated)
      figures[line.product, default: SupplyReport.Product(id: line.product)].service
        .add(line: line.quantity, filled: line.allocated)
      if line.allocated < line.quantity { isFilled = false }
    }
    report.service.orders += 1
    if isFilled { report.service.filledOrders += 1 }
  }

  private mutating func judgePurchase(_ id: String) {
    guard var purchase = purchases[id] else { return }
    if purchase.left == nil, ["sent", "partial", "received"].contains(purchase.status) {
      purchase.left = at
    }
    if purchase.cameIn == nil, purchase.status == "received" { purchase.cameIn = at }
    purchases[id] = purchase
  }

  private mutating func judgeStock(_ id: String) {
    guard var stock = stocks[id] else { return }
    if stock.isActive, stock.activeSince == nil { stock.activeSince = at }
    if let began = stock.activeSince, !stock.isActive {
      figures[id, default: SupplyReport.Product(id: id)].activeMilliseconds += inside(began, at)
      stock.activeSince = nil
    }
    let isOut = stock.isActive && stock.onHand - stock.reserved <= 0
    if isOut, stock.outSince == nil {
      stock.outSince = at
      if at >= since { figures[id, default: SupplyReport.Product(id: id)].stockOuts += 1 }
    } else if !isOut, let began = stock.outSince {
      figures[id, default: SupplyReport.Product(id: id)].stockOutMilliseconds += inside(began, at)
      stock.outSince = nil
    }
    stocks[id] = stock
  }

  /// How much of a span of time lies in the period, in milliseconds.
  private func inside(_ from: Timestamp, _ to: Timestamp) -> Int64 {
    max(
      0, min(to.milliseconds, until.milliseconds + 1) - max(from.milliseconds, since.milliseconds))
  }

  // MARK: The report

  /// Returns the report of what was given.
  public mutating func finish() -> SupplyReport {
    endOperation()
    let end = Timestamp(milliseconds: until.milliseconds + 1)
    for (id, stock) in stocks {
      var figure = figures[id] ?? SupplyReport.Product(id: id)
      if let began = stock.outSince { figure.stockOutMilliseconds += inside(began, end) }
      if let began = stock.activeSince { figure.activeMilliseconds += inside(began, end) }
      (figure.sku, figure.name) = (stock.sku, stock.name)
      (figure.onHand, figure.cost) = (stock.onHand, stock.cost)
      figure.dailyDemand = Double(figure.service.units) / max(report.days, 1 / 24)
      figures[id] = figure
    }
    report.products = figures.values.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    for line in lines.values where line.backordered > 0 && orders[line.order] != "cancelled" {
      report.waitingLines += 1
      report.waitingUnits += line.backordered
    }
    report.suppliers = purchasing()
    return report
  }

  private func purchasing() -> [SupplyReport.Supplier] {
    var suppliers: [String: SupplyReport.Supplier] = [:]
    var counts: [String: (lines: Int, units: Int64)] = [:]
    for line in purchaseLines.values {
      let known = counts[line.order] ?? (0, 0)
      counts[line.order] = (known.lines + 1, known.units + line.quantity)
    }
    for (id, purchase) in purchases {
      guard let left = purchase.left else { continue }
      let isOfPeriod = left >= since
      let camePeriod = purchase.cameIn.map { $0 >= since } ?? false
      guard isOfPeriod || camePeriod else { continue }
      var supplier =
        suppliers[purchase.supplier] ?? SupplyReport.Supplier(id: purchase.supplier)
      supplier.name = names[purchase.supplier] ?? purchase.supplier
      supplier.currency = purchase.currency
      if isOfPeriod, purchase.status != "cancelled" {
        supplier.orders += 1
        supplier.lines += counts[id]?.lines ?? 0
        supplier.units += counts[id]?.units ?? 0
        supplier.spend = supplier.spend.adding(purchase.total) ?? supplier.spend
        if purchase.cameIn == nil { supplier.open += 1 }
      }
      if let cameIn = purchase.cameIn, camePeriod {
        supplier.received += 1
        supplier.leadMilliseconds += cameIn.milliseconds - left.milliseconds
        if let expected = purchase.expected {
          supplier.promised += 1
          if cameIn > expected { supplier.late += 1 }
        }
      }
      suppliers[purchase.supplier] = supplier
    }
    return suppliers.values.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }
}

extension Value {
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var integer: Int64? { if case .int(let number) = self { number } else { nil } }
  fileprivate var decimal: ExactDecimal? {
    switch self {
    case .decimal(let number): number
    case .int(let number): ExactDecimal(number)
    default: nil
    }
  }
}
