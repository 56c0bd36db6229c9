import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Supply operations with the indexes that the queries of the tests want.
let shopSchema = """
  domain: supply
  classes:
    Supplier:
      name: {type: String, required: true}
      minimumOrder: {type: Decimal, scale: 2, default: 0}
      active: {type: Boolean, default: true}
    Product:
      sku: {type: String, required: true, unique: true}
      name: {type: String, required: true}
      supplier: {type: Supplier, required: true, inverse: products}
      category: {type: String}
      price: {type: Decimal, scale: 2, min: 0, default: 0}
      cost: {type: Decimal, scale: 4, min: 0}
      active: {type: Boolean, default: true}
      reorderPoint: {type: Integer, default: 0}
      onHand: {sum: inventory.quantity}
      index: [[category, name], [active, price], [name]]
    Bin:
      code: {type: String, required: true, unique: true}
      capacity: {type: Integer, required: true, min: 0}
    Inventory:
      product: {type: Product, required: true, inverse: inventory}
      bin: {type: Bin, inverse: contents}
      quantity: {type: Integer, default: 0}
      reserved: {type: Integer, default: 0}
      unique: [[product, bin]]
      index: [[quantity]]
    Customer:
      name: {type: String, required: true}
    Order:
      number: {type: String, unique: true, sequence: "SO-%05d"}
      reference: {type: String}
      customer: {type: Customer, required: true, inverse: orders}
      status:
        type: String
        default: pending
        flow: {pending: [paid, cancelled], paid: [shipped, cancelled], shipped: [], cancelled: []}
      orderDate: {type: Date}
      totalAmount: {type: Decimal, scale: 2, default: 0}
      index: [[status], [customer, reference], [status, totalAmount], [orderDate]]
    OrderLine:
      order: {type: Order, required: true, inverse: lines}
      product: {type: Product, required: true, inverse: orderLines}
      quantity: {type: Integer, required: true, min: 0}
      allocated: {type: Integer, default: 0}
      backordered: {type: Integer, default: 0, min: 0}
      amount: {type: Decimal, scale: 2, default: 0}
      index: [[product, backordered], [product, quantity]]
    Shipment:
      order: {type: Order, required: true, unique: true, inverse: shipment}
      carrier: {type: String}
  """

/// A schema with an environment to check expressions in and a planner for them.
struct QueryBench {
  let schema: Schema
  /// Asks SQLite whatever can be asked.
  let planner: SQLQueryPlanner
  let tables: [ClassTable]
  private(set) var environment: CELEnvironment
  private(set) var layout = FrameLayout()
  /// The places of the records that were declared.
  private(set) var places: [String: Int] = [:]
  private(set) var slots: [String: Int] = [:]

  init(_ text: String) throws {
    let schema = try QuartermasterCoreTests.schema(text)
    self.schema = schema
    planner = SQLQueryPlanner(schema, countsVisits: false, holdsRelations: false)
    tables = schema.classes.map { ClassTable($0) }
    environment = .quartermaster
    environment.recordTypes = schema
  }

  /// Declares a record as a variable.
  mutating func declare(_ name: String, record type: String, isNullable: Bool = false) {
    let place = layout.takeRecord()
    places[name] = place
    let type = CELType.record(type)
    environment.declare(
      VariableDeclaration(name, isNullable ? type.orNull : type, storage: .record(place)))
  }

  /// Declares any other value as a variable.
  mutating func declare(_ name: String, _ type: CELType) {
    let place = layout.takeSlot()
    slots[name] = place
    environment.declare(VariableDeclaration(name, type, storage: .slot(place)))
  }

  /// Whether selecting from null is a check error.
  var checksNull: Bool {
    get { environment.checksNull }
    set { environment.checksNull = newValue }
  }

  func check(_ text: String, location: SourceLocation = #_sourceLocation) throws -> CheckedExpr {
    do { return try environment.checked(ExprSource(text)) } catch {
      Issue.record("\(text): \(described(error.items))", sourceLocation: location)
      throw error
    }
  }

  /// The statement of an expression that is one query; a narrowed one begins with a word that says so.
  func sql(_ text: String) throws -> String {
    let checked = try check(text)
    guard let result = QueryCompiler.compile(checked.root, in: checked, schema, tables) else {
      return "in memory"
    }
    return (result.query.isNarrowed ? "narrowed: " : "") + result.query.sql
  }

  /// Declares what ``QueryGenerator`` says of the variables of its expressions, in the order of their slots.
  mutating func declareProperty() {
    declare("p", record: "Item")
    declare("q", record: "Item", isNullable: true)
    declare("z", record: "Zone")
    declare("word", .string)
    declare("number", .int)
    declare("money", .decimal)
    declare("when", .timestamp)
    declare("span", .duration)
    declare("part", .double)
    declare("words", .list(.string))
  }

  /// Declares one record of each class that the shop's expressions begin with.
  mutating func declareShop() {
    for name in ["Order", "Product", "Inventory", "Customer", "Supplier"] {
      declare(name.lowercased(), record: name)
    }
    declare("now", .timestamp)
    declare("when", .timestamp)
  }

  /// Binds what ``declareShop()`` declared.
  func fillShop(_ frame: Frame, _ store: StoreSession) {
    let ids = [
      "order": "o28", "product": "p16", "inventory": "i16", "customer": "c8", "supplier": "s3",
    ]
    for (name, id) in ids {
      guard let place = places[name],
        let definition = schema.classes.first(where: { $0.variable == name })
      else { continue }
      frame.records[place] = store.record(definition.recordType, id)
    }
    for (name, milliseconds) in [("now", 1_700_000_000_000), ("when", 390 * 86_400_000)] {
      guard let place = slots[name] else { continue }
      frame.slots[place] = .timestamp(Timestamp(milliseconds: Int64(milliseconds)))
    }
  }

  /// A statement with `x.*` for the columns of a whole row.
  func short(_ sql: String) -> String {
    for table in tables {
      for name in sql.split(whereSeparator: { " (,.".contains($0) }).map(String.init) {
        let columns = (["objectId"] + table.columnNames + ["_last"]).map { "\(name).\"\($0)\"" }
        let all = columns.joined(separator: ", ")
        if let found = sql.range(of: all) {
          return sql.replacingCharacters(in: found, with: "\(name).*")
        }
      }
    }
    return sql
  }
}
