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
    ("Order", "supplier? Supplier, items? Array, requestedBy? User"),
    // Who may do what needs people.
    ("User", "username String, email? String, password? String, role? String"),
    (
      // What a rule that is a record needs besides its document: Docs/Decisions/0180.
      "Automation",
      "trigger String, action String, name? String, enabled? Boolean, author? String, problem? String"
    ),
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

@Test(arguments: TemplateFolder.names) func `the page of a template names its rules and tests`(
  name: String
) throws {
  let page = try TemplatePage(name)
  for rule in page.template.ruleNames {
    #expect(page.ticked.contains(rule), "the page does not name \(rule)")
  }
  #expect(page.titles.count > 8)
  for title in page.titles {
    #expect(page.tests.contains(title), "there is no test \(title)")
  }
  // What looks like the name of a rule is one, or is a name of the schema or of a template.
  let known =
    page.template.ruleNames + page.template.project.schema.signals.keys + TemplateFolder.names
    + page.states
  for word in page.ticked where word.wholeMatch(of: /[a-z]+(-[a-z]+)+/) != nil {
    #expect(known.contains(word), "there is no rule \(word)")
  }
}

@Test(arguments: TemplateFolder.names) func `each row of promises has a test`(name: String) throws {
  let page = try TemplatePage(name)
  // Rows of three cells, whose last cell holds tests: the table of promises.
  let rows = page.rows.filter { $0.count == 3 && $0[2].contains("“") }
  #expect(rows.count >= 9)
  for row in page.rows where row.count == 3 {
    // The table of classes and the heads have no test; a promise has one.
    let isPromise = row[0].contains("\"") || row[1].contains("`")
    #expect(!isPromise || row[2].contains("“"), "no test: \(row[0])")
  }
}

@Test(arguments: TemplateFolder.names) func `the page of a template shows its classes and statuses`(
  name: String
) throws {
  let page = try TemplatePage(name)
  let diagram = try #require(
    page.text.split(separator: "```mermaid").last?.split(separator: "```").first)
  for definition in page.template.project.schema.classes where !definition.isSystem {
    let pattern = try Regex("\\b\(definition.name)\\b")
    #expect(diagram.contains(pattern), "the diagram has no \(definition.name)")
    for case .pointer(let target) in definition.fields.map(\.type) {
      #expect(diagram.contains(try Regex("\\b\(target)\\b")), "the diagram has no \(target)")
    }
  }
  for state in page.states { #expect(page.text.contains(state), "the page does not name \(state)") }
}

@Test(arguments: documents.keys.sorted()) func `the table of classes has each field`(
  name: String
) throws {
  let page = try TemplatePage(name)
  for definition in page.template.project.schema.classes where !definition.isSystem {
    let row = try #require(
      page.rows.first { $0[0] == definition.name && $0.count == 3 },
      "no row for \(definition.name)")
    for field in definition.fields where field.isWritable {
      let pattern = try Regex("\\b\(field.name)\\b")
      #expect(
        row[1].contains(pattern) || row[2].contains(pattern), "\(definition.name).\(field.name)")
    }
  }
}

/// The page of a template, taken apart.
private struct TemplatePage {
  let template: TemplateFolder
  let text: String
  /// The words in back ticks.
  let ticked: Set<String>
  /// The titles of tests that it names, and those that there are.
  let titles: [String], tests: Set<String>
  /// The cells of its tables, row by row.
  let rows: [[String]]
  /// The statuses of all classes.
  let states: [String]

  init(_ name: String) throws {
    let template = try TemplateFolder(name)
    self.template = template
    text = try String(
      contentsOf: template.folder.appendingPathComponent("README.md"), encoding: .utf8)
    let parts = text.replacing("```", with: "").split(
      separator: "`", omittingEmptySubsequences: false)
    ticked = Set(parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) })
    titles = text.split(separator: "“").dropFirst().compactMap {
      $0.split(separator: "”").first.map(String.init)
    }
    tests = Set(template.project.ruleFiles.flatMap { template.names(of: "test", in: $0) })
    rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    states = template.project.schema.classes.flatMap { definition in
      definition.fields.flatMap { $0.flow?.states ?? [] }
    }
  }
}
