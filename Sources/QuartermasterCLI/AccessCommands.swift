import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Access: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say who may do what, as access.yaml has it.", subcommands: [Explain.self])

    struct Explain: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Say what a user may do with a record, and why.",
        discussion: "Example: quartermaster access explain ann Order/so-7")

      @Argument(help: "The user: his objectId, also as User/ann.")
      var user: String
      @Argument(help: "The record, as Order/so-7.")
      var record: String
      @OptionGroup var folder: FolderOption
      @Option(help: "How it is printed: text or json.")
      var format = OutputFormat.text

      func run() {
        var command = AccessCommand(user: user, record: record)
        command.folder = folder.folder
        command.format = format
        Terminal.finish(command.run(Terminal.context))
      }
    }
  }
}
