import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import CSV files by a mapping, one operation a row.",
      discussion: """
        A mapping is a list of sources: {file: products.csv, class: Product, id: "p${row.ProductID}", \
        fields: {name: "${row.ProductName}"}}. A refused row is reported with its file and line, and the import goes \
        on. What was imported before is passed over.
        """)

    @Argument(help: "The mapping.", completion: .file(extensions: ["yaml"]))
    var mapping: String
    @Option(help: "Where the files lie; the folder of the mapping where it is not said.")
    var data: String?
    @OptionGroup var folder: FolderOption
    @Option(help: "How many operations go into one commit.")
    var batch = 1
    @Flag(help: "Load plain data: the schema holds, no rule runs, no timer starts.")
    var withoutRules = false
    @Option(help: "`replay` lets rows move the clock with `at`; the data file keeps that clock.")
    var clock = ApplyCommand.Clock.file
    @Option(help: "How many refused rows are printed.")
    var showRefused = 100
    @Option(help: "How the summary is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = ImportCommand(path: mapping)
      command.data = data
      command.folder = folder.folder
      command.batch = batch
      command.runsRules = !withoutRules
      command.clock = clock
      command.shownRefusals = showRefused
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
