public import QuartermasterCEL

/// A change of a record, as the journal keeps it.
public struct RecordChange: Sendable {
  /// What started an operation.
  public enum Origin: Sendable, Equatable {
    /// A host, a person, a stream.
    case host
    /// A load without rules.
    case withoutRules
    /// Another program, which wrote past the engine.
    case outside
    /// `doctor`, which mended the file.
    case mending
    /// The engine, which said in records that are rules what is wrong with them.
    case automations
    /// The timer, the schedule or the phase later of a rule, or a catch-up of it.
    case rule(String)
  }

  /// Where to go on after this change.
  public let position: ChangePosition
  /// The journal row of the operation.
  public let journalRow: Int64
  /// The instant of the operation.
  public let at: Timestamp
  /// Who made the operation, as `User/ann`; nil for the system.
  public let actor: String?
  /// What started the operation.
  public let origin: Origin
  /// The class.
  public let className: String
  /// The id.
  public let id: String
  /// What became of the record.
  public let kind: ChangeReport.Kind
  /// The fields that differ, with the value before and after; secret fields are left out.
  ///
  /// Pointers are the ids of their records. A field that the schema does not have any more is left out.
  public let fields: [(name: String, old: Value, new: Value)]
  /// The rules that wrote the record, in order; none for the operation's own change and for totals that follow it.
  public let rules: [String]

  /// Returns the value of a field before and after, or nil when it did not change.
  public subscript(field: String) -> (old: Value, new: Value)? {
    fields.first { $0.name == field }.map { ($0.old, $0.new) }
  }
}

extension RecordChange {
  /// Takes a change out of an operation of the journal.
  init(_ place: Int, of entry: JournalEntry, _ definition: ClassDefinition?) {
    let change = entry.changes[place]
    position =
      place + 1 < entry.changes.count
      ? ChangePosition(row: entry.row, change: place + 1) : ChangePosition(after: entry.row)
    journalRow = entry.row
    at = entry.at
    actor = entry.actor
    origin =
      switch entry.origin {
      case .host: .host
      case .withoutRules: .withoutRules
      case .outside: .outside
      case .mending: .mending
      case .automations: .automations
      case .timer(let rule), .schedule(let rule), .later(let rule), .catchUp(let rule, _):
        .rule(rule)
      }
    className = change.className
    id = change.id
    kind = change.kind
    fields = change.fields.compactMap { field in
      guard let type = definition?[field.name]?.type else { return nil }
      return (
        field.name, JournalValue.value(field.old, type), JournalValue.value(field.new, type)
      )
    }
    var rules: [String] = []
    for author in change.authors where entry.firings.indices.contains(author) {
      let rule = entry.firings[author].rule
      if !rules.contains(rule) { rules.append(rule) }
    }
    self.rules = rules
  }
}

/// Values of the journal: instants and spans in milliseconds, decimals as texts, records as their ids.
enum JournalValue {
  /// Returns the value of a field of a type; what is of another type, after a change of the schema, is what it says.
  static func value(_ json: JSONValue, _ type: FieldType?) -> Value {
    switch (type, json) {
    case (_, .null): return .null
    case (.number, .number(let text)), (.number, .string(let text)):
      return Double(text).map(Value.double) ?? .null
    case (.decimal(let scale), .string(let text)):
      return ExactDecimal(text)?.exactly(scale: scale).map(Value.decimal) ?? .string(text)
    case (.date, .number(let text)):
      return Int64(text).map { .timestamp(Timestamp(milliseconds: $0)) } ?? .null
    case (.duration, .number(let text)):
      return Int64(text).flatMap { TimeSpan(milliseconds: $0) }.map(Value.duration) ?? .null
    case (.array(let of), .array(let items)): return .list(items.map { value($0, of) })
    case (_, .array(let items)): return .list(items.map { value($0, nil) })
    case (_, .object(let members)):
      var shape: [FieldType.ShapeMember] = []
      if case .object(let declared?)? = type { shape = declared }
      let entries = members.map { member in
        (
          key: Value.string(member.key),
          value: value(member.value, shape.first { $0.name == member.key }?.type)
        )
      }
      return MapValue(entries).map(Value.map) ?? .null
    case (_, .string(let text)): return .string(text)
    case (_, .bool(let flag)): return .bool(flag)
    case (_, .number(let text)):
      return Int64(text).map(Value.int) ?? Double(text).map(Value.double) ?? .null
    }
  }
}
