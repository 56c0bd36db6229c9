internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster prune`: forgets what the settings do not keep, as the daemon does now and then.
public struct PruneCommand: Sendable {
  /// How long operations are kept, in place of what the settings say.
  public var keep: String?
  /// How many bytes of operations are kept, in place of what the settings say.
  public var size: String?
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let settings = try asked(folder.project.settings.retention)
      if settings == ProjectSettings.Retention() {
        throw CommandFailure(
          .usage,
          "nothing says how long the file remembers; write `journal: {keep: 90d}` in quartermaster.yaml, "
            + "or --keep 90d")
      }
      let rules = try folder.rules().ruleSet
      let store = try folder.openStore()
      var retention = Retention(settings, rules: rules)
      do throws(Refusal) {
        let now = try store.read { session throws(Refusal) in try ReplayClock.read(session) }
        while try store.perform({ store throws(Refusal) -> Bool in
          try retention.forgetSome(in: store, now: now ?? SystemClock.now)
        }) {}
        try store.close()
      } catch { throw CommandFailure(error) }
      return Reply(text(retention.report))
    }
  }

  private func asked(_ settings: ProjectSettings.Retention) throws(CommandFailure)
    -> ProjectSettings.Retention
  {
    var asked = settings
    if let keep {
      guard let span = TimeSpan(keep, allowsDays: true), span.nanoseconds > 0 else {
        throw CommandFailure(.usage, "--keep needs a length of time such as 90d")
      }
      asked.journalAge = span
      asked.refusedAge = span
      asked.deliveredAge = span
    }
    if let size {
      guard let count = ByteCount(size) else {
        throw CommandFailure(.usage, "--size needs a size such as 500MB")
      }
      asked.journalSize = count.bytes
    }
    return asked
  }

  private func text(_ report: Engine.RetentionReport) -> String {
    let counts: [(name: String, word: String, count: Int)] = [
      ("operations", "operation", report.operations),
      ("refused", "refused operation", report.refused),
      ("deliveries", "delivery", report.deliveries), ("ruleSets", "rule set", report.ruleSets),
      ("others", "mark without use", report.others),
    ]
    if format == .json {
      return JSONWriter.text(.object(counts.map { ($0.name, .number(String($0.count))) })) + "\n"
    }
    let parts = counts.filter { $0.count > 0 }.map { _, word, count in
      let plural =
        word == "delivery" ? "deliveries" : word == "mark without use" ? "marks without use" : nil
      return Plain.count(count, word, plural)
    }
    return parts.isEmpty ? "nothing to forget\n" : "forgot \(parts.joined(separator: ", "))\n"
  }
}
