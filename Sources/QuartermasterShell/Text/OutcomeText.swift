internal import QuartermasterCEL
internal import QuartermasterCore

/// What operations do that were undone, in words.
///
/// The ids of records that they create are not those that a real run would give: such a record is called by its class and a
/// number, `PurchaseOrder/new1`.
struct OutcomeText {
  private var names: [String: String] = [:]
  private let schema: Schema
  private let zone: Zone

  /// Creates the words for effects.
  init(_ effects: [RulePlan.Effect], _ schema: Schema, zone: Zone) {
    self.schema = schema
    self.zone = zone
    var counts: [String: Int] = [:]
    for case .done(let outcomes) in effects.map(\.result) {
      for change in outcomes.flatMap(\.changes) where change.kind == .created {
        let count = counts[change.className, default: 0] + 1
        counts[change.className] = count
        names["\(change.className)/\(change.id)"] = "\(change.className)/new\(count)"
      }
    }
  }

  /// A line, and the rule that it is about.
  struct Line {
    let rule: String
    let text: String
  }

  /// Returns what the firing for a record comes to, a line each.
  func lines(_ effect: RulePlan.Effect) -> [Line] {
    switch effect.result {
    case .refused(let refusal): return [Line(rule: "", text: "refused: \(refusal.sentence)")]
    case .passed(let why): return [Line(rule: "", text: "passed over: \(why)")]
    case .done(let outcomes):
      let lines = outcomes.flatMap(lines)
      if !lines.isEmpty { return lines }
      return [Line(rule: outcomes.first?.firings.first?.rule ?? "", text: "nothing")]
    }
  }

  private func lines(_ outcome: Outcome) -> [Line] {
    var lines: [Line] = []
    for firing in outcome.firings {
      if let skipped = firing.skipped {
        lines.append(Line(rule: firing.rule, text: "its actions were undone alone: \(skipped)"))
      }
      for note in firing.notes { lines.append(Line(rule: firing.rule, text: note)) }
    }
    for change in outcome.changes {
      lines.append(Line(rule: change.rules.joined(separator: ", "), text: text(change)))
    }
    for message in outcome.messages {
      let title = message.title.map { "\($0): " } ?? ""
      lines.append(
        Line(rule: message.rule, text: "> \(name(message.to)): \(title)\(message.message)"))
    }
    for call in outcome.calls {
      let arguments = call.arguments.map { " \($0.name): \(value($0.value))" }
      lines.append(Line(rule: call.rule, text: "call \(call.name)" + arguments.joined()))
    }
    return lines
  }

  private func text(_ change: ChangeReport) -> String {
    let mark =
      switch change.kind {
      case .created: "+"
      case .changed: "~"
      case .deleted: "-"
      }
    let fields = change.fields.compactMap { field -> String? in
      switch change.kind {
      case .changed:
        return "\(field.name) \(value(of: change, field.name, field.old)) -> "
          + value(of: change, field.name, field.new)
      case .created:
        if case .null = field.new { return nil }
        return "\(field.name) \(value(of: change, field.name, field.new))"
      case .deleted: return nil
      }
    }
    let differences = fields.isEmpty ? "" : "  " + fields.joined(separator: ", ")
    return "\(mark) \(name("\(change.className)/\(change.id)"))\(differences)"
  }

  /// Returns a record as it is called here.
  func name(_ record: String) -> String { names[record] ?? record }

  /// Returns a stored value of a field: of a pointer the record.
  private func value(of change: ChangeReport, _ field: String, _ stored: Value) -> String {
    if case .string(let id) = stored, let target = schema[change.className]?[field]?.target {
      return name("\(target)/\(id)")
    }
    return value(stored)
  }

  private func value(_ value: Value) -> String {
    switch value {
    case .null: return "(none)"
    case .record(let record): return name("\(record.type.name)/\(record.id)")
    case .timestamp(let instant): return Plain.stamp(instant, zone)
    case .string(let text):
      let isWord = !text.isEmpty && !text.contains { $0.isWhitespace || $0 == "\"" }
      return isWord ? text : Value.quoted(text)
    default: return value.description
    }
  }

  // MARK: For programs

  /// Returns what the firing for a record comes to.
  func json(_ effect: RulePlan.Effect) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("record", effect.record.map { .string($0) } ?? .null)
    ]
    switch effect.result {
    case .refused(let refusal):
      members += [
        ("result", .string("refused")), ("reason", .string(refusal.reason.rawValue)),
        ("message", .string(refusal.message)),
        ("rule", refusal.rule.map { .string($0) } ?? .null),
      ]
    case .passed(let why): members += [("result", .string("passed")), ("message", .string(why))]
    case .done(let outcomes):
      members += [("result", .string("done")), ("operations", .array(outcomes.map(json)))]
    }
    return .object(members)
  }

  private func json(_ outcome: Outcome) -> JSONValue {
    .object([
      (
        "firings",
        .array(
          outcome.firings.map { firing in
            .object([
              ("rule", .string(firing.rule)),
              ("record", firing.record.map { .string(name($0)) } ?? .null),
              ("notes", .array(firing.notes.map { .string($0) })),
              ("skipped", firing.skipped.map { .string($0) } ?? .null),
            ])
          })
      ),
      ("changes", .array(outcome.changes.map(json))),
      (
        "messages",
        .array(
          outcome.messages.map { message in
            .object([
              ("rule", .string(message.rule)), ("to", .string(name(message.to))),
              ("title", message.title.map { .string($0) } ?? .null),
              ("message", .string(message.message)),
            ])
          })
      ),
      (
        "calls",
        .array(
          outcome.calls.map { call in
            .object([
              ("rule", .string(call.rule)), ("call", .string(call.name)),
              ("arguments", .object(call.arguments.map { ($0.name, json($0.value)) })),
            ])
          })
      ),
    ])
  }

  private func json(_ change: ChangeReport) -> JSONValue {
    .object([
      ("record", .string(name("\(change.className)/\(change.id)"))),
      ("change", .string(change.kind.rawValue)),
      (
        "fields",
        .object(
          change.fields.map { field in
            let ends = [field.old, field.new].map { json(of: change, field.name, $0) }
            return (field.name, .array(ends))
          })
      ),
      ("rules", .array(change.rules.map { .string($0) })),
    ])
  }

  private func json(of change: ChangeReport, _ field: String, _ stored: Value) -> JSONValue {
    guard case .string(let id) = stored, let target = schema[change.className]?[field]?.target
    else { return json(stored) }
    return .string(name("\(target)/\(id)"))
  }

  private func json(_ value: Value) -> JSONValue {
    if case .record(let record) = value {
      return .string(name("\(record.type.name)/\(record.id)"))
    }
    return JSONValue(value)
  }
}
