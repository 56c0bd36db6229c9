import Foundation
import Testing

@testable import QuartermasterCEL
@testable import QuartermasterCore
@testable import QuartermasterShell

/// Rules that are records, from the command line.
struct AutomationCommandTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 90
    return context
  }

  /// The project of the other golden tests, with a class of automations.
  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    let schema = try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8)
    try fixture.write(
      schema.replacingOccurrences(
        of: "classes:\n",
        with: """
          classes:
            Automation:
              trigger: {type: String, required: true}
              action: {type: String, required: true}
              name: String
              when: String
              description: String
              enabled: {type: Boolean, default: true}
              author: {type: User}
              problem: String

          """), to: "schema.yaml")
    try fixture.append("automations: {class: Automation}\n", to: "quartermaster.yaml")
    fixture.applyDay()
    return fixture
  }

  @Test func `rules are added, listed, asked for, switched and removed`() throws {
    let fixture = try fixture()
    var text = ""
    func stored(
      _ title: String, _ action: StoredRulesCommand.Action, actor: String? = nil,
      input: String = "", format: OutputFormat = .text
    ) {
      var command = StoredRulesCommand(action)
      command.folder = fixture.folder
      command.actor = actor
      command.format = format
      command.input = { input }
      text += "> rules \(title)\n" + fixture.shown(command.run(context))
    }
    func rules(_ title: String, _ action: RulesCommand.Action, format: OutputFormat = .text) {
      var command = RulesCommand(action)
      command.folder = fixture.folder
      command.format = format
      text += "> rules \(title)\n" + fixture.shown(command.run(context))
    }
    try fixture.write(
      """
      - rule: dear-price
        description: Managers hear of a price that goes up by more than a tenth
        trigger:
          changed: Product.price
        when: new.price > old.price * 1.10
        action:
          - notify: managers
            message: ${product.name} costs ${new.price} now, not ${old.price}.

      - rule: empty-shelf
        trigger:
          changed: Inventory.quantity
          becomes: inventory.quantity == 0
        action:
          - notify: managers
            message: ${inventory.product.name} is gone.
      """, to: "mine.yaml")
    stored(
      "add mine.yaml --actor User/ann", .add(path: fixture.path("mine.yaml"), name: nil),
      actor: "User/ann")
    stored(
      "add - --name wrong", .add(path: "-", name: "wrong"),
      input: "trigger:\n  changed: Inventory.quantty\naction:\n  notify: managers\n  message: x\n")
    stored(
      "add - --name send-drafts", .add(path: "-", name: "send-drafts"),
      input: "trigger: {created: Product}\naction: {notify: managers, message: x}\n")
    stored("add -", .add(path: "-", name: nil), input: "- test: nothing\n")
    rules("", .list)
    rules("--format json", .list, format: .json)
    let change =
      #"{"op":"set","class":"Product","id":"bolt","fields":{"price":0.90},"at":"2026-03-09T08:00:00Z"}"#
    try fixture.write(change + "\n", to: "more.jsonl")
    var apply = ApplyCommand(path: fixture.path("more.jsonl"))
    apply.folder = fixture.folder
    text += "> apply more.jsonl\n" + fixture.shown(apply.run(context))
    var query = QueryCommand(
      "Notification.filter(n, n.rule == \"dear-price\").map(n, n.objectId).first()")
    query.folder = fixture.folder
    let id = query.run(context).output.trimmingCharacters(
      in: CharacterSet(charactersIn: "\" \n"))
    var why = WhyCommand("Notification/\(id)")
    why.folder = fixture.folder
    text += "> why Notification/\(id)\n" + fixture.shown(why.run(context))
    var whyNot = WhyNotCommand("empty-shelf", "Inventory/bolts")
    whyNot.folder = fixture.folder
    text += "> why-not empty-shelf Inventory/bolts\n" + fixture.shown(whyNot.run(context))
    stored(
      "add - --name dear-price", .add(path: "-", name: "dear-price"),
      input:
        "trigger:\n  changed: Product.price\naction:\n  notify: managers\n  message: Another price.\n",
      format: .json)
    rules("disable empty-shelf", .turn(rule: "empty-shelf", off: true, by: "ann"))
    // Files that take the name of a record break it.
    try fixture.append(
      "\n- rule: dear-price\n  trigger:\n    created: Product\n  action:\n    - notify: managers\n      message: New.\n",
      to: "rules/stock.yaml")
    text += "> apply more.jsonl\n" + fixture.shown(apply.run(context))
    rules("", .list)
    whyNot = WhyNotCommand("empty-shelf", "Inventory/bolts")
    whyNot.folder = fixture.folder
    text += "> why-not empty-shelf Inventory/bolts\n" + fixture.shown(whyNot.run(context))
    stored("remove dear-price", .remove(rule: "dear-price"))
    stored("remove send-drafts", .remove(rule: "send-drafts"))
    stored("remove empty-shelf", .remove(rule: "empty-shelf"))
    rules("log", .log)
    rules("diff", .diff(from: nil, to: nil))
    try expectGolden(text, "automations")
  }

  @Test func `a project without automations says how to get them`() throws {
    let fixture = try Fixture()
    var command = StoredRulesCommand(.add(path: "-", name: "x"))
    command.folder = fixture.folder
    command.input = { "trigger: {created: Product}\naction: {notify: managers, message: x}\n" }
    let reply = command.run(context)
    #expect(reply.status == .badInput)
    #expect(reply.errors.contains("automations: {class: Automation"))
  }
}
