import ArgumentParser
import Foundation
import QuartermasterShell

extension QuartermasterTool {
  struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the rules in force, switch one on or off, and compare with those that were.",
      subcommands: [
        List.self, Add.self, Remove.self, Enable.self, Disable.self, Log.self, Diff.self,
      ],
      defaultSubcommand: List.self)

    struct List: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract:
          "List the rules in force: where they stand, what wakes them, how often they fired.")
      @OptionGroup var folder: FolderOption
      @Option(help: "How they are printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.list, folder, format) }
    }

    struct Add: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Write rules as records; those whose name there is already are written anew.")
      @Argument(help: "A file with rules, or - for standard input.")
      var file: String
      @Option(help: "The name of the one rule in the file.")
      var name: String?
      @Option(help: "Who writes it, such as User/ann; the system when left out.")
      var actor: String?
      @OptionGroup var folder: FolderOption
      @Option(help: "How the answer is printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.add(path: file, name: name), actor, folder, format) }
    }

    struct Remove: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Delete the record of a rule that `rules add` or a program wrote.")
      @Argument(help: "The name of the rule.")
      var rule: String
      @Option(help: "Who does it, such as User/ann; the system when left out.")
      var actor: String?
      @OptionGroup var folder: FolderOption
      @Option(help: "How the answer is printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.remove(rule: rule), actor, folder, format) }
    }

    struct Enable: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Switch a rule on again; engines on the file follow with their next operation.")
      @Argument(help: "The name of the rule.")
      var rule: String
      @Option(help: "In whose name.")
      var by = NSUserName()
      @OptionGroup var folder: FolderOption
      @Option(help: "How the answer is printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.turn(rule: rule, off: false, by: by), folder, format) }
    }

    struct Disable: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Switch a rule off; engines on the file follow with their next operation.")
      @Argument(help: "The name of the rule.")
      var rule: String
      @Option(help: "In whose name.")
      var by = NSUserName()
      @OptionGroup var folder: FolderOption
      @Option(help: "How the answer is printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.turn(rule: rule, off: true, by: by), folder, format) }
    }

    struct Log: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "List the rule sets that were in force, with what each brought.")
      @OptionGroup var folder: FolderOption
      @Option(help: "How they are printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.log, folder, format) }
    }

    struct Diff: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Show what differs between two rule sets, rule by rule.")
      @Argument(help: "The number of the older set; the last one with other rules when left out.")
      var from: Int64?
      @Argument(help: "The number of the newer set; the one in force when left out.")
      var to: Int64?
      @OptionGroup var folder: FolderOption
      @Option(help: "How it is printed: text or json.")
      var format = OutputFormat.text

      func run() { Rules.finish(.diff(from: from, to: to), folder, format) }
    }

    fileprivate static func finish(
      _ action: StoredRulesCommand.Action, _ actor: String?, _ folder: FolderOption,
      _ format: OutputFormat
    ) {
      var command = StoredRulesCommand(action)
      command.actor = actor
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }

    fileprivate static func finish(
      _ action: RulesCommand.Action, _ folder: FolderOption, _ format: OutputFormat
    ) {
      var command = RulesCommand(action)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
