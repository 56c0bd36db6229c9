internal import QuartermasterCEL

/// Finds the records that satisfy a rule as they are now.
///
/// A record satisfies a rule when `becomes` and all items of `when:` are true of it, and no timer of the rule waits for it.
/// `old` is null for a rule that creations wake, and the record as it is for one that only changes wake. Decision 0142.
struct RuleCandidates {
  let interpreter: Interpreter
  let runtime: RuleRuntime
  let trigger: CompiledTrigger.RecordTrigger

  /// How a record stands to the rule.
  enum Standing {
    case satisfies
    /// `becomes`, or an item of `when:`, is false.
    case fails
    /// Its timer waits.
    case waits(Timestamp)
    /// The instant of its `due` has fired.
    case hadItsTurn
    /// The instant of its `due` is still to come, and no timer was started for it.
    case comes
    /// A condition fails.
    case unjudged(String)
  }

  init?(_ interpreter: Interpreter, _ place: Int) {
    runtime = interpreter.runtimes[place]
    guard let trigger = runtime.recordTrigger else { return nil }
    self.trigger = trigger
    self.interpreter = interpreter
  }

  /// The class of the records.
  var definition: ClassDefinition { interpreter.schema.classes[trigger.classIndex] }

  /// Whether the rule waits for an instant.
  var isTimed: Bool { trigger.hold != nil || trigger.due != nil }

  /// Gives each record of which `becomes` may be true, and how it stands to the rule, in the order of the keys.
  func each(_ body: (Record, Standing) throws(Refusal) -> Void) throws(Refusal) {
    for id in try ids() {
      guard let record = try interpreter.store.existing(definition.recordType, id) else { continue }
      try body(record, try standing(record))
    }
  }

  /// Returns how a record stands to the rule.
  func standing(_ record: Record) throws(Refusal) -> Standing {
    do throws(EvaluationError) {
      if try !runtime.holds(record) { return .fails }
      if trigger.due != nil {
        guard let instant = try runtime.dueInstant(record) else { return .fails }
        if let found = try timer(record), found.due == instant.milliseconds || found.isLive {
          return found.isLive ? .waits(Timestamp(milliseconds: found.due)) : .hadItsTurn
        }
        if instant > interpreter.now { return .comes }
      } else if trigger.hold != nil, let found = try timer(record), found.isLive {
        return .waits(Timestamp(milliseconds: found.due))
      }
      let change = change(record)
      runtime.lend(record, change, now: interpreter.now, actor: interpreter.actor)
      defer { withExtendedLifetime(change) { runtime.takeBack() } }
      for condition in runtime.rule.conditions
      where try !condition.program.root.evalBool(runtime.frame) {
        return .fails
      }
      return .satisfies
    } catch {
      if error.code == .storage { throw Refusal(.storage, error.message) }
      return .unjudged(error.message)
    }
  }

  /// The change that a firing for a record is about; nil for a rule with a timer, which knows of none.
  func change(_ record: Record) -> Change? {
    if isTimed { return nil }
    let isNew = trigger.kinds.contains(.created)
    return Change(record: record, old: isNew ? nil : record.row, new: record.row)
  }

  private func timer(_ record: Record) throws(EvaluationError) -> (due: Int64, isLive: Bool)? {
    do throws(Refusal) {
      let read = try interpreter.store.statement(
        "SELECT due, live FROM _timers WHERE rule = ?1 AND record = ?2")
      defer { read.reset() }
      try read.bind(1, runtime.rule.name)
      try read.bind(2, record.id)
      return try read.step() ? (read.int(0), read.int(1) != 0) : nil
    } catch { throw EvaluationError(.storage, error.message) }
  }

  // MARK: Ids

  /// The ids of the records that may satisfy the rule: those of which `becomes` is true where a query can say so.
  private func ids() throws(Refusal) -> [String] {
    if let edge = trigger.becomes {
      let name = definition.variable
      let text =
        "\(definition.name).filter(\(name), \(edge.program.source.text)).map(\(name), \(name).objectId)"
      // A condition that fails for one record fails the whole query: then each is looked at by itself.
      if let found = try? interpreter.preparedQueries.evaluate(
        text, [:], now: interpreter.now, host: interpreter.store), case .list(let items) = found
      {
        return items.compactMap { if case .string(let id) = $0 { id } else { nil } }
      }
    }
    let quoted = "\"\(definition.name)\""
    let read = try interpreter.store.statement(
      "SELECT \"objectId\" FROM \(quoted) ORDER BY \"objectId\"")
    defer { read.reset() }
    var ids: [String] = []
    while try read.step() { ids.append(read.text(0)) }
    return ids
  }
}
