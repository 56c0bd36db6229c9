import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask the data file: rows as a table, values as they are.",
      discussion: "Example: quartermaster query 'Product.filter(p, p.onHand <= p.reorderPoint)'")

    @Argument(help: "The expression.")
    var expression: String
    @OptionGroup var folder: FolderOption
    @Option(
      help: "As it was then: 2026-03-02T09:00:00Z, a date, or how long ago, as in 2h.")
    var at: String?
    @Option(
      help:
        "Who asks, such as ann: he sees what access.yaml allows him. The system where it is not said."
    )
    var actor: String?
    @Flag(help: "Say which part runs as which SQL, and whether an index serves it.")
    var explain = false
    @Option(help: "How many rows are printed as text; 0 for all.")
    var limit = 200
    @Option(help: "How the result is printed: text, json, jsonl or csv.")
    var format = DataFormat.text
    @Option(help: "The file to write; printed where it is not said.", completion: .file())
    var out: String?

    func run() {
      var command = QueryCommand(expression)
      command.output = out
      command.folder = folder.folder
      command.at = at
      command.actor = actor
      command.explains = explain
      command.limit = limit
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluate an expression by itself, without a project.",
      discussion: "Example: quartermaster eval 'quantity <= 20' --bindings '{\"quantity\": 12}'")

    @Argument(help: "The expression.")
    var expression: String
    @Option(help: "The values of its names, as a JSON object, or @FILE.")
    var bindings: String?
    @Option(
      help: "The types of its names, as JSON: {\"tags\": {\"list\": \"string\"}}, or @FILE.")
    var typeEnv: String?
    @Option(help: "How the result is printed: text, json, jsonl or csv.")
    var format = DataFormat.text

    func run() {
      var command = EvalCommand(expression)
      command.bindings = bindings
      command.typeEnvironment = typeEnv
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
