import Foundation
import Quartermaster
import Testing

/// What a host sees of the domain; without what is internal.
struct HostTests {
  private static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "host-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  @Test func `a host opens a file with the domain, writes, and reads its own types`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var configuration = Engine.Configuration()
    configuration.clock = .manual(Self.start)
    let path = folder.appendingPathComponent("shop.sqlite").path
    let engine = try Engine.open(path, domain: .supply, configuration: configuration)
    try engine.write { db in
      try db.create("Supplier", id: "acme", ["name": .string("Acme")])
      try db.create(
        "Product", id: "bolt",
        [
          "sku": .string("B8"), "name": .string("M8 bolt"), "supplier": .string("acme"),
          "cost": .string("0.25"), "reorderPoint": .int(20), "orderUpTo": .int(40),
          "active": .bool(false),
        ])
      try db.create("Inventory", id: "bolts", ["product": .string("bolt"), "quantity": .int(21)])
      try db.set("Product", id: "bolt", ["active": .bool(true)])
    }
    let outcome = try engine.write { db in
      try db.set("Inventory", id: "bolts", ["quantity": .int(20)])
    }
    #expect(outcome.firings.first?.rule == "reorder-low-stock")
    #expect(outcome.firings.first?.record == "Product/bolt")
    try engine.read { db in
      let low = try db.query(Product.self, "Product.filter(p, p.onHand <= p.reorderPoint)")
      #expect(low.map(\.name) == ["M8 bolt"])
      let line = try #require(try db.all(PurchaseOrderLine.self).first)
      let order = try #require(try db.find(line.order))
      let supplier = try #require(try db.find(order.supplier))
      #expect(order.number == "PO-00001")
      #expect(supplier.name == "Acme")
      #expect("\(order.totalAmount)" == "5.00")
      #expect(try db.find(Reference<Order>("nobody")) == nil)
      let named = try db.query(
        PurchaseOrderLine.self,
        "PurchaseOrderLine.filter(l, l.product == product && l.open > least)",
        [
          "product": .record(try #require(try db.find("Product", id: "bolt"))), "least": .int(3),
        ])
      #expect(named.map(\.quantity) == [20])
    }
    try engine.close()
    let again = try Engine.open(path, domain: .supply, configuration: configuration)
    #expect(try again.read { db in try db.all(PurchaseOrder.self).count } == 1)
    try again.close()
  }

  @Test func `a host writes instants and spans as texts, and hears when they are none`() throws {
    let engine = try Engine.open(nil, domain: .supply, rules: .none)
    try engine.write { db in
      try db.create("Supplier", id: "acme", ["name": "Acme", "leadTime": "3d"])
      try db.create("Customer", id: "ann", ["name": "Ann"])
      try db.create(
        "Order", id: "o1", ["customer": "ann", "orderDate": "2026-03-02T09:00:00Z"])
    }
    let lead: TimeSpan? = try engine.read { db in
      try db.find(Reference<Supplier>("acme"))?.leadTime
    }
    #expect(lead == TimeSpan("72h", allowsDays: false))
    let refusal = #expect(throws: Refusal.self) {
      try engine.write { db in try db.set("Supplier", id: "acme", ["leadTime": "soon"]) }
    }
    #expect(
      refusal?.message
        == "Supplier.leadTime: \"soon\" is not a length of time such as 15m, 24h or 3d")
  }

  @Test func `a host asks what a rule would do, does it, and tries out a stream`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var configuration = Engine.Configuration()
    configuration.clock = .manual(Self.start)
    let engine = try Engine.open(nil, domain: .supply, configuration: configuration)
    try engine.write { db in
      try db.create("Supplier", id: "acme", ["name": .string("Acme")])
      try db.create(
        "Product", id: "bolt",
        [
          "sku": .string("B8"), "name": .string("M8 bolt"), "supplier": .string("acme"),
          "cost": .string("0.25"), "reorderPoint": .int(20), "orderUpTo": .int(40),
        ])
    }
    let plan = try engine.plan(rule: "send-purchase-orders")
    guard case .schedule = plan.subject, case .done(let outcomes)? = plan.effects.first?.result
    else { throw Refusal(.error, "\(plan)") }
    #expect(outcomes.flatMap(\.changes).map(\.rules) == [["send-purchase-orders"]])
    #expect(try engine.read { db in try db.all(PurchaseOrder.self).map(\.status) } == ["draft"])
    let report = try engine.catchUp(rule: "send-purchase-orders", by: "a test")
    #expect(report.fired == 1)
    #expect(try engine.read { db in try db.all(PurchaseOrder.self).map(\.status) } == ["sent"])
    let stream = folder.appendingPathComponent("stream.jsonl")
    try Data(
      #"{"op":"signal","name":"goods-arrived","fields":{"supplier":{"__type":"Pointer","className":"Supplier","objectId":"acme"}}}"#
        .utf8
    ).write(to: stream)
    let tried = try engine.dryRun(stream.path)
    #expect(tried.lines == 1)
    #expect(tried.refused.isEmpty)
    #expect(try engine.read { db in try db.all(PurchaseOrder.self).map(\.status) } == ["sent"])
  }

  @Test func `rules come from a folder, and a folder that is not there is said to be missing`()
    throws
  {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(
      """
      - rule: greet
        trigger:
          created: Supplier
        action:
          - create: User
            username: ${supplier.name}
      """.utf8
    ).write(to: folder.appendingPathComponent("greet.yaml"))
    let engine = try Engine.open(nil, domain: .supply, rules: .publish(folder: folder.path))
    try engine.write { db in try db.create("Supplier", ["name": .string("Acme")]) }
    #expect(try engine.read { db in try db.all(User.self).map(\.username) } == ["Acme"])
    do {
      _ = try Engine.open(nil, domain: .supply, rules: .publish(folder: folder.path + "/none"))
      Issue.record("a folder that is not there was read")
    } catch let refusal as Refusal {
      #expect(refusal.message.contains("there is no folder"))
    }
  }

  @Test func `a type that does not fit the class is told which field and how`() throws {
    struct Odd: StoredRecord {
      static let className = "Supplier"
      let name: Int64
      init(record: RecordReader) throws { name = try record["name"] }
    }
    struct Missing: StoredRecord {
      static let className = "Supplier"
      let nam: String
      init(record: RecordReader) throws { nam = try record["nam"] }
    }
    let engine = try Engine.open(nil, domain: .supply)
    try engine.write { db in try db.create("Supplier", id: "acme", ["name": .string("Acme")]) }
    func message(_ body: (ReadContext) throws -> Void) throws -> String {
      do { try engine.read(body) } catch let refusal as Refusal { return refusal.message }
      return ""
    }
    #expect(
      try message { _ = try $0.all(Odd.self) }
        == "Supplier.name of acme is a text, not a whole number")
    #expect(
      try message { _ = try $0.all(Missing.self) }
        == "Supplier has no field nam; did you mean name?")
    #expect(
      try message { _ = try $0.query(Product.self, "Supplier") }
        == "`Supplier` must give records of Product, not a record of Supplier")
  }

  @Test func `a host that calls a verb wrongly is told what it takes`() throws {
    let engine = try Engine.open(nil, domain: .supply)
    try engine.write { db in
      try db.create("Supplier", id: "acme", ["name": .string("Acme")])
      try db.create(
        "Product", id: "bolt",
        ["sku": .string("B"), "name": .string("Bolt"), "supplier": .string("acme")])
    }
    func message(_ verb: String, _ className: String?, _ id: String, _ given: [String: Value])
      throws -> String
    {
      do {
        try engine.write { db in
          let target = try className.map { try #require(try db.find($0, id: id)) }
          try db.perform(verb, target, given)
        }
      } catch let refusal as Refusal { return refusal.message }
      return ""
    }
    #expect(
      try message("buy", "Product", "bolt", [:]).hasPrefix("no verb buy"))
    #expect(try message("purchase", "Product", "bolt", [:]) == "purchase needs quantity")
    #expect(
      try message("purchase", "Product", "bolt", ["quantity": .string("five")])
        .hasPrefix("purchase: quantity needs"))
    #expect(
      try message("purchase", "Product", "bolt", ["quantity": .int(1), "form": .string("acme")])
        == "purchase has no form; did you mean from?")
    #expect(
      try message("purchase", "Product", "bolt", ["quantity": .int(1), "from": .string("who")])
        == "Supplier/who is not there")
    #expect(
      try message("purchase", "Supplier", "acme", ["quantity": .int(1)])
        == "purchase is about a Product, not a Supplier")
    #expect(
      try message("receive", nil, "", [:])
        == "receive is about a PurchaseOrder or a PurchaseOrderLine, not nothing")
  }

  @Test func `a verb of a host stands beside those of the domain`() throws {
    var domain = Domain.supply
    domain.verbs.register("ship") { call, context in
      let order = try call.requiredTarget()
      let waiting = try context.records(
        "OrderLine.filter(l, l.order == order && l.quantity > l.shipped).sortBy(l, l.price)",
        ["order": .record(order)])
      context.note("\(waiting.count) lines wait, the cheapest is \(waiting.first?.id ?? "none")")
      let carrier = try call.text("carrier") ?? "by hand"
      return try context.ensure(
        "Shipment", match: ["order": .record(order)], ["carrier": .string(carrier)])
    }
    let engine = try Engine.open(nil, domain: domain, rules: .none)
    try engine.write { db in
      try db.create("Supplier", id: "acme", ["name": .string("Acme")])
      try db.create("Customer", id: "ann", ["name": .string("Ann")])
      try db.create("Order", id: "so", ["customer": .string("ann")])
      for (sku, price) in [("nut", "3"), ("bolt", "2")] {
        try db.create(
          "Product", id: sku,
          ["sku": .string(sku), "name": .string(sku), "supplier": .string("acme")])
        try db.create(
          "OrderLine", id: "\(sku)-line",
          [
            "order": .string("so"), "product": .string(sku), "quantity": .int(1),
            "price": .string(price),
          ])
      }
    }
    for carrier in ["Hermod", "Pigeon Post"] {
      let outcome = try engine.write { db in
        let order = try #require(try db.find("Order", id: "so"))
        let shipment = try db.perform("ship", order, ["carrier": .string(carrier)])
        #expect(shipment?.type.name == "Shipment")
      }
      #expect(outcome.notes == ["2 lines wait, the cheapest is bolt-line"])
    }
    #expect(try engine.read { db in try db.all(Shipment.self).map(\.carrier) } == ["Hermod"])
  }

  @Test func `the binary carries the files of the template as they are`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../rules/supply").standardizedFileURL
    var found: [String: String] = [:]
    let walk = try #require(FileManager.default.enumerator(atPath: folder.path))
    for case let path as String in walk where !path.hasPrefix(".") && path.contains(".") {
      found[path] = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }
    let carried = ProjectTemplate.supply.files
    #expect(Dictionary(uniqueKeysWithValues: carried.map { ($0.path, $0.text) }) == found)
    #expect(ProjectTemplate.named("supply")?.files.count == carried.count)
    #expect(ProjectTemplate.named("suply") == nil)
  }

  @Test func `a template is written into a folder, and never over a project`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("shop").path
    let written = try ProjectTemplate.supply.write(to: path)
    #expect(written.contains("rules/purchasing.yaml"))
    let project = try Project.load(folder: path)
    #expect(project.ruleFiles.count == written.count { $0.hasPrefix("rules/") })
    do {
      try ProjectTemplate.supply.write(to: path)
      Issue.record("a project was written over")
    } catch let refusal as Refusal {
      #expect(refusal.message.contains("is there already"))
    }
  }
}
