import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct MakeBackup: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "backup",
      abstract: "Copy the data file as it is now, while others use it.",
      discussion:
        "The copy is checked before it gets its name. Example: quartermaster backup shop-monday.sqlite"
    )

    @Argument(help: "The copy.", completion: .file())
    var file: String
    @OptionGroup var folder: FolderOption
    @Flag(help: "Replace a file that is there.")
    var force = false
    @Option(help: "How the result is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = BackupCommand(file)
      command.folder = folder.folder
      command.overwrites = force
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a backup in the place of the data file, which is kept under another name.",
      discussion: "No other process may have the data file open.")

    @Argument(help: "The backup.", completion: .file())
    var file: String
    @OptionGroup var folder: FolderOption
    @Option(help: "How the result is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = RestoreCommand(file)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct ExamineFile: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "doctor",
      abstract: "Look through the data file for what should not be.",
      discussion: """
        Damage, pointers to nothing, totals, the journal, ids and numbers, timers, schedules, the outbox. Exits with 1 \
        when something is wrong that was not mended.
        """)

    @OptionGroup var folder: FolderArgument
    @Flag(help: "Mend what can be mended safely, in one operation.")
    var mend = false
    @Option(help: "How the findings are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = DoctorCommand()
      command.folder = folder.folder
      command.mends = mend
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
