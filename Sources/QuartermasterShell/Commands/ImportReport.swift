internal import QuartermasterCEL
internal import QuartermasterCore

/// What a dry run of an import would do, row by row, and in numbers.
struct ImportReport {
  /// What would become of a row.
  private struct Row {
    let origin: ImportOrigins.Origin
    let change: AppliedChange?
    /// `create`, `set`, `signal`, `known` or `refused`.
    let fate: String
    let message: String?
  }

  /// How many rows are kept for printing; the others are counted.
  let limit: Int
  private var rows: [Row] = []
  private var counts: [String: Int] = [:]

  init(limit: Int) { self.limit = limit }

  /// Notes a row that would be applied, or was by an earlier import.
  mutating func note(
    _ origin: ImportOrigins.Origin, _ change: AppliedChange, _ fate: StreamRunner.Fate
  ) {
    add(
      Row(
        origin: origin, change: change, fate: fate == .known ? "known" : change.operation,
        message: nil))
  }

  /// Notes a row that would be refused.
  mutating func refuse(_ origin: ImportOrigins.Origin, _ message: String) {
    add(Row(origin: origin, change: nil, fate: "refused", message: message))
  }

  private mutating func add(_ row: Row) {
    counts[row.fate, default: 0] += 1
    if rows.count < limit { rows.append(row) }
  }

  private static let titles = [
    ("create", "created"), ("set", "changed"), ("signal", "signals"), ("known", "there already"),
    ("refused", "refused"),
  ]

  /// The report for people.
  func text(_ summary: StreamSummary) -> String {
    var text = rows.map { DisplayText.oneLine(line($0)) + "\n" }.joined()
    let all = counts.values.reduce(0, +)
    if all > rows.count {
      text += "… and \(Plain.count(all - rows.count, "more row")) (--show-rows \(all) prints all)\n"
    }
    text += "dry run, nothing was kept: "
    let parts = Self.titles.compactMap { key, title in
      counts[key].map { "\(Plain.count($0)) \(title)" }
    }
    text += (parts.isEmpty ? "no rows" : parts.joined(separator: ", ")) + "\n"
    let firings = summary.firings.sorted { $0.key < $1.key }
    if !firings.isEmpty {
      text += "rules would fire: "
      text += firings.map { "\($0.key) \(Plain.count($0.value))" }.joined(separator: ", ") + "\n"
    }
    return text
  }

  private func line(_ row: Row) -> String {
    guard let change = row.change else {
      return "\(row.origin): refused: \(row.message ?? "")"
    }
    let record = change.id.map { "\(change.name)/\($0)" } ?? change.name
    switch row.fate {
    case "known": return "\(row.origin): there already: \(change.operation) \(record)"
    case "set": return "\(row.origin): change \(record): \(change.fields.joined(separator: ", "))"
    default: return "\(row.origin): \(row.fate) \(record)"
    }
  }

  /// The same as one JSON object.
  func json(_ summary: StreamSummary) -> String {
    let items = rows.map { row -> JSONValue in
      var members: [(key: String, value: JSONValue)] = [
        ("file", .string(row.origin.file)), ("line", .number(String(row.origin.line))),
        ("fate", .string(row.fate)),
      ]
      if let change = row.change {
        members.append(("operation", .string(change.operation)))
        members.append(("class", .string(change.name)))
        if let id = change.id { members.append(("id", .string(id))) }
        members.append(("fields", .array(change.fields.map { .string($0) })))
      }
      if let message = row.message { members.append(("message", .string(message))) }
      return .object(members)
    }
    let object: [(key: String, value: JSONValue)] = [
      ("dryRun", .bool(true)), ("rows", .array(items)),
      (
        "counts",
        .object(
          Self.titles.compactMap { key, title in
            counts[key].map { (key: key, value: JSONValue.number(String($0))) }
          })
      ),
      (
        "firings",
        .object(
          summary.firings.sorted { $0.key < $1.key }.map {
            (key: $0.key, value: JSONValue.number(String($0.value)))
          })
      ),
    ]
    return JSONWriter.text(.object(object)) + "\n"
  }
}
