public import QuartermasterCEL
public import QuartermasterCore

/// What a backtest of purchasing and stock counts.
///
/// Each measure looks for the classes and fields that it needs, so that schemas that are like the domain's are measured,
/// too; where they are not there it has no rows.
extension BacktestMeasure {
  /// Orders, spend and empty shelves.
  public static let supply: [BacktestMeasure] = [orders, spend, stockOuts]

  /// How many purchase orders were made, by supplier.
  public static let orders = BacktestMeasure(
    name: "orders", title: "Purchase orders by supplier"
  ) { view in
    guard let orders = view.schema["PurchaseOrder"], orders["supplier"] != nil else { return [] }
    var rows: [Row] = []
    for order in try purchaseOrders(view) {
      var name = "no supplier"
      if case .record(let supplier) = try view.end.value(order, "supplier") {
        name = supplier.id
        if view.schema[supplier.type.name]?["name"] != nil,
          case .string(let text) = try view.end.value(supplier, "name")
        {
          name = text
        }
      }
      rows.append(Row(name, ExactDecimal(1)))
    }
    return rows
  }

  /// What the purchase orders come to that were made and not cancelled, by currency.
  public static let spend = BacktestMeasure(name: "spend", title: "Spend by currency") { view in
    guard let orders = view.schema["PurchaseOrder"], orders["totalAmount"] != nil else { return [] }
    var rows: [Row] = []
    for order in try purchaseOrders(view) {
      if orders["status"] != nil, case .string("cancelled") = try view.end.value(order, "status") {
        continue
      }
      var currency = "total"
      if orders["currency"] != nil, case .string(let text) = try view.end.value(order, "currency") {
        currency = text
      }
      if case .decimal(let amount) = try view.end.value(order, "totalAmount") {
        rows.append(Row(currency, amount))
      }
    }
    return rows
  }

  /// On how many days how many products had nothing on hand.
  public static let stockOuts = BacktestMeasure(name: "stock-outs", title: "Out of stock") { view in
    let days: [String: Int]
    let what: String
    if let product = view.schema["Product"], product["onHand"]?.slot != nil {
      what = "products"
      if product["active"]?.slot != nil {
        days = try view.days(of: "Product", ["onHand", "active"]) {
          isEmpty($0[0]) && !isFalse($0[1])
        }
      } else {
        days = try view.days(of: "Product", ["onHand"]) { isEmpty($0[0]) }
      }
    } else if view.schema["Inventory"]?["quantity"]?.slot != nil {
      what = "places"
      days = try view.days(of: "Inventory", ["quantity"]) { isEmpty($0[0]) }
    } else {
      return []
    }
    return [
      Row("\(what) that ran out", ExactDecimal(Int64(days.count))),
      Row("days on which they were out", ExactDecimal(Int64(days.values.reduce(0, +)))),
    ]
  }

  private static func purchaseOrders(_ view: BacktestView) throws -> [Record] {
    let found = try view.end.query(
      "PurchaseOrder.filter(p, p.createdAt >= since)", ["since": .timestamp(view.since)])
    guard case .list(let items) = found else { return [] }
    return items.compactMap { if case .record(let record) = $0 { record } else { nil } }
  }

  private static func isEmpty(_ value: Value) -> Bool {
    switch value {
    case .int(let number): number <= 0
    case .decimal(let number): number <= ExactDecimal(0)
    case .double(let number): number <= 0
    default: false
    }
  }

  private static func isFalse(_ value: Value) -> Bool {
    if case .bool(false) = value { true } else { false }
  }
}
