internal import QuartermasterCEL
internal import QuartermasterCore
internal import QuartermasterSupply

/// A report of the supply domain as text, JSON and CSV.
struct ReportText {
  /// The figures.
  let report: SupplyReport
  /// The words.
  let words: JournalText
  /// How many products the text shows; 0 for all.
  let limit: Int

  typealias Table = ReportCommand.Table

  // MARK: Text

  /// Returns a table, or all of them.
  func text(_ table: Table?, _ width: Int) -> String {
    var parts = [
      "\(words.instant(report.since)) to \(words.instant(report.until))"
        + " (\(Plain.fixed(report.days, 1)) days)\n"
    ]
    if table == nil || table == .summary { parts.append(summary(width)) }
    if table == nil || table == .products { parts.append(products(width)) }
    if table == nil || table == .suppliers { parts.append(suppliers(width)) }
    return parts.joined(separator: "\n")
  }

  private func summary(_ width: Int) -> String {
    let service = report.service
    var table = TextTable([
      .init(title: "figure"), .init(title: "value", isRight: true), .init(title: "of"),
    ])
    func add(_ title: String, _ value: String, _ more: String = "") {
      table.add([title, value, more])
    }
    add(
      "line fill rate", Self.percent(service.lineFillRate),
      "\(Plain.count(service.filledLines)) of \(Plain.count(service.lines, "line"))")
    add(
      "unit fill rate", Self.percent(service.unitFillRate),
      "\(Plain.count(Int(service.filledUnits))) of \(Plain.count(Int(service.units), "unit"))")
    add(
      "order fill rate", Self.percent(service.orderFillRate),
      "\(Plain.count(service.filledOrders)) of \(Plain.count(service.orders, "order"))")
    add(
      "waiting at the end", Plain.count(report.waitingLines),
      "\(Plain.count(Int(report.waitingUnits), "unit"))")
    add(
      "stock-outs", Plain.count(report.stockOuts),
      "\(Plain.fixed(report.stockOutDays, 1)) days, of all products")
    add("availability", Self.percent(report.availability), "of the time of active products")
    add(
      "days of stock", Self.number(report.daysOfStock, 1), "\(report.stockValue) at cost")
    add(
      "purchase orders", Plain.count(report.purchaseOrders),
      report.spend.map { "\($0.amount) \($0.currency)" }.joined(separator: ", "))
    return table.text(width: width)
  }

  private func products(_ width: Int) -> String {
    let sorted = report.products.sorted {
      $0.stockOutMilliseconds != $1.stockOutMilliseconds
        ? $0.stockOutMilliseconds > $1.stockOutMilliseconds : UTF8Text.less($0.sku, $1.sku)
    }
    let shown = limit == 0 ? sorted[...] : sorted.prefix(limit)
    var table = TextTable([
      .init(title: "sku"), .init(title: "product"), .init(title: "asked a day", isRight: true),
      .init(title: "on hand", isRight: true), .init(title: "days of stock", isRight: true),
      .init(title: "stock-outs", isRight: true), .init(title: "days out", isRight: true),
      .init(title: "line fill", isRight: true),
    ])
    for product in shown {
      table.add([
        product.sku, product.name, Plain.fixed(product.dailyDemand, 2),
        Plain.count(Int(product.onHand)), Self.number(product.daysOfStock, 1),
        Plain.count(product.stockOuts), Plain.fixed(product.stockOutDays, 1),
        Self.percent(product.service.lineFillRate),
      ])
    }
    var text = table.text(width: width)
    if shown.count < sorted.count {
      text += "… \(Plain.count(sorted.count - shown.count, "more product")) (--limit 0 for all)\n"
    }
    return text
  }

  private func suppliers(_ width: Int) -> String {
    var table = TextTable([
      .init(title: "supplier"), .init(title: "orders", isRight: true),
      .init(title: "lines", isRight: true), .init(title: "units", isRight: true),
      .init(title: "spend", isRight: true), .init(title: ""),
      .init(title: "open", isRight: true), .init(title: "days away", isRight: true),
      .init(title: "late", isRight: true),
    ])
    let sorted = report.suppliers.sorted {
      $0.spend != $1.spend ? $0.spend > $1.spend : UTF8Text.less($0.id, $1.id)
    }
    for supplier in sorted {
      table.add([
        supplier.name, Plain.count(supplier.orders), Plain.count(supplier.lines),
        Plain.count(Int(supplier.units)), "\(supplier.spend)", supplier.currency,
        Plain.count(supplier.open), Self.number(supplier.leadDays, 1),
        supplier.promised == 0 ? "–" : "\(supplier.late) of \(supplier.promised)",
      ])
    }
    return table.text(width: width)
  }

  private static func percent(_ share: Double?) -> String {
    share.map { Plain.fixed($0 * 100, 1) + " %" } ?? "–"
  }

  private static func number(_ number: Double?, _ digits: Int) -> String {
    number.map { Plain.fixed($0, digits) } ?? "–"
  }

  // MARK: JSON and CSV

  /// Returns a table as JSON, or all of them as one object.
  func json(_ table: Table?) -> String {
    switch table {
    case .summary?: return JSONWriter.text(.object(summaryMembers)) + "\n"
    case .products?: return QueryCommand.lines(.array(productRows.map { .object($0) }))
    case .suppliers?: return QueryCommand.lines(.array(supplierRows.map { .object($0) }))
    case nil:
      return JSONWriter.text(
        .object([
          ("summary", .object(summaryMembers)),
          ("products", .array(productRows.map { .object($0) })),
          ("suppliers", .array(supplierRows.map { .object($0) })),
        ])) + "\n"
    }
  }

  /// Returns a table as JSON Lines: a row a line.
  func jsonLines(_ table: Table) -> String {
    rows(of: table).map { JSONWriter.text(.object($0)) + "\n" }.joined()
  }

  private func rows(of table: Table) -> [[(key: String, value: JSONValue)]] {
    switch table {
    case .summary: [summaryMembers]
    case .products: productRows
    case .suppliers: supplierRows
    }
  }

  /// Returns a table as CSV.
  func csv(_ table: Table) -> String {
    let rows = rows(of: table)
    guard let first = rows.first else { return "" }
    var text = first.map(\.key).joined(separator: ",") + "\n"
    for row in rows { text += row.map { Self.cell($0.value) }.joined(separator: ",") + "\n" }
    return text
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: return ""
    case .string(let text):
      let isPlain = !text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
      return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    default: return JSONWriter.text(value)
    }
  }

  private typealias Members = [(key: String, value: JSONValue)]

  private var summaryMembers: Members {
    [
      ("since", .string(report.since.description)), ("until", .string(report.until.description)),
      ("days", Self.json(report.days, 3)),
    ] + Self.service(report.service) + [
      ("waitingLines", Self.json(report.waitingLines)),
      ("waitingUnits", Self.json(Int(report.waitingUnits))),
      ("stockOuts", Self.json(report.stockOuts)),
      ("stockOutDays", Self.json(report.stockOutDays, 4)),
      ("availability", Self.json(report.availability, 4)),
      ("stockValue", .string("\(report.stockValue)")),
      ("daysOfStock", Self.json(report.daysOfStock, 2)),
      ("purchaseOrders", Self.json(report.purchaseOrders)),
      (
        "spend",
        .string(report.spend.map { "\($0.amount) \($0.currency)" }.joined(separator: "; "))
      ),
    ]
  }

  private static func service(_ service: SupplyReport.Service) -> Members {
    [
      ("orders", json(service.orders)), ("filledOrders", json(service.filledOrders)),
      ("lines", json(service.lines)), ("filledLines", json(service.filledLines)),
      ("units", json(Int(service.units))), ("filledUnits", json(Int(service.filledUnits))),
      ("orderFillRate", json(service.orderFillRate, 4)),
      ("lineFillRate", json(service.lineFillRate, 4)),
      ("unitFillRate", json(service.unitFillRate, 4)),
    ]
  }

  private var productRows: [Members] {
    report.products.map { product in
      let service = Self.service(product.service).filter {
        $0.key != "orders" && $0.key != "filledOrders" && $0.key != "orderFillRate"
      }
      return [
        ("product", .string(product.id)), ("sku", .string(product.sku)),
        ("name", .string(product.name)),
      ] + service + [
        ("dailyDemand", Self.json(product.dailyDemand, 4)),
        ("onHand", Self.json(Int(product.onHand))),
        ("stockValue", product.stockValue.map { .string("\($0)") } ?? .null),
        ("daysOfStock", Self.json(product.daysOfStock, 2)),
        ("stockOuts", Self.json(product.stockOuts)),
        ("stockOutDays", Self.json(product.stockOutDays, 4)),
      ]
    }
  }

  private var supplierRows: [Members] {
    report.suppliers.map { supplier in
      [
        ("supplier", .string(supplier.id)), ("name", .string(supplier.name)),
        ("orders", Self.json(supplier.orders)), ("lines", Self.json(supplier.lines)),
        ("units", Self.json(Int(supplier.units))), ("spend", .string("\(supplier.spend)")),
        ("currency", .string(supplier.currency)), ("open", Self.json(supplier.open)),
        ("received", Self.json(supplier.received)), ("leadDays", Self.json(supplier.leadDays, 2)),
        ("promised", Self.json(supplier.promised)), ("late", Self.json(supplier.late)),
      ]
    }
  }

  private static func json(_ number: Int) -> JSONValue { .number(String(number)) }

  private static func json(_ number: Double?, _ digits: Int) -> JSONValue {
    number.map { .number(Plain.fixed($0, digits)) } ?? .null
  }
}
