import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let shop = """
  domain: shop
  classes:
    Supplier:
      name: {type: String, required: true, maxLength: 40}
      user: User
      mail: {type: String, pattern: '^[^@]+@[^@]+$'}
      contact: {user: user, email: mail}
    User:
      username: {type: String, required: true, unique: true}
      password: {type: String, secret: true}
    Product:
      sku: {type: String, required: true, unique: true}
      supplier: {type: Supplier, required: true, inverse: products}
      price: {type: Decimal, scale: 2, min: 0, default: 0}
      cost: {type: Decimal, scale: 4, min: 0}
      packSize: {type: Integer, min: 1, max: 100, default: 1}
      active: {type: Boolean, default: true}
      leadTime: {type: Duration, default: 3d}
      since: {type: Date, default: 2026-03-02T09:00:00Z}
      place: {type: GeoPoint}
      tags: {type: Array, of: String, default: [new, hot]}
      items: {type: Array, of: {note: String, weight: Number, part: Product}}
      extra: {type: Object}
      box: {type: Object, of: {size: {type: Decimal, scale: 3}, kind: String}}
      onHand: {sum: inventory.quantity}
      places: {count: inventory, where: inventory.quantity > 0}
      projected: {computed: product.onHand - product.packSize}
      index: [[supplier, active], [sku]]
    Inventory:
      was: Stock
      record: stock
      product: {type: Product, required: true, inverse: inventory, onDelete: cascade}
      quantity: {type: Integer, default: 0, was: amount}
      bin: {type: String}
      unique: [[product, bin]]
    Order:
      number: {type: String, unique: true, sequence: "SO-%05d"}
      status:
        type: String
        default: pending
        flow:
          pending: [paid, cancelled]
          paid: [cancelled]
          cancelled: []
      kind: {type: String, in: [web, shop], default: web}
  signals:
    close-day: {product: Product, note: {type: String, required: false}}
  verbs:
    restock:
      target: [Product, Inventory]
      arguments: {quantity: Integer, limit: {type: Date, required: false}}
      result: Inventory
      directions: {Product.onHand: up}
  functions:
    rate: {arguments: {from: String, amount: {type: Decimal, scale: 6}}, result: Number}
  calls:
    print-label: {arguments: {order: Order}}
  """.replacingOccurrences(of: "inventory.quantity > 0", with: "stock.quantity > 0")

@Test func `a schema says what it holds`() throws {
  let schema = try schema(shop)
  #expect(schema.domain == "shop")
  #expect(
    schema.classes.filter { !$0.isSystem }.map(\.name)
      == ["Supplier", "User", "Product", "Inventory", "Order"])
  #expect(schema.classes.map(\.index) == Array(schema.classes.indices))
  #expect(schema["Inventory"]?.variable == "stock")
  #expect(schema["Inventory"]?.was == "Stock")
  #expect(try schema.field("Inventory.quantity").was == "amount")
  #expect(try schema.field("Inventory.product").onDelete == .cascade)
  #expect(schema["Inventory"]?.uniqueKeys == [[0, 2]])
  #expect(schema["Product"]?.indexes == [[1, 5], [0]])
  #expect(schema["Supplier"]?.contact?.user == "user")
  #expect(schema["Supplier"]?.contact?.email == "mail")
  #expect(schema["Supplier"]?.inverses.map(\.name) == ["products"])
  #expect(schema["Product"]?.inverses.map(\.sourceClass) == ["Inventory"])
}

@Test func `fields have their types, defaults and limits`() throws {
  let schema = try schema(shop)
  #expect(try schema.field("Product.price").type == .decimal(scale: 2))
  #expect(try schema.field("Product.price").defaultValue.description == "0.00")
  #expect(try schema.field("Product.cost").minimum?.description == "0.0000")
  #expect(try schema.field("Product.packSize").maximum?.description == "100")
  #expect(try schema.field("Product.active").defaultValue.description == "true")
  #expect(try schema.field("Product.leadTime").defaultValue.description == "3d")
  #expect(try schema.field("Product.since").defaultValue.description == "2026-03-02T09:00:00Z")
  #expect(try schema.field("Product.tags").defaultValue.description == "[\"new\", \"hot\"]")
  #expect(try schema.field("Product.tags").type == .array(of: .string))
  #expect(
    try schema.field("Product.items").type
      == .array(
        of: .object([
          .init(name: "note", type: .string), .init(name: "weight", type: .number),
          .init(name: "part", type: .pointer("Product")),
        ])))
  #expect(
    try schema.field("Product.box").type
      == .object([
        .init(name: "size", type: .decimal(scale: 3)), .init(name: "kind", type: .string),
      ]))
  #expect(
    try schema.field("Order.number").sequence == SequenceFormat(prefix: "SO-", suffix: "", width: 5)
  )
  #expect(try schema.field("Order.status").flow?.states == ["pending", "paid", "cancelled"])
  #expect(try schema.field("Order.kind").allowed == ["web", "shop"])
  #expect(schema["Order"]?.flowField?.name == "status")
  #expect(try schema.field("User.password").isSecret)
  #expect(try schema.field("Supplier.user").target == "User")
}

@Test func `slots count stored fields and roll-ups, not computed ones`() throws {
  let schema = try schema(shop)
  #expect(try schema.field("Product.sku").slot == 2)
  #expect(try schema.field("Product.onHand").slot == 15)
  #expect(try schema.field("Product.places").slot == 16)
  #expect(try schema.field("Product.projected").slot == nil)
  #expect(schema["Product"]?.recordType.slotCount == 17)
}

@Test func `roll-ups and computed fields have the types of what they are made of`() throws {
  let schema = try schema(shop)
  #expect(try schema.field("Product.onHand").type == .integer)
  #expect(try schema.field("Product.projected").type == .integer)
  guard case .rollUp(let places) = try schema.field("Product.places").kind else {
    Issue.record("no roll-up")
    return
  }
  #expect(places.childClass == "Inventory")
  #expect(places.childField == "product")
  #expect(places.condition?.parsed.source.text == "stock.quantity > 0")
}

@Test func `expressions see system fields, nullability and relations`() throws {
  let schema = try schema(shop)
  let product = try #require(schema.recordType(named: "Product"))
  #expect(product.fields["objectId"]?.type == .string)
  #expect(product.fields["createdAt"]?.type == .timestamp)
  #expect(product.fields["price"]?.type == .decimal)
  #expect(product.fields["cost"]?.type == .nullable(.decimal))
  #expect(product.fields["supplier"]?.type == .record("Supplier"))
  #expect(product.fields["inventory"]?.type == .list(.record("Inventory")))
  #expect(product.fields["onHand"]?.type == .int)
  #expect(product.fields["projected"]?.type == .int)
  #expect(product.fields["tags"]?.type == .list(.string))
  #expect(product.fields["extra"]?.type == .nullable(.map(key: .string, value: .dyn)))
  #expect(schema["Order"]?.recordType.fields["number"]?.type == .string)
  guard case .pointer(let slot, let target)? = product.fields["supplier"]?.access else {
    Issue.record("no pointer")
    return
  }
  #expect(slot == 3)
  #expect(target === schema["Supplier"]?.recordType)
}

@Test func `the relation back of a unique pointer is one record or null`() throws {
  let schema = try schema(
    """
    classes:
      Product:
        name: String
      Stock:
        product: {type: Product, unique: true, inverse: stock}
    """)
  let field = schema["Product"]?.recordType.fields["stock"]
  #expect(field?.type == .nullable(.record("Stock")))
}

@Test func `what the host adds is declared`() throws {
  let schema = try schema(shop)
  #expect(schema.signals["close-day"]?.parameters.map(\.name) == ["product", "note"])
  #expect(schema.signals["close-day"]?.parameters.map(\.isRequired) == [true, false])
  let verb = try #require(schema.verbs["restock"])
  #expect(verb.targets == ["Product", "Inventory"])
  #expect(verb.parameters.map(\.type) == [.integer, .date])
  #expect(verb.parameters.map(\.isRequired) == [true, false])
  #expect(verb.result == "Inventory")
  #expect(verb.directions == ["Product.onHand": 1])
  #expect(schema.functions["rate"]?.parameters.map(\.type) == [.string, .decimal(scale: 6)])
  #expect(schema.functions["rate"]?.result == .number)
  #expect(schema.calls["print-label"]?.parameters.map(\.type) == [.pointer("Order")])
}

@Test func `a field may be called like a key of a class`() throws {
  let schema = try schema(
    """
    classes:
      Parcel:
        index: {type: Integer}
        contact: {type: String}
        unique: {type: Boolean}
        record: {type: String}
        was: {type: String}
    """)
  #expect(
    schema["Parcel"]?.fields.map(\.name) == ["index", "contact", "unique", "record", "was"])
}

@Test(arguments: [
  "model/examples/small", "model/examples/semantics", "bench/reorder",
])
func `the schemas of the examples load without a word`(_ path: String) throws {
  let shared = folder("../shared") ?? folder("../../shared")
  guard let url = shared?.appendingPathComponent(path + "/schema.yaml"),
    let data = try? Data(contentsOf: url)
  else { return }
  // `loop` is a reserved word of CEL, so no record may be called that.
  let text = String(decoding: data, as: UTF8.self)
    .replacingOccurrences(of: "  Loop:\n", with: "  Loop:\n    record: cycle\n")
  let file = SourceFile(name: path, text: text)
  do {
    let (schema, warnings) = try Schema.load(file)
    #expect(described(warnings).isEmpty)
    #expect(schema.domain == url.deletingLastPathComponent().lastPathComponent)
  } catch {
    Issue.record("\(described(error.items))")
  }
}
