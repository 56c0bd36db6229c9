import Foundation
import Synchronization
import QuartermasterCEL
import QuartermasterSupply
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// Projects that build on a template.
struct ExtendedProjectTests {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)").path
    var command = NewCommand(folder)
    command.template = "supply"
    command.extendsTemplate = true
    #expect(command.run(ShellContext()).status == .done)
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  private func check() -> Reply {
    var command = CheckCommand()
    command.folder = folder
    return command.run(ShellContext())
  }

  private func test(filter: String? = nil) -> (reply: Reply, complaints: String) {
    var command = TestCommand()
    command.folder = folder
    command.filter = filter
    let complaints = Mutex("")
    var context = ShellContext()
    context.complain = { line in complaints.withLock { $0 += line } }
    let reply = command.run(context)
    return (reply, complaints.withLock { $0 })
  }

  private func shown(_ reply: Reply) -> String {
    (reply.output + (reply.errors.isEmpty ? "" : "--- errors\n" + reply.errors)
      + "--- \(reply.status)\n")
      .replacingOccurrences(of: folder, with: "DIR").replacing(/\([0-9.]+ s\)/, with: "(N s)")
  }

  private let ownSchema = """
    classes:
      Product:
        colour: {type: String, in: [red, blue], default: red}
        index: [[colour]]
      Complaint:
        order: {type: Order, required: true, inverse: complaints}
        text: {type: String, required: true}
      Order:
        complaintCount: {count: complaints}

    """

  private let ownRules = """
    - rule: hear-complaint
      trigger:
        created: Complaint
      action:
        - notify: managers
          message: ${complaint.order.number} has ${complaint.order.complaintCount}

    - rule: hold-large-order
      description: Ours are larger
      trigger:
        saved: Order
        becomes: order.totalAmount >= 50000.00
      action:
        - set: order
          held: true

    - test: a complaint is heard
      given:
        Order:
          order: {number: SO-1}
      do:
        - create: Complaint
          order: order
          text: late
      expect:
        - fired: hear-complaint
        - order.complaintCount == 1

    - test: an order of forty thousand is not held
      given:
        Product:
          crane: {name: Crane, colour: blue}
        Order:
          order: {}
      do:
        - create: OrderLine
          order: order
          product: crane
          quantity: 4
          price: 10000
      expect:
        - quiet: hold-large-order
        - crane.colour == "blue"

    """

  private func extend(off: String) throws {
    try write(ownSchema, to: "schema.yaml")
    try write(ownRules, to: "rules/own.yaml")
    try write("extends: supply\nrules: {off: [\(off)]}\n", to: "quartermaster.yaml")
  }

  @Test func `a project that only builds on a template is that template`() throws {
    #expect(check().status == .done)
    let template = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)").path
    #expect(NewCommand(template).run(ShellContext()).status == .done)
    var other = CheckCommand()
    other.folder = template
    #expect(check().output == other.run(ShellContext()).output)
    let (reply, complaints) = test(filter: "order")
    #expect(reply.status == .done)
    #expect(complaints == "")
  }

  @Test func `classes, fields, rules and tests of both are one project`() throws {
    try extend(off: "hold-large-order")
    #expect(shown(check()).hasPrefix("ok: "))
    let (reply, complaints) = test()
    #expect(reply.status == .done, "\(reply.output)")
    #expect(reply.output.contains("a complaint is heard"))
    #expect(reply.output.contains("an order of forty thousand is not held"))
    #expect(!reply.output.contains("a large order is held, and ships when a manager releases it"))
    #expect(complaints.contains("of the template supply about rules that are off here"))
  }

  @Test func `a test in which a rule fires that is off is left out, though it does not name it`()
    throws
  {
    try write("extends: supply\nrules: {off: [price-order-line]}\n", to: "quartermaster.yaml")
    let (reply, complaints) = test()
    #expect(reply.status == .done, "\(reply.output)")
    #expect(!reply.output.contains("a line without a price gets that of its product"))
    #expect(complaints.contains("left out "))
  }

  @Test func `a rule that follows one that is off does so no longer`() throws {
    try write(
      "extends: supply\nrules:\n  off:\n    - allocate-when-paid\n", to: "quartermaster.yaml")
    #expect(check().status == .done, "\(check().output)")
    // What stands below keeps its line.
    let project = try Project.load(folder: folder, templates: .shipped)
    let before = try Project.load(
      name: "template:supply", files: #require(TemplateLibrary.shipped.files(of: "supply"))
    ).ruleFiles
    for (file, old) in zip(project.ruleFiles.filter(\.isOfTemplate), before) {
      #expect(file.lineStarts == old.lineStarts)
    }
  }

  @Test func `what is wrong is told with its place, in the template too`() throws {
    var text = ""
    func say(_ title: String) { text += "$ check: \(title)\n" + shown(check()) }
    try extend(off: "hold-larg-order")
    say("a rule that the template has not")
    try extend(off: "")
    say("a name that the template has")
    try write("extends: suply\n", to: "quartermaster.yaml")
    say("a template that is none")
    try write("rules: {off: [reorder-low-stock]}\n", to: "quartermaster.yaml")
    say("off without a template")
    try write("extends: supply\nrules: {out: [x]}\n", to: "quartermaster.yaml")
    say("an unknown key")
    try write("extends: supply\n", to: "quartermaster.yaml")
    try write("", to: "rules/own.yaml")
    try write("classes:\n  Product:\n    reorderPoint: {type: String}\n", to: "schema.yaml")
    say("a field of another type breaks rules of the template")
    try expectGolden(text, "extends-errors")
  }

  @Test func `migrate, apply and query see one schema, and the file knows the rules of both`()
    throws
  {
    try extend(off: "hold-large-order")
    try write(
      #"{"op":"create","class":"Supplier","id":"s","fields":{"name":"Acme"}}"# + "\n"
        + #"{"op":"create","class":"Product","id":"p","fields":{"sku":"B1","name":"Bolt","supplier":{"__type":"Pointer","className":"Supplier","objectId":"s"}}}"#
        + "\n", to: "day.jsonl")
    var apply = ApplyCommand(path: folder + "/day.jsonl")
    apply.folder = folder
    #expect(apply.run(ShellContext()).status == .done)
    var query = QueryCommand(#"Product["p"].colour"#)
    query.folder = folder
    #expect(
      query.run(ShellContext()).output == "\"red\"\n" || query.run(ShellContext()).output == "red\n"
    )
    // The same again: the schema in the file is the one of both.
    #expect(query.run(ShellContext()).status == .done)
    try write(ownSchema.replacing("blue]", with: "blue, green]"), to: "schema.yaml")
    var migrate = MigrateCommand()
    migrate.folder = folder
    #expect(migrate.run(ShellContext()).status == .done)
  }

  @Test func `fmt and the JSON Schema take the classes of both`() throws {
    try extend(off: "hold-large-order")
    var schema = JSONSchemaCommand()
    schema.folder = folder
    let text = schema.run(ShellContext()).output
    for word in ["\"Complaint\"", "\"Product.colour\"", "\"reorder-low-stock\"", "verb-purchase"] {
      #expect(text.contains(word))
    }
    var format = FormatCommand()
    format.paths = [folder]
    format.checks = true
    #expect(format.run(ShellContext()).status == .done)
  }

  @Test func `only a shipped template can be built on`() {
    var command = NewCommand(folder + "/other")
    command.template = "minimal"
    command.extendsTemplate = true
    #expect(command.run(ShellContext()).status == .usage)
  }
}
