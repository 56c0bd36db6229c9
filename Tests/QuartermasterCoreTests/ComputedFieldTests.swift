import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Loads a class with one computed field beside stored ones, and returns that field.
private func computed(_ expression: String, scale: String = "") throws -> FieldDefinition {
  let schema = try schema(
    """
    classes:
      Line:
        n: {type: Integer, default: 1}
        m: {type: Integer}
        price: {type: Decimal, scale: 4, default: 0}
        cost: {type: Decimal, scale: 2}
        rate: {type: Number, default: 0}
        name: {type: String, default: x}
        due: {type: Date}
        lead: {type: Duration, default: 1d}
        product: {type: Product}
        doubled: {computed: line.n * 2}
        it: {computed: '\(expression)'\(scale)}
      Product:
        name: String
    """)
  return try schema.field("Line.it")
}

@Test(arguments: [
  ("line.n + 1", FieldType.integer),
  ("line.doubled + line.n", .integer),
  ("line.n > 1 && line.name != \"\"", .boolean),
  ("line.product != null", .boolean),
  ("line.rate * 2.5", .number),
  ("line.name + \"!\"", .string),
  ("line.due == null ? line.createdAt : line.due", .date),
  ("line.lead + hours(1)", .duration),
  ("line.price", .decimal(scale: 4)),
  ("line.price * line.n", .decimal(scale: 4)),
  ("line.price * 0.125", .decimal(scale: 7)),
  ("line.price + 1", .decimal(scale: 4)),
  ("-line.price - 0.25", .decimal(scale: 4)),
  ("line.price * line.price", .decimal(scale: 8)),
  ("round(line.price * line.price, 2)", .decimal(scale: 2)),
  ("div(line.price, 3, 6)", .decimal(scale: 6)),
  ("line.n > 3 ? line.price : round(line.price, 1)", .decimal(scale: 4)),
  ("line.cost == null ? line.price : line.cost", .decimal(scale: 4)),
  ("decimal(line.n)", .decimal(scale: 0)),
])
func `a computed field has the type of its expression`(_ text: String, _ type: FieldType) throws {
  #expect(try computed(text).type == type)
}

@Test func `a computed field is nullable as its expression is`() throws {
  #expect(try !computed("line.n + 1").isNullable)
  #expect(try computed("line.m").isNullable)
  #expect(try computed("line.m == null ? null : line.m").isNullable)
  #expect(try !computed("line.m == null ? 0 : line.m").isNullable)
}

@Test func `a scale that cannot be told is asked for`() throws {
  #expect(try computed("[line.price].max()", scale: ", scale: 4").type == .decimal(scale: 4))
  let found = findings(
    inSchema: """
      classes:
        Line:
          rate: {type: Number, default: 0}
          it: {computed: decimal(line.rate)}
      """)
  #expect(found.count == 1)
  #expect(found[0].contains("schema/scale: how many digits `it` has after the point"))
}

@Test(arguments: [
  ("line.m + 1", "may be null"),
  ("line.nn + 1", "did you mean"),
  ("line.n + ", ""),
  ("now", "`now`"),
  ("line.n + line.name", ""),
])
func `a computed field is checked like every expression`(_ text: String, _ expected: String) {
  let found = findings(
    inSchema: """
      classes:
        Line:
          n: {type: Integer, default: 0}
          m: {type: Integer}
          name: {type: String, required: true}
          it: {computed: '\(text)'}
      """)
  #expect(found.count == 1)
  #expect(found[0].hasPrefix("6:"))
  #expect(found[0].contains(expected), "\(found)")
}

@Test func `one mistake in a computed field gives one message`() {
  let found = findings(
    inSchema: """
      classes:
        Line:
          order: {type: Order, inverse: lines}
          a: {computed: line.x + 1}
          b: {computed: line.a * 2}
        Order:
          total: {sum: lines.b}
          twice: {computed: order.total * 2}
      """)
  #expect(found.count == 1, "\(found)")
}
