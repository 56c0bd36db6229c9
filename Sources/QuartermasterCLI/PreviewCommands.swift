import ArgumentParser
import Foundation
import QuartermasterShell

extension QuartermasterTool {
  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which records satisfy a rule now, and what it would do for them.",
      discussion:
        "The rule runs for each of them in a commit that is undone: nothing in the data file changes. Example: "
        + "quartermaster plan reorder-low-stock")

    @Argument(help: "The name of the rule.")
    var rule: String
    @OptionGroup var folder: FolderOption
    @Option(
      help: "For how many records it is found out what the rule would do; the others are counted.")
    var limit = 20
    @Flag(help: "Print all of what it would do, in place of a table that fits.")
    var full = false
    @Option(help: "How the plan is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = PlanCommand(rule)
      command.folder = folder.folder
      command.limit = limit
      command.isFull = full
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct CatchUp: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "catch-up",
      abstract: "Fire a rule on purpose for the records that satisfy it now.",
      discussion: """
        One operation for each record; what is refused is listed, and the rest goes on. Asks first. The journal says that \
        it was a catch-up, and in whose name. Exits with 1 when an operation was refused.
        """)

    @Argument(help: "The name of the rule.")
    var rule: String
    @OptionGroup var folder: FolderOption
    @Flag(help: "Do not ask first.")
    var yes = false
    @Option(help: "In whose name, for the journal.")
    var by = NSUserName()
    @Option(help: "Who acts, as rules see it: a record of the class User, such as User/ann.")
    var actor: String?
    @Option(help: "How many refused records are printed.")
    var showRefused = 100
    @Option(help: "How the report is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = CatchUpCommand(rule, by: by)
      command.folder = folder.folder
      command.isSure = yes
      command.actor = actor
      command.shownRefusals = showRefused
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct DryRun: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dry-run",
      abstract: "Say what a stream of changes would do, and do nothing.",
      discussion:
        "The stream runs through the rules on a copy of the data file, which is removed. A line is what `apply` takes."
    )

    @Argument(help: "The file in JSON Lines; - is standard input.", completion: .file())
    var file: String
    @OptionGroup var folder: FolderOption
    @Flag(help: "Print each operation, before the summary.")
    var full = false
    @Flag(help: "Load plain data: the schema holds, no rule runs.")
    var withoutRules = false
    @Option(help: "`replay` lets lines move the clock with `at`.")
    var clock = ApplyCommand.Clock.file
    @Option(help: "How many refused lines are printed.")
    var showRefused = 100
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = DryRunCommand(path: file)
      command.folder = folder.folder
      command.isFull = full
      command.runsRules = !withoutRules
      command.clock = clock
      command.shownRefusals = showRefused
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
