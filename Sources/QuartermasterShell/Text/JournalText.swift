internal import QuartermasterCEL
internal import QuartermasterCore

/// What stands in the journal, in words.
struct JournalText {
  /// The classes.
  let schema: Schema
  /// The zone of the times.
  let zone: Zone

  init(schema: Schema, settings: ProjectSettings) {
    self.schema = schema
    zone = Zone.named(settings.zone) ?? .utc
  }

  /// Returns an instant in the project's zone.
  func instant(_ instant: Timestamp) -> String { Plain.instant(instant, zone) }

  /// Returns a stored value of a field as it is written: `20`, `paid`, `"M8 bolt"`, an instant in the project's zone.
  func value(_ json: JSONValue, _ field: String, of className: String) -> String {
    let type = schema[className]?[field]?.type
    switch (type, json) {
    case (_, .null): return "(none)"
    case (.date, .number(let text)):
      return Int64(text).map { Plain.stamp(Timestamp(milliseconds: $0), zone) } ?? text
    case (.duration, .number(let text)):
      return Int64(text).flatMap { TimeSpan(milliseconds: $0) }?.description ?? text
    case (.pointer(let target), .string(let id)): return "\(target)/\(id)"
    case (.decimal, .string(let text)): return text
    case (_, .string(let text)): return Self.isWord(text) ? text : Value.quoted(text)
    default: return JSONWriter.text(json)
    }
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        $0 != "\"" && $0.properties.generalCategory != .control && !$0.properties.isWhitespace
      }
  }

  /// Returns what differs of a change: `quantity 21 -> 20, status paid`.
  func differences(_ fields: [JournalEntry.Field], _ change: JournalEntry.Change) -> String {
    fields.compactMap { field in
      let new = value(field.new, field.name, of: change.className)
      let old = value(field.old, field.name, of: change.className)
      switch change.kind {
      case .changed: return "\(field.name) \(old) -> \(new)"
      case .created: if case .null = field.new { return nil } else { return "\(field.name) \(new)" }
      case .deleted: if case .null = field.old { return nil } else { return "\(field.name) \(old)" }
      }
    }.joined(separator: ", ")
  }

  /// Returns who made an operation: `User/ann`, `the timer of chase-pending-order`, `the system`.
  func maker(_ entry: JournalEntry) -> String {
    switch entry.origin {
    case .host: entry.actor ?? "the system"
    case .withoutRules: "a load without rules"
    case .timer(let rule): "the timer of \(rule)"
    case .schedule(let rule): "the schedule of \(rule)"
    case .later(let rule): "\(rule), later"
    }
  }
}
