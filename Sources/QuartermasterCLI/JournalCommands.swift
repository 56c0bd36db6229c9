import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say why a record is as it is: from its last change back to who began it.",
      discussion: "Examples: quartermaster why Product/bolt; quartermaster why Order/o1.status")

    @Argument(help: "The record as CLASS/ID, with .field behind it to ask for one field.")
    var record: String
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = WhyCommand(record)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what was done, the last operation first.")

    @Argument(help: "Only the operations that changed this record, as CLASS/ID.")
    var record: String?
    @Option(help: "Only the operations in which this rule fired.")
    var rule: String?
    @Flag(help: "What was refused, in place of what was kept.")
    var refused = false
    @Option(help: "How many are printed; 0 for all.")
    var limit = 20
    @OptionGroup var folder: FolderOption
    @Option(help: "How they are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = LogCommand()
      command.record = record
      command.rule = rule
      command.showsRefused = refused
      command.limit = limit
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
