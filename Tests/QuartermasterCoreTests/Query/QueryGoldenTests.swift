import CSQLite
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Fills a store with a small shop: always the same.
private func fill(_ store: Store) throws(Refusal) {
  func insert(_ name: String, _ id: String, _ values: [String: Value]) throws(Refusal) {
    guard let definition = store.schema[name] else { return }
    let row = store.emptyRow(definition.recordType)
    for slot in 0..<2 { row.values[slot] = .timestamp(Timestamp(milliseconds: 1_700_000_000_000)) }
    for field in definition.fields {
      if let slot = field.slot { row.values[slot] = values[field.name] ?? field.defaultValue }
      if let slot = field.slot, case .rollUp = field.kind { row.values[slot] = .int(0) }
    }
    _ = try store.insert(store.record(definition.recordType, id), row, isNew: false)
  }
  func money(_ units: Int) -> Value {
    .decimal(ExactDecimal(coefficient: Int128(units), scale: 2))
  }
  try store.begin()
  store.startOperation(now: Timestamp(milliseconds: 1_700_000_000_000))
  for k in 0..<20 { try insert("Supplier", "s\(k)", ["name": .string("supplier \(k)")]) }
  for k in 0..<50 { try insert("Bin", "b\(k)", ["code": .string("A-\(k)"), "capacity": .int(9)]) }
  for k in 0..<30 { try insert("Customer", "c\(k)", ["name": .string("customer \(k)")]) }
  for k in 0..<300 {
    try insert(
      "Product", "p\(k)",
      [
        "sku": .string("P\(k)"), "name": .string("part \(k)"), "supplier": .string("s\(k % 20)"),
        "category": k % 7 == 0 ? .null : .string("group \(k % 40)"), "price": money(k * 10),
        "active": .bool(k % 3 != 0),
      ])
  }
  for k in 0..<600 {
    try insert(
      "Inventory", "i\(k)",
      [
        "product": .string("p\(k % 300)"),
        "bin": k % 5 == 0 ? .null : .string("b\(k / 300 + k % 48)"),
        "quantity": .int(Int64(k % 11)), "reserved": .int(Int64(k % 3)),
      ])
  }
  let states = [
    "paid", "cancelled", "shipped", "pending", "pending", "pending", "pending", "pending",
  ]
  for k in 0..<400 {
    try insert(
      "Order", "o\(k)",
      [
        "number": .string("SO-\(k)"), "customer": .string("c\(k % 30)"),
        "reference": k % 2 == 0 ? .null : .string("ref \(k)"),
        "status": .string(k % 9 == 0 ? states[k / 9 % 8] : "shipped"),
        "totalAmount": money(k * 7 % 900),
        "orderDate": k % 10 == 0
          ? .null : .timestamp(Timestamp(milliseconds: Int64(k) * 86_400_000)),
      ])
  }
  for k in 0..<1200 {
    try insert(
      "OrderLine", "l\(k)",
      [
        "order": .string("o\(k % 400)"), "product": .string("p\(k % 290)"),
        "quantity": .int(Int64(k % 13)),
        "allocated": .int(Int64(k % 12)), "backordered": .int(k % 4 == 0 ? Int64(k % 5) : 0),
        "amount": money(k),
      ])
  }
  for k in 0..<200 {
    try insert("Shipment", "h\(k)", ["order": .string("o\(k * 2)"), "carrier": .null])
  }
  try store.commit()
}

/// Counts the rows that SQLite reads of each table.
///
/// SQLite as shipped has no counter of rows (SQLITE_ENABLE_STMT_SCANSTATUS is off). So a copy of the statement has a
/// call `visit(alias.rowid)` as the first condition of each table. The row number stands in every index entry, so the
/// call is evaluated for each row that the plan reaches, before any other condition can drop it.
private final class VisitCounter {
  var counts: [String: Int] = [:]

  static func register(_ counter: VisitCounter, on connection: OpaquePointer) {
    let code = sqlite3_create_function_v2(
      connection, "visit", 2, SQLITE_UTF8, Unmanaged.passUnretained(counter).toOpaque(),
      { context, _, values in
        guard let place = sqlite3_user_data(context), let values else { return }
        let counter = Unmanaged<VisitCounter>.fromOpaque(place).takeUnretainedValue()
        let table = sqlite3_value_text(values[0]).map { String(cString: $0) } ?? ""
        counter.counts[table, default: 0] += 1
        sqlite3_result_int(context, 1)
      }, nil, nil, nil)
    precondition(code == SQLITE_OK)
  }
}

/// An expression, its statement, and how many rows its answer is made of where that is not the size of a list.
private struct Golden: CustomTestStringConvertible {
  let text: String
  let sql: String
  var rows: Int?
  var testDescription: String { text }

  init(_ text: String, _ sql: String, rows: Int? = nil) {
    self.text = text
    self.sql = sql
    self.rows = rows
  }
}

private let goldens: [Golden] = [
  Golden(
    "Product.filter(p, p.category == 'group 5').sortBy(p, p.name)",
    """
    SELECT p.* FROM "Product" AS p WHERE p."category" = 'group 5' ORDER BY p."name", \
    p."objectId"
    """),
  Golden(
    "Product.filter(p, p.sku == 'P17').first()",
    """
    SELECT p.* FROM "Product" AS p WHERE p."sku" = 'P17' ORDER BY p."objectId" LIMIT 1
    """),
  Golden(
    "Order.filter(o, o.status == 'paid')",
    """
    SELECT o.* FROM "Order" AS o WHERE o."status" = 'paid' ORDER BY o."objectId"
    """),
  Golden(
    "Order.filter(o, o.status in ['paid', 'cancelled']).size()",
    """
    SELECT COUNT(*) FROM "Order" AS o WHERE (o."status" = 'paid' OR o."status" = \
    'cancelled')
    """, rows: 12),
  Golden(
    """
    Order.exists(o, o.customer == order.customer && o.reference == order.reference && \
    o.status != 'cancelled' && o.createdAt > now - days(1))
    """,
    """
    SELECT 1 FROM "Order" AS o WHERE o."customer" = ?1 AND o."reference" IS ?2 AND \
    o."status" <> 'cancelled' AND o."createdAt" > ?3 LIMIT 1
    """),
  Golden(
    "order.lines.all(l, l.allocated >= l.quantity)",
    """
    SELECT 1 FROM "OrderLine" AS l WHERE l."order" = ?1 AND l."allocated" < l."quantity" \
    LIMIT 1
    """),
  Golden(
    "order.lines.filter(l, l.allocated < l.quantity)",
    """
    SELECT l.* FROM "OrderLine" AS l WHERE l."order" = ?1 AND l."allocated" < l."quantity" \
    ORDER BY l."objectId"
    """),
  Golden(
    "order.lines.exists(l, l.quantity - l.allocated > 100)",
    """
    SELECT l.* FROM "OrderLine" AS l WHERE l."order" = ?1 AND (typeof((l."quantity" - \
    l."allocated")) <> 'integer' OR (l."quantity" - l."allocated") > 100) ORDER BY \
    l."objectId"
    """),
  Golden(
    "order.lines.exists_one(l, l.product == product)",
    """
    SELECT 1 FROM "OrderLine" AS l WHERE l."order" = ?1 AND +l."product" = ?2 LIMIT 2
    """),
  Golden(
    """
    OrderLine.filter(l, l.product == product && l.backordered > 0).sortBy(l, \
    l.order.createdAt)
    """,
    """
    SELECT l.* FROM "OrderLine" AS l JOIN "Order" AS "l_order" ON "l_order"."objectId" = \
    l."order" WHERE l."product" = ?1 AND l."backordered" > 0 ORDER BY "l_order"."createdAt", \
    l."objectId"
    """),
  Golden(
    "order.lines.map(l, l.quantity).sum()",
    """
    SELECT SUM(l."quantity") FROM "OrderLine" AS l WHERE l."order" = ?1
    """, rows: 3),
  Golden(
    "order.lines.map(l, l.amount).sum()",
    """
    SELECT SUM(l."amount") FROM "OrderLine" AS l WHERE l."order" = ?1
    """, rows: 3),
  Golden(
    "product.inventory.map(i, i.reserved).sum()",
    """
    SELECT SUM(MAX(i."reserved", 0)), SUM(MIN(i."reserved", 0)) FROM "Inventory" AS i WHERE \
    i."product" = ?1
    """, rows: 2),
  Golden(
    "product.inventory.map(i, i.quantity).max()",
    """
    SELECT MAX(i."quantity") FROM "Inventory" AS i WHERE i."product" = ?1
    """, rows: 2),
  Golden(
    "product.inventory.map(i, i.quantity).avg(2)",
    """
    SELECT SUM(MAX(i."quantity", 0)), SUM(MIN(i."quantity", 0)), COUNT(*) FROM "Inventory" \
    AS i WHERE i."product" = ?1
    """, rows: 2),
  Golden(
    "Inventory.exists(i, i.product == product && i.quantity > 0)",
    """
    SELECT 1 FROM "Inventory" AS i WHERE i."product" = ?1 AND +i."quantity" > 0 LIMIT 1
    """),
  Golden(
    "Inventory.filter(i, i.bin != null && i.bin.code == 'A-7')",
    """
    SELECT i.* FROM "Inventory" AS i LEFT JOIN "Bin" AS "i_bin" ON "i_bin"."objectId" = \
    i."bin" WHERE i."bin" IS NOT NULL AND "i_bin"."code" = 'A-7' ORDER BY i."objectId"
    """),
  Golden(
    "Product.filter(p, p.name.startsWith('part 29')).size()",
    """
    SELECT COUNT(*) FROM "Product" AS p WHERE p."name" >= 'part 29' AND p."name" < 'part 2:'
    """, rows: 11),
  Golden(
    "Order.filter(o, o.status == 'shipped').sortBy(o, o.totalAmount).slice(0, 5)",
    """
    SELECT o.* FROM "Order" AS o WHERE o."status" = 'shipped' ORDER BY o."totalAmount", \
    o."objectId" LIMIT 5
    """),
  Golden(
    "Order.filter(o, o.status == 'shipped').sortBy(o, -o.totalAmount).first()",
    """
    SELECT o.* FROM "Order" AS o WHERE o."status" = 'shipped' ORDER BY o."totalAmount" DESC, \
    o."objectId" LIMIT 1
    """),
  Golden(
    "Order.filter(o, o.status == 'paid').map(o, o.totalAmount).min()",
    """
    SELECT MIN(o."totalAmount") FROM "Order" AS o WHERE o."status" = 'paid'
    """),
  Golden(
    "Order.filter(o, o.lines.exists(l, l.product == product))",
    """
    SELECT o.* FROM "Order" AS o WHERE o."objectId" IN (SELECT l."order" FROM "OrderLine" AS \
    l WHERE l."product" = ?1) ORDER BY o."objectId"
    """),
  Golden(
    "Order.filter(o, o.orderDate != null && o.orderDate > when)",
    """
    SELECT o.* FROM "Order" AS o WHERE o."orderDate" IS NOT NULL AND o."orderDate" > ?1 \
    ORDER BY +o."objectId"
    """),
  Golden(
    "Order.filter(o, o.orderDate == null).size()",
    """
    SELECT COUNT(*) FROM "Order" AS o WHERE o."orderDate" IS NULL
    """, rows: 40),
  Golden(
    "customer.orders.sortBy(o, o.createdAt).last()",
    """
    SELECT o.* FROM "Order" AS o WHERE o."customer" = ?1 ORDER BY o."createdAt" DESC, \
    o."objectId" DESC LIMIT 1
    """, rows: 14),
  Golden(
    "customer.orders.map(o, o.status).distinct()",
    """
    SELECT o."status" FROM "Order" AS o WHERE o."customer" = ?1 GROUP BY o."status" ORDER BY \
    MIN(o."objectId")
    """, rows: 14),
  Golden(
    "product.orderLines.filter(l, l.order.status != 'cancelled').map(l, l.quantity).sum()",
    """
    SELECT SUM(l."quantity") FROM "OrderLine" AS l JOIN "Order" AS "l_order" ON \
    "l_order"."objectId" = l."order" WHERE l."product" = ?1 AND "l_order"."status" <> \
    'cancelled'
    """, rows: 5),
  Golden(
    "Shipment.filter(s, s.order.customer == customer)",
    """
    SELECT s.* FROM "Shipment" AS s JOIN "Order" AS "s_order" ON "s_order"."objectId" = \
    s."order" WHERE "s_order"."customer" = ?1 ORDER BY s."objectId"
    """),
  Golden(
    "supplier.products.filter(p, !p.inventory.exists(i, i.quantity > 0))",
    """
    SELECT p.* FROM "Product" AS p WHERE p."supplier" = ?1 AND NOT EXISTS (SELECT 1 FROM \
    "Inventory" AS i WHERE i."product" = p."objectId" AND +i."quantity" > 0) ORDER BY \
    p."objectId"
    """, rows: 15),
  Golden(
    "order.shipment != null && Order.filter(o, o == order && o.shipment == null).size() == 0",
    """
    SELECT COUNT(*) FROM "Order" AS o LEFT JOIN "Shipment" AS "o_shipment" ON \
    "o_shipment"."order" = o."objectId" WHERE o."objectId" = ?1 AND "o_shipment"."objectId" \
    IS NULL
    """),
  Golden(
    "order.lines.filter(l, l.backordered > 0 && l.product.name.matches('p[a-z]+ [0-9]+'))",
    """
    SELECT l.* FROM "OrderLine" AS l WHERE l."order" = ?1 AND l."backordered" > 0 ORDER BY \
    l."objectId"
    """),
]

@Suite struct QueryGoldenTests {
  private static func bench() throws -> QueryBench {
    var bench = try QueryBench(shopSchema)
    bench.declareShop()
    return bench
  }

  @Test(arguments: goldens)
  fileprivate func `an expression becomes this statement`(golden: Golden) throws {
    let bench = try Self.bench()
    let queries = bench.planner.queries(in: try bench.check(golden.text))
    #expect(queries.map { bench.short($0.sql) } == [golden.sql])
  }

  @Test func `indexes serve each statement, and few rows are read beside those that count`() throws
  {
    let bench = try Self.bench()
    let store = try Store.open(nil, schema: bench.schema)
    try store.perform { store throws(Refusal) in
      let counter = VisitCounter()
      VisitCounter.register(counter, on: store.connection)
      try fill(store)
      for golden in goldens {
        guard let checked = try? bench.check(golden.text) else { continue }
        try expectIndexes(golden, checked, bench, store)
        expectFewRows(golden, checked, bench, store, counter)
      }
    }
  }

  private func expectIndexes(
    _ golden: Golden, _ checked: CheckedExpr, _ bench: QueryBench, _ store: Store
  ) throws(Refusal) {
    let counting = SQLQueryPlanner(bench.schema, countsVisits: true, holdsRelations: false)
    let queries = bench.planner.queries(in: checked)
    let counted = counting.queries(in: checked)
    for (query, copy) in zip(queries, counted) {
      let explanation = try query.explain(store)
      #expect(explanation.usesIndex, "\(golden.text): \(explanation.plan)")
      #expect(try copy.explain(store).plan == explanation.plan, "\(golden.text)")
    }
  }

  private func expectFewRows(
    _ golden: Golden, _ checked: CheckedExpr, _ bench: QueryBench, _ store: Store,
    _ counter: VisitCounter
  ) {
    var layout = bench.layout
    let plain = bench.environment.plan(checked, layout: &layout)
    let pushed = bench.environment.plan(checked, layout: &layout, queries: bench.planner)
    let counted = bench.environment.plan(
      checked, layout: &layout,
      queries: SQLQueryPlanner(bench.schema, countsVisits: true, holdsRelations: false))
    let frame = Frame(layout, host: store)
    bench.fillShop(frame, store)
    let expected = outcome(plain, frame)
    #expect(!expected.hasPrefix("error"), "\(golden.text): \(expected)")
    #expect(outcome(pushed, frame) == expected, "\(golden.text)")
    counter.counts = [:]
    #expect(outcome(counted, frame) == expected, "\(golden.text)")
    var rows = golden.rows ?? 1
    if golden.rows == nil, let value = try? plain.root.eval(frame), case .list(let items) = value {
      rows = items.count
    }
    for (table, visits) in counter.counts {
      #expect(visits <= rows + 10, "\(golden.text): \(visits) rows of \(table) for \(rows)")
    }
    #expect(!counter.counts.isEmpty, "\(golden.text)")
  }
}
