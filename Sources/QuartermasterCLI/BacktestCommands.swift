import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Backtest: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what other rules would have made of what happened.",
      discussion: """
        What hosts did is done again, under the rules that were in force and under the new ones, in copies that are \
        thrown away; the data file is only read. `world.yaml` beside schema.yaml holds rules that play suppliers and \
        carriers in both. Exits with 1 when too little could be done again to compare. Docs/backtest.md says more. \
        Example: quartermaster backtest --rules proposal --since 30d
        """)

    @Option(
      help: "The new rules: a project folder, or a folder of rule files.",
      completion: .directory)
    var rules: String
    @Option(
      help: "The rules of the old side, in place of those that were in force.",
      completion: .directory)
    var against: String?
    @Option(
      help: "Where it begins: 2026-03-02, 2026-03-02T09:00:00Z, or how long ago, as in 30d.")
    var since: String?
    @Option(help: "Where it ends, likewise; a date includes its day.")
    var until: String?
    @Option(
      help: "The rules of the world outside; world.yaml of the project where it is not said.",
      completion: .file(extensions: ["yaml"]))
    var world: String?
    @Flag(help: "Play no world: signals are done again as they came.")
    var withoutWorld = false
    @Option(
      help:
        "Only these tables, with commas: orders, spend, stock-outs, statuses, made, messages, firings, refused."
    )
    var fields: String?
    @OptionGroup var folder: FolderOption
    @Option(help: "How the result is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = BacktestCommand(rules: rules)
      command.against = against
      command.since = since
      command.until = until
      command.world = world
      command.isWithoutWorld = withoutWorld
      command.fields = (fields ?? "").split(separator: ",").map {
        $0.trimmingPrefix(while: { $0 == " " })
      }.map(String.init)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
