internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster log [RECORD]`: the operations of the data file, the last one first.
public struct LogCommand: Sendable {
  /// Only the operations that changed this record.
  public var record: String?
  /// Only the operations in which this rule fired, or which it refused.
  public var rule: String?
  /// Only the operations that this user made, as `User/ann`; `system` for those that nobody did.
  public var actor: String?
  /// Only the operations since then: an instant, a date, or how long ago.
  public var since: String?
  /// Only the operations until then, likewise.
  public var until: String?
  /// Only the operations before this number: how a listing goes on.
  public var before: Int64?
  /// The operations that were refused, in place of those that were kept.
  public var showsRefused = false
  /// Whether lines are wrapped and not cut, and the values that conditions looked at are printed.
  public var isFull = false
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
        let now = try ReplayClock.read(session) ?? SystemClock.now
        return try answer(
          session, JournalText(session, folder.project.settings), now: now, context)
      }
    }
  }

  /// Returns the answer on an open session.
  func answer(
    _ session: StoreSession, _ words: JournalText, now: Timestamp, _ context: ShellContext
  ) throws -> Reply {
    if limit < 0 { throw CommandFailure(.usage, "--limit needs a number from 0") }
    let journal = JournalReader(session)
    let first = try since.map { text throws(CommandFailure) in
      try JournalTime.read(text, isEnd: false, now: now, words.zone)
    }
    let last = try until.map { text throws(CommandFailure) in
      try JournalTime.read(text, isEnd: true, now: now, words.zone)
    }
    if let first, let last, first > last {
      throw CommandFailure(.usage, "--since is after --until")
    }
    let search = LogSearch(
      journal: journal, name: try record.map { try RecordName($0, takesField: false, journal) },
      rule: rule, actor: actor, first: first, last: last, before: before,
      most: limit > 0 ? limit : .max)
    return showsRefused
      ? try refused(search, words, context) : try kept(search, words, context)
  }

  // MARK: Kept operations

  private func kept(_ search: LogSearch, _ words: JournalText, _ context: ShellContext) throws
    -> Reply
  {
    try search.name?.requireKnown(search.journal)
    let (entries, hasMore) = try search.kept()
    if format == .json {
      return Reply(QueryCommand.lines(.array(entries.map(LogJSON.entry))))
    }
    let reach = try words.reach(search.journal)
    var text = entries.map { self.text($0, search.name?.text, words, context.width) }.joined()
    if entries.isEmpty { text = "nothing in the journal\n" }
    if hasMore, let last = entries.last {
      text += "… more before these (--before \(last.row), or --limit 0 for all)\n"
    } else if let reach {
      text += "(the journal \(reach))\n"
    }
    return Reply(text)
  }

  /// Returns an operation; of one that is listed for a record, what it did to that record.
  private func text(
    _ entry: JournalEntry, _ record: String?, _ words: JournalText, _ width: Int
  ) -> String {
    var lines = [
      "\(entry.row)  \(Plain.stamp(entry.at, words.zone))  \(words.maker(entry))"
    ]
    if record == nil { lines += entry.signals.map { "    " + words.line($0) } }
    let shown = entry.changes.filter { record == nil || $0.record == record }
    for change in words.ordered(shown) { lines.append("    " + words.line(change, in: entry)) }
    if shown.count < entry.changes.count {
      let others = Plain.count(entry.changes.count - shown.count, "other record")
      lines.append("    (and \(others))")
    }
    for firing in entry.firings where record == nil || isFull {
      lines += words.lines(firing).map { "    " + $0 }
      if isFull { lines += firing.operands.map { "        \($0.text)  \($0.value)" } }
    }
    return lines.map { line in
      let line = DisplayText.oneLine(line)
      if !isFull { return DisplayText.clipped(line, to: width) + "\n" }
      let indent = String(line.prefix { $0 == " " })
      let wrapped = DisplayText.wrapped(
        String(line.dropFirst(indent.count)), to: max(20, width - indent.count - 4))
      return wrapped.enumerated().map { place, part in
        indent + (place == 0 ? "" : "    ") + part + "\n"
      }.joined()
    }.joined()
  }

  // MARK: Refused operations

  private func refused(_ search: LogSearch, _ words: JournalText, _ context: ShellContext) throws
    -> Reply
  {
    let (found, hasMore) = try search.refused()
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
    if hasMore { text += "… more before these (--until, or --limit 0 for all)\n" }
    return Reply(text)
  }
}

/// Finds the operations that a listing asks for.
struct LogSearch {
  /// The journal.
  let journal: JournalReader
  /// Only those with this record.
  let name: RecordName?
  /// Only those with this rule.
  let rule: String?
  /// Only those of this user; `system` for those of nobody.
  let actor: String?
  /// Only those between these instants, both included.
  let first: Timestamp?, last: Timestamp?
  /// Only those before this number.
  let before: Int64?
  /// How many at most.
  let most: Int

  /// Returns the operations that were kept, the last one first, and whether there are more.
  func kept() throws -> (entries: [JournalEntry], hasMore: Bool) {
    var entries: [JournalEntry] = []
    var hasMore = false
    func take(_ entry: JournalEntry) -> Bool {
      if let first, entry.at < first { return name == nil }
      guard isMeant(entry) else { return true }
      if entries.count == most {
        hasMore = true
        return false
      }
      entries.append(entry)
      return true
    }
    if let name {
      try journal.history(of: name.definition, name.id) { entry, _ in take(entry) }
      return (entries, hasMore)
    }
    var rows: ClosedRange<Int64> = 0...(before.map { $0 - 1 } ?? .max)
    if let first { rows = rows.clamped(to: try journal.firstRow(at: first)...(.max)) }
    if let last, let next = last.adding(TimeSpan(nanoseconds: 1_000_000)) {
      rows = rows.clamped(to: 0...(try journal.firstRow(at: next) - 1))
    }
    // The text is looked for before a row is read; a name may stand in a row for other reasons.
    let text =
      rule.map { JSONWriter.text(.string($0)) }
      ?? actor.flatMap { $0 == "system" ? nil : "\"actor\":" + JSONWriter.text(.string($0)) }
    try journal.backwards(containing: text, within: rows) { take($0) }
    return (entries, hasMore)
  }

  private func isMeant(_ entry: JournalEntry) -> Bool {
    if let before, entry.row >= before { return false }
    if let last, entry.at > last { return false }
    if let rule, !entry.firings.contains(where: { $0.rule == rule }) { return false }
    if let actor {
      return actor == "system"
        ? entry.actor == nil && entry.origin == .host : entry.actor == actor
    }
    return true
  }

  /// Returns the operations that were refused, the last one first, and whether there are more.
  func refused() throws -> (found: [JournalReader.Refused], hasMore: Bool) {
    var found: [JournalReader.Refused] = []
    var hasMore = false
    try journal.refusedBackwards(from: first, to: last) { refused in
      if let rule, refused.rule != rule { return true }
      if let actor, actor == "system" ? refused.actor != nil : refused.actor != actor {
        return true
      }
      if let name, !refused.isAbout(name.definition.name, name.id) { return true }
      if found.count == most {
        hasMore = true
        return false
      }
      found.append(refused)
      return true
    }
    return (found, hasMore)
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
      case .outside: "outside"
      case .mending: "doctor"
      case .automations: "automations"
      case .timer: "timer"
      case .schedule: "schedule"
      case .later: "later"
      case .catchUp: "catch-up"
      }
    if let origin { members.append(("origin", .string(origin))) }
    if case .catchUp(_, let by) = entry.origin { members.append(("by", .string(by))) }
    if let cause = entry.cause { members.append(("cause", .number(String(cause)))) }
    members.append(("ruleSet", .number(String(entry.rules))))
    if let instant = entry.dueInstant {
      members.append(("due", .string(instant.due.description)))
      if let ran = instant.ran { members.append(("ran", .string(ran.description))) }
      if instant.missed > 0 { members.append(("missed", .number(String(instant.missed)))) }
    }
    if !entry.signals.isEmpty {
      members.append(
        (
          "signals",
          .array(
            entry.signals.map { signal in
              .object([
                ("signal", .string(signal.name)),
                ("payload", .object(signal.fields.map { ($0.name, $0.value) })),
              ])
            })
        ))
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
      ("ruleSet", .number(String(refusal.rules))),
      ("records", .array(refusal.records.map { .string($0) })),
    ])
  }
}
