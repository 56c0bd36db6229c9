internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster migrate [DIR]`: brings the tables of the data file to the schema.
public struct MigrateCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// Whether to say what would change, and change nothing.
  public var isDryRun = false
  /// Whether what has no place in the schema any more may be dropped.
  public var drops = false
  /// How the steps are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let project = try ProjectFolder(folder, context).project
      let path = project.dataPath
      guard FileManager.default.fileExists(atPath: path) else {
        return reply([], "there is no data file yet; nothing to change", context)
      }
      let plan = try Store.migrationPlan(path, schema: project.schema)
      if plan.isEmpty { return reply([], "the tables are those of the schema", context) }
      if plan.isImpossible {
        var failed = reply(plan.steps, "nothing was changed", context)
        failed.errors = "error: the tables cannot be changed to this schema\n"
        failed.status = .failed
        return failed
      }
      if isDryRun { return reply(plan.steps, "nothing was changed", context) }
      if plan.losesData, !drops {
        var failed = reply(plan.steps, "nothing was changed", context)
        failed.errors = "error: this would lose data; add --drop to allow it\n"
        failed.status = .failed
        return failed
      }
      var options = StoreOptions()
      options.durability = project.settings.durability
      options.capturesOutside = project.settings.takesInOutside
      options.migration = drops ? .dropping : .safe
      try Store.open(path, schema: project.schema, options: options).close()
      return reply(plan.steps, "the tables are those of the schema now", context)
    }
  }

  private func reply(
    _ steps: [MigrationPlan.Step], _ end: String, _ context: ShellContext
  ) -> Reply {
    if format == .json {
      let items = steps.map { step in
        JSONValue.object([
          ("step", .string(step.text)), ("effect", .string(Self.word(step.effect))),
        ])
      }
      return Reply(QueryCommand.lines(.array(items)))
    }
    let lines = steps.map { step in
      let note = step.effect == .safe ? "" : " (\(Self.word(step.effect)))"
      return "- \(step.text)\(note)\n"
    }
    return Reply(lines.joined() + end + "\n")
  }

  private static func word(_ effect: MigrationPlan.Step.Effect) -> String {
    switch effect {
    case .safe: "safe"
    case .losesData: "loses data"
    case .impossible: "impossible"
    }
  }
}
