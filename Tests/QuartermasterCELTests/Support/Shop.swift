@testable import QuartermasterCEL

/// A few classes of a shop, for checks.
struct Shop: RecordTypeProvider {
  let types: [String: RecordType]

  var recordTypeNames: [String] { types.keys.sorted() }
  func recordType(named name: String) -> RecordType? { types[name] }

  init() {
    let product = RecordType(name: "Product", index: 0, variable: "product")
    let inventory = RecordType(name: "Inventory", index: 1, variable: "inventory")
    let bin = RecordType(name: "Bin", index: 2, variable: "bin")
    let order = RecordType(name: "Order", index: 3, variable: "order")
    let line = RecordType(name: "OrderLine", index: 4, variable: "orderLine")
    let customer = RecordType(name: "Customer", index: 5, variable: "customer")
    Self.define(
      product,
      [
        ("name", .string), ("sku", .string), ("price", .decimal), ("cost", .nullable(.decimal)),
        ("weight", .double), ("reorderPoint", .int), ("onHand", .int), ("active", .bool),
        ("discontinued", .nullable(.bool)), ("leadTime", .duration),
      ])
    Self.define(
      inventory, [("quantity", .int), ("reserved", .int), ("threshold", .int)],
      pointers: [("product", product, false), ("bin", bin, true)])
    Self.define(bin, [("code", .string), ("capacity", .int), ("load", .nullable(.int))])
    Self.define(
      order,
      [
        ("number", .string), ("reference", .nullable(.string)), ("status", .string),
        ("totalAmount", .decimal), ("createdAt", .timestamp), ("paidAt", .nullable(.timestamp)),
        ("tags", .list(.string)),
      ], pointers: [("customer", customer, true), ("bin", bin, true)],
      relations: [("lines", line, false)])
    Self.define(
      line, [("quantity", .int), ("allocated", .int), ("price", .nullable(.decimal))],
      pointers: [("product", product, false), ("order", order, false)])
    Self.define(
      customer, [("name", .string), ("email", .nullable(.string)), ("if", .int)],
      pointers: [("bin", bin, true)])
    types = Dictionary(
      uniqueKeysWithValues: [product, inventory, bin, order, line, customer].map { ($0.name, $0) })
  }

  private static func define(
    _ type: RecordType, _ values: [(String, CELType)],
    pointers: [(name: String, target: RecordType, isNullable: Bool)] = [],
    relations: [(name: String, source: RecordType, isUnique: Bool)] = []
  ) {
    var fields = [RecordField(name: "objectId", type: .string, access: .id)]
    for (name, type) in values {
      fields.append(RecordField(name: name, type: type, access: .stored(slot: fields.count)))
    }
    for pointer in pointers {
      let target = CELType.record(pointer.target.name)
      fields.append(
        RecordField(
          name: pointer.name, type: pointer.isNullable ? .nullable(target) : target,
          access: .pointer(slot: fields.count, target: pointer.target)))
    }
    for relation in relations {
      let source = CELType.record(relation.source.name)
      fields.append(
        RecordField(
          name: relation.name, type: relation.isUnique ? .nullable(source) : .list(source),
          access: .relation(
            RecordField.Relation(source: relation.source, slot: 1, isUnique: relation.isUnique))))
    }
    type.define(fields: fields, slotCount: fields.count)
  }
}

extension CELEnvironment {
  /// The shop with its records in scope, `old` of which may be null.
  static let shop: CELEnvironment = {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = Shop()
    environment.forbidsShadowing = true
    for (name, type) in [
      ("inventory", CELType.record("Inventory")), ("order", .record("Order")),
      ("product", .record("Product")), ("old", .nullable(.record("Order"))),
      ("orderLine", .record("OrderLine")), ("now", .timestamp), ("rate", .double), ("count", .int),
      ("limit", .nullable(.int)), ("anything", .dyn), ("signal.bin", .nullable(.record("Bin"))),
      ("signal.note", .string),
    ] {
      environment.declare(VariableDeclaration(name, type))
    }
    return environment
  }()
}
