import Foundation
import Quartermaster
import Testing

@testable import QuartermasterCore

/// What the documents of three templates say about classes and fields; `?` marks what may be missing.
///
/// First the classes of the document's JSON schema, then what only its build prompt has.
private let documents: [String: [(name: String, fields: String)]] = [
  "supplier-ordering": [
    ("Supplier", "name String, contactEmail String, phone? String, address? String"),
    ("Product", "name String, supplier Supplier, price Number, stock Number"),
    ("Order", "product Product, quantity Number, orderDate Date, status String"),
    ("Inventory", "product Product, quantity Number, threshold Number"),
    (
      "PurchaseOrder",
      "supplier Supplier, products Array, totalAmount Number, orderDate Date, status String"
    ),
    ("Supplier", "contact? String"),
    ("Order", "supplier? Supplier, items? Array"),
    ("Automation", "trigger String, action String"),
  ],
  "order-fulfillment": [
    ("User", "username String, email String, password String, address? String"),
    ("Order", "user User, products Array, totalAmount Number, status String"),
    ("Product", "name String, price Number, stock Number"),
    ("Shipment", "order Order, trackingNumber String, carrier String, status String"),
    ("Notification", "user User, message String, read Boolean"),
    ("Order", "orderId? String, customer? Customer, items? Array, deliveryDate? Date"),
    ("Customer", "name String, email String, address String"),
    ("Delivery", "order Order, status String, location GeoPoint"),
  ],
  "warehouse-ops": [
    ("User", "username String, email String, password String, role String"),
    ("Bin", "location String, capacity Number, currentLoad Number"),
    ("Item", "name String, sku String, bin Bin, quantity Number"),
    ("Order", "customerName String, items Array, status String"),
    ("Shipment", "order Order, carrier String, trackingNumber String, status String"),
    ("Inventory", "bin Bin, product String, quantity Number"),
    ("Order", "customer? String"),
  ],
]

@Test(arguments: documents.keys.sorted()) func `a template has the fields of its document`(
  name: String
) throws {
  let schema = try TemplateFolder(name).project.schema
  var known: [String: Set<String>] = [:]
  for entry in documents[name] ?? [] {
    let definition = try #require(schema[entry.name])
    for text in entry.fields.split(separator: ", ") {
      let parts = text.split(separator: " ")
      let isOptional = parts[0].hasSuffix("?")
      let field = isOptional ? String(parts[0].dropLast()) : String(parts[0])
      known[entry.name, default: []].insert(field)
      let found = try #require(definition[field], "\(entry.name).\(field) is missing")
      #expect(found.isRequired == !isOptional, "\(entry.name).\(field)")
      let types = parts[1] == "Number" ? ["Integer", "Decimal"] : [String(parts[1])]
      #expect(types.contains(found.type.schemaName), "\(entry.name).\(field)")
    }
  }
  for definition in schema.classes where !definition.isSystem {
    let fields = Set(definition.fields.filter(\.isWritable).map(\.name))
    #expect(fields == known[definition.name], "\(definition.name) has other fields")
  }
}

@Test(arguments: documents.keys.sorted()) func `the page of a template names its rules and tests`(
  name: String
) throws {
  let template = try TemplateFolder(name)
  let page = try String(
    contentsOf: template.folder.appendingPathComponent("README.md"), encoding: .utf8)
  for rule in template.ruleNames {
    #expect(page.contains("`\(rule)`"), "the page does not name \(rule)")
  }
  let titles = template.project.ruleFiles.flatMap { template.names(of: "test", in: $0) }
  let named = page.split(separator: "“").dropFirst().compactMap { $0.split(separator: "”").first }
  #expect(named.count > 8)
  for title in named {
    #expect(titles.contains(String(title)), "there is no test \(title)")
  }
}
