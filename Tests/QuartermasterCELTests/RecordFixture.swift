@testable import QuartermasterCEL

/// A small schema with records in memory, as a store would give them.
final class RecordFixture: RecordHost {
  struct Types: RecordTypeProvider {
    var types: [String: RecordType] = [:]
    func recordType(named name: String) -> RecordType? { types[name] }
    var recordTypeNames: [String] { types.keys.sorted() }
  }

  let product: RecordType
  let line: RecordType
  let order: RecordType
  let customer: RecordType
  let types: Types
  private var rows: [String: [String: Row]] = [:]
  private var live: [String: [String: Record]] = [:]
  /// How many rows were loaded, to see what is not.
  private(set) var loads = 0
  /// How often a relation or a class was asked for.
  private(set) var scans = 0

  init() throws {
    let product = RecordType(name: "Product", index: 0, variable: "product")
    let line = RecordType(name: "OrderLine", index: 1, variable: "orderLine")
    let order = RecordType(name: "Order", index: 2, variable: "order")
    let customer = RecordType(name: "Customer", index: 3, variable: "customer")
    let environment = CELEnvironment.quartermaster
    func field(_ name: String, _ type: CELType, _ slot: Int) -> RecordField {
      RecordField(name: name, type: type, access: .stored(slot: slot))
    }
    func computed(_ name: String, _ type: CELType, _ text: String) throws -> RecordField {
      RecordField(
        name: name, type: type, access: .computed(try environment.parse(ExprSource(text))))
    }
    func pointer(_ name: String, _ target: RecordType, _ slot: Int, nullable: Bool = false)
      -> RecordField
    {
      let type = CELType.record(target.name)
      return RecordField(
        name: name, type: nullable ? .nullable(type) : type,
        access: .pointer(slot: slot, target: target))
    }
    func id() -> RecordField { RecordField(name: "objectId", type: .string, access: .id) }
    product.define(
      fields: [
        id(), field("name", .string, 0), field("category", .string, 1), field("onHand", .int, 2),
        field("reorderPoint", .int, 3), field("price", .decimal, 4), field("active", .bool, 5),
        field("weight", .nullable(.double), 6), field("maximum", .nullable(.int), 7),
        try computed("short", .int, "product.reorderPoint - product.onHand"),
        try computed("isShort", .bool, "product.active && product.short >= 0"),
        try computed("twice", .decimal, "product.price * 2"),
        try computed("broken", .int, "product.onHand / (product.onHand - product.onHand)"),
      ], slotCount: 8)
    line.define(
      fields: [
        id(), pointer("order", order, 0), pointer("product", product, 1),
        field("quantity", .int, 2),
        try computed("double", .int, "orderLine.quantity * 2"),
      ], slotCount: 3)
    order.define(
      fields: [
        id(), field("status", .string, 0), pointer("customer", customer, 1, nullable: true),
        RecordField(
          name: "lines", type: .list(.record("OrderLine")),
          access: .relation(RecordField.Relation(source: line, slot: 0, isUnique: false))),
        field("createdAt", .timestamp, 2), pointer("previous", order, 3, nullable: true),
        field("data", .map(key: .string, value: .dyn), 4),
      ], slotCount: 5)
    customer.define(
      fields: [
        id(), field("name", .string, 0),
        RecordField(
          name: "orders", type: .list(.record("Order")),
          access: .relation(RecordField.Relation(source: order, slot: 1, isUnique: false))),
      ], slotCount: 1)
    (self.product, self.line, self.order, self.customer) = (product, line, order, customer)
    types = Types(
      types: ["Product": product, "OrderLine": line, "Order": order, "Customer": customer])
    fill()
  }

  private func fill() {
    put(
      product, "bolt",
      [
        .string("M8 bolt"), .string("tools"), .int(3), .int(5),
        .decimal(ExactDecimal(coefficient: 1250, scale: 2)), .bool(true), .double(0.5), .null,
      ])
    put(
      product, "nut",
      [
        .string("M8 nut"), .string("tools"), .int(9), .int(5),
        .decimal(ExactDecimal(coefficient: 75, scale: 2)), .bool(false), .null, .int(9),
      ])
    put(customer, "ann", [.string("Ann")])
    let map = MapValue([(.string("note"), .string("fragile")), (.string("weight"), .double(2.5))])
    put(
      order, "o1",
      [
        .string("paid"), .string("ann"), .timestamp(Timestamp(milliseconds: 1_000_000)), .null,
        map.map(Value.map) ?? .null,
      ])
    put(
      order, "o2",
      [
        .string("pending"), .null, .timestamp(Timestamp(milliseconds: 2_000_000)), .string("o1"),
        .null,
      ])
    put(line, "l1", [.string("o1"), .string("bolt"), .int(2)])
    put(line, "l2", [.string("o1"), .string("nut"), .int(20)])
    put(line, "l3", [.string("o2"), .string("bolt"), .int(7)])
  }

  func put(_ type: RecordType, _ id: String, _ values: [Value]) {
    let row = Row.nulls(values.count)
    for (slot, value) in values.enumerated() { row.values[slot] = value }
    rows[type.name, default: [:]][id] = row
  }

  func remove(_ type: RecordType, _ id: String) {
    rows[type.name]?[id] = nil
    live[type.name]?[id]?.become(nil)
  }

  func load(_ record: Record) {
    loads += 1
    record.become(rows[record.type.name]?[record.id])
  }

  func record(_ type: RecordType, _ id: String) -> Record {
    if let found = live[type.name]?[id] { return found }
    let record = Record(type: type, id: id)
    live[type.name, default: [:]][id] = record
    return record
  }

  func related(_ record: Record, _ relation: RecordField.Relation) -> Value {
    scans += 1
    let ids = (rows[relation.source.name] ?? [:]).filter { _, row in
      if case .string(let id) = row.values[relation.slot] { id == record.id } else { false }
    }.keys.sorted()
    return .list(ids.map { .record(self.record(relation.source, $0)) })
  }

  func all(_ type: RecordType) -> [Value] {
    scans += 1
    return (rows[type.name] ?? [:]).keys.sorted().map { .record(record(type, $0)) }
  }

  func fate(of record: Record) -> String { "deleted by rule tidy" }

  /// An environment with the classes and one record variable of each, in the first slots.
  var environment: CELEnvironment {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = types
    for (slot, type) in [product, line, order, customer].enumerated() {
      environment.declare(
        VariableDeclaration(type.variable, .record(type.name), storage: .record(slot)))
    }
    environment.declare(
      VariableDeclaration("old", .nullable(.record("Product")), storage: .record(4)))
    environment.declare(VariableDeclaration("threshold", .int, storage: .slot(0)))
    return environment
  }

  /// Plans a text and returns it with a frame in which the variables have values.
  func prepare(
    _ text: String, queries: (any QueryPlanner)? = nil, observed: Bool = false,
    in other: CELEnvironment? = nil
  ) throws -> (Program, Frame) {
    let environment = other ?? environment
    var layout = FrameLayout()
    layout.cover(slot: 3, record: 4)
    let checked = try environment.check(try environment.parse(ExprSource(text)))
    let program = environment.plan(checked, layout: &layout, queries: queries, observed: observed)
    let frame = Frame(layout, host: self)
    for (slot, (type, id)) in [
      (product, "bolt"), (line, "l1"), (order, "o1"), (customer, "ann"),
    ].enumerated() {
      frame.records[slot] = record(type, id)
    }
    frame.slots[0] = .int(5)
    return (program, frame)
  }

  /// Returns the value of a text.
  func value(_ text: String) throws -> Value {
    let (program, frame) = try prepare(text)
    return try program.root.eval(frame)
  }
}
