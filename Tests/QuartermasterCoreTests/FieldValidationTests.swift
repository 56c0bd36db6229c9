import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let shop = """
  classes:
    Supplier:
      name: String
    Order:
      number: {type: String, required: true, maxLength: 5}
      mail: {type: String, pattern: '^[^@]+@[^@]+$'}
      kind: {type: String, in: [web, shop]}
      quantity: {type: Integer, min: 1, max: 10}
      price: {type: Decimal, scale: 2, min: 0}
      weight: {type: Number}
      due: {type: Date}
      lead: {type: Duration}
      active: {type: Boolean}
      supplier: {type: Supplier}
      place: {type: GeoPoint}
      tags: {type: Array, of: String}
      any: {type: Array}
      box: {type: Object, of: {size: {type: Decimal, scale: 1}, by: Supplier}}
      status:
        type: String
        flow:
          pending: [paid, cancelled]
          paid: [shipped]
          shipped: []
          cancelled: []
  """

private func field(_ name: String) throws -> FieldDefinition {
  try schema(shop).field("Order." + name)
}

private func refusal(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return (error as? Refusal)?.message }
}

private func decimal(_ text: String) -> Value {
  ExactDecimal(text).map(Value.decimal) ?? .null
}

private func map(_ entries: (String, Value)...) -> Value {
  MapValue(entries.map { (Value.string($0.0), $0.1) }).map(Value.map) ?? .null
}

private func record(_ className: String, _ id: String) -> Value {
  .record(Record(type: RecordType(name: className, index: 0, variable: "x"), id: id))
}

@Test func `a field takes values of its type in their stored form`() throws {
  func stored(_ name: String, _ value: Value) throws -> String {
    try field(name).accept(value, class: "Order").description
  }
  #expect(try stored("number", .string("a")) == "\"a\"")
  #expect(try stored("number", .null) == "null")
  #expect(try stored("quantity", .int(3)) == "3")
  #expect(try stored("weight", .int(3)) == "3.0")
  #expect(try stored("price", .int(3)) == "3.00")
  #expect(try stored("price", decimal("3.5000")) == "3.50")
  #expect(
    try stored(
      "due", .timestamp(Timestamp(seconds: 1, nanoseconds: 1_999_999) ?? .init(milliseconds: 0)))
      == "1970-01-01T00:00:01.001Z")
  #expect(try stored("lead", .duration(TimeSpan(nanoseconds: 1_999_999))) == "1ms")
  #expect(try stored("supplier", record("Supplier", "s1")) == "\"s1\"")
  #expect(
    try stored("place", map(("longitude", .int(2)), ("latitude", .double(1.5))))
      == "{\"latitude\": 1.5, \"longitude\": 2.0}")
  #expect(
    try stored("box", map(("by", record("Supplier", "s1")), ("size", .int(2))))
      == "{\"by\": \"s1\", \"size\": 2.0}")
  #expect(try stored("any", .list([.int(1), map(("a", .null))])) == "[1, {\"a\": null}]")
}

@Test(arguments: [
  ("number", Value.int(1), "Order.number needs a text, not an integer"),
  ("quantity", .double(3), "Order.quantity needs a whole number, not a double"),
  ("quantity", .uint(3), "not an unsigned integer"),
  ("weight", .double(.nan), "needs a finite number"),
  ("weight", decimal("1.5"), "Order.weight needs a number, not a decimal"),
  ("price", .double(3), "write decimal(x) to accept rounding"),
  ("price", decimal("1.005"), "Order.price has 2 places, and 1.005 has more; write round(x, 2)"),
  ("price", decimal("1e30"), "overflows"),
  ("due", .string("2026-03-02T09:00:00Z"), "Order.due needs a time such as"),
  ("supplier", .string("s1"), "Order.supplier needs a record of Supplier, not a text"),
  ("supplier", record("Order", "o1"), "needs a record of Supplier, not a record of Order"),
  (
    "place", map(("latitude", .int(1)), ("longitude", .int(181))),
    "longitude from -180 to 180, not 181"
  ),
  ("tags", .list([.string("a"), .int(1)]), "Order.tags[1] needs a text"),
  (
    "any", .list([record("Supplier", "s1")]),
    "Order.any[0] holds a record of Supplier; say in the schema what it holds"
  ),
  ("box", map(("siz", .int(1))), "Order.box has no member siz (size, by); did you mean size?"),
  ("box", map(("size", decimal("1.25"))), "Order.box.size has 1 place"),
])
func `a value of the wrong type is refused`(_ name: String, _ value: Value, _ expected: String)
  throws
{
  let field = try field(name)
  let message = refusal { _ = try field.accept(value, class: "Order") }
  #expect(message?.contains(expected) == true, "\(message ?? "accepted")")
}

@Test(arguments: [
  ("number", Value.null, Value.null, "Order.number is required"),
  ("number", .string("123456"), .null, "Order.number takes at most 5 characters, not 6"),
  (
    "mail", .string("nobody"), .null,
    "Order.mail needs a text that matches ^[^@]+@[^@]+$, not \"nobody\""
  ),
  (
    "kind", .string("wbe"), .null,
    "Order.kind may not be \"wbe\" (web, shop); did you mean \"web\"?"
  ),
  ("quantity", .int(0), .null, "Order.quantity is out of range: at least 1, not 0"),
  ("quantity", .int(11), .null, "Order.quantity is out of range: at most 10, not 11"),
  ("price", decimal("-0.01"), .null, "Order.price is out of range: at least 0.00, not -0.01"),
  (
    "status", .string("payed"), .null,
    "\"payed\" is not a status of Order (pending, paid, shipped, cancelled); did you mean \"paid\"?"
  ),
  (
    "status", .string("shipped"), .string("pending"),
    "Order.status may not go from pending to shipped (paid, cancelled)"
  ),
  (
    "status", .string("paid"), .string("shipped"),
    "Order.status may not go from shipped to paid (shipped is an end)"
  ),
  ("status", .null, .string("paid"), "Order.status may not go back from paid to nothing"),
])
func `a value that the schema forbids is refused`(
  _ name: String, _ value: Value, _ old: Value, _ expected: String
) throws {
  let field = try field(name)
  #expect(refusal { try field.validate(value, was: old, class: "Order") } == expected)
}

@Test(arguments: [
  ("number", Value.string("ünïcö"), Value.null),
  ("mail", .null, .null),
  ("mail", .string("a@b"), .null),
  ("quantity", .int(10), .null),
  ("status", .string("cancelled"), .null),
  ("status", .string("paid"), .string("paid")),
  ("status", .string("paid"), .string("pending")),
  ("status", .string("paid"), .string("a status of an older schema")),
])
func `a value that the schema allows passes`(_ name: String, _ value: Value, _ old: Value) throws {
  let field = try field(name)
  #expect(refusal { try field.validate(value, was: old, class: "Order") } == nil)
}

@Test func `a row is judged as a whole`() throws {
  let definition = try #require(try schema(shop)["Order"])
  let row = Row.nulls(definition.recordType.slotCount)
  #expect(refusal { try definition.validate(row, was: nil) } == "Order.number is required")
  row.values[2] = .string("1")
  #expect(refusal { try definition.validate(row, was: nil) } == nil)
  let status = try #require(definition["status"]?.slot)
  row.values[status] = .string("pending")
  let next = Row.copy(row)
  next.values[status] = .string("shipped")
  #expect(refusal { try definition.validate(next, was: row) } != nil)
}

@Test func `a value that stays as it was is not judged again`() throws {
  let definition = try #require(try schema(shop)["Order"])
  let row = Row.nulls(definition.recordType.slotCount)
  row.values[2] = .string("longer than five")
  let next = Row.copy(row)
  let weight = try #require(definition["weight"]?.slot)
  next.values[weight] = .double(1)
  #expect(refusal { try definition.validate(next, was: row) } == nil)
  next.values[2] = .string("another long one")
  #expect(refusal { try definition.validate(next, was: row) } != nil)
  next.values[2] = .null
  #expect(refusal { try definition.validate(next, was: row) } == "Order.number is required")
}
