internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster why-not RULE CLASS/ID`: the gate at which a rule stopped for a record.
public struct WhyNotCommand: Sendable {
  /// The name of the rule.
  public var rule: String
  /// The record.
  public var record: String
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command for a rule and a record.
  public init(_ rule: String, _ record: String) {
    self.rule = rule
    self.record = record
  }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let settings = folder.project.settings
      return try folder.present { session in
        let now = try ReplayClock.read(session) ?? SystemClock.now
        return try Self.answer(rule, record, session, settings, now: now, format, context)
      }
    }
  }

  /// Returns the answer on an open session.
  static func answer(
    _ rule: String, _ record: String, _ session: StoreSession, _ settings: ProjectSettings,
    now: Timestamp, _ format: OutputFormat, _ context: ShellContext
  ) throws -> Reply {
    let journal = JournalReader(session)
    let name = try RecordName(record, takesField: false, journal)
    try name.requireKnown(journal)
    let archive = try RuleArchive(session, settings)
    if archive.last == nil {
      throw CommandFailure(
        .failed, "the file has no rules yet; `quartermaster apply` or `run` publishes them")
    }
    let answer = try WhyNotSearch.answer(
      rule, name.definition, name.id, journal, archive, now: now)
    if case .unknownRule(let suggestion) = answer.gate {
      let hint = suggestion.map { "; did you mean \($0)?" } ?? "; `rules list` names them all"
      throw CommandFailure(.usage, "no rule set of the file has a rule \(rule)\(hint)")
    }
    if format == .json {
      return Reply(JSONWriter.text(WhyNotJSON(answer: answer, record: name.text).value) + "\n")
    }
    let words = JournalText(session, settings)
    let text = WhyNotText(
      words: words, width: context.width, answer: answer, record: name.text,
      reach: try words.reach(journal))
    return Reply(text.text)
  }
}
