import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A shop with permissions, for tests of single things.
struct AccessShop {
  static let schemaText = """
    domain: test
    classes:
      User:
        name: {type: String}
        role: {type: String, in: [manager, clerk], default: clerk}
        email: {type: String}
        password: {type: String, secret: true}
      Customer:
        name: {type: String, required: true}
        user: {type: User, inverse: customers}
      Product:
        name: {type: String, required: true}
        price: {type: Decimal, scale: 2, default: 0}
        cost: {type: Decimal, scale: 2, default: 0}
        margin: {computed: product.price - product.cost}
        lineCount: {count: lines}
        costOfLines: {sum: lines.cost}
      Order:
        number: {type: String, unique: true, sequence: "SO-%05d"}
        customer: {type: Customer, required: true, inverse: orders}
        status:
          type: String
          default: pending
          flow: {pending: [paid], paid: [shipped], shipped: []}
        note: {type: String}
        total: {type: Decimal, scale: 2, default: 0}
        details: {type: Object}
        index: [[status]]
      OrderLine:
        order: {type: Order, required: true, inverse: lines, onDelete: cascade}
        product: {type: Product, required: true, inverse: lines}
        cost: {type: Decimal, scale: 2, default: 0}
      Note:
        acl: true
        text: {type: String}
        order: {type: Order, inverse: notes}
    signals:
      close-day: {}
    calls:
      charge: {}
    """

  static let accessText = """
    roles: {field: role}
    classes:
      User:
        read: [manager, own: objectId]
        hidden: {email: {except: [manager, own: objectId]}}
        update: {own: objectId}
        read-only: {role: {except: manager}}
      Customer:
        read: [manager, own: user]
        create: signed-in
        update: [manager, own: user]
      Product:
        read: everyone
        update: manager
        hidden: {cost: {except: manager}}
      Order:
        find: [manager, own: customer.user]
        count: signed-in
        create: [manager, own: customer.user]
        update: [manager, own: customer.user]
        delete: manager
        read-only: {total: {except: manager}}
      OrderLine:
        read: [manager, own: order.customer.user]
        create: {own: order.customer.user}
      Note:
        read: everyone
        write: signed-in
    signals: {close-day: manager}
    """

  let engine: Engine

  init(
    rules: String = "", access: String = Self.accessText, classes: String = "",
    settings: String? = nil
  ) throws {
    let schema = try QuartermasterCoreTests.schema(
      Self.schemaText.replacing("signals:", with: classes + "signals:", maxReplacements: 1))
    let policy: AccessPolicy
    do {
      policy = try AccessPolicy.load(
        SourceFile(name: "access.yaml", text: access), schema: schema
      ).policy
    } catch {
      Issue.record("\(described(error.items))")
      throw error
    }
    var configuration = Engine.Configuration()
    configuration.access = policy
    configuration.passwords = .locking
    if let settings {
      configuration.settings = try ProjectSettings.load(
        SourceFile(name: "quartermaster.yaml", text: settings), schema: schema
      ).settings
    }
    configuration.clock = .manual(Timestamp(milliseconds: 1_767_225_600_000))
    let files = rules.isEmpty ? [] : [SourceFile(name: "rules.yaml", text: rules)]
    engine = try Engine(
      path: nil, schema: schema, rules: try LoadedRules(files: files, schema: schema),
      configuration: configuration)
    try engine.write { db in
      for name in ["ann", "bob", "max"] {
        try db.create(
          "User", id: name,
          [
            "name": .string(name), "role": .string(name == "max" ? "manager" : "clerk"),
            "email": .string("\(name)@example.com"), "password": .string("secret of \(name)"),
          ])
      }
      for name in ["ann", "bob"] {
        try db.create("Customer", id: "c-\(name)", ["name": .string(name), "user": .string(name)])
      }
      try db.create(
        "Product", id: "bolt", ["name": "Bolt", "price": .string("2.50"), "cost": .string("1.10")])
      try db.create(
        "Order", id: "o1", ["customer": .string("c-ann"), "note": .string("ring twice")])
      try db.create("Order", id: "o2", ["customer": .string("c-bob"), "note": .string("leave it")])
      try db.create(
        "OrderLine", id: "l1",
        ["order": .string("o1"), "product": .string("bolt"), "cost": .string("1.10")])
      try db.create(
        "OrderLine", id: "l2",
        ["order": .string("o2"), "product": .string("bolt"), "cost": .string("1.10")])
    }
  }

  var ann: ScopedEngine { engine.as(Principal(userID: "ann", roles: ["clerk"])) }
  var bob: ScopedEngine { engine.as(Principal(userID: "bob", roles: ["clerk"])) }
  var max: ScopedEngine { engine.as(Principal(userID: "max", roles: ["manager"])) }
  var nobody: ScopedEngine { engine.as(.anonymous) }
}

extension ScopedEngine {
  /// What a query gives, or how it fails.
  func answer(_ text: String) -> String {
    do { return try read { db in shown(try db.query(text)) } } catch let list as DiagnosticList {
      return list.items.map { "\($0.code): \($0.message)" }.joined(separator: "; ")
    } catch let error as EvaluationError {
      return "error: \(error.message)"
    } catch { return "\(error)" }
  }

  /// The ids that a query gives.
  func ids(_ text: String) throws -> [String] {
    try read { db in
      guard case .list(let items) = try db.query(text) else { return [] }
      return items.map { if case .record(let record) = $0 { record.id } else { "\($0)" } }
    }
  }

  /// The refusal of a write; nil when it is done.
  func refusal(_ body: (WriteContext) throws -> Void) -> Refusal? {
    do {
      try write(body)
      return nil
    } catch { return error as? Refusal ?? Refusal(.error, "\(error)") }
  }
}

@Suite struct AccessReadingTests {
  let shop: AccessShop

  init() throws { shop = try AccessShop() }

  @Test func `each finds his own, the manager all, nobody nothing`() throws {
    #expect(try shop.ann.ids("Order") == ["o1"])
    #expect(try shop.bob.ids("Order") == ["o2"])
    #expect(try shop.max.ids("Order") == ["o1", "o2"])
    #expect(try shop.nobody.ids("Order") == [])
    #expect(try shop.nobody.ids("Product") == ["bolt"])
  }

  @Test func `an engine without permissions gives nobody anything`() throws {
    let schema = try schema(AccessShop.schemaText)
    let engine = try Engine(path: nil, schema: schema, rules: .none)
    try engine.write { db in
      try db.create("User", id: "max", ["name": "max", "role": "manager"])
      try db.create("Product", ["name": "Bolt"])
    }
    let boss = engine.as(Principal(userID: "max", roles: ["manager"]))
    #expect(boss.answer("Product.size()") == "0")
    #expect(boss.refusal { db in try db.create("Product", ["name": "Nut"]) }?.reason == .denied)
  }

  @Test func `sums, counts, look-ups and relations are over what may be seen`() throws {
    #expect(shop.ann.answer("Order.filter(o, true).size()") == "1")
    #expect(shop.ann.answer("OrderLine.map(l, l.product).size()") == "1")
    #expect(shop.ann.answer("Product.map(p, p.lines.size())") == shown([1]))
    #expect(shop.ann.answer("Order[\"o2\"]") == "null")
    #expect(shop.ann.answer("Order[\"none\"]") == "null")
    #expect(shop.ann.answer("Customer[\"c-ann\"].orders.map(o, o.objectId)") != "[]")
  }

  @Test func `what may be counted may be counted alone`() throws {
    #expect(shop.ann.answer("Order.size()") == "2")
    #expect(shop.ann.answer("size(Order)") == "2")
    #expect(shop.ann.answer("Order.filter(o, o.status == \"pending\").size()") == "1")
    #expect(shop.nobody.answer("Order.size()") == "0")
  }

  @Test func `what may be got by its id is not found`() throws {
    let access = """
      classes:
        Order: {get: signed-in}
        OrderLine: {find: signed-in}
      """
    let shop = try AccessShop(access: access)
    #expect(try shop.ann.ids("Order") == [])
    #expect(
      shop.ann.answer("[Order[\"o2\"]].filter(o, o != null).map(o, o.note)") == shown(["leave it"]))
    #expect(try shop.ann.ids("OrderLine.map(l, l.order)") == ["o1", "o2"])
    #expect(try shop.ann.read { db in try db.find("Order", id: "o2")?.id } == "o2")
    // The customer behind the order may neither be found nor got.
    #expect(shop.ann.answer("OrderLine.map(l, l.order.customer)") == shown([.null, .null]))
  }

  @Test func `a record that may not be read is not there for a host's call either`() throws {
    try shop.ann.read { db in
      #expect(try db.find("Order", id: "o2") == nil)
      let own = try #require(try db.find("Order", id: "o1"))
      #expect(shown(try db.value(own, "note")) == shown("ring twice"))
      let bolt = try #require(try db.find("Product", id: "bolt"))
      guard case .list(let lines) = try db.value(bolt, "lines") else { return }
      #expect(lines.count == 1)
      #expect(throws: Refusal.self) { try db.value(bolt, "cost") }
    }
  }

  @Test(arguments: [
    "Product.filter(p, p.cost > 1.0)", "Product.sortBy(p, p.cost)",
    "Product.sortBy(p, p.name).map(p, p.cost).sum()", "Product.map(p, p.cost).max()",
    "OrderLine.filter(l, l.product.cost > 1.0)", "OrderLine.exists(l, has(l.product.cost))",
    "Order.filter(o, o.lines.exists(l, l.product.cost > 1.0))",
    "Product.groupBy(p, string(p.cost))",
    "Product.map(p, p.margin)", "Product.slice(0, 1).map(p, p.cost)",
    "Product.filter(p, !(p.name == \"Bolt\" || p.cost > 1.0))",
    "Product.map(p, {\"price\": p.price, \"cost\": p.cost})",
    "Product.map(p, p.cost > 1.0, p.name)", "Product.exists_one(p, p.cost > 1.0)",
  ])
  func `a hidden field is refused wherever it stands`(text: String) {
    #expect(shop.ann.answer(text).contains("access/hidden-field"), "\(text)")
  }

  @Test func `a total of hidden fields is hidden, a count is not`() throws {
    let access = """
      classes:
        Product: {read: everyone}
        OrderLine: {hidden: [cost]}
      """
    let shop = try AccessShop(access: access)
    #expect(shop.ann.answer("Product.map(p, p.costOfLines)").contains("access/hidden-field"))
    #expect(shop.ann.answer("Product.map(p, p.lineCount)") == shown([2]))
  }

  @Test func `who follows a hidden pointer back is refused`() throws {
    let access = """
      classes:
        Customer: {read: everyone}
        Order: {read: everyone, hidden: [customer]}
      """
    let shop = try AccessShop(access: access)
    #expect(shop.ann.answer("Customer.map(c, c.orders.size())").contains("access/hidden-field"))
    #expect(
      shop.ann.answer("Customer.exists(c, has(c.orders))").contains("access/hidden-field"))
  }

  @Test func `a field that is hidden in the records of others is null there`() throws {
    #expect(try shop.ann.ids("User") == ["ann"])
    let access = """
      classes:
        User: {read: everyone, hidden: {email: {except: {own: objectId}}}}
      """
    let shop = try AccessShop(access: access)
    let seen = shown(.list([.string("ann@example.com"), .null, .null]))
    #expect(shop.ann.answer("User.map(u, u.email)") == seen)
    #expect(try shop.ann.ids("User.filter(u, u.email == \"bob@example.com\")") == [])
    #expect(try shop.ann.ids("User.filter(u, u.email == null)") == ["bob", "max"])
    #expect(try shop.ann.ids("User.filter(u, has(u.email))") == ["ann"])
  }

  @Test(arguments: [
    "dyn(Product[\"bolt\"]).cost", "[Product[\"bolt\"], 1].map(p, p.cost)",
    "[dyn(Product[\"bolt\"])][0].cost", "has(dyn(Product[\"bolt\"]).cost)",
    "{\"p\": dyn(Product[\"bolt\"])}.p.cost",
    "[Product[\"bolt\"], Order[\"o1\"]].exists(r, r.cost > 1.0)",
    "(true ? dyn(Product[\"bolt\"]) : 1).cost", "Product.map(p, dyn(p)).map(p, p.cost).first()",
  ])
  func `a record whose class is not known gives no fields`(text: String) {
    let answer = shop.ann.answer(text)
    #expect(!answer.contains("1.1"), "\(text): \(answer)")
    #expect(answer.contains("access/") || answer.contains("class is known"), "\(text): \(answer)")
  }

  @Test func `an object without a shape is read as before`() throws {
    try shop.engine.write { db in
      let details = MapValue([
        (.string("a"), .map(try #require(MapValue([(.string("b"), .int(7))]))))
      ])
      try db.set("Order", id: "o1", ["details": .map(try #require(details))])
    }
    #expect(
      shop.ann.answer("Order.filter(o, o.details != null).map(o, o.details.a.b)") == shown([7]))
  }

  @Test func `permissions of a record stand beside those of its class`() throws {
    func list(_ entries: [(String, [String])]) throws -> Value {
      .map(
        try #require(
          MapValue(
            entries.map { key, rights in
              let map = MapValue(rights.map { (.string($0), .bool(true)) })
              return (.string(key), map.map(Value.map) ?? .null)
            })))
    }
    try shop.engine.write { db in
      try db.create("Note", id: "n0", ["text": "for all"])
      try db.create("Note", id: "n1", ["text": "for ann", "ACL": try list([("ann", ["read"])])])
      try db.create(
        "Note", id: "n2",
        ["text": "for managers", "ACL": try list([("role:manager", ["read", "write"])])])
      try db.create("Note", id: "n3", ["text": "public", "ACL": try list([("*", ["read"])])])
      try db.create("Note", id: "n4", ["text": "host only", "ACL": try list([])])
      try db.create("Note", id: "n5", ["text": "blind", "ACL": try list([("ann", ["write"])])])
    }
    #expect(try shop.ann.ids("Note") == ["n0", "n1", "n3"])
    #expect(try shop.max.ids("Note") == ["n0", "n2", "n3"])
    #expect(try shop.nobody.ids("Note.filter(n, n.text != \"\")") == ["n0", "n3"])
    // A role is no user, and a user no role, whatever they are called.
    #expect(
      try shop.engine.as(Principal(userID: "role:manager")).ids("Note") == ["n0", "n3"])
    #expect(try shop.engine.as(Principal(userID: "x", roles: ["ann"])).ids("Note") == ["n0", "n3"])
    #expect(
      shop.ann.refusal { db in try db.set("Note", id: "n1", ["text": "mine"]) }?.reason == .denied)
    #expect(shop.max.refusal { db in try db.set("Note", id: "n2", ["text": "ours"]) } == nil)
    #expect(shop.ann.refusal { db in try db.set("Note", id: "n5", ["text": "seen"]) } == nil)
    #expect(
      shop.ann.refusal { db in try db.set("Note", id: "n4", ["text": "x"]) }?.message
        == "Note/n4 is not there")
  }
}
