public import ArgumentParser
public import QuartermasterShell

extension ReportCommand.Table: ExpressibleByArgument {}

extension QuartermasterTool {
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill rate, stock-outs, days of stock, and spend per supplier, over a period.",
      discussion: """
        For projects of the supply domain; Docs/report.md defines each figure. \
        Examples: quartermaster report --since 90d; quartermaster report suppliers --format csv
        """)

    @Argument(help: "One table: summary, products or suppliers; all when left out.")
    var table: ReportCommand.Table?
    @Option(help: "From then on: 2026-03-02, 2026-03-02T09:00:00Z, or how long ago, as in 90d.")
    var since: String?
    @Option(help: "Until then, likewise; a date includes its day.")
    var until: String?
    @Option(help: "How many products the text shows; 0 for all.")
    var limit = 20
    @OptionGroup var folder: FolderOption
    @Option(help: "How it is printed: text, json, jsonl or csv.")
    var format = DataFormat.text

    func run() {
      var command = ReportCommand()
      command.table = table
      command.since = since
      command.until = until
      command.limit = limit
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
