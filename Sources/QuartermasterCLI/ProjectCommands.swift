public import ArgumentParser
public import QuartermasterShell

/// The project folder of a command that takes no other argument.
struct FolderArgument: ParsableArguments {
  @Argument(help: "The project folder.", completion: .directory)
  var folder = "."
}

/// The project folder of a command whose argument is something else.
struct FolderOption: ParsableArguments {
  @Option(
    name: [.customLong("project"), .customShort("C")], help: "The project folder.",
    completion: .directory)
  var folder = "."
}

extension OutputFormat: ExpressibleByArgument {}
extension DataFormat: ExpressibleByArgument {}
extension TestCommand.Format: ExpressibleByArgument {}
extension ApplyCommand.Clock: ExpressibleByArgument {}

extension QuartermasterTool {
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look for mistakes in schema, settings, rules and tests.",
      discussion:
        "Prints `path:line:column: severity: text [code]`; exits with 1 when it finds errors. `explain CODE` says more."
    )

    @OptionGroup var folder: FolderArgument
    @Option(help: "How the findings are printed: text or json.")
    var format = OutputFormat.text
    @Flag(help: "Mend in the files what can be mended safely, and say what.")
    var fix = false
    @Flag(help: "With --fix: print the difference and write nothing.")
    var dryRun = false
    @Flag(help: "Print which rule may wake which, as a Mermaid graph.")
    var graph = false

    func run() {
      var command = CheckCommand()
      command.folder = folder.folder
      command.format = format
      command.fixes = fix
      command.isDryRun = dryRun
      command.showsGraph = graph
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the tests in the rule files.",
      discussion:
        "Each test runs on the engine itself, in memory, with a clock of its own; exits with 1 when one fails, or when "
        + "too little is covered.")

    @OptionGroup var folder: FolderArgument
    @Option(help: "Only the tests with this in their title.")
    var filter: String?
    @Flag(help: "Say which rules, conditions and moves of statuses the tests leave out.")
    var coverage = false
    @Option(
      help:
        "The least share of rules and of condition branches, in per cent; exits with 1 below it.")
    var minimum: Double?
    @Option(help: "The least share of the flows' moves, in per cent; exits with 1 below it.")
    var minimumMoves: Double?
    @Option(help: "Write the results to a file in the form of JUnit, too.", completion: .file())
    var junit: String?
    @Option(help: "How the results are printed: text, json or junit.")
    var format = TestCommand.Format.text

    func run() {
      var command = TestCommand()
      command.folder = folder.folder
      command.filter = filter
      command.showsCoverage = coverage
      command.minimum = minimum
      command.minimumMoves = minimumMoves
      command.junitPath = junit
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Apply a stream of changes, one operation a line.",
      discussion: """
        A line is {"op":"create|set|delete","class":…,"id":…,"fields":{…},"at":…} or \
        {"op":"signal","name":…,"fields":{…}}. A refused line is reported, and the stream goes on.
        """)

    @Argument(help: "The file in JSON Lines; - is standard input.", completion: .file())
    var file: String
    @OptionGroup var folder: FolderOption
    @Option(help: "How many operations go into one commit.")
    var batch = 1
    @Flag(help: "Go on where the last run of this file stopped.")
    var resume = false
    @Flag(help: "Load plain data: the schema holds, no rule runs, no timer starts.")
    var withoutRules = false
    @Option(help: "Who makes the changes, such as ann, and may do what access.yaml allows him.")
    var actor: String?
    @Option(help: "`replay` lets lines move the clock with `at`; the data file keeps that clock.")
    var clock = ApplyCommand.Clock.file
    @Option(help: "How many refused lines are printed.")
    var showRefused = 100
    @Option(help: "How the summary is printed: text or json.")
    var format = OutputFormat.text
    @Option(help: .hidden)
    var measureRecording = "whole"

    func run() {
      var command = ApplyCommand(path: file)
      command.recording = measureRecording
      command.folder = folder.folder
      command.batch = batch
      command.resumes = resume
      command.runsRules = !withoutRules
      command.actor = actor
      command.clock = clock
      command.shownRefusals = showRefused
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a project folder that `check` and `test` pass on.",
      discussion: "Templates:\n"
        + NewCommand.templateList.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

    @Argument(help: "The folder to make.", completion: .directory)
    var folder: String
    @Option(help: "What it starts from.")
    var template: String = NewCommand.templateList[0].name
    @Option(help: "The template that it builds on with `extends`, instead of taking a copy.")
    var extends: String?

    func run() {
      var command = NewCommand(folder)
      command.template = extends ?? template
      command.extendsTemplate = extends != nil
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring the tables of the data file to the schema.")

    @OptionGroup var folder: FolderArgument
    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false
    @Flag(help: "Allow what loses data.")
    var drop = false
    @Option(help: "How the steps are printed: text or json.")
    var format = OutputFormat.text

    func run() {
      var command = MigrateCommand()
      command.folder = folder.folder
      command.isDryRun = dryRun
      command.drops = drop
      command.format = format
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
