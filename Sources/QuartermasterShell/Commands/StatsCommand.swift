internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster stats`: what the rules did and what they cost, what waits, and how far back the journal goes.
public struct StatsCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// How it is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      return try folder.present { session in
        let words = JournalText(session, folder.project.settings)
        let now = try ReplayClock.read(session) ?? SystemClock.now
        let report = try StatisticsReport(session, now: now, zone: words.zone)
        if format == .json { return Reply(JSONWriter.text(StatsText.json(report)) + "\n") }
        return Reply(StatsText(report: report, words: words, now: now).text(context.width))
      }
    }
  }
}

/// The counts of a file in words.
struct StatsText {
  /// The counts.
  let report: StatisticsReport
  /// The words.
  let words: JournalText
  /// The present instant of the file.
  let now: Timestamp

  /// Returns the whole text.
  func text(_ width: Int) -> String {
    var text = rules(width)
    text += "changes    " + sentence(report.changes.map { "\($0.className) \(count($0.count))" })
    text +=
      "operations " + sentence(["\(count(report.kept)) kept", "\(count(report.refused)) refused"])
    for day in report.days {
      text += "           \(Plain.stamp(day.day, words.zone).prefix(10))  \(count(day.count))\n"
    }
    text += "outbox     " + sentence(outbox)
    text += "timers     " + sentence(timers)
    text += "journal    " + sentence(journal)
    text += "file       \(Self.bytes(report.fileSize))\n"
    return text
  }

  private func rules(_ width: Int) -> String {
    if report.rules.isEmpty { return "no rule was judged yet\n" }
    var table = TextTable([
      .init(title: "rule"), .init(title: "firings", isRight: true),
      .init(title: "skipped", isRight: true), .init(title: "rejects", isRight: true),
      .init(title: "errors", isRight: true), .init(title: "judged", isRight: true),
      .init(title: "µs mean", isRight: true), .init(title: "µs most", isRight: true),
    ])
    for rule in report.rules.sorted(by: { $0.nanoseconds > $1.nanoseconds }) {
      table.add([
        rule.name, count(rule.firings), count(rule.skipped), count(rule.rejected),
        count(rule.errors), count(rule.attempts), Self.microseconds(rule.mean),
        Self.microseconds(Double(rule.most)),
      ])
    }
    return table.text(width: width) + "\n"
  }

  private var outbox: [String] {
    var parts = ["\(count(report.outbox.waiting)) waiting"]
    if let oldest = report.outbox.oldest {
      parts[0] += " (the first since \(words.instant(oldest)))"
    }
    parts.append("\(count(report.outbox.dead)) given up")
    if report.outbox.delivered > 0 {
      parts.append("\(count(report.outbox.delivered)) delivered ones listed")
    }
    return parts
  }

  private var timers: [String] {
    var parts = ["\(count(report.waiting.timers)) waiting", "\(count(report.waiting.late)) late"]
    if let oldest = report.waiting.oldest {
      parts[1] += " (due since \(words.instant(oldest)))"
    }
    if report.waiting.later > 0 { parts.append("\(count(report.waiting.later)) later rules wait") }
    return parts
  }

  private var journal: [String] {
    guard let first = report.first, let last = report.last else { return ["empty"] }
    let about = report.journal.isEstimated ? "about " : ""
    return [
      Plain.count(Int(report.journal.rows), "operation"),
      "\(about)\(Self.bytes(report.journal.bytes))",
      "from \(words.instant(first.at)) (\(first.row)) to \(words.instant(last.at)) (\(last.row))",
      "\(count(report.refusedListed)) refused ones listed",
    ]
  }

  private func sentence(_ parts: [String]) -> String {
    (parts.isEmpty ? "none" : parts.joined(separator: ", ")) + "\n"
  }

  private func count(_ number: Int64) -> String { Plain.count(Int(number)) }

  private static func microseconds(_ nanoseconds: Double) -> String {
    Plain.fixed(nanoseconds / 1000, nanoseconds < 100_000 ? 1 : 0)
  }

  /// Returns a number of bytes with as many digits as matter: `512 B`, `5.6 kB`, `2.1 GB`.
  static func bytes(_ bytes: Int64) -> String {
    var (number, unit) = (Double(bytes), 0)
    while number >= 1000, unit < 4 { (number, unit) = (number / 1000, unit + 1) }
    return Plain.fixed(number, unit == 0 ? 0 : 1) + " " + ["B", "kB", "MB", "GB", "TB"][unit]
  }

  // MARK: For programs

  /// Returns the counts as a value; times in nanoseconds.
  static func json(_ report: StatisticsReport) -> JSONValue {
    func number(_ number: Int64) -> JSONValue { .number(String(number)) }
    func instant(_ instant: Timestamp?) -> JSONValue {
      instant.map { .string($0.description) } ?? .null
    }
    return .object([
      (
        "rules",
        .array(
          report.rules.map { rule in
            .object([
              ("rule", .string(rule.name)), ("firings", number(rule.firings)),
              ("skipped", number(rule.skipped)), ("rejected", number(rule.rejected)),
              ("errors", number(rule.errors)), ("judged", number(rule.attempts)),
              ("nanoseconds", number(rule.nanoseconds)), ("most", number(rule.most)),
            ])
          })
      ),
      ("changes", .object(report.changes.map { ($0.className, number($0.count)) })),
      (
        "operations",
        .object([
          ("kept", number(report.kept)), ("refused", number(report.refused)),
          (
            "days",
            .array(
              report.days.map { .object([("day", instant($0.day)), ("count", number($0.count))]) })
          ),
        ])
      ),
      (
        "outbox",
        .object([
          ("waiting", number(report.outbox.waiting)), ("dead", number(report.outbox.dead)),
          ("delivered", number(report.outbox.delivered)), ("oldest", instant(report.outbox.oldest)),
        ])
      ),
      (
        "timers",
        .object([
          ("waiting", number(report.waiting.timers)), ("late", number(report.waiting.late)),
          ("oldest", instant(report.waiting.oldest)), ("later", number(report.waiting.later)),
        ])
      ),
      (
        "journal",
        .object([
          ("operations", number(report.journal.rows)), ("bytes", number(report.journal.bytes)),
          ("isEstimated", .bool(report.journal.isEstimated)),
          ("first", instant(report.first?.at)), ("last", instant(report.last?.at)),
          ("refused", number(report.refusedListed)),
        ])
      ),
      ("fileBytes", number(report.fileSize)),
    ])
  }
}

extension StatisticsReport.OfRule {
  /// The mean time of judging it and of what it then did, in nanoseconds.
  var mean: Double { attempts > 0 ? Double(nanoseconds) / Double(attempts) : 0 }
}
