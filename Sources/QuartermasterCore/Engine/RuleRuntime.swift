internal import QuartermasterCEL

/// A rule with the memory in which it runs.
///
/// One interpreter, one thread.
///
/// A rule never runs while it runs: rounds go one firing after the other, and a before rule writes through no door.
final class RuleRuntime {
  /// The rule.
  let rule: CompiledRule
  /// The names and locals of a firing.
  let frame: Frame
  /// `becomes`, on a frame with the record alone.
  private let edge: (root: Node, frame: Frame)?
  /// `due`, likewise.
  private let due: (root: Node, frame: Frame)?
  /// The computed fields among the trigger's fields, and the stored ones by slot.
  private let slots: [Int]?
  private let computed: [ComputedField]
  private let watch: RuleWatch?

  init(
    _ rule: CompiledRule, schema: Schema, host: any RecordHost, computed: ComputedFields,
    watch: RuleWatch? = nil
  ) {
    self.rule = rule
    self.watch = watch
    frame = Frame(rule.layout, host: host)
    frame.branches = watch?.branches
    guard case .record(let trigger) = rule.trigger else {
      (edge, due, slots, self.computed) = (nil, nil, nil, [])
      return
    }
    edge = trigger.becomes.map { ($0.program.root, Frame($0.program.layout, host: host)) }
    edge?.frame.branches = watch?.branches
    due = trigger.due.map { ($0.root, Frame($0.layout, host: host)) }
    let fields = trigger.fields?.map { schema.classes[trigger.classIndex].fields[$0] }
    slots = fields?.compactMap(\.slot)
    self.computed = (fields ?? []).filter { $0.slot == nil }.compactMap {
      computed.field(trigger.classIndex, $0.index)
    }
  }

  /// The trigger, when a change of a record wakes the rule.
  var recordTrigger: CompiledTrigger.RecordTrigger? {
    if case .record(let trigger) = rule.trigger { trigger } else { nil }
  }

  /// Binds the names of a firing but those of a signal: the live record, the ends of a change, `now` and `actor`.
  func bind(_ record: Record?, _ change: Change?, now: Timestamp, actor: Record?) {
    let names = rule.names
    for slot in rule.lazySlots { frame.slots[slot] = .null }
    for action in rule.actions {
      if let k = action.result { frame.records[k] = nil }
    }
    if let k = names.now { frame.slots[k] = .timestamp(now) }
    if let k = names.actorRecord { frame.records[k] = actor }
    if let k = names.record { frame.records[k] = record }
    if let k = names.old { frame.records[k] = change?.oldRecord }
    if let k = names.new { frame.records[k] = change?.newRecord }
  }

  /// Returns whether one of the trigger's fields differs; true when the trigger names none.
  func fieldsDiffer(_ change: Change) throws(EvaluationError) -> Bool {
    guard let slots else { return true }
    if slots.contains(where: { change.differs(slot: $0) }) { return true }
    return try computedDiffer(change)
  }

  /// Returns whether class, kind, fields and `becomes` of the trigger hold for a change.
  ///
  /// - Throws: An error of `becomes` on the new version; one on the old version counts as false.
  func wakes(on change: Change) throws(EvaluationError) -> Bool {
    guard let trigger = recordTrigger, change.record.type.index == trigger.classIndex else {
      return false
    }
    switch change.kind {
    case .created: if !trigger.kinds.contains(.created) { return false }
    case .changed: if !trigger.kinds.contains(.changed) { return false }
    case .deleted: if !trigger.kinds.contains(.deleted) { return false }
    }
    if let slots {
      var differs = slots.contains { change.differs(slot: $0) }
      if !differs { differs = try computedDiffer(change) }
      if !differs { return false }
    }
    watch?.consider(rule)
    guard edge != nil else { return true }
    guard let now = change.newRecord ?? change.oldRecord, try holds(now) else {
      watch?.noteEdge(self, change, wasTrue: false)
      return false
    }
    guard let old = change.oldRecord, change.kind != .deleted else { return true }
    if !held(old) { return true }
    watch?.noteEdge(self, change, wasTrue: true)
    return false
  }

  /// Returns whether `becomes` was true for the version before a change; one that cannot be judged was not.
  private func held(_ old: Record) -> Bool {
    guard let log = watch?.branches else { return (try? holds(old)) ?? false }
    // What a change leaves behind is what the rule is asked about; the version before is only compared with.
    log.isPaused = true
    defer { log.isPaused = false }
    return (try? holds(old)) ?? false
  }

  /// Returns whether `becomes` is true for a record or a version of it.
  func holds(_ record: Record) throws(EvaluationError) -> Bool {
    guard let edge else { return true }
    // Lent: the caller holds it, and to take hold of it costs more than a comparison.
    edge.frame.lend(record, to: 0)
    defer { withExtendedLifetime(record) { edge.frame.takeBack(0) } }
    return try edge.root.evalBool(edge.frame)
  }

  /// Returns the instant that `due` gives for a record, or nil for null.
  func dueInstant(_ record: Record) throws(EvaluationError) -> Timestamp? {
    guard let due else { return nil }
    due.frame.lend(record, to: 0)
    defer { withExtendedLifetime(record) { due.frame.takeBack(0) } }
    switch try due.root.eval(due.frame) {
    case .null: return nil
    case .timestamp(let instant): return instant
    default:
      throw EvaluationError(.noSuchOverload, "due needs a timestamp", range: due.root.range)
    }
  }

  /// Returns the values that the conditions look at, with the texts of the operands; what cannot be read is left out.
  func operands() -> [(text: String, value: Value)] {
    var found: [(text: String, value: Value)] = []
    for operand in rule.operands {
      guard let value = try? operand.program.root.eval(frame) else { continue }
      found.append((operand.text, value))
    }
    return found
  }

  private func computedDiffer(_ change: Change) throws(EvaluationError) -> Bool {
    for field in computed {
      let old = try change.oldRecord.map { record throws(EvaluationError) in
        try field.value(of: record)
      }
      let new = try change.newRecord.map { record throws(EvaluationError) in
        try field.value(of: record)
      }
      if !Value.equal(old ?? .null, new ?? .null) { return true }
    }
    return false
  }
}

/// A computed field, planned.
final class ComputedField {
  private let root: Node
  private let frame: Frame

  init(program: Program, host: any RecordHost) {
    root = program.root
    frame = Frame(program.layout, host: host)
  }

  /// Returns the value for a record or a version of it.
  func value(of record: Record) throws(EvaluationError) -> Value {
    frame.lend(record, to: 0)
    defer { withExtendedLifetime(record) { frame.takeBack(0) } }
    return try root.eval(frame)
  }
}

/// The computed fields of a schema, planned when they are first asked for.
final class ComputedFields {
  private let schema: Schema
  private unowned let host: any RecordHost
  private var planned: [Int: ComputedField] = [:]

  init(schema: Schema, host: any RecordHost) {
    self.schema = schema
    self.host = host
  }

  /// Returns a computed field by class and place, or nil when it is not computed.
  func field(_ classIndex: Int, _ fieldIndex: Int) -> ComputedField? {
    let key = classIndex << 32 | fieldIndex
    if let found = planned[key] { return found }
    let definition = schema.classes[classIndex]
    guard case .computed(let checked) = definition.fields[fieldIndex].kind else { return nil }
    var layout = FrameLayout()
    let place = layout.takeRecord()
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    environment.declare(
      VariableDeclaration(
        definition.variable, .record(definition.name), storage: .record(place)))
    let made = ComputedField(
      program: environment.plan(checked, layout: &layout), host: host)
    planned[key] = made
    return made
  }
}
