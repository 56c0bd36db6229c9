internal import QuartermasterCEL
internal import QuartermasterCore

/// What a stream would do, in words: counts by class, status, rule and message, then the lines that would be refused.
struct DryRunText {
  /// What it would do.
  let report: DryRunReport
  /// The stream as messages name it.
  let name: String
  /// The columns of a line.
  let width: Int
  /// How many refused lines are printed; the others are counted.
  let shownRefusals: Int

  /// The whole text.
  var text: String {
    [
      records, moves, firings, counts("messages that would go, by rule", report.messages),
      counts("calls that would be made", report.calls), refused, ending,
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var records: String {
    if report.records.isEmpty { return "no record would change\n" }
    var table = TextTable([
      .init(title: "records"), .init(title: "created", isRight: true),
      .init(title: "by rules", isRight: true), .init(title: "changed", isRight: true),
      .init(title: "deleted", isRight: true),
    ])
    for (name, records) in report.records.sorted(by: { $0.key < $1.key }) {
      let numbers = [
        records.created, records.createdByRules, records.changed, records.deleted,
      ]
      table.add([name] + numbers.map { $0 == 0 ? "" : Plain.count($0) })
    }
    return table.text(width: width)
  }

  private var sortedMoves: [(move: StatusMove, count: Int)] {
    report.moves.map { ($0.key, $0.value) }.sorted { a, b in
      let (x, y) = (a.0, b.0)
      return [x.className, x.field, x.from, x.to].lexicographicallyPrecedes(
        [y.className, y.field, y.from, y.to])
    }
  }

  private var moves: String {
    if report.moves.isEmpty { return "" }
    var table = TextTable([
      .init(title: "status"), .init(title: "move"), .init(title: "times", isRight: true),
    ])
    for (move, count) in sortedMoves {
      table.add([
        "\(move.className).\(move.field)", "\(move.from) -> \(move.to)", Plain.count(count),
      ])
    }
    return table.text(width: width)
  }

  private var firings: String {
    counts("firings", report.firings)
      + counts("actions undone alone, by rule", report.skipped)
      + counts("timers, schedules and later rules that would be refused", report.failedAlone)
  }

  private func counts(_ title: String, _ counts: [String: Int]) -> String {
    if counts.isEmpty { return "" }
    let width = counts.keys.reduce(0) { max($0, DisplayText.width($1)) }
    let digits = Plain.count(counts.values.max() ?? 0).utf8.count
    var text = "\(title): \(Plain.count(counts.values.reduce(0, +)))\n"
    for (name, count) in counts.sorted(by: {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }) {
      text += "  " + DisplayText.padded(name, to: width)
      text += "  " + DisplayText.padded(Plain.count(count), to: digits, right: true) + "\n"
    }
    return text
  }

  private var refused: String {
    let all = report.refused.values.reduce(0, +)
    if all == 0 { return "" }
    var text = "refused: \(Plain.count(all, "line"))\n"
    let shown = report.refusedLines.prefix(shownRefusals)
    for line in shown {
      var sentence = "\(name):\(line.line): refused (\(line.reason)): \(line.message)"
      if let rule = line.rule {
        let place = line.place.map { ", \(CoverageText.place($0))" } ?? ""
        sentence += " [\(rule)\(place)]"
      }
      text += "  " + DisplayText.oneLine(sentence) + "\n"
    }
    if all > shown.count { text += "  … and \(Plain.count(all - shown.count)) more\n" }
    return text
  }

  private var ending: String {
    var text = ""
    if report.dated > 0 {
      text +=
        "dated earlier than the clock: \(Plain.count(report.dated)); they would happen at its instant\n"
    }
    text += Plain.count(report.lines, "line") + ", "
    text += Plain.count(report.operations, "operation") + " would be kept"
    return text
      + " (\(Plain.seconds(report.seconds))); nothing of it is in the data file\n"
  }

  // MARK: For programs

  /// The report as a value.
  var json: JSONValue {
    func object(_ counts: [String: Int]) -> JSONValue {
      .object(counts.sorted { $0.key < $1.key }.map { ($0.key, TestJSON.number($0.value)) })
    }
    return .object([
      ("lines", TestJSON.number(report.lines)), ("operations", TestJSON.number(report.operations)),
      (
        "records",
        .object(
          report.records.sorted { $0.key < $1.key }.map { name, records in
            (
              name,
              .object([
                ("created", TestJSON.number(records.created)),
                ("createdByRules", TestJSON.number(records.createdByRules)),
                ("changed", TestJSON.number(records.changed)),
                ("deleted", TestJSON.number(records.deleted)),
              ])
            )
          })
      ),
      (
        "moves",
        .array(
          sortedMoves.map { move, count in
            .object([
              ("class", .string(move.className)), ("field", .string(move.field)),
              ("from", .string(move.from)), ("to", .string(move.to)),
              ("times", TestJSON.number(count)),
            ])
          })
      ),
      ("firings", object(report.firings)), ("skipped", object(report.skipped)),
      ("failedAlone", object(report.failedAlone)), ("messages", object(report.messages)),
      ("calls", object(report.calls)),
      ("refused", TestJSON.number(report.refused.values.reduce(0, +))),
      ("reasons", object(report.refused)),
      (
        "refusals",
        .array(
          report.refusedLines.prefix(shownRefusals).map { line in
            .object([
              ("line", .number(String(line.line))), ("reason", .string(line.reason)),
              ("message", .string(line.message)),
              ("rule", line.rule.map { .string($0) } ?? .null),
            ])
          })
      ),
      ("dated", TestJSON.number(report.dated)),
      ("seconds", .number(Plain.fixed(report.seconds, 6))),
    ])
  }
}

/// The operations of a dry run one by one, as the journal of the copy has them.
struct DryRunLog {
  /// The words.
  let words: JournalText
  /// The columns of a line.
  let width: Int

  /// Returns an operation: its line or what started it, what changed, what fired, who is told.
  func text(_ entry: JournalEntry) throws(Refusal) -> String {
    let head =
      entry.origin == .host
      ? entry.stream.map { "line \(Plain.count(Int($0.line)))" } ?? words.maker(entry)
      : words.maker(entry)
    var lines = ["\(head), at \(Plain.stamp(entry.at, words.zone))"]
    for change in words.ordered(entry.changes) {
      lines.append("  " + words.line(change, in: entry))
    }
    for firing in entry.firings { lines += words.lines(firing).map { "  " + $0 } }
    for message in try messages(entry) {
      let title = message.title.map { "\($0): " } ?? ""
      lines.append("  > \(message.to): \(title)\(message.text)")
    }
    return lines.map { DisplayText.clipped(DisplayText.oneLine($0), to: width) + "\n" }.joined()
  }

  /// Returns an operation for programs.
  func json(_ entry: JournalEntry) throws(Refusal) -> JSONValue {
    guard case .object(var members) = LogJSON.entry(entry) else { return .null }
    if let stream = entry.stream, entry.origin == .host {
      members.append(("line", .number(String(stream.line))))
    }
    members.append(
      (
        "messages",
        .array(
          try messages(entry).map {
            .object([
              ("to", .string($0.to)), ("title", $0.title.map { .string($0) } ?? .null),
              ("message", .string($0.text)),
            ])
          })
      ))
    return .object(members)
  }

  private func messages(_ entry: JournalEntry) throws(Refusal) -> [(
    to: String, title: String?, text: String
  )] {
    var found: [(to: String, title: String?, text: String)] = []
    for (id, _) in entry.messages {
      let read = try words.session.statement(
        "SELECT \"to\", \"title\", \"message\" FROM \"Message\" WHERE \"objectId\" = ?1")
      defer { read.reset() }
      try read.bind(1, id)
      if try read.step() { found.append((read.text(0), read.optionalText(1), read.text(2))) }
    }
    return found
  }
}
