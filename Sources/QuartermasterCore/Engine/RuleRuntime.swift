internal import QuartermasterCEL

/// A rule with the memory in which it runs.
///
/// One interpreter, one thread.
///
/// A rule never runs while it runs: rounds go one firing after the other, and a before rule writes through no door.
///
/// What is asked for each change that may wake the rule lies in the object itself: of ten thousand rules each is far
/// from the processor when its turn comes.
final class RuleRuntime {
  /// The rule.
  let rule: CompiledRule
  /// What he may do in whose name the rule is compiled; nil for the system.
  let view: AccessView?
  /// Whether the rule acts in somebody's name, and is compiled anew for each.
  let isLimited: Bool
  /// Whether he in whose name it runs may not see who acts.
  var hidesActor = false
  /// The names and locals of a firing.
  let frame: Frame
  /// The names that are bound anew for each firing.
  let places: Places
  /// How many conditions there are, and what runs of the first of them.
  let conditionCount: Int
  private let firstCondition: Node?
  private let conditions: ContiguousArray<Node>
  /// The class whose changes wake the rule, and which of them; -1 for none.
  private let classIndex: Int
  private let kinds: CompiledTrigger.RecordTrigger.Kinds
  /// The records that actions bind, and the values that are computed when they are first used.
  private let results: [Int]
  private let lazySlots: [Int]
  /// `becomes`.
  private let edge: RecordProgram?
  /// `due`.
  private let due: RecordProgram?
  /// The stored fields among the trigger's fields, and the computed ones; nil when it names none.
  private let slots: SlotSet?
  private let computed: [RecordProgram]
  private let watch: RuleWatch?

  /// Places in the frame; -1 for a name that nothing reads.
  struct Places {
    let record: Int32, old: Int32, new: Int32, now: Int32, actor: Int32
    /// Whether a signal gives names besides.
    let hasPayload: Bool

    init(_ names: RuleNames) {
      func place(_ place: Int?) -> Int32 { Int32(place ?? -1) }
      (record, old, new) = (place(names.record), place(names.old), place(names.new))
      (now, actor) = (place(names.now), place(names.actorRecord))
      hasPayload = !names.payload.isEmpty
    }
  }

  init(
    _ rule: CompiledRule, schema: Schema, host: any RecordHost, computed: ComputedFields,
    watch: RuleWatch? = nil, view: AccessView? = nil
  ) {
    self.rule = rule
    self.view = view
    isLimited = rule.authority != .system && view == nil
    self.watch = watch
    frame = Frame(rule.layout, host: host)
    frame.branches = watch?.branches
    places = Places(rule.names)
    conditions = ContiguousArray(rule.conditions.map(\.program.root))
    conditionCount = conditions.count
    firstCondition = conditions.first
    results = rule.actions.compactMap(\.result)
    lazySlots = rule.lazySlots
    guard case .record(let trigger) = rule.trigger else {
      (edge, due, slots, self.computed) = (nil, nil, nil, [])
      (classIndex, kinds) = (-1, [])
      return
    }
    (classIndex, kinds) = (trigger.classIndex, trigger.kinds)
    edge = trigger.becomes.map {
      RecordProgram($0.program, host: host, branches: watch?.branches)
    }
    due = trigger.due.map { RecordProgram($0, host: host) }
    let fields = trigger.fields?.map { schema.classes[trigger.classIndex].fields[$0] }
    slots = fields.map { fields in
      fields.compactMap(\.slot).reduce(into: SlotSet()) { $0.insert($1) }
    }
    self.computed = (fields ?? []).filter { $0.slot == nil }.compactMap {
      computed.field(trigger.classIndex, $0.index)
    }
  }

  /// The trigger, when a change of a record wakes the rule.
  var recordTrigger: CompiledTrigger.RecordTrigger? {
    if case .record(let trigger) = rule.trigger { trigger } else { nil }
  }

  /// Returns what runs of a condition.
  func condition(_ place: Int) -> Node {
    if place == 0, let firstCondition { return firstCondition }
    return conditions[place]
  }

  /// Binds the names of a firing but those of a signal: the live record, the ends of a change, `now` and `actor`.
  ///
  /// For a runtime to which nothing is ever lent; those of an interpreter are lent to.
  func bind(_ record: Record?, _ change: Change?, now: Timestamp, actor: Record?) {
    bind(now)
    let names = rule.names
    if let k = names.actorRecord { frame.records[k] = actor }
    if let k = names.record { frame.records[k] = record }
    if let k = names.old { frame.records[k] = change?.oldRecord }
    if let k = names.new { frame.records[k] = change?.newRecord }
  }

  /// Binds the same names without holding the records: a rule whose condition is not true costs little more than the
  /// condition.
  ///
  /// The caller holds the record, the change and the actor until it calls ``takeBack()``.
  func lend(_ record: Record?, _ change: Change?, now: Timestamp, actor: Record?) {
    bind(now)
    lend(actor, to: places.actor)
    lend(record, to: places.record)
    if places.old >= 0 { lend(change?.oldRecord, to: places.old) }
    if places.new >= 0 { lend(change?.newRecord, to: places.new) }
  }

  /// Lends another record than that of the change: the incoming row of a before rule, or a version of it.
  func lend(_ record: Record?, to place: Int32) {
    if place < 0 { return }
    if let record {
      frame.lend(record, to: Int(place))
    } else {
      frame.takeBack(Int(place))
    }
  }

  /// Empties the names that were lent.
  func takeBack() {
    lend(nil, to: places.actor)
    lend(nil, to: places.record)
    lend(nil, to: places.old)
    lend(nil, to: places.new)
  }

  /// Binds `now`, and empties what an earlier firing left.
  private func bind(_ now: Timestamp) {
    for slot in lazySlots { frame.slots[slot] = .null }
    for k in results { frame.records[k] = nil }
    if places.now >= 0 { frame.slots[Int(places.now)] = .timestamp(now) }
  }

  /// Returns whether one of the trigger's fields differs; true when the trigger names none.
  func fieldsDiffer(_ change: Change) throws(EvaluationError) -> Bool {
    guard let slots else { return true }
    if change.differs(in: slots) { return true }
    return try computedDiffer(change)
  }

  /// Returns whether class, kind, fields and `becomes` of the trigger hold for a change.
  ///
  /// - Throws: An error of `becomes` on the new version; one on the old version counts as false.
  func wakes(on change: Change) throws(EvaluationError) -> Bool {
    guard change.record.type.index == classIndex, kinds.contains(change.kind.asSet) else {
      return false
    }
    if let slots {
      var differs = change.differs(in: slots)
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
    return try edge.holds(record)
  }

  /// Returns the instant that `due` gives for a record, or nil for null.
  func dueInstant(_ record: Record) throws(EvaluationError) -> Timestamp? {
    guard let due else { return nil }
    switch try due.value(of: record) {
    case .null: return nil
    case .timestamp(let instant): return instant
    default:
      throw EvaluationError(
        .noSuchOverload, "due needs a timestamp", range: due.program.root.range)
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

/// The computed fields of a schema, planned when they are first asked for.
final class ComputedFields {
  private let schema: Schema
  private unowned let host: any RecordHost
  private var planned: [Int: RecordProgram] = [:]

  init(schema: Schema, host: any RecordHost) {
    self.schema = schema
    self.host = host
  }

  /// Returns a computed field by class and place, or nil when it is not computed.
  func field(_ classIndex: Int, _ fieldIndex: Int) -> RecordProgram? {
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
    let made = RecordProgram(environment.plan(checked, layout: &layout), host: host)
    planned[key] = made
    return made
  }
}
