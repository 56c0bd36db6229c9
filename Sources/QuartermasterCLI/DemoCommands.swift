import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run weeks of a made-up trader through the shipped rules.",
      discussion: """
        Makes a project in a folder of its own, applies 90 days of sales and deliveries, and shows what the rules did \
        and why one line was ordered.
        """)

    @Option(help: "Make the project in this folder and keep it.", completion: .directory)
    var keep: String?
    @Option(help: "What the business is made up from.")
    var seed: UInt64 = 1

    func run() {
      var command = DemoCommand()
      command.folder = keep
      command.seed = seed
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
