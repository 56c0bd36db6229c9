package import QuartermasterCEL

/// One operation, as the journal keeps it.
///
/// Docs/Decisions/0003 describes the encoding.
package struct JournalEntry: Sendable {
  /// The number of the row.
  package let row: Int64
  /// The instant of the operation.
  package let at: Timestamp
  /// Who made it, as `User/ann`; nil for the system.
  package let actor: String?
  /// What started it: the host, or a rule by a timer, a schedule or the phase later.
  package let origin: Origin
  /// The number of the rule set that was in force; 0 for none.
  package let rules: Int64
  /// The net change of each record.
  package let changes: [Change]
  /// What the host asked for, where the row says it; nil where that can be told from the changes.
  let given: [HostChange]?
  /// Whether no record that a rule wrote was written by the host as well.
  let isGivenApart: Bool
  /// The firings, in order.
  package let firings: [Firing]
  /// The messages that were queued, with the place in ``firings`` of the one that sent it.
  package let messages: [(id: String, firing: Int?)]
  /// The row of the operation that woke it, for a rule of the phase later; nil for others.
  package let cause: Int64?
  /// When the timer or the schedule was due that started it, and when it ran; nil for other operations.
  package let dueInstant: DueInstant?
  /// The line of a stream that it was, and the bytes up to its end; nil for other operations.
  package let stream: (line: Int64, position: Int64)?

  /// What started an operation.
  package enum Origin: Sendable, Equatable {
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
    /// The timer of a rule.
    case timer(String)
    /// The schedule of a rule.
    case schedule(String)
    /// A rule of the phase later.
    case later(String)
    /// A catch-up of a rule, in somebody's name.
    case catchUp(rule: String, by: String)

    /// The rule that started it, if one did.
    package var rule: String? {
      switch self {
      case .host, .withoutRules, .outside, .mending, .automations: nil
      case .timer(let rule), .schedule(let rule), .later(let rule), .catchUp(let rule, _): rule
      }
    }
  }

  /// The net change of a record.
  package struct Change: Sendable {
    /// The class.
    package let className: String
    /// The id.
    package let id: String
    /// What became of it.
    package let kind: ChangeReport.Kind
    /// The row of the record's change before this one; 0 for none.
    package let previous: Int64
    /// The fields that differ, with the value before and after; of a new record none before, of a deleted none after.
    package let fields: [Field]
    /// The places in ``JournalEntry/firings`` of those that wrote it; none for the operation's own change.
    package let authors: [Int]

    /// Creates a change that the journal does not keep as one, such as of a message.
    init(
      className: String, id: String, kind: ChangeReport.Kind, previous: Int64, fields: [Field],
      authors: [Int]
    ) {
      self.className = className
      self.id = id
      self.kind = kind
      self.previous = previous
      self.fields = fields
      self.authors = authors
    }

    /// The record as `Inventory/bolts`.
    package var record: String { "\(className)/\(id)" }
  }

  /// A field that differs.
  package struct Field: Sendable {
    /// The name.
    package let name: String
    /// The value before and after, in the stored form.
    package let old: JSONValue, new: JSONValue
  }

  /// A firing of a rule.
  package struct Firing: Sendable {
    /// The rule.
    package let rule: String
    /// The record that woke it; nil for a schedule or a signal.
    package let record: String?
    /// The round, from 1; 0 for a before rule.
    package let round: Int
    /// The place of the firing whose change woke it; nil when the operation's own change did.
    package let cause: Int?
    /// The values that its conditions looked at.
    package let operands: [(text: String, value: String)]
    /// What its verbs said.
    package let notes: [String]
    /// Why its actions were undone, where they were.
    package let skipped: String?
  }
}

extension JournalEntry {
  /// Reads a row.
  ///
  /// - Throws: A refusal when the row is damaged.
  init(row: Int64, at: Int64, body: [UInt8]) throws(Refusal) {
    let json: JSONValue
    do { json = try JSONReader.read(body) } catch {
      throw Refusal(.storage, "row \(row) of the journal cannot be read: \(error.message)")
    }
    self.row = row
    self.at = Timestamp(milliseconds: at)
    actor = json["actor"]?.text
    origin = json["origin"]?.text.map { Origin($0) } ?? .host
    rules = json["rules"]?.integer ?? 0
    switch origin {
    case .timer, .schedule:
      dueInstant = DueInstant(
        due: Timestamp(milliseconds: json["due"]?.integer ?? at),
        ran: json["ran"]?.integer.map { Timestamp(milliseconds: $0) },
        missed: json["missed"]?.integer ?? 0)
    case .host, .withoutRules, .outside, .mending, .automations, .later, .catchUp:
      dueInstant = nil
    }
    if let mark = json["stream"]?.items, mark.count == 3, let line = mark[1].integer,
      let position = mark[2].integer
    {
      stream = (line, position)
    } else {
      stream = nil
    }
    cause = json["cause"]?.integer
    messages = (json["messages"]?.items ?? []).compactMap { item in
      guard let id = item.items.first?.text else { return nil }
      return (id, item.items.last?.integer.map(Int.init))
    }
    if case .bool(let flag)? = json["given"] {
      (given, isGivenApart) = (nil, flag)
    } else {
      given = json["given"]?.items.compactMap { HostChange($0) }
      isGivenApart = false
    }
    changes = (json["changes"]?.items ?? []).compactMap { Change($0.items) }
    firings = (json["firings"]?.items ?? []).compactMap { Firing($0.items) }
  }
}

extension JournalEntry.Origin {
  init(_ text: String) {
    func rest(_ prefix: String) -> String? {
      text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }
    if let rule = rest("timer of ") {
      self = .timer(rule)
    } else if let rule = rest("schedule of ") {
      self = .schedule(rule)
    } else if let rule = rest("later rule ") {
      self = .later(rule)
    } else if let words = rest("catch-up of ") {
      // The name of a rule has no spaces; that of a person may.
      let parts = words.split(separator: " ", maxSplits: 2)
      self = .catchUp(
        rule: parts.first.map(String.init) ?? words,
        by: parts.count == 3 ? String(parts[2]) : "")
    } else {
      switch text {
      case "without rules": self = .withoutRules
      case "outside": self = .outside
      case "doctor": self = .mending
      case "automations": self = .automations
      default: self = .host
      }
    }
  }
}

extension JournalEntry.Change {
  fileprivate init?(_ parts: [JSONValue]) {
    guard parts.count >= 5, let className = parts[0].text, let id = parts[1].text else {
      return nil
    }
    self.className = className
    self.id = id
    switch parts[2].text {
    case "+": kind = .created
    case "-": kind = .deleted
    default: kind = .changed
    }
    previous = parts[3].integer ?? 0
    let isChange = kind == .changed
    let isNew = kind == .created
    fields = parts[4].members.map { name, value in
      let ends = value.items
      if isChange, ends.count == 2 {
        return JournalEntry.Field(name: name, old: ends[0], new: ends[1])
      }
      return JournalEntry.Field(
        name: name, old: isNew ? .null : value, new: isNew ? value : .null)
    }
    authors = parts.count > 5 ? parts[5].items.compactMap { $0.integer.map(Int.init) } : []
  }
}

extension JournalEntry.Firing {
  fileprivate init?(_ parts: [JSONValue]) {
    guard parts.count >= 5, let rule = parts[0].text else { return nil }
    self.rule = rule
    record = parts[1].text
    round = parts[2].integer.map(Int.init) ?? 1
    cause = parts[3].integer.map(Int.init)
    operands = parts[4].members.map { ($0.key, $0.value.text ?? JSONWriter.text($0.value)) }
    notes = parts.count > 5 ? parts[5].items.compactMap(\.text) : []
    skipped = parts.count > 6 ? parts[6].text : nil
  }
}

extension JSONValue {
  /// The items of a list; none for anything else.
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }

  /// The members of an object; none for anything else.
  var members: [(key: String, value: JSONValue)] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The value of an integer.
  var integer: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
}
