import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Outbox: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look after messages, calls and later rules that wait, fail or were given up.",
      discussion:
        "Docs/channels.md says how channels are set up and when a delivery is tried again.",
      subcommands: [List.self, Show.self, Retry.self, Drop.self, Deliver.self],
      defaultSubcommand: List.self)
  }
}

/// Which entries are meant.
struct OutboxArguments: ParsableArguments {
  @Option(help: "Only those in this state: waiting, trying, delivered, dead or dropped.")
  var state: [String] = []
  @Option(help: "Only those of this channel; call and later stand for calls and later rules.")
  var channel: String?
  @Option(help: "Only those that this rule queued.")
  var rule: String?
  @Flag(help: "All of them.")
  var all = false

  func selection(_ ids: [String] = []) -> OutboxSelection {
    var selection = OutboxSelection()
    selection.ids = ids
    selection.states = state
    selection.channel = channel
    selection.rule = rule
    selection.takesAll = all
    return selection
  }
}

extension QuartermasterTool.Outbox {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what waits, is being tried or was given up, the oldest first.")

    @OptionGroup var arguments: OutboxArguments
    @Option(help: "How many are printed; 0 for all.")
    var limit = 100
    @OptionGroup var folder: FolderOption
    @Option(help: "How they are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = OutboxListCommand()
      command.selection = arguments.selection()
      command.limit = limit
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say all that is known of an entry, or of a message with its deliveries.")

    @Argument(help: "The entry as `outbox list` names it, or Message/ID.")
    var id: String
    @OptionGroup var folder: FolderOption
    @Option(help: "How it is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = OutboxShowCommand(id)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let entries be tried again at once, with the same key; dead letters begin anew.")

    @Argument(help: "The entries as `outbox list` names them.")
    var ids: [String] = []
    @OptionGroup var arguments: OutboxArguments
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = OutboxChangeCommand(.retry)
      command.selection = arguments.selection(ids)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take entries out, so that they are tried no more and their lanes are free.")

    @Argument(help: "The entries as `outbox list` names them.")
    var ids: [String] = []
    @OptionGroup var arguments: OutboxArguments
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = OutboxChangeCommand(.drop)
      command.selection = arguments.selection(ids)
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Deliver: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand over what is due, once.",
      discussion:
        "Exits with 1 when a delivery failed or was given up, or when another process delivers.")

    @Flag(help: "Also the messages of a data file that a replay filled.")
    var replayed = false
    @OptionGroup var folder: FolderOption
    @Option(help: "How the answer is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = OutboxDeliverCommand()
      command.deliversReplay = replayed
      command.folder = folder.folder
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
