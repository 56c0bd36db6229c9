import ArgumentParser
import QuartermasterShell

/// The command line: arguments become a command of the shell, and its reply becomes output and an exit code.
@main
struct QuartermasterTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quartermaster",
    abstract: "Automation rules for supply operations.",
    discussion: """
      A project folder has quartermaster.yaml, schema.yaml, rules/ and the data file. \
      `quartermaster new shop` makes one.
      """,
    version: Version.text,
    subcommands: [
      Demo.self, New.self, Check.self, FormatFiles.self, Test.self, Prompt.self, Plan.self,
      CatchUp.self, DryRun.self, Apply.self, Import.self, Run.self, Query.self, Backtest.self,
      Report.self, Why.self, WhyNot.self, Log.self, Rules.self, Stats.self, Prune.self,
      Outbox.self, Migrate.self, SchemaTools.self, MakeBackup.self, Restore.self,
      ExamineFile.self, Users.self, Access.self, Eval.self, Explain.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch { exit(with: error) }
  }

  /// Ends the process as ArgumentParser would, with 64 for a command that was given wrongly.
  private static func exit(with error: any Error) -> Never {
    if error is ArgumentParser.ExitCode { Self.exit(withError: error) }
    let message = fullMessage(for: error)
    if exitCode(for: error).isSuccess {
      Terminal.write(message + "\n")
      Terminal.leave(.done)
    }
    // One voice: errors of the arguments begin like all others.
    let isError = message.hasPrefix("Error: ")
    Terminal.complain((isError ? "error: " + message.dropFirst(7) : message) + "\n")
    Terminal.leave(.usage)
  }
}
