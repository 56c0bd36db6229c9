import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct FormatFiles: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fmt",
      abstract: "Bring rule files into their common form.",
      discussion: """
        Changes indentation, blank lines and the spaces of formulas; keeps comments, the order of everything and the \
        meaning. A file that cannot be read stays as it is. `fmt -` formats standard input, for editors.
        """)

    @Argument(help: "Project folders and rule files; - is standard input.", completion: .file())
    var paths = ["."]
    @Flag(help: "Change nothing; exit with 1 when a file would change.")
    var check = false
    @Flag(help: "Print what changes, line by line.")
    var diff = false

    func run() {
      var command = FormatCommand()
      command.paths = paths
      command.checks = check
      command.showsDifference = diff
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
