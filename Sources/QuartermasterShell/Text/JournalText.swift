internal import QuartermasterCEL
internal import QuartermasterCore

/// What stands in the journal, in words.
struct JournalText {
  /// Where records are looked up.
  let session: StoreSession
  /// The zone of the times.
  let zone: Zone

  private var schema: Schema { session.schema }

  init(_ session: StoreSession, _ settings: ProjectSettings) {
    self.session = session
    zone = Zone.named(settings.zone) ?? .utc
  }

  /// The fields by which people know a record, the best first.
  private static let labelFields = ["number", "name", "code", "title", "sku", "username"]

  /// Returns a record with what people call it: `Product/38g1k (M8 bolt)`.
  func labelled(_ className: String, _ id: String) -> String {
    let record = "\(className)/\(id)"
    guard let definition = schema[className],
      let field = Self.labelFields.lazy.compactMap({ definition[$0] }).first(where: {
        $0.type == .string && $0.slot != nil && !$0.isSecret
      }), let slot = field.slot,
      let row = (try? session.existing(definition.recordType, id))?.row,
      case .string(let label) = row.values[slot], !label.isEmpty, label != id
    else { return record }
    return "\(record) (\(DisplayText.clipped(DisplayText.oneLine(label), to: 40)))"
  }

  /// Returns a record named `Product/bolt` with what people call it.
  func labelled(_ record: String) -> String {
    guard let slash = record.firstIndex(of: "/") else { return record }
    return labelled(
      String(record[..<slash]), String(record[record.index(after: slash)...]))
  }

  /// Returns an instant in the project's zone.
  func instant(_ instant: Timestamp) -> String { Plain.instant(instant, zone) }

  /// Returns whether a field points to a record.
  func isPointer(_ field: String, of className: String) -> Bool {
    schema[className]?[field]?.target != nil
  }

  /// Returns a stored value of a field as it is written: `20`, `paid`, `"M8 bolt"`, an instant in the project's zone.
  func value(_ json: JSONValue, _ field: String, of className: String) -> String {
    let type = schema[className]?[field]?.type
    switch (type, json) {
    case (_, .null): return "(none)"
    case (.date, .number(let text)):
      return Int64(text).map { stamp(Timestamp(milliseconds: $0)) } ?? text
    case (.duration, .number(let text)):
      return Int64(text).flatMap { TimeSpan(milliseconds: $0) }?.description ?? text
    case (.pointer(let target), .string(let id)): return "\(target)/\(id)"
    case (.decimal, .string(let text)): return text
    case (_, .string(let text)): return Self.isWord(text) ? text : Value.quoted(text)
    default: return JSONWriter.text(json)
    }
  }

  /// Returns an instant that sorts, with its milliseconds where it has some: two may differ in them alone.
  private func stamp(_ instant: Timestamp) -> String {
    let milliseconds = Int(instant.nanoseconds / 1_000_000)
    if milliseconds == 0 { return Plain.stamp(instant, zone) }
    return Plain.stamp(instant, zone) + "." + String(1000 + milliseconds).dropFirst()
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        $0 != "\"" && $0.properties.generalCategory != .control && !$0.properties.isWhitespace
      }
  }

  /// Returns what differs of a change: `quantity 21 -> 20, status paid`.
  ///
  /// - Parameters:
  ///   - fields: The fields.
  ///   - change: Whose they are.
  ///   - limit: How many are named at most.
  /// - Returns: The fields that hold something, with commas between.
  func differences(
    _ fields: [JournalEntry.Field], _ change: JournalEntry.Change, limit: Int = .max
  ) -> String {
    let texts = fields.compactMap { field -> String? in
      let new = value(field.new, field.name, of: change.className)
      let old = value(field.old, field.name, of: change.className)
      switch change.kind {
      case .changed: return "\(field.name) \(old) -> \(new)"
      case .created:
        guard case .null = field.new else { return "\(field.name) \(new)" }
        return nil
      case .deleted:
        guard case .null = field.old else { return "\(field.name) \(old)" }
        return nil
      }
    }
    return texts.prefix(limit).joined(separator: ", ") + (texts.count > limit ? ", …" : "")
  }

  /// Returns who made an operation: `User/ann`, `the timer of chase-pending-order`, `the system`.
  func maker(_ entry: JournalEntry) -> String {
    switch entry.origin {
    case .host: entry.actor ?? "the system"
    case .withoutRules: "a load without rules"
    case .outside: "another program"
    case .mending: "doctor"
    case .automations: "the engine, which judged the rules"
    case .timer(let rule): "the timer of \(rule)" + (lateness(entry).map { ", \($0)" } ?? "")
    case .schedule(let rule):
      "the schedule of \(rule)" + (lateness(entry).map { ", \($0)" } ?? "")
    case .later(let rule): "\(rule), later"
    case .catchUp(let rule, let by):
      "a catch-up of \(rule) by \(by)" + (entry.actor.map { ", as \($0)" } ?? "")
    }
  }

  /// Returns how late a timer or a schedule ran: `due 2026-03-02 08:00:00, ran 2026-03-09 07:12:40 (6d23h late)`; nil
  /// when it was on time.
  func lateness(_ entry: JournalEntry) -> String? {
    guard let instant = entry.dueInstant else { return nil }
    var parts: [String] = []
    if instant.due != entry.at || instant.late != nil { parts.append("due \(stamp(instant.due))") }
    if let ran = instant.ran, let late = instant.late {
      parts.append("ran \(stamp(ran)) (\(Self.length(late)) late)")
    }
    if instant.missed > 0 {
      let times = instant.missed >= 10_000 ? "10,000 or more" : Plain.count(Int(instant.missed))
      parts.append("for \(times) missed before as well")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Returns a length of time in its two largest units, rounded down.
  private static func length(_ milliseconds: Int64) -> String {
    let units: [(Int64, String)] = [
      (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"),
    ]
    var (rest, text, count) = (milliseconds, "", 0)
    for (size, letter) in units where count < 2 {
      if rest >= size || count > 0 {
        if rest / size > 0 { text += "\(rest / size)\(letter)" }
        rest %= size
        count += 1
      }
    }
    return text
  }

  /// Returns a change on one line: `~ Inventory/bolts [reorder-low-stock]  quantity 21 -> 20`.
  func line(_ change: JournalEntry.Change, in entry: JournalEntry) -> String {
    let mark =
      switch change.kind {
      case .created: "+"
      case .changed: "~"
      case .deleted: "-"
      }
    var line = "\(mark) \(labelled(change.className, change.id))"
    var rules: [String] = []
    for place in change.authors where entry.firings.indices.contains(place) {
      let rule = entry.firings[place].rule
      if !rules.contains(rule) { rules.append(rule) }
    }
    if !rules.isEmpty { line += " [\(rules.joined(separator: ", "))]" }
    let differences = differences(change.fields, change)
    if !differences.isEmpty { line += "  \(differences)" }
    return line
  }

  /// Returns a signal of the host on one line: `! signal goods-arrived  supplier acme`.
  func line(_ signal: HostChange) -> String {
    let payload = signal.fields.map { "\($0.name) \($0.value.text ?? JSONWriter.text($0.value))" }
    return "! signal \(signal.name)"
      + (payload.isEmpty ? "" : "  " + payload.joined(separator: ", "))
  }

  /// Returns the changes of an operation as people read them: its own first, then those of rules as they fired; totals
  /// behind what they are made of.
  func ordered(_ changes: [JournalEntry.Change]) -> [JournalEntry.Change] {
    let keys = changes.map { ($0.authors.first ?? -1, isOfTotals($0) ? 1 : 0) }
    return changes.indices.sorted { a, b in
      keys[a] != keys[b] ? keys[a] < keys[b] : a < b
    }.map { changes[$0] }
  }

  /// Whether nothing but totals differs.
  private func isOfTotals(_ change: JournalEntry.Change) -> Bool {
    guard change.kind == .changed, let definition = schema[change.className] else { return false }
    return change.fields.allSatisfy { field in
      if case .rollUp? = definition[field.name]?.kind { true } else { false }
    }
  }

  /// Returns a firing, and below it what its verbs reported.
  func lines(_ firing: JournalEntry.Firing) -> [String] {
    var line = "* \(firing.rule)"
    if let record = firing.record { line += ", for \(labelled(record))" }
    if let skipped = firing.skipped { line += ", was undone: \(skipped)" }
    return [line] + firing.notes.map { "    \($0)" }
  }
}
