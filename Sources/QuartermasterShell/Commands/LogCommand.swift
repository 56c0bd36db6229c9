internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster log [RECORD] [--rule NAME] [--refused]`: the operations of the data file, the last one first.
public struct LogCommand: Sendable {
  /// Only the operations that changed this record.
  public var record: String?
  /// Only the operations in which this rule fired, or which it refused.
  public var rule: String?
  /// The operations that were refused, in place of those that were kept.
  public var showsRefused = false
  /// How many operations are printed; 0 for all.
  public var limit = 20
  /// The project folder.
  public var folder = "."
  /// How they are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      return try folder.present { session in
        try answer(session, JournalText(session, folder.project.settings), context)
      }
    }
  }

  /// Returns the answer on an open session.
  func answer(_ session: StoreSession, _ words: JournalText, _ context: ShellContext) throws
    -> Reply
  {
    let journal = JournalReader(session)
    let most = limit > 0 ? limit : Int.max
    return showsRefused
      ? try refused(journal, most, words, context) : try kept(journal, most, words, context)
  }

  // MARK: Kept operations

  private func kept(
    _ journal: JournalReader, _ most: Int, _ words: JournalText, _ context: ShellContext
  ) throws -> Reply {
    var entries: [JournalEntry] = []
    var hasMore = false
    func take(_ entry: JournalEntry) -> Bool {
      if let rule, !entry.firings.contains(where: { $0.rule == rule }) { return true }
      if entries.count == most {
        hasMore = true
        return false
      }
      entries.append(entry)
      return true
    }
    let name = try record.map { try RecordName($0, takesField: false, journal) }
    if let name {
      try name.requireKnown(journal)
      try journal.history(of: name.definition, name.id) { entry, _ in take(entry) }
    } else {
      let text = rule.map { JSONWriter.text(.string($0)) }
      try journal.backwards(containing: text) { take($0) }
    }
    if format == .json {
      return Reply(QueryCommand.lines(.array(entries.map(LogJSON.entry))))
    }
    if entries.isEmpty { return Reply("nothing in the journal\n") }
    var text = entries.map { self.text($0, name?.text, words, context.width) }.joined()
    if hasMore { text += "… more before these (--limit 0 prints all)\n" }
    return Reply(text)
  }

  /// Returns an operation; of one that is listed for a record, what it did to that record.
  private func text(
    _ entry: JournalEntry, _ record: String?, _ words: JournalText, _ width: Int
  ) -> String {
    var lines = [
      "\(entry.row)  \(Plain.stamp(entry.at, words.zone))  \(words.maker(entry))"
    ]
    let shown = entry.changes.filter { record == nil || $0.record == record }
    for change in words.ordered(shown) { lines.append("    " + words.line(change, in: entry)) }
    if shown.count < entry.changes.count {
      let others = Plain.count(entry.changes.count - shown.count, "other record")
      lines.append("    (and \(others))")
    }
    if record == nil {
      for firing in entry.firings { lines += words.lines(firing).map { "    " + $0 } }
    }
    return lines.map { DisplayText.clipped(DisplayText.oneLine($0), to: width) + "\n" }.joined()
  }

  // MARK: Refused operations

  private func refused(
    _ journal: JournalReader, _ most: Int, _ words: JournalText, _ context: ShellContext
  ) throws -> Reply {
    if record != nil {
      throw CommandFailure(
        .usage, "refused operations are not kept by record; leave the record out")
    }
    let found = try journal.refused(by: rule, limit: most)
    if format == .json {
      return Reply(QueryCommand.lines(.array(found.map(LogJSON.refused))))
    }
    if found.isEmpty { return Reply("nothing was refused\n") }
    var text = ""
    for refusal in found {
      var head = "\(Plain.stamp(refusal.at, words.zone))  \(refusal.reason)"
      if let rule = refusal.rule { head += "  \(rule)" }
      if let actor = refusal.actor { head += "  \(actor)" }
      text += DisplayText.clipped(head, to: context.width) + "\n"
      for line in DisplayText.wrapped(refusal.message, to: context.width - 4) {
        text += "    \(DisplayText.oneLine(line))\n"
      }
      if let input = refusal.input, !input.isEmpty {
        text += "    " + DisplayText.clipped(DisplayText.oneLine(input), to: context.width - 4)
        text += "\n"
      }
    }
    return Reply(text)
  }
}

/// Operations for programs.
enum LogJSON {
  static func entry(_ entry: JournalEntry) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("operation", .number(String(entry.row))), ("at", .string(entry.at.description)),
    ]
    if let actor = entry.actor { members.append(("actor", .string(actor))) }
    let origin: String? =
      switch entry.origin {
      case .host: nil
      case .withoutRules: "without rules"
      case .mending: "doctor"
      case .timer: "timer"
      case .schedule: "schedule"
      case .later: "later"
      }
    if let origin { members.append(("origin", .string(origin))) }
    if let instant = entry.dueInstant {
      members.append(("due", .string(instant.due.description)))
      if let ran = instant.ran { members.append(("ran", .string(ran.description))) }
      if instant.missed > 0 { members.append(("missed", .number(String(instant.missed)))) }
    }
    members.append(("changes", .array(entry.changes.map(change))))
    members.append(("firings", .array(entry.firings.map(firing))))
    return .object(members)
  }

  private static func change(_ change: JournalEntry.Change) -> JSONValue {
    .object([
      ("record", .string(change.record)), ("change", .string(change.kind.rawValue)),
      (
        "fields", .object(change.fields.map { ($0.name, .array([$0.old, $0.new])) })
      ),
      ("firings", .array(change.authors.map { .number(String($0)) })),
    ])
  }

  private static func firing(_ firing: JournalEntry.Firing) -> JSONValue {
    .object([
      ("rule", .string(firing.rule)), ("record", firing.record.map { .string($0) } ?? .null),
      ("round", .number(String(firing.round))),
      ("cause", firing.cause.map { .number(String($0)) } ?? .null),
      ("operands", .object(firing.operands.map { ($0.text, .string($0.value)) })),
      ("notes", .array(firing.notes.map { .string($0) })),
      ("skipped", firing.skipped.map { .string($0) } ?? .null),
    ])
  }

  static func refused(_ refusal: JournalReader.Refused) -> JSONValue {
    .object([
      ("at", .string(refusal.at.description)), ("reason", .string(refusal.reason)),
      ("rule", refusal.rule.map { .string($0) } ?? .null), ("message", .string(refusal.message)),
      ("actor", refusal.actor.map { .string($0) } ?? .null),
      ("input", refusal.input.map { .string($0) } ?? .null),
    ])
  }
}
