package import QuartermasterCEL

/// An operation of a host, to be done again.
package struct HostOperation: Sendable {
  /// How it is done.
  enum Manner: Sendable {
    case plain
    /// A load without rules.
    case withoutRules
    /// What another program wrote: facts, which no before rule refuses.
    case outside
  }

  /// The row of the journal that it was; of a refused one the row that it would have been.
  let row: Int64
  /// Its instant.
  let at: Timestamp
  /// Who did it, as `User/ann`.
  let actor: String?
  /// The number of the rule set in force.
  let rules: Int64
  let manner: Manner
  let changes: [HostChange]
  /// Whether it was refused then.
  let wasRefused: Bool
}

/// What hosts did in a stretch of the journal, and what of it can be done again in another world.
///
/// In another world a record that a rule made may not be there, or have another id: what a host did to such a record is
/// counted and left out.
package struct HostHistory: Sendable {
  /// The operations that can be done again, in order.
  private(set) var operations: [HostOperation] = []
  /// How many changes can be done again, and how many cannot, by reason.
  private(set) var replayed = 0
  private(set) var leftOut: [LeftOut: Int] = [:]
  /// How many signals are left to the rules of the world.
  private(set) var playedByWorld = 0

  /// Why a change is not done again.
  package enum LeftOut: String, Sendable, CaseIterable {
    /// It is about a record that a rule made, or names one.
    case ruleMade = "about records that rules made"
    /// It stands in one operation with such a change.
    case together = "in one operation with these"
    /// It was refused, and the file does not keep it whole.
    case notKept = "refused then, and not kept in full"
  }

  private let schema: Schema
  private let worldSignals: Set<String>
  /// The records that rules made, and their ids.
  private var ruleMade: Set<String> = []
  private var ids: Set<String> = []

  /// Reads a stretch of the journal.
  ///
  /// - Parameters:
  ///   - session: The file.
  ///   - rows: The rows of the stretch.
  ///   - since: The instant at which it begins.
  ///   - until: The instant before which it ends.
  ///   - worldSignals: The signals that the rules of the world raise.
  /// - Throws: A refusal when the file cannot be read.
  init(
    _ session: StoreSession, rows: Range<Int64>, since: Timestamp, until: Timestamp,
    worldSignals: Set<String>
  ) throws(Refusal) {
    schema = session.schema
    self.worldSignals = worldSignals
    var refused = try Self.refused(session, since: since, until: until)[...]
    let read = try session.statement(
      "SELECT seq, at, body FROM _journal WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")
    defer { read.reset() }
    try read.bind(1, rows.lowerBound)
    try read.bind(2, rows.upperBound)
    while try read.step() {
      let entry = try JournalEntry(row: read.int(0), at: read.int(1), body: read.blob(2))
      while let next = refused.first, next.row <= entry.row {
        add(next)
        refused.removeFirst()
      }
      add(entry)
    }
    for operation in refused { add(operation) }
    ids = []
    ruleMade = []
  }

  private mutating func add(_ entry: JournalEntry) {
    let changes = entry.hostChanges(schema)
    var created: Set<String> = []
    for change in changes where change.kind == .create {
      if let record = change.record { created.insert(record) }
    }
    for change in entry.changes where change.kind == .created {
      if created.contains(change.record) {
        ruleMade.remove(change.record)
      } else {
        ruleMade.insert(change.record)
        // An id that a host chose for a record of another class is no sign of this one.
        if IDSource.number(change.id) != nil { ids.insert(change.id) }
      }
    }
    if changes.isEmpty { return }
    let manner: HostOperation.Manner =
      switch entry.origin {
      case .withoutRules: .withoutRules
      case .outside: .outside
      default: .plain
      }
    add(
      HostOperation(
        row: entry.row, at: entry.at, actor: entry.actor, rules: entry.rules, manner: manner,
        changes: changes, wasRefused: false))
  }

  private mutating func add(_ operation: HostOperation) {
    if operation.changes.isEmpty {
      leftOut[.notKept, default: 0] += 1
      return
    }
    let signals = operation.changes.filter { $0.kind == .signal && worldSignals.contains($0.name) }
    playedByWorld += signals.count
    let changes =
      signals.isEmpty
      ? operation.changes
      : operation.changes.filter { $0.kind != .signal || !worldSignals.contains($0.name) }
    if changes.isEmpty { return }
    let tied = changes.filter { isTied($0) }.count
    guard tied == 0 else {
      leftOut[.ruleMade, default: 0] += tied
      if tied < changes.count { leftOut[.together, default: 0] += changes.count - tied }
      return
    }
    replayed += changes.count
    operations.append(
      HostOperation(
        row: operation.row, at: operation.at, actor: operation.actor, rules: operation.rules,
        manner: operation.manner, changes: changes, wasRefused: operation.wasRefused))
  }

  /// Whether a change is about a record that a rule made, or names one: in a pointer, or as a text that is its id.
  private func isTied(_ change: HostChange) -> Bool {
    if change.kind != .create, let record = change.record, ruleMade.contains(record) { return true }
    for (name, value) in change.fields {
      if let target = target(of: name, in: change), let id = value.text {
        if ruleMade.contains("\(target)/\(id)") { return true }
      } else if names(value) {
        return true
      }
    }
    return change.operators.contains { names($0.operand) }
  }

  /// The class that a pointer leads to; nil for another field.
  private func target(of name: String, in change: HostChange) -> String? {
    let parameters =
      switch change.kind {
      case .create, .set, .delete: schema[change.name]?[name]?.target.map { [(name, $0)] } ?? []
      case .verb: Self.targets(schema.verbs[change.name]?.parameters.map { ($0.name, $0.type) })
      case .signal:
        Self.targets(schema.signals[change.name]?.parameters.map { ($0.name, $0.type) })
      }
    return parameters.first { $0.0 == name }?.1
  }

  private static func targets(_ parameters: [(String, FieldType)]?) -> [(String, String)] {
    (parameters ?? []).compactMap { name, type in
      if case .pointer(let target) = type { (name, target) } else { nil }
    }
  }

  /// Whether a text somewhere in a value is the id of a record that a rule made.
  private func names(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text): ids.contains(text)
    case .array(let items): items.contains(where: names)
    case .object(let members): members.contains { names($0.value) }
    case .null, .bool, .number: false
    }
  }

  // MARK: What was refused

  /// Returns the operations of hosts that were refused, in order; those that are not kept whole are without changes.
  private static func refused(_ session: StoreSession, since: Timestamp, until: Timestamp)
    throws(Refusal) -> [HostOperation]
  {
    let read = try session.statement(
      "SELECT at, body FROM _refused WHERE at >= ?1 AND at < ?2 AND reason <> 'storage' "
        + "ORDER BY number")
    defer { read.reset() }
    try read.bind(1, since.milliseconds)
    try read.bind(2, until.milliseconds)
    var found: [HostOperation] = []
    while try read.step() {
      let at = Timestamp(milliseconds: read.int(0))
      guard let body = try? JSONReader.read(read.blob(1)) else { continue }
      if isUnreadable(body) { continue }
      let given = body["given"]?.items.compactMap { HostChange($0) }
      if given == nil, isOfEngine(body["input"]?.text ?? "") { continue }
      var row = body["row"]?.integer
      if row == nil { row = try JournalReader(session).firstRow(at: at) }
      found.append(
        HostOperation(
          row: row ?? 0, at: at,
          actor: body["actor"]?.text, rules: body["rules"]?.integer ?? 0, manner: .plain,
          changes: given ?? [], wasRefused: true))
    }
    return found
  }

  /// Whether what a host gave could not even be read, such as a field that is not there: it is refused in every world.
  static func isUnreadable(_ body: JSONValue) -> Bool {
    body["row"] != nil && body["given"] == nil && !isOfEngine(body["input"]?.text ?? "")
  }

  /// Whether an input says that a rule, another program or `doctor` began the operation.
  private static func isOfEngine(_ input: String) -> Bool {
    switch JournalEntry.Origin(input) {
    case .timer, .schedule, .later, .outside, .mending, .automations, .catchUp: true
    case .host, .withoutRules: false
    }
  }
}
