import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import CSV and JSON files, one operation a row.",
      discussion: """
        By a mapping, a list of sources: {file: products.csv, class: Product, id: "p${row.ProductID}", \
        fields: {name: "${row.ProductName}"}}; or files of records as a Parse server exports them ({"results": […]}) or in JSON \
        Lines, each named after its class. A refused row is reported with its file and line, and the import goes on. What was \
        imported before is passed over.
        """)

    @Argument(
      help: "A mapping (.yaml); or files of records (.json, .jsonl) and folders of them.",
      completion: .file(extensions: ["yaml", "json", "jsonl"]))
    var paths: [String]
    @Option(help: "Where the files of the mapping lie; its own folder where it is not said.")
    var data: String?
    @Option(
      name: .customLong("class"),
      help: "The class of the records, where a file is not named after it.")
    var className: String?
    @Flag(help: "Leave out members of records for which their class has no field.")
    var skipUnknown = false
    @OptionGroup var folder: FolderOption
    @Option(help: "How many operations go into one commit.")
    var batch = 1
    @Flag(help: "Load plain data: the schema holds, no rule runs, no timer starts.")
    var withoutRules = false
    @Flag(help: "Say what would happen to each row, and keep nothing.")
    var dryRun = false
    @Flag(help: "Go on behind the row at which the last import of these files stopped.")
    var resume = false
    @Option(help: "`replay` lets rows move the clock with `at`; the data file keeps that clock.")
    var clock = ApplyCommand.Clock.file
    @Option(help: "How many refused rows are printed.")
    var showRefused = 100
    @Option(help: "How many rows a dry run prints.")
    var showRows = 100
    @Option(help: "How the summary is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = ImportCommand(paths: paths)
      command.data = data
      command.className = className
      command.skipsUnknown = skipUnknown
      command.folder = folder.folder
      command.batch = batch
      command.runsRules = !withoutRules
      command.isDryRun = dryRun
      command.resumes = resume
      command.clock = clock
      command.shownRefusals = showRefused
      command.shownRows = showRows
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
