import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what the code of a finding means, and how it is mended.",
      discussion: "Example: quartermaster explain rules/nullable")

    @Argument(help: "The code, as findings show it in [ ]; all of them when it is left out.")
    var code: String?
    @Option(help: "How it is printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = ExplainCommand(code)
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
