import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// Bad files that other commands than `check` read, and what an engine says of what it is given.
extension BadFile {
  /// What `import` says of a mapping over the files in `BadFiles/base/data`.
  func importRows(_ folder: String) throws -> Reply {
    try Data(text().utf8).write(to: URL(fileURLWithPath: folder + "/\(name).yaml"))
    var command = ImportCommand(path: folder + "/\(name).yaml")
    command.folder = folder
    command.data = Self.folder + "/base/data"
    return shortened(command.run(ShellContext()))
  }

  /// What `schema import` says of a description of classes.
  func importClasses(_ folder: String) throws -> Reply {
    var command = SchemaImportCommand(path: path)
    command.folder = folder + "/made"
    return shortened(command.run(ShellContext()))
  }

  /// What `fmt` says of a rule file, which it leaves as it is.
  func format(_ folder: String) throws -> Reply {
    var command = FormatCommand()
    command.paths = [folder + "/rules/\(name).yaml"]
    let reply = command.run(ShellContext())
    #expect(try String(contentsOfFile: command.paths[0], encoding: .utf8) == text())
    return reply
  }

  private func shortened(_ reply: Reply) -> Reply {
    Reply(
      reply.output, errors: reply.errors.replacingOccurrences(of: Self.folder, with: "FILES"),
      status: reply.status)
  }

  /// What an engine says: of rules that another program put in force (`no-verb`, `no-function`), of a data file that SQL
  /// damaged (`stored-rules`), of what is left in the folder of rules that it watches (`no-rule-files`), and of a rule that is
  /// to become a record (`automation`).
  func inEngine() throws -> (text: String, codes: [String]) {
    switch code {
    case "engine/automation":
      return try inProject { folder in
        let file = folder + "/\(name).yaml"
        try Data(text().utf8).write(to: URL(fileURLWithPath: file))
        try Data(Self.emptyRules.utf8).write(to: Self.rules(in: folder))
        try Self.takeRecords(folder)
        var command = StoredRulesCommand(.add(path: file, name: "low-stock"))
        command.folder = folder
        return command.run(ShellContext())
      }
    case "engine/no-rule-files": return try inProject(watched)
    default: return try inProject(published)
    }
  }

  private static let emptyRules = """
    - rule: greet
      trigger:
        created: Customer
      action:
        - notify: managers
          message: A new customer.

    """

  /// Gives the project a class whose records are rules.
  private static func takeRecords(_ folder: String) throws {
    let paths = (folder + "/schema.yaml", folder + "/quartermaster.yaml")
    let schema = try String(contentsOfFile: paths.0, encoding: .utf8)
    let type = """
      classes:
        Automation:
          name: {type: String, required: true, unique: true}
          trigger: {type: String, required: true}
          action: {type: String, required: true}

      """
    try Data(schema.replacing("classes:\n", with: type, maxReplacements: 1).utf8)
      .write(to: URL(fileURLWithPath: paths.0))
    let settings = try String(contentsOfFile: paths.1, encoding: .utf8)
    let more = "automations: {class: Automation, trigger: trigger, action: action}\n"
    try Data((settings + more).utf8).write(to: URL(fileURLWithPath: paths.1))
  }

  private static func rules(in folder: String) throws -> URL {
    let url = URL(fileURLWithPath: folder + "/rules")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.appendingPathComponent("stock.yaml")
  }

  /// Looks at rule files, puts this file in their place, and looks again.
  private func watched(_ folder: String) throws -> Reply {
    let good = try Self.rules(in: folder)
    try Data(Self.emptyRules.utf8).write(to: good)
    var watcher = RuleWatcher(folder + "/rules")
    guard case .files = watcher.look() else { return Reply("the rules were not found\n") }
    try FileManager.default.removeItem(at: good)
    let copy = folder + "/rules/" + URL(fileURLWithPath: path).lastPathComponent
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    _ = watcher.look()
    guard case .broken(let found) = watcher.look() else { return Reply("nothing was found\n") }
    return Reply("", errors: DiagnosticRenderer().render(found))
  }

  /// Opens the data file of another program: one that has the verb and the function of the schema.
  private func published(_ folder: String) throws -> Reply {
    let project = try Project.load(folder: folder)
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    configuration.functions.register("freight") { _ in .double(0) }
    let isSQL = code == "engine/stored-rules"
    let files =
      isSQL ? [SourceFile(name: "rules/stock.yaml", text: Self.emptyRules)] : project.ruleFiles
    let rules = try LoadedRules(
      files: files, schema: project.schema, settings: project.settings,
      functions: configuration.functions)
    let hasVerb = code != "engine/no-verb"
    var complete = configuration
    complete.verbs.register("purchase") { _, _ in nil }
    try Engine(
      path: project.dataPath, schema: project.schema, rules: rules, configuration: complete
    ).close()
    if hasVerb { configuration.verbs = complete.verbs }
    if code == "engine/no-function" { configuration.functions = FunctionRegistry() }
    if isSQL {
      let file = try PlainFile(project.dataPath, .writing)
      defer { file.close() }
      try file.execute(text())
    }
    do {
      let engine = try Engine(
        path: project.dataPath, schema: project.schema, rules: .use, configuration: configuration)
      try engine.close()
      return Reply("the engine opened the file\n")
    } catch let found as DiagnosticList {
      return Reply("", errors: DiagnosticRenderer().render(found))
    }
  }
}
