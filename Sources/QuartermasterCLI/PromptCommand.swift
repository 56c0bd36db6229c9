import ArgumentParser
import Foundation
import QuartermasterShell

extension QuartermasterTool {
  struct Prompt: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "repl",
      abstract: "Try expressions and verbs at a prompt, and see what the rules make of them.",
      discussion: """
        Reads a script from standard input where that is no terminal; then it ends with 1 when a line failed.
        """)

    @OptionGroup var folder: FolderArgument
    @Flag(help: "Work on a copy of the data file; everything is undone at the end.")
    var sandbox = false

    func run() {
      switch Repl.open(folder.folder, isSandbox: sandbox, Terminal.context) {
      case .failure(let error): Terminal.finish(error.reply)
      case .success(let repl):
        if Terminal.isTyped && Terminal.showsOutput {
          PromptSession(repl).run()
        } else {
          runScript(repl)
        }
      }
    }

    /// Runs the lines of standard input; the input of a session can be a test.
    private func runScript(_ repl: Repl) -> Never {
      var status = ExitStatus.done
      func show(_ reply: Reply) {
        Terminal.write(reply.output)
        if !reply.errors.isEmpty { Terminal.complain(reply.errors) }
        if reply.status != .done { status = .failed }
      }
      while !repl.hasEnded, let line = readLine() { show(repl.submit(line)) }
      show(repl.finish())
      Terminal.leave(status)
    }
  }
}
