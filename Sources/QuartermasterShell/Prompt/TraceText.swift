internal import QuartermasterCEL
internal import QuartermasterCore

/// What a line at the prompt did, in a few lines: what changed, which rules fired, who was told, what came near.
struct TraceText {
  /// The words.
  let words: JournalText
  /// The columns of a line.
  let width: Int
  /// The colours.
  var paint = Paint.none
  /// Whether all is shown, however long it is.
  var isWide = false

  private static let mostChanges = 20
  private static let mostNearMisses = 5
  /// The lines that a change may take.
  private static let mostLines = 3

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
    for miss in nearMisses.prefix(isWide ? .max : Self.mostNearMisses) { lines.append(line(miss)) }
    return lines.map { printed($0) + "\n" }.joined()
  }

  /// Returns a line broken to the width, in the colour of its mark.
  private func printed(_ line: String) -> String {
    let isNote = line.hasPrefix("    ")
    let plain = DisplayText.oneLine(isNote ? String(line.dropFirst(4)) : line)
    let isShort = DisplayText.width(plain) <= (isNote ? width - 4 : width)
    var parts = isShort ? [plain] : Self.broken(plain, to: width - 4)
    if !isWide, parts.count > Self.mostLines {
      let rest = parts[(Self.mostLines - 1)...].joined(separator: " ")
      parts[(Self.mostLines - 1)...] = [DisplayText.clipped(rest, to: width - 4)]
    }
    let text = (isNote ? "    " : "") + parts.joined(separator: "\n    ")
    let role: Paint.Role? =
      switch line.first {
      case "+": .added
      case "~": .changed
      case "-": .removed
      case "*": .rule
      case ".": .faint
      default: nil
      }
    guard let role else { return text }
    // A line that is no change of the operator's own is faint as a whole; of others the mark says it.
    return role == .faint
      ? paint(text, .faint) : paint(String(text.prefix(1)), role) + text.dropFirst()
  }

  /// Returns a line in parts; of `~ RECORD  field old -> new, field …` a field stands on one part where it can.
  private static func broken(_ line: String, to width: Int) -> [String] {
    guard let gap = line.ranges(of: "  ").first else {
      return DisplayText.wrapped(line, to: width)
    }
    // Spaces that hold together stand as something else while the rest is broken.
    let (tie, space) = (Character("\u{1}"), Character(" "))
    var fields: [String] = []
    var rest = line[gap.upperBound...]
    while let comma = rest.ranges(of: ", ").first {
      fields.append(String(rest[..<comma.lowerBound]) + ",")
      rest = rest[comma.upperBound...]
    }
    fields.append(String(rest))
    let tied = fields.map { field in
      DisplayText.width(field) > width ? field : String(field.map { $0 == space ? tie : $0 })
    }
    let text = String(line[..<gap.lowerBound]) + "\u{2} " + tied.joined(separator: " ")
    return DisplayText.wrapped(text, to: width).map { part in
      let end = part.hasSuffix("\u{2}") ? part.dropLast() : part[...]
      return String(end.map { $0 == tie || $0 == "\u{2}" ? space : $0 })
    }
  }

  private func lines(_ entry: JournalEntry) -> [String] {
    var lines: [String] = []
    if entry.origin != .host {
      lines.append("at \(Plain.stamp(entry.at, words.zone)), \(words.maker(entry)):")
    }
    let most = isWide ? Int.max : Self.mostChanges
    for change in words.ordered(entry.changes).prefix(most) {
      lines.append(words.line(change, in: entry))
    }
    if entry.changes.count > most {
      lines.append("… and \(Plain.count(entry.changes.count - most, "more change"))")
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
      lines.append("@ \(sent.text(0)): \(title)\(sent.text(2))")
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
