import Foundation
import Synchronization
import Testing

@testable import QuartermasterShell

struct CommandGoldenTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 80
    return context
  }

  @Test func `a stream is applied, and what is refused is told with its line`() throws {
    let fixture = try Fixture()
    let told = Mutex("")
    var context = context
    context.complain = { line in told.withLock { $0 += line } }
    let reply = fixture.applyDay(context)
    let lines = told.withLock { $0 }
    try expectGolden(fixture.shown(reply) + fixture.stable(lines), "apply")
  }

  @Test func `check prints what is wrong`() throws {
    let fixture = try Fixture()
    try fixture.append(
      """

      - rule: broken
        trigger:
          changed: Product
        when: product.onhand > 3
        action:
          - advance: product
            to: sent

      """, to: "rules/stock.yaml")
    var command = CheckCommand()
    command.folder = fixture.folder
    try expectGolden(fixture.shown(command.run(context)), "check-errors")
    command.format = .json
    try expectGolden(fixture.shown(command.run(context)), "check-errors-json")
  }

  @Test func `check is content with a good project`() throws {
    let fixture = try Fixture()
    var command = CheckCommand()
    command.folder = fixture.folder
    try expectGolden(fixture.shown(command.run(context)), "check-ok")
  }

  @Test func `a failed expectation prints the values of both sides`() throws {
    let fixture = try Fixture()
    try fixture.write(Self.failingTests, to: "rules/wrong.yaml")
    var command = TestCommand()
    command.folder = fixture.folder
    try expectGolden(fixture.shown(command.run(context)), "test-failures")
    command.format = .junit
    let xml = fixture.shown(command.run(context))
      .replacing(/time="[0-9.]+"/, with: "time=\"N\"")
    try expectGolden(xml, "test-failures-junit")
  }

  private static let failingTests = """
    - test: what does not hold
      given:
        Product:
          bolt: {name: M8 bolt, reorderPoint: 20, orderUpTo: 40}
        Inventory:
          bolts: {product: bolt, quantity: 21}
      do:
        - set: bolts
          quantity: 20
      expect:
        - bolt.onOrder + 1 == 22 && bolt.name.startsWith("M")
        - PurchaseOrder.exists(p, p.status == "sent")
        - quiet: reorder-low-stock
        - fired: celebrate-full-shelf
        - notified: managers
          message: something else
        - rejected: too much

    - test: a refusal that nobody names
      given:
        Inventory:
          bolts: {quantity: 2}
      do:
        - set: bolts
          quantity: -1

    """

  @Test func `rows are a table that fits`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var text = ""
    for expression in [
      "Product", "Product[\"bolt\"]", "Product.map(p, {\"name\": p.name, \"left\": p.onHand})",
      "Product.size()", "Product.filter(p, p.onHand > 1000)", "Product.map(p, p.name).join(\", \")",
      "User",
    ] {
      var command = QueryCommand(expression)
      command.folder = fixture.folder
      text += "> \(expression)\n" + fixture.shown(command.run(context))
    }
    try expectGolden(text, "query")
  }

  @Test func `rows for programs and for spreadsheets`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var command = QueryCommand("Product")
    command.folder = fixture.folder
    command.format = .json
    var text = fixture.shown(command.run(context))
    command.format = .csv
    text += fixture.shown(command.run(context))
    try expectGolden(text, "query-formats")
  }

  @Test func `explain says what runs in SQL`() throws {
    let fixture = try Fixture()
    var command = QueryCommand("Product.filter(p, p.onHand < 5 && p.name.size() > 3).size()")
    command.folder = fixture.folder
    command.explains = true
    try expectGolden(fixture.shown(command.run(context)), "query-explain")
  }

  @Test func `mistakes in a query have a caret`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var command = QueryCommand("Product.filter(p, p.onhand > 3)")
    command.folder = fixture.folder
    var text = fixture.shown(command.run(context))
    command.text = "Product.map(p, 1 / (p.onOrder - 22))"
    text += fixture.shown(command.run(context))
    command.text = "1 / 0"
    text += fixture.shown(command.run(context))
    try expectGolden(text, "query-mistakes")
  }

  @Test func `why goes back to who began it`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var text = ""
    for record in [
      "Product/bolt", "Product/bolt.onOrder", "Inventory/bolts", "Inventory/bolts.countedAt",
      "Product/nothing", "Prodct/bolt", "bolt", "Product/bolt.projected",
    ] {
      var command = WhyCommand(record)
      command.folder = fixture.folder
      text += "> why \(record)\n" + fixture.shown(command.run(context))
    }
    // The records that the rules made have ids of the clock, which the stream moves.
    for query in ["PurchaseOrder", "Notification"] {
      var ids = QueryCommand("\(query).map(r, r.objectId).join(\" \")")
      ids.folder = fixture.folder
      for id in ids.run(context).output.split(whereSeparator: \.isWhitespace) {
        var command = WhyCommand("\(query)/\(id)")
        command.folder = fixture.folder
        text += "> why \(query)/\(id)\n" + fixture.shown(command.run(context))
      }
    }
    try expectGolden(text, "why")
    var command = WhyCommand("Product/bolt.onOrder")
    command.folder = fixture.folder
    command.format = .json
    try expectGolden(fixture.shown(command.run(context)), "why-json")
  }

  @Test func `the log lists operations, the last one first`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var command = LogCommand()
    command.folder = fixture.folder
    var text = fixture.shown(command.run(context))
    command.record = "Inventory/bolts"
    text += "> log Inventory/bolts\n" + fixture.shown(command.run(context))
    command.record = nil
    command.rule = "reorder-low-stock"
    text += "> log --rule reorder-low-stock\n" + fixture.shown(command.run(context))
    command.rule = nil
    command.showsRefused = true
    text += "> log --refused\n" + fixture.shown(command.run(context))
    try expectGolden(text, "log")
  }

  @Test func `migrate says what it changes`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let schema = try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8)
    try fixture.write(
      schema.replacingOccurrences(of: "    tags: {type: Array, of: String}\n", with: "")
        .replacingOccurrences(
          of: "    countedAt: {type: Date}\n",
          with: "    countedAt: {type: Date}\n    note: {type: String}\n"), to: "schema.yaml")
    var query = QueryCommand("Product.size()")
    query.folder = fixture.folder
    var text = fixture.shown(query.run(context))
    var command = MigrateCommand()
    command.folder = fixture.folder
    command.isDryRun = true
    text += "> migrate --dry-run\n" + fixture.shown(command.run(context))
    command.isDryRun = false
    text += "> migrate\n" + fixture.shown(command.run(context))
    command.drops = true
    text += "> migrate --drop\n" + fixture.shown(command.run(context))
    text += "> migrate --drop\n" + fixture.shown(command.run(context))
    text += fixture.shown(query.run(context))
    try expectGolden(text, "migrate")
  }
}
