internal import QuartermasterCEL

/// Why a record is as it is: from its last change back to what a host, a person or the clock did.
package struct CauseChain {
  /// A link: a change, and what made it.
  package struct Link: Sendable {
    /// The operation.
    package let entry: JournalEntry
    /// The change of the record in question; nil where an operation began without one, as a schedule does.
    package let change: JournalEntry.Change?
    /// The fields of the change that the link is about.
    package let fields: [JournalEntry.Field]
    /// What made it.
    package let author: Author
    /// Rules of the phase before that had a hand in it.
    package let shapers: [JournalEntry.Firing]
  }

  /// What made a change.
  package enum Author: Sendable {
    /// A rule.
    case rule(JournalEntry.Firing)
    /// It is a total, or a count, over the records whose changes are the next link.
    case rollUp
    /// Who made the operation.
    case host
    /// The clock: a schedule of a rule came round.
    case clock
    /// A signal from outside woke the rule.
    case signal
    /// The journal does not go back that far.
    case unknown
  }

  /// The links, the change that was asked for first.
  package private(set) var links: [Link] = []

  /// How many links are followed at most.
  private static let limit = 64

  private let reader: JournalReader
  private let schema: Schema
  private let archive: RuleArchive
  private var computed: ComputedFields

  /// Follows the causes of the last change of a record.
  ///
  /// - Parameters:
  ///   - reader: The journal.
  ///   - definition: The record's class.
  ///   - id: The record's id.
  ///   - field: The field in question; nil for any.
  ///   - settings: What rules of old are compiled with.
  /// - Throws: A refusal when the journal cannot be read.
  package init(
    _ reader: JournalReader, _ definition: ClassDefinition, _ id: String, field: String? = nil,
    settings: ProjectSettings
  ) throws(Refusal) {
    self.reader = reader
    schema = reader.session.schema
    archive = try RuleArchive(reader.session, settings)
    computed = ComputedFields(schema: schema, host: reader.session)
    if definition.isSystem {
      if let (entry, change) = try message(definition, id) {
        try follow(entry, change, field: nil)
      }
      return
    }
    var found: (entry: JournalEntry, change: JournalEntry.Change)?
    try reader.history(of: definition, id) { entry, change in
      let isAbout = field.map { name in change.fields.contains { $0.name == name } } ?? true
      if isAbout { found = (entry, change) }
      return !isAbout
    }
    guard let found else { return }
    try follow(found.entry, found.change, field: field)
  }

  /// Returns what is known of the rules that were in force in an operation.
  package func book(of entry: JournalEntry) throws(Refusal) -> RuleBook {
    guard let row = archive[entry.rules] else { return RuleBook([], schema: schema) }
    return try archive.book(row)
  }

  /// Returns the operation in which a message was queued, and its row as a change of it.
  private func message(_ definition: ClassDefinition, _ id: String) throws(Refusal) -> (
    JournalEntry, JournalEntry.Change
  )? {
    guard let record = try reader.session.existing(definition.recordType, id),
      let row = try reader.lastRow(of: definition, id), let entry = try reader.entry(row)
    else { return nil }
    var fields: [JournalEntry.Field] = []
    for field in definition.fields {
      guard let slot = field.slot, let value = record.row?.values[slot] else { continue }
      fields.append(
        JournalEntry.Field(name: field.name, old: .null, new: RowJSON.json(of: value)))
    }
    let sender = entry.messages.first { UTF8Text.equal($0.id, id) }?.firing
    let change = JournalEntry.Change(
      className: definition.name, id: id, kind: .created, previous: 0, fields: fields,
      authors: sender.map { [$0] } ?? [])
    return (entry, change)
  }

  private mutating func add(
    _ entry: JournalEntry, _ change: JournalEntry.Change?, _ author: Author,
    fields: [JournalEntry.Field]? = nil
  ) {
    let shapers = entry.firings.filter { $0.round == 0 && $0.record == change?.record }
    links.append(
      Link(
        entry: entry, change: change, fields: fields ?? change?.fields ?? [], author: author,
        shapers: shapers))
  }

  /// Adds the link of a change, and goes on with what made it.
  private mutating func follow(
    _ entry: JournalEntry, _ change: JournalEntry.Change, field: String?, by place: Int? = nil
  ) throws(Refusal) {
    guard links.count < Self.limit else { return }
    var author = place
    if author == nil { author = try self.author(of: change, field, in: entry) }
    if let author, entry.firings.indices.contains(author) {
      add(entry, change, .rule(entry.firings[author]))
      return try follow(firing: entry.firings[author], in: entry)
    }
    try followOwn(change, in: entry)
  }

  /// Goes on with what woke a firing.
  private mutating func follow(firing: JournalEntry.Firing, in entry: JournalEntry) throws(Refusal)
  {
    guard links.count < Self.limit else { return }
    if let cause = firing.cause, entry.firings.indices.contains(cause) {
      guard let change = self.change(of: firing.record, in: entry) else {
        // A signal that another rule raised, or a record that ended as it began: the rule is the link.
        add(entry, nil, .rule(entry.firings[cause]))
        return try follow(firing: entry.firings[cause], in: entry)
      }
      return try follow(entry, change, field: nil, by: cause)
    }
    switch entry.origin {
    case .timer(let rule) where rule == firing.rule:
      try followTimer(firing, in: entry)
    case .later(let rule) where rule == firing.rule:
      try followEarlier(firing, in: entry) { earlier in
        entry.cause.map { $0 == earlier.row } ?? true
      }
    case .schedule(let rule) where rule == firing.rule: add(entry, nil, .clock)
    case .catchUp(let rule, _) where rule == firing.rule: add(entry, nil, .host)
    default:
      if let change = self.change(of: firing.record, in: entry) {
        try followOwn(change, in: entry)
      } else {
        add(entry, nil, firing.record == nil ? .signal : .host)
      }
    }
  }

  /// Goes on with a change that the operation itself made; its record may have been written by rules afterwards.
  private mutating func followOwn(_ change: JournalEntry.Change, in entry: JournalEntry)
    throws(Refusal)
  {
    guard links.count < Self.limit, let (part, fields) = try rolledUp(change, in: entry) else {
      return add(entry, change, .host)
    }
    add(entry, change, .rollUp, fields: fields)
    try followOwn(part, in: entry)
  }

  /// Goes on with the operation that started a timer.
  private mutating func followTimer(_ firing: JournalEntry.Firing, in entry: JournalEntry)
    throws(Refusal)
  {
    let rule = try book(of: entry)[firing.rule]
    guard let hold = rule?.hold else {
      if try followDue(firing, in: entry) { return }
      return try followEarlier(firing, in: entry) { _ in true }
    }
    if try followEdge(firing, in: entry) { return }
    let fired = (entry.dueInstant?.due ?? entry.at).milliseconds - hold.milliseconds
    let again = rule?.again?.milliseconds ?? 0
    // The timer began with a change at that instant, or some repeats earlier.
    try followEarlier(firing, in: entry) { earlier in
      let waited = fired - earlier.at.milliseconds
      return again > 0 ? waited >= 0 && waited % again == 0 : waited >= 0
    }
  }

  /// Goes on with the last change after which the condition of a rule was true and had not been; returns whether it
  /// was found.
  private mutating func followEdge(_ firing: JournalEntry.Firing, in entry: JournalEntry)
    throws(Refusal) -> Bool
  {
    guard let (definition, id) = record(firing.record), let row = archive[entry.rules],
      let rule = try archive.rule(firing.rule, in: row)
    else { return false }
    let judge = RuleJudge(rule, reader.session, computed)
    let record = reader.session.record(definition.recordType, id)
    var found: (entry: JournalEntry, change: JournalEntry.Change)?
    try RecordVersions(reader, definition).walk(id) { version in
      if version.entry.row >= entry.row { return true }
      let change = Change(record: record, old: version.old, new: version.new)
      let gate = judge.gate(change, now: version.entry.at, actor: nil, triggerOnly: true)
      if case .passes = gate { found = (version.entry, version.change) }
      return found == nil
    }
    guard let found else { return false }
    try follow(found.entry, found.change, field: decisive(for: firing, found.change, in: entry))
    return true
  }

  /// Goes on with the change that set the instant at which a rule was due; returns whether it was found.
  private mutating func followDue(_ firing: JournalEntry.Firing, in entry: JournalEntry)
    throws(Refusal) -> Bool
  {
    guard let (definition, id) = record(firing.record), let row = archive[entry.rules],
      let rule = try archive.rule(firing.rule, in: row)
    else { return false }
    let judge = RuleJudge(rule, reader.session, computed)
    let type = definition.recordType
    func due(_ row: Row?) -> Timestamp? {
      row.flatMap { judge.due(Record(type: type, id: id, pinned: $0)) }
    }
    let instant = entry.dueInstant?.due ?? entry.at
    var found: (entry: JournalEntry, change: JournalEntry.Change)?
    try RecordVersions(reader, definition).walk(id) { version in
      // The instant may have been moved since.
      if version.entry.row >= entry.row || due(version.new) != instant { return true }
      if due(version.old) == instant { return true }
      found = (version.entry, version.change)
      return false
    }
    guard let found else { return false }
    try follow(found.entry, found.change, field: decisive(for: firing, found.change, in: entry))
    return true
  }

  private mutating func followEarlier(
    _ firing: JournalEntry.Firing, in entry: JournalEntry, _ fits: (JournalEntry) -> Bool
  ) throws(Refusal) {
    guard let (definition, id) = record(firing.record) else { return add(entry, nil, .unknown) }
    var found: (entry: JournalEntry, change: JournalEntry.Change)?
    var nearest: (entry: JournalEntry, change: JournalEntry.Change)?
    try reader.history(of: definition, id) { earlier, change in
      guard earlier.row < entry.row else { return true }
      if nearest == nil { nearest = (earlier, change) }
      if fits(earlier) { found = (earlier, change) }
      return found == nil
    }
    guard let next = found ?? nearest else { return add(entry, nil, .unknown) }
    try follow(next.entry, next.change, field: decisive(for: firing, next.change, in: entry))
  }

  // MARK: Looking up

  /// Returns the first field of a change that the conditions of a rule look at, where several firings wrote the record.
  private func decisive(
    for firing: JournalEntry.Firing, _ change: JournalEntry.Change, in entry: JournalEntry
  ) throws(Refusal) -> String? {
    guard Set(change.authors).count > 1, let variable = schema[change.className]?.variable,
      let conditions = try book(of: entry)[firing.rule]?.conditions
    else { return nil }
    for condition in conditions {
      for field in change.fields where condition.mentions("\(variable).\(field.name)") {
        return field.name
      }
    }
    return nil
  }

  /// Returns the firing that wrote a field of a change: the last whose rule assigns it, else the last.
  private mutating func author(
    of change: JournalEntry.Change, _ field: String?, in entry: JournalEntry
  ) throws(Refusal) -> Int? {
    guard let last = change.authors.last else { return nil }
    if change.kind == .created, field == nil { return change.authors.first }
    guard let field, change.authors.count > 1 else { return last }
    let book = try book(of: entry)
    let known = change.authors.filter { entry.firings.indices.contains($0) }
    let isStatus = schema[change.className]?.flowField?.name == field
    return known.last { place in
      guard let rule = book[entry.firings[place].rule] else { return false }
      return rule.assigned.contains(field) || isStatus && rule.advances
    }
      ?? known.last { book[entry.firings[$0].rule]?.callsHost == true } ?? last
  }

  private func change(of record: String?, in entry: JournalEntry) -> JournalEntry.Change? {
    guard let record else { return nil }
    return entry.changes.first { $0.record == record }
  }

  private func record(_ name: String?) -> (ClassDefinition, String)? {
    guard let name, let slash = name.firstIndex(of: "/"),
      let definition = schema[String(name[..<slash])]
    else { return nil }
    return (definition, String(name[name.index(after: slash)...]))
  }

  /// Returns the change of a child that the operation itself made and from which totals of a record follow, with those
  /// totals; nil when there is none.
  private func rolledUp(_ change: JournalEntry.Change, in entry: JournalEntry) throws(Refusal)
    -> (part: JournalEntry.Change, fields: [JournalEntry.Field])?
  {
    guard change.kind == .changed, let definition = schema[change.className] else { return nil }
    var totals: [(field: JournalEntry.Field, rollUp: RollUpDefinition)] = []
    for field in change.fields {
      guard case .rollUp(let rollUp)? = definition[field.name]?.kind else { continue }
      totals.append((field, rollUp))
    }
    for part in entry.changes where part.authors.isEmpty {
      for total in totals where total.rollUp.childClass == part.className {
        guard try points(part, total.rollUp.childField, to: change.id) else { continue }
        let fields = totals.filter { $0.rollUp.childClass == part.className }.map(\.field)
        return (part, fields)
      }
    }
    return nil
  }

  private func points(_ change: JournalEntry.Change, _ field: String, to id: String)
    throws(Refusal) -> Bool
  {
    if let pointer = change.fields.first(where: { $0.name == field }) {
      return pointer.old.text == id || pointer.new.text == id
    }
    guard let definition = schema[change.className], let slot = definition[field]?.slot,
      let record = try reader.session.existing(definition.recordType, change.id),
      case .string(let target)? = record.row?.values[slot]
    else { return false }
    return UTF8Text.equal(target, id)
  }
}
