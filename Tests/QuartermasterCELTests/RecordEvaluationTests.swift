import Testing

@testable import QuartermasterCEL

/// Expressions over records: fields, pointers, relations, classes.
@Suite struct RecordEvaluationTests {
  static let trueTexts = [
    "product.onHand <= product.reorderPoint", "product.onHand == 3", "3 == product.onHand",
    "5 > product.onHand", "product.onHand != 4", "product.onHand < threshold",
    "product.category == 'tools'", "'tools' == product.category", "product.category != 'toys'",
    "product.category in ['toys', 'tools']", "!(product.category in ['a', 'b'])",
    "product.price == 12.50", "product.price > 12", "product.price * 2 == 25",
    "product.price <= product.price", "product.active", "product.active == true",
    "product.weight != null && product.weight > 0.4", "product.maximum == null",
    "product.maximum != 3", "product.name.startsWith('M8')", "product.name.matches('^M\\\\d')",
    "product.objectId == 'bolt'", "product.short == 2", "product.isShort", "product.twice == 25.0",
    "orderLine.product.short == 2", "orderLine.product.name == product.name",
    "orderLine.product == product", "orderLine.product != null", "orderLine.order == order",
    "orderLine.product.isShort && orderLine.double == 4", "order.previous == null",
    "order.customer != null && order.customer.name == 'Ann'", "has(order.customer)",
    "!has(order.previous)", "has(order.lines)", "order.lines.size() == 2",
    "order.lines.exists(l, l.quantity > 10)", "!order.lines.all(l, l.quantity > 10)",
    "order.lines.exists(l, l.product == product && l.quantity == 2)",
    "order.lines.exists_one(l, l.quantity > 10)", "order.lines.map(l, l.quantity) == [2, 20]",
    "order.lines.map(l, l.quantity).sum() == 22",
    "order.lines.filter(l, l.quantity > 10).size() == 1",
    "order.lines.filter(l, l.quantity > 10).first() != null",
    "order.lines.sortBy(l, -l.quantity).map(l, l.quantity) == [20, 2]",
    "order.lines.map(l, l.product.price * l.quantity).sum() == 40.00",
    "Order['o2'] != null", "Order['none'] == null", "Order['o1'] == order",
    "Order.exists(o, o.status == 'pending' && o.previous != null && o.previous == order)",
    "Order.filter(o, o.customer != null).map(o, o.objectId) == ['o1']",
    "Order.size() == 2", "customer.orders.first() == order",
    "OrderLine.groupBy(l, l.product.name).map(n, n) == ['M8 bolt', 'M8 nut']",
    "OrderLine.groupBy(l, l.product.objectId)['bolt'].size() == 2",
    "order.data.note == 'fragile'", "has(order.data.note) && !has(order.data.other)",
    "order.createdAt > timestamp(0)", "order.createdAt + minutes(1) > order.createdAt",
    "product in OrderLine.map(l, l.product)", "old == null", "order.lines.all(l, l.order == order)",
    "dyn(product).onHand == 3", "dyn(orderLine).product.short == 2",
    "dyn(product).objectId == 'bolt'",
    "dyn(order).lines.size() == 2", "has(dyn(product).name) && !has(dyn(product).maximum)",
    "(product.active ? product.onHand : 0) == 3",
    "[product, orderLine.product].distinct().size() == 1",
  ]

  @Test(arguments: trueTexts) func `expressions over records are true`(text: String) throws {
    let value = try RecordFixture().value(text)
    #expect(Value.equal(value, .bool(true)), "\(text) gave \(value)")
  }

  static let failures: [(String, EvaluationError.Code)] = [
    ("product.broken > 1", .divisionByZero), ("Order['none'].status == ''", .nullValue),
    ("orderLine.product.broken == 1", .divisionByZero), ("dyn(product).nothing", .noSuchField),
    ("dyn(product).broken", .divisionByZero), ("order.data.other == 1", .noSuchKey),
    ("old.onHand > 3", .nullValue), ("old.short > 3", .nullValue),
    ("product.maximum > 3", .nullValue), ("product.maximum + 1 == 3", .nullValue),
    ("order.previous.status == ''", .nullValue), ("order.previous.lines.size() == 0", .nullValue),
    ("OrderLine.map(l, l.order.customer.name).size() == 1", .nullValue),
    ("Product.sortBy(p, p.maximum).size() == 1", .nullValue),
    ("Product.map(p, p.maximum).sum() == 1", .nullValue),
    ("Product.map(p, p.weight).max() == 1", .nullValue),
    ("Product.groupBy(p, p.maximum).size() == 1", .nullValue),
  ]

  @Test(arguments: failures) func `what cannot be said of a record fails`(
    text: String, code: EvaluationError.Code
  ) throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    var environment = fixture.environment
    environment.checksNull = false
    let (program, frame) = try fixture.prepare(text, in: environment)
    let error = #expect(throws: EvaluationError.self) { try program.root.eval(frame) }
    #expect(error?.code == code, "\(error?.message ?? "")")
    #expect(error?.range != nil)
  }

  @Test func `a null is not an integer, but may be compared for equality`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare("product.maximum == 9")
    #expect(try !program.root.evalBool(frame))
    frame.records[0] = fixture.record(fixture.product, "nut")
    #expect(try program.root.evalBool(frame))
  }

  @Test func `comparing pointers loads no record`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare("orderLine.product == product")
    #expect(try program.root.evalBool(frame))
    #expect(fixture.loads == 1)
  }

  @Test func `a pinned version is read as it was, its pointers are live`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(
      "orderLine.quantity == 99 && orderLine.product.onHand == 3")
    let row = Row.nulls(3)
    (row.values[0], row.values[1], row.values[2]) = (.string("o1"), .string("bolt"), .int(99))
    frame.records[1] = Record(type: fixture.line, id: "l1", pinned: row)
    #expect(try program.root.evalBool(frame))
    let (same, other) = try fixture.prepare("orderLine == order.lines.first()")
    other.records[1] = frame.records[1]
    #expect(try same.root.evalBool(other))
  }

  @Test func `reading a deleted record names what deleted it`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare("product.onHand > 0")
    #expect(try program.root.evalBool(frame))
    fixture.remove(fixture.product, "bolt")
    let error = #expect(throws: EvaluationError.self) { try program.root.evalBool(frame) }
    #expect(error?.code == .deletedRecord)
    #expect(error?.message == "Product bolt is gone: deleted by rule tidy")
    #expect(error?.range == 0..<14)
  }

  @Test func `a row that is written is read anew`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare("product.onHand + product.short")
    #expect(try program.root.evalInt(frame) == 5)
    let record = fixture.record(fixture.product, "bolt")
    let row = Row.copy(try #require(record.row))
    row.values[2] = .int(4)
    row.values[3] = .int(10)
    record.become(row)
    #expect(try program.root.evalInt(frame) == 10)
  }

  @Test func `the elements of a macro are given back when it ends early or fails`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    for text in [
      "OrderLine.exists(l, l.quantity == 2)", "OrderLine.map(l, l.product.broken)",
      "OrderLine.filter(l, OrderLine.exists(k, k.product == l.product))",
    ] {
      let (program, frame) = try fixture.prepare(text)
      for _ in 0..<3 { _ = try? program.root.eval(frame) }
      for slot in 5..<frame.layout.recordCount { #expect(frame.records[slot] == nil) }
    }
  }
}
