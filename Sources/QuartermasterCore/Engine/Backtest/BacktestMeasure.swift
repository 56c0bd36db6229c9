public import QuartermasterCEL

/// Something that a backtest counts in each world: rows of a name and a number.
///
/// Messages, firings, statuses and refusals are counted for every schema; what an order is, or money that is spent, a
/// domain or a host says with measures of its own.
public struct BacktestMeasure: Sendable {
  /// A row.
  public struct Row: Sendable {
    /// What is counted, such as a supplier or a currency.
    public let name: String
    /// How much it is.
    public let value: ExactDecimal

    /// Creates a row.
    public init(_ name: String, _ value: ExactDecimal) {
      self.name = name
      self.value = value
    }
  }

  /// The name, as `--fields` takes it and JSON has it: `spend`.
  public let name: String
  /// The title of its table: `Spend by currency`.
  public let title: String
  let rows: @Sendable (BacktestView) throws -> [Row]

  /// Creates a measure.
  ///
  /// - Parameters:
  ///   - name: A word without spaces.
  ///   - title: What stands above its rows.
  ///   - rows: Counts in a world; it is called once for each world, on different threads.
  public init(
    name: String, title: String, rows: @escaping @Sendable (BacktestView) throws -> [Row]
  ) {
    self.name = name
    self.title = title
    self.rows = rows
  }
}

/// What a measure sees of a world: its state at the end, and what became of records between.
public final class BacktestView {
  /// The beginning of the backtest.
  public let since: Timestamp
  /// The instant before which it ends.
  public let until: Timestamp
  /// The schema.
  public let schema: Schema
  /// The state at the end.
  public let end: ReadContext

  let session: StoreSession
  let rows: Range<Int64>
  private let zone: String

  init(
    _ session: StoreSession, rows: Range<Int64>, since: Timestamp, until: Timestamp, zone: String
  ) {
    self.session = session
    self.rows = rows
    self.since = since
    self.until = until
    self.zone = zone
    schema = session.schema
    end = ReadContext(
      session: session, schema: session.schema, now: until, shelf: QueryShelf())
  }

  /// Returns, for each record of a class for which a condition held at some moment, on how many days it did.
  ///
  /// Days are those of the project's zone. A condition that held for no time, as within one instant, does not count.
  ///
  /// - Parameters:
  ///   - className: The class.
  ///   - fields: Stored fields and totals that the condition looks at.
  ///   - holds: The condition, given the values of these fields in their order.
  /// - Returns: The number of days by the id of the record.
  /// - Throws: ``Refusal`` when the class or a field is not there, or the copy cannot be read.
  public func days(
    of className: String, _ fields: [String], while holds: ([Value]) -> Bool
  ) throws -> [String: Int] {
    guard let definition = schema[className] else {
      throw Refusal(.schema, "no class \(className)")
    }
    let slots = try fields.map { name in
      guard let slot = definition[name]?.slot else {
        throw Refusal(.schema, "\(className).\(name) is no stored field")
      }
      return slot
    }
    var walk = DayWalk(definition, fields, slots, zone: zone, until: until)
    try session.forEachRow(of: definition) { record, row throws(Refusal) in
      walk.begin(record.id, slots.map { row.values[$0] }, holds)
    }
    try JournalReader(session).backwards(
      within: rows.lowerBound...max(rows.lowerBound, rows.upperBound - 1)
    ) {
      entry throws(Refusal) in
      for change in entry.changes where change.className == className {
        walk.undo(change, at: entry.at, holds)
      }
      return true
    }
    return walk.finish(since: since)
  }
}

/// Goes back through the changes of a class and collects the days on which a condition held.
private struct DayWalk {
  private struct State {
    var values: [Value]
    var holds: Bool
    /// Until when these values stood.
    var until: Timestamp
  }

  private let definition: ClassDefinition
  private let fields: [String]
  private let types: [FieldType]
  private let zone: ZoneDays
  private let end: Timestamp
  private var states: [String: State] = [:]
  private var days: [String: Set<Int64>] = [:]

  init(
    _ definition: ClassDefinition, _ fields: [String], _ slots: [Int], zone: String,
    until: Timestamp
  ) {
    self.definition = definition
    self.fields = fields
    types = fields.map { definition[$0]?.type ?? .string }
    self.zone = ZoneDays(zone)
    end = until
  }

  mutating func begin(_ id: String, _ values: [Value], _ holds: ([Value]) -> Bool) {
    states[id] = State(values: values, holds: holds(values), until: end)
  }

  mutating func undo(_ change: JournalEntry.Change, at: Timestamp, _ holds: ([Value]) -> Bool) {
    var values: [Value]
    switch change.kind {
    case .created:
      close(change.id, at)
      states[change.id] = nil
      return
    case .deleted: values = fields.map { _ in .null }
    case .changed:
      guard let state = states[change.id] else { return }
      values = state.values
    }
    var isTouched = change.kind == .deleted
    for field in change.fields {
      guard let place = fields.firstIndex(of: field.name),
        let value = RowJSON.stored(field.old, types[place])
      else { continue }
      values[place] = value
      isTouched = true
    }
    guard isTouched else { return }
    let isSo = holds(values)
    if let state = states[change.id], state.holds == isSo {
      states[change.id]?.values = values
      return
    }
    close(change.id, at)
    states[change.id] = State(values: values, holds: isSo, until: at)
  }

  mutating func finish(since: Timestamp) -> [String: Int] {
    for id in Array(states.keys) { close(id, since) }
    return days.mapValues(\.count)
  }

  private mutating func close(_ id: String, _ at: Timestamp) {
    guard let state = states[id], state.holds, at < state.until else { return }
    days[id, default: []].formUnion(zone.days(at, state.until))
  }
}
