package import QuartermasterCEL
package import QuartermasterCore

/// `quartermaster plan RULE`: the records that satisfy a rule now, and what it would do for them.
public struct PlanCommand: Sendable {
  /// The name of the rule.
  public var rule: String
  /// The project folder.
  public var folder = "."
  /// For how many records it is found out what the rule would do; the others are counted.
  public var limit = 20
  /// Whether long lines are broken in place of cut.
  public var isFull = false
  /// How the plan is printed.
  public var format = OutputFormat.text

  /// Creates the command for a rule.
  public init(_ rule: String) { self.rule = rule }

  /// Runs the command; nothing is changed.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard limit >= 0 else { throw CommandFailure(.usage, "--limit needs a number from 0") }
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rules()
      let plan = try folder.plan(rule, rules, limit: limit)
      let text = PlanText(
        plan, folder.project.schema, place: rules.place(plan.span),
        trigger: folder.trigger(of: rule), zone: folder.zone, width: context.width, isFull: isFull)
      return Reply(format == .json ? JSONWriter.text(text.json) + "\n" : text.text)
    }
  }

  /// Returns the text of a plan on an engine that is open, such as that of a prompt.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - engine: The engine.
  ///   - settings: The settings of its project.
  ///   - files: Its rule files.
  ///   - width: The columns of a line.
  /// - Returns: What `quartermaster plan` prints.
  /// - Throws: `Refusal` when there is no such rule, or the file cannot be read.
  package static func text(
    _ rule: String, on engine: Engine, settings: ProjectSettings, files: [SourceFile], width: Int
  ) throws -> String {
    let plan = try engine.plan(rule: rule, limit: 20)
    return PlanText(
      plan, engine.schema, place: CoverageText.place(plan.span),
      trigger: RuleBook(files, schema: engine.schema)[rule]?.trigger ?? "",
      zone: Zone.named(settings.zone) ?? .utc, width: width, isFull: false
    ).text
  }
}
