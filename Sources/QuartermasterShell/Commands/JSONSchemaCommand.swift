internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster schema json-schema [DIR]`: a JSON Schema of the project's files, for editors.
public struct JSONSchemaCommand: Sendable {
  /// Which files it is for.
  public enum Subject: String, Sendable, CaseIterable {
    /// The rule files.
    case rules
    /// schema.yaml.
    case schema
    /// quartermaster.yaml.
    case settings
  }

  /// The project folder.
  public var folder = "."
  /// Which files it is for.
  public var subject = Subject.rules
  /// The file to write; nil to print it.
  public var output: String?

  /// Creates the command.
  public init() {}

  /// Runs the command.
  ///
  /// The rules need not be right; schema and settings must be, but for a schema for schema.yaml itself.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let text = JSONWriter.lines(try json(context))
      guard let output else { return Reply(text) }
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      } catch {
        throw CommandFailure(.failure, "\(output) cannot be written: \(error.localizedDescription)")
      }
      return Reply("wrote \(output), for \(forWhat); Docs/editors.md says how editors use it\n")
    }
  }

  private var forWhat: String {
    switch subject {
    case .rules: "the files below rules/"
    case .schema: "schema.yaml"
    case .settings: "quartermaster.yaml"
    }
  }

  private func json(_ context: ShellContext) throws -> JSONValue {
    if subject == .schema {
      // Who writes a schema has none that is good yet.
      let project = try? Project.load(folder: folder, templates: context.templates)
      let names = project?.schema.classes.filter { !$0.isSystem }.map(\.name)
      return SchemaFileJSONSchema(classNames: names ?? []).json()
    }
    let project = try ProjectFolder(folder, context).project
    if subject == .settings { return SettingsJSONSchema(schema: project.schema).json() }
    return RuleJSONSchema(
      schema: project.schema, settings: project.settings,
      ruleNames: RuleSet.names(in: project.ruleFiles, schema: project.schema)
    ).json()
  }
}
