import ArgumentParser
import QuartermasterShell

extension QuartermasterTool {
  struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run weeks of a made-up trader through the rules, or the day of a template.",
      discussion: """
        Makes a project in a folder of its own, applies 90 days of sales and deliveries, and shows what the rules did \
        and why one line was ordered. With --template it makes, checks and tests a project of that template and applies \
        the day of business that it brings.
        """)

    @Option(help: "Make the project in this folder and keep it.", completion: .directory)
    var keep: String?
    @Option(help: "What the business is made up from.")
    var seed: UInt64?
    @Option(help: "Run the day of business of this template.")
    var template: String?

    func validate() throws {
      if template != nil, seed != nil {
        throw ValidationError("--seed is for the trader's weeks; a template's day is what it is")
      }
    }

    func run() {
      var command = DemoCommand()
      command.folder = keep
      if let seed { command.seed = seed }
      command.template = template
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
