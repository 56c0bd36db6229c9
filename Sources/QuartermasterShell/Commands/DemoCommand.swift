internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore
internal import QuartermasterSupply

/// `quartermaster demo`: weeks of a made-up hardware trader through the shipped rules, or the day of business of a
/// template, then what the rules did.
public struct DemoCommand: Sendable {
  /// Where the project and its data file are made; nil for a folder that is removed again.
  public var folder: String?
  /// What the business is made up from: the same seed makes the same weeks.
  public var seed: UInt64 = 1
  /// The template whose day of business is run; nil for the weeks of the trader.
  public var template: String?

  /// Creates the command.
  public init() {}

  /// Runs the command.
  ///
  /// - Returns: The summary of the stream, tables of orders and messages, and one `why`.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let place =
        folder
        ?? FileManager.default.temporaryDirectory
        .appendingPathComponent("quartermaster-demo-\(UUID().uuidString)").path
      defer { if folder == nil { try? FileManager.default.removeItem(atPath: place) } }
      if let template {
        var reply = try TemplateDemo(template, in: place).run(context)
        if let folder, reply.status == .done { reply.output += Self.kept(folder) }
        return reply
      }
      try ProjectTemplate.supply.write(to: place)
      let stream = place + "/demo.jsonl"
      let lines = DemoTrader.lines(seed: seed)
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(
        to: URL(fileURLWithPath: stream))
      var apply = ApplyCommand(path: stream)
      apply.folder = place
      apply.clock = .replay
      apply.batch = 100
      apply.shownRefusals = 0
      let applied = apply.run(context)
      guard applied.status == .done else { return applied }
      let project = try ProjectFolder(place, context)
      let settings = project.project.settings
      let report = try project.present { session in
        Reply(try DemoReport(session: session, width: context.width).text(settings, context))
      }
      guard report.status == .done else { return report }
      var output =
        "\(Plain.count(lines.count)) changes of \(DemoTrader.days) days of a hardware trader, through the shipped rules\n\n"
      output += applied.output + "\n" + report.output
      if let folder { output += Self.kept(folder) }
      return Reply(output)
    }
  }

  private static func kept(_ folder: String) -> String {
    "\nThe project is in \(folder): try `quartermaster log -C \(folder)`\n"
  }
}

/// What is shown of the data file at the end of the demo.
private struct DemoReport {
  let session: StoreSession
  let width: Int

  func text(_ settings: ProjectSettings, _ context: ShellContext) throws -> String {
    var text = "Purchase orders raised\n" + (try orders("PurchaseOrder"))
    text += "\nCustomers' orders\n" + (try orders("Order"))
    text += "\nMessages\n" + (try messages())
    if let line = try explained(settings, context) { text += "\nWhy \(line.name)?\n" + line.answer }
    return text
  }

  /// Counts and totals by status.
  private func orders(_ className: String) throws -> String {
    guard let flow = session.schema[className]?.flowField?.flow else { return "" }
    var table = TextTable([
      .init(title: "status"), .init(title: "orders", isRight: true),
      .init(title: "total", isRight: true),
    ])
    for state in flow.states {
      let rows = "\(className).filter(o, o.status == \"\(state)\")"
      let count = try value("\(rows).size()")
      if count == "0" { continue }
      table.add([state, count, try value("\(rows).map(o, o.totalAmount).sum()")])
    }
    return table.text(width: width)
  }

  /// How often each rule told somebody something.
  private func messages() throws -> String {
    var table = TextTable([
      .init(title: "rule"), .init(title: "messages", isRight: true), .init(title: "the last one"),
    ])
    let statement = try session.statement(
      "SELECT rule, count(*), max(objectId), message FROM Message GROUP BY rule ORDER BY 2 DESC, 1")
    while try statement.step() {
      table.add([statement.text(0), Plain.count(Int(statement.int(1))), statement.text(3)])
    }
    return table.text(width: width)
  }

  /// A line of a purchase order that a sale led to, with the answer to why it is there.
  private func explained(_ settings: ProjectSettings, _ context: ShellContext) throws -> (
    name: String, answer: String
  )? {
    let statement = try session.statement(
      "SELECT objectId FROM PurchaseOrderLine ORDER BY objectId DESC LIMIT 200")
    var ids: [String] = []
    while try statement.step() { ids.append(statement.text(0)) }
    for id in ids {
      let name = "PurchaseOrderLine/\(id)"
      let answer = try WhyCommand.answer(name, session, settings, .text, context)
      let words = answer.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if words.contains("reorder-low-stock"), words.contains(WhyText.unnamed) {
        return (name, answer.output)
      }
    }
    return nil
  }

  private func value(_ text: String) throws -> String {
    let expression = try AdHocExpression(
      text, schema: session.schema, now: Timestamp(milliseconds: 0))
    return try expression.evaluate(session).printed()
  }
}
