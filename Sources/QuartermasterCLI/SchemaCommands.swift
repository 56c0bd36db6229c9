public import ArgumentParser
public import QuartermasterShell

extension JSONSchemaCommand.Subject: ExpressibleByArgument {}

extension QuartermasterTool {
  struct SchemaTools: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema",
      abstract: "The schema for editors, and to and from Parse servers.",
      subcommands: [MakeJSONSchema.self, ImportSchema.self, ExportSchema.self])
  }

  struct MakeJSONSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "json-schema",
      abstract:
        "Make a JSON Schema of the project's files, so that editors complete and mark errors.",
      discussion:
        "It knows the classes, fields, statuses, verbs, signals, groups and channels of the project."
    )

    @OptionGroup var folder: FolderArgument
    @Option(name: .customLong("for"), help: "Which files it is for: rules, schema or settings.")
    var subject = JSONSchemaCommand.Subject.rules
    @Option(help: "The file to write; printed where it is not said.", completion: .file())
    var out: String?

    func run() {
      var command = JSONSchemaCommand()
      command.folder = folder.folder
      command.subject = subject
      command.output = out
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct ImportSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Make schema.yaml of the JSON in which a Parse server describes its classes.",
      discussion:
        "What schema.yaml cannot say is told; nothing is written over without --overwrite.")

    @Argument(help: "The description.", completion: .file(extensions: ["json"]))
    var file: String
    @Option(help: "The folder that gets schema.yaml.", completion: .directory)
    var into = "."
    @Flag(help: "Let the new schema.yaml take the place of the one that is there.")
    var overwrite = false

    func run() {
      var command = SchemaImportCommand(path: file)
      command.folder = into
      command.overwrites = overwrite
      Terminal.finish(command.run(Terminal.context))
    }
  }

  struct ExportSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Print the schema as a Parse server describes one.",
      discussion: "Integer, Decimal, Number and Duration are all Number there.")

    @OptionGroup var folder: FolderArgument
    @Option(
      help: "A description: only its classes and fields are exported.",
      completion: .file(extensions: ["json"]))
    var only: String?
    @Option(help: "The file to write; printed where it is not said.", completion: .file())
    var out: String?

    func run() {
      var command = SchemaExportCommand()
      command.folder = folder.folder
      command.only = only
      command.output = out
      Terminal.finish(command.run(Terminal.context))
    }
  }
}
