internal import QuartermasterCEL
internal import QuartermasterCore

/// What a backtest came to, for people and for programs.
struct BacktestText {
  private let report: BacktestReport
  private let sections: [BacktestReport.Section]
  private let zone: Zone
  private let width: Int

  /// Creates the text of a report.
  ///
  /// - Parameters:
  ///   - report: The report.
  ///   - fields: The names of the tables that are shown; none for all.
  ///   - zone: The zone of the project.
  ///   - width: The columns that a line may take.
  init(_ report: BacktestReport, _ fields: [String], _ zone: Zone, width: Int) {
    self.report = report
    self.zone = zone
    self.width = width
    sections = report.sections.filter { section in
      !section.rows.isEmpty && (fields.isEmpty || fields.contains(section.name))
    }
  }

  // MARK: Text

  var text: String {
    var text = warning + head
    for section in sections {
      var table = TextTable([
        .init(title: section.title), .init(title: "as it was", isRight: true),
        .init(title: "old rules", isRight: true), .init(title: "new rules", isRight: true),
        .init(title: "difference", isRight: true),
      ])
      for row in section.rows {
        table.add([
          row.name, number(row.asItWas), number(row.old), number(row.new), signed(row.difference),
        ])
      }
      text += "\n" + table.text(width: width)
    }
    return text
  }

  /// Stands at the top where the numbers say nothing.
  private var warning: String {
    if report.isComparable { return "" }
    let sentence =
      "NOT COMPARABLE: only \(percent) of what hosts did could be done again, and at least "
      + "\(BacktestReport.leastPercent) % are needed. What follows says nothing about the new rules; "
      + "see Docs/backtest.md for what to do."
    return DisplayText.wrapped(sentence, to: width).map { $0 + "\n" }.joined() + "\n"
  }

  private var head: String {
    let share = report.share
    var lines = [
      "Backtest from \(Plain.instant(report.since, zone)) to \(Plain.instant(report.until, zone))",
      "\(Plain.count(share.replayed)) of \(Plain.count(share.total, "change")) of hosts done again (\(percent))",
    ]
    for (reason, count) in share.leftOut {
      lines.append("  \(Plain.count(count)) left out: \(reason)")
    }
    if share.playedByWorld > 0 {
      lines.append("  \(Plain.count(share.playedByWorld, "signal")) left to the rules of the world")
    }
    if report.oldRuleSets.count > 1 {
      let numbers = report.oldRuleSets.map { "\($0)" }.joined(separator: ", ")
      lines.append("  the old rules changed meanwhile: sets \(numbers), one after the other")
    }
    let (rows, of) = report.faithful
    lines.append(
      "Under the old rules \(Plain.count(rows)) of \(Plain.count(of, "number")) come out as they were"
    )
    return lines.map { $0 + "\n" }.joined()
  }

  /// The share, rounded down, so that 94.99 % is not shown as enough.
  private var percent: String {
    let share = report.share
    guard share.total > 0 else { return "100 %" }
    let tenths = share.replayed * 1000 / share.total
    return "\(tenths / 10).\(tenths % 10) %"
  }

  private func number(_ value: ExactDecimal) -> String {
    let text = value.description
    let isNegative = text.hasPrefix("-")
    let parts = (isNegative ? String(text.dropFirst()) : text).split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ Int($0) }) else { return text }
    let tail = parts.count > 1 ? "." + parts[1] : ""
    return (isNegative ? "-" : "") + Plain.count(whole) + tail
  }

  private func signed(_ value: ExactDecimal) -> String {
    (value > ExactDecimal(0) ? "+" : "") + number(value)
  }

  // MARK: JSON

  var json: String {
    let share = report.share
    let (rows, of) = report.faithful
    let head: [(key: String, value: JSONValue)] = [
      ("since", .string("\(report.since)")), ("until", .string("\(report.until)")),
      ("comparable", .bool(report.isComparable)),
      (
        "share",
        .object([
          ("replayed", Self.whole(share.replayed)), ("total", Self.whole(share.total)),
          (
            "leftOut",
            .object(share.leftOut.map { ($0.reason, Self.whole($0.count)) })
          ),
          ("playedByWorld", Self.whole(share.playedByWorld)),
        ])
      ),
      ("faithful", .object([("rows", Self.whole(rows)), ("of", Self.whole(of))])),
      ("oldRuleSets", .array(report.oldRuleSets.map { .number("\($0)") })),
    ]
    var text = "{\n"
    for (key, value) in head {
      text += "\"\(key)\":\(JSONWriter.text(value)),\n"
    }
    text += "\"tables\":[\n"
    text += sections.map { section in
      "{\"name\":\(JSONWriter.text(.string(section.name))),\"title\":"
        + "\(JSONWriter.text(.string(section.title))),\"rows\":[\n"
        + section.rows.map { JSONWriter.text(Self.row($0)) }.joined(separator: ",\n") + "\n]}"
    }.joined(separator: ",\n")
    return text + "\n]}\n"
  }

  private static func row(_ row: BacktestReport.Row) -> JSONValue {
    .object([
      ("name", .string(row.name)), ("asItWas", exact(row.asItWas)), ("old", exact(row.old)),
      ("new", exact(row.new)), ("difference", exact(row.difference)),
    ])
  }

  /// Counts are numbers; what has digits after the point is a text, so that no program makes a double of it.
  private static func exact(_ value: ExactDecimal) -> JSONValue {
    value.scale == 0 ? .number(value.description) : .string(value.description)
  }

  private static func whole(_ number: Int) -> JSONValue { .number("\(number)") }
}
