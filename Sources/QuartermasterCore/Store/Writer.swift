package import QuartermasterCEL

/// What a write gives for a field.
package enum FieldInput {
  /// A value of the language: of an expression, a literal or a host.
  case value(Value)
  /// A change of the stored value, such as `{"__op": "Increment", "amount": -5}`.
  case update(FieldUpdate)
}

/// A field and what a write gives for it.
package typealias FieldAssignment = (field: FieldDefinition, input: FieldInput)

/// The one door: every write of a host, a rule, an import or a timer goes through it.
///
/// A write decodes and types its values, checks pointers, lets the before rules set fields or refuse, checks the
/// schema, writes the row, and changes the roll-ups of its parents by the difference, each a change of the parent.
/// It is used inside an operation of its store; whoever calls it marks and undoes.
package final class Writer {
  /// Where it writes.
  package let store: Store
  /// The rules; without them none run and nobody notes what was touched.
  @exclusivity(unchecked) package unowned(unsafe) var hooks: (any WriteHooks)?

  /// What becomes of passwords in clear.
  package var passwords = PasswordHasher.locking

  let plans: [WritePlan]
  let rollUps: RollUps
  /// What is kept beside users; nil where the schema has none who log in.
  let accounts: AccountLedger?

  /// Creates a writer on an open store.
  package init(store: Store) throws(Refusal) {
    self.store = store
    plans = store.schema.classes.map { WritePlan($0, in: store.schema) }
    rollUps = try RollUps(store: store)
    accounts = AccountLedger(store)
  }

  // MARK: Creating

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - definition: Its class.
  ///   - id: Its id; nil for one that the store makes. An id that is there is refused.
  ///   - values: The fields that are given; the others take their defaults.
  ///   - rules: Whether the before rules run.
  /// - Returns: The record, live.
  /// - Throws: A refusal that says what does not fit, or that a rule said no.
  package func create(
    _ definition: ClassDefinition, id: String? = nil, values: [FieldAssignment],
    rules: Bool = true
  ) throws(Refusal) -> Record {
    let plan = plans[definition.index]
    let type = definition.recordType
    var record: Record
    if let id {
      try Self.check(id, of: definition)
      record = store.record(type, id)
      if try store.existing(type, id) != nil {
        throw Refusal(.schema, "\(definition.name)/\(id) is there already")
      }
    } else {
      record = store.record(type, try store.newID())
    }
    let row = store.emptyRow(type)
    for slot in ClassDefinition.firstFieldSlot..<plan.initialValues.count {
      row.values[slot] = plan.initialValues[slot]
    }
    row.values[ClassDefinition.createdAtSlot] = .timestamp(store.now)
    row.values[ClassDefinition.updatedAtSlot] = .timestamp(store.now)
    try assign(values, to: row, of: definition, stored: nil)
    for (field, slot, format) in plan.sequences {
      guard case .null = row.values[slot] else { continue }
      row.values[slot] = .string(try number(of: field, slot, format, in: definition))
    }
    try checkPointers(of: record, row, was: nil, plan)
    if rules, let hooks {
      let mayDiffer = try hooks.before(record, old: nil, row: row)
      try checkFilled(row, plan)
      try definition.validate(row, was: nil)
      if mayDiffer { try checkPointers(of: record, row, was: nil, plan) }
    } else {
      try checkFilled(row, plan)
      try definition.validate(row, was: nil)
    }
    while !(try store.insert(record, row, isNew: id == nil)) {
      // Somebody chose the id that was next for a record of their own.
      record = store.record(type, try store.newID())
    }
    hooks?.touched(record, was: nil)
    try follow(record, old: nil, new: row)
    try rollUps.follow(record, old: nil, new: row, changed: nil, hooks)
    return record
  }

  /// Returns the next number that no record has, when numbers must be unique: records may have come with their own.
  private func number(
    of field: FieldDefinition, _ slot: Int, _ format: SequenceFormat, in definition: ClassDefinition
  ) throws(Refusal) -> String {
    while true {
      let text = format.text(try store.nextNumber(of: field, in: definition))
      if !field.isUnique { return text }
      if try store.first(definition, where: [(slot, .string(text))]) == nil { return text }
    }
  }

  // MARK: Changing

  /// Sets fields of a record; a write that changes no value does nothing.
  ///
  /// - Returns: Whether anything changed.
  @discardableResult
  package func set(_ record: Record, values: [FieldAssignment], rules: Bool = true)
    throws(Refusal) -> Bool
  {
    let plan = plans[record.type.index]
    let old = try current(record)
    let row = Row.copy(old)
    try assign(values, to: row, of: plan.definition, stored: old)
    var changed = Self.difference(row, old, plan)
    if changed.isEmpty { return false }
    if !changed.isDisjoint(with: plan.pointerSlots) {
      try checkPointers(of: record, row, was: old, plan)
    }
    let hooks = hooks
    if rules, let hooks, try hooks.before(record, old: old, row: row) {
      changed = Self.difference(row, old, plan)
      if changed.isEmpty { return false }
      try checkFilled(row, plan)
      try plan.definition.validate(row, was: old)
      if !changed.isDisjoint(with: plan.pointerSlots) {
        try checkPointers(of: record, row, was: old, plan)
      }
    } else {
      try checkFilled(row, plan)
      try plan.definition.validate(row, was: old)
    }
    try write(record, row, over: old, changed: changed, plan, hooks)
    return true
  }

  /// Stamps and writes a row whose fields were judged, and what follows from it.
  private func write(
    _ record: Record, _ row: Row, over old: Row, changed: SlotSet, _ plan: WritePlan,
    _ hooks: (any WriteHooks)?
  ) throws(Refusal) {
    var columns = changed
    row.values[ClassDefinition.updatedAtSlot] = .timestamp(store.now)
    let stamp = ClassDefinition.updatedAtSlot
    if !Value.equal(at: row.values + stamp, old.values + stamp) { columns.insert(stamp) }
    try store.update(record, row, over: old, columns)
    hooks?.touched(record, was: old)
    try follow(record, old: old, new: row)
    try rollUps.follow(record, old: old, new: row, changed: columns, hooks)
  }

  /// Puts values into an incoming row, typed as its fields say.
  ///
  /// For before rules, and for the writer itself.
  ///
  /// - Parameters:
  ///   - values: The fields and what they are given.
  ///   - row: The incoming row.
  ///   - definition: The class.
  ///   - stored: The row that operators such as Increment are applied to; nil for a record that is not there yet,
  ///     whose fields count as null, not as their defaults.
  /// - Throws: A refusal when a value is of the wrong type, or a field is computed.
  package func assign(
    _ values: [FieldAssignment], to row: Row, of definition: ClassDefinition, stored: Row? = nil
  ) throws(Refusal) {
    for (field, input) in values {
      guard field.isWritable, let slot = field.slot else {
        throw Refusal(
          .schema, "\(definition.name).\(field.name) is computed; set the fields it is made from")
      }
      switch input {
      case .value(let value):
        row.values[slot] = try field.accept(value, class: definition.name)
      case .update(let update):
        row.values[slot] = try update.apply(
          to: stored?.values[slot] ?? .null, field, class: definition.name)
      }
      if field.isPassword, case .string(let text) = row.values[slot] {
        row.values[slot] = .string(try passwords.kept(text, field, class: definition.name))
      }
    }
  }

  // MARK: Checks

  /// Returns the row of a record that is there.
  func current(_ record: Record) throws(Refusal) -> Row {
    if record.isUnloaded { try store.fetch(record) }
    if record.isLive, let row = record.row { return row }
    throw Refusal(
      .error, "\(record.type.name)/\(record.id) cannot be set: \(store.fate(of: record))")
  }

  /// Returns the slots of the class's own fields in which two rows differ.
  private static func difference(_ row: Row, _ old: Row, _ plan: WritePlan) -> SlotSet {
    var slots = SlotSet()
    let (new, was) = (row.values, old.values)
    for slot in ClassDefinition.firstFieldSlot..<plan.slotCount
    where !Value.equal(at: new + slot, was + slot) { slots.insert(slot) }
    return slots
  }

  /// Refuses pointers to nothing, apart from those that were there before.
  private func checkPointers(of record: Record, _ row: Row, was old: Row?, _ plan: WritePlan)
    throws(Refusal)
  {
    for place in plan.pointers.indices {
      let slot = plan.pointers[place].slot
      if let old, Value.equal(at: row.values + slot, old.values + slot) { continue }
      let pointer = plan.pointers[place]
      guard case .string(let id) = row.values[slot] else { continue }
      if pointer.target === record.type, UTF8Text.equal(id, record.id) { continue }
      if try store.existing(pointer.target, id) == nil {
        throw Self.missing(pointer.field, of: plan.definition, pointer.target.name, id)
      }
    }
  }

  /// A pointer to nothing.
  static func missing(
    _ field: FieldDefinition, of definition: ClassDefinition, _ target: String, _ id: String
  ) -> Refusal {
    Refusal(
      .schema,
      "\(definition.name).\(field.name) points at \(target)/\(id), which is not there")
  }

  /// Refuses null where rules may rely on a value because the field has a default.
  private func checkFilled(_ row: Row, _ plan: WritePlan) throws(Refusal) {
    let values = row.values
    for place in plan.filledSlots.indices {
      guard case .null = values[plan.filledSlots[place]] else { continue }
      let field = plan.filled[place].field
      throw Refusal(
        .schema,
        "\(plan.definition.name).\(field.name) may not be null: it has a default, so that rules "
          + "can rely on a value")
    }
  }

  /// The greatest length of an id, in bytes.
  private static let maximumIDLength = 255

  private static func check(_ id: String, of definition: ClassDefinition) throws(Refusal) {
    if id.isEmpty {
      throw Refusal(.schema, "the id of a \(definition.name) may not be empty")
    }
    if id.utf8.count > maximumIDLength {
      throw Refusal(
        .schema,
        "the id of a \(definition.name) has \(id.utf8.count) bytes; the limit is "
          + "\(maximumIDLength)")
    }
    // In permissions of records these are no users.
    if !AccountClass.isAllowed(id: id) {
      throw Refusal(
        .schema,
        "the id of a \(definition.name) may not be `\(id)`: in permissions of records that means "
          + "everyone, or a role")
    }
    if id.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw Refusal(
        .schema,
        "the id of a \(definition.name) holds a control character; use text without "
          + "tabs and line ends")
    }
  }
}
