internal import QuartermasterCEL
internal import QuartermasterCore

/// What a line at the prompt did, in a few lines: what changed, which rules fired, who was told, what came near.
struct TraceText {
  /// The words.
  let words: JournalText
  /// The columns of a line.
  let width: Int

  private static let mostChanges = 20
  private static let mostNearMisses = 5

  /// Where the journal and the messages stood before.
  struct Mark {
    let row: Int64
    let message: String

    init(_ session: StoreSession) throws(Refusal) {
      row = try session.integer("SELECT max(seq) FROM _journal") ?? 0
      let last = try session.statement("SELECT max(\"objectId\") FROM \"Message\"")
      defer { last.reset() }
      message = try last.step() ? last.text(0) : ""
    }
  }

  /// Returns the text of all operations since a mark; empty when nothing was done.
  func text(since mark: Mark, _ session: StoreSession, nearMisses: [NearMiss] = []) throws -> String
  {
    var entries: [JournalEntry] = []
    try JournalReader(session).backwards { entry in
      if entry.row <= mark.row { return false }
      entries.append(entry)
      return true
    }
    var lines: [String] = []
    for entry in entries.reversed() { lines += self.lines(entry) }
    lines += try messages(since: mark, session)
    var text = lines.map { DisplayText.clipped(DisplayText.oneLine($0), to: width) + "\n" }.joined()
    for miss in nearMisses.prefix(Self.mostNearMisses) {
      // The values at its end are what it is printed for.
      let wrapped = DisplayText.wrapped(DisplayText.oneLine(line(miss)), to: width - 4)
      text += wrapped.joined(separator: "\n    ") + "\n"
    }
    return text
  }

  private func lines(_ entry: JournalEntry) -> [String] {
    var lines: [String] = []
    if entry.origin != .host {
      lines.append("at \(Plain.stamp(entry.at, words.zone)), \(words.maker(entry)):")
    }
    for change in words.ordered(entry.changes).prefix(Self.mostChanges) {
      lines.append(words.line(change, in: entry))
    }
    if entry.changes.count > Self.mostChanges {
      lines.append("… and \(Plain.count(entry.changes.count - Self.mostChanges, "more change"))")
    }
    for firing in entry.firings { lines += words.lines(firing) }
    return lines
  }

  private func messages(since mark: Mark, _ session: StoreSession) throws(Refusal) -> [String] {
    let sent = try session.statement(
      "SELECT \"to\", \"title\", \"message\" FROM \"Message\" WHERE \"objectId\" > ?1 "
        + "ORDER BY \"objectId\"")
    defer { sent.reset() }
    try sent.bind(1, mark.message)
    var lines: [String] = []
    while try sent.step() {
      let title = sent.optionalText(1).map { "\($0): " } ?? ""
      lines.append("> \(sent.text(0)): \(title)\(sent.text(2))")
    }
    return lines
  }

  private func line(_ miss: NearMiss) -> String {
    var line = ". \(miss.rule) did not fire"
    if let record = miss.record { line += " for \(words.labelled(record))" }
    line += ": \(DisplayText.oneLine(miss.condition)) is false"
    let values = miss.operands.prefix(4).map { "\($0.text) \($0.value.description)" }
    if !values.isEmpty { line += " (\(values.joined(separator: ", ")))" }
    return line
  }
}
