import ArgumentParser
import Foundation
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

  struct WhyNot: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what stopped a rule for a record, with the values, or when it fired.",
      discussion: "Example: quartermaster why-not reorder-low-stock Product/bolt")

    @Argument(help: "The name of the rule.")
    var rule: String
    @Argument(help: "The record as CLASS/ID.")
    var record: String
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = WhyNotCommand(rule, record)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what was done, the last operation first.",
      discussion: "Examples: quartermaster log --since 2h; quartermaster log Product/bolt --full")

    @Argument(help: "Only the operations that changed this record, as CLASS/ID.")
    var record: String?
    @Option(help: "Only the operations in which this rule fired, or which it refused.")
    var rule: String?
    @Option(help: "Only the operations of this user, as User/ann; `system` for those of nobody.")
    var actor: String?
    @Option(help: "Only since then: 2026-03-02, 2026-03-02T09:00:00Z, or how long ago, as in 2h.")
    var since: String?
    @Option(help: "Only until then, likewise; a date includes its day.")
    var until: String?
    @Option(help: "Only before the operation of this number: how a listing goes on.")
    var before: Int64?
    @Flag(help: "What was refused, in place of what was kept.")
    var refused = false
    @Flag(help: "Whole lines, and the values that conditions looked at.")
    var full = false
    @Option(help: "How many are printed; 0 for all.")
    var limit = 20
    @OptionGroup var folder: FolderOption
    @Option(help: "How they are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = LogCommand()
      command.record = record
      command.rule = rule
      command.actor = actor
      command.since = since
      command.until = until
      command.before = before
      command.showsRefused = refused
      command.isFull = full
      command.limit = limit
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Count what the rules did and what they cost, what waits, and how far the journal goes.")

    @OptionGroup var folder: FolderOption
    @Option(help: "How the counts are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = StatsCommand()
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget what `journal:` in quartermaster.yaml does not keep.")

    @Option(help: "How long operations, refused ones and delivered messages stay, as in 90d.")
    var keep: String?
    @Option(help: "How much of the journal stays, about, as in 500MB.")
    var size: String?
    @OptionGroup var folder: FolderOption
    @Option(help: "How the counts are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = PruneCommand()
      command.keep = keep
      command.size = size
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
