extension Record {
  /// The values of the record's row where it is there to be read at once.
  @inline(__always)
  var ready: UnsafeMutablePointer<Value>? {
    switch state {
    case .live, .pinned: values
    case .unloaded, .deleted: nil
    }
  }

  /// Returns the values of the record's row, loaded if need be.
  ///
  /// - Throws: ``EvaluationError/Code/deletedRecord`` when there is no such record any more.
  @inline(__always)
  func read(_ frame: Frame) throws(EvaluationError) -> UnsafeMutablePointer<Value> {
    switch state {
    case .live, .pinned: return values
    case .unloaded, .deleted: return try readSlowly(frame)
    }
  }

  @inline(never)
  private func readSlowly(_ frame: Frame) throws(EvaluationError) -> UnsafeMutablePointer<Value> {
    let host = try frame.needHost()
    if isUnloaded { try host.load(self) }
    if isDeleted {
      throw EvaluationError(.deletedRecord, "\(type.name) \(id) is gone: \(host.fate(of: self))")
    }
    return values
  }
}

extension EvaluationError {
  /// A field was taken from null.
  @inline(never)
  static func selectingNull(_ field: String, _ operand: String) -> EvaluationError {
    EvaluationError(.nullValue, "`\(operand)` is null, so it has no `\(field)`")
  }
}

/// What the nodes of fields share: the names for messages.
class FieldNode: PlacedNode, @unchecked Sendable {
  let field: String
  let operandText: String

  init(field: String, operandText: String, range: Range<Int>) {
    self.field = field
    self.operandText = operandText
    super.init(at: range)
  }

  @inline(never)
  final func null() -> EvaluationError { .selectingNull(field, operandText).at(range) }
}

/// A stored field of a variable: `order.total`.
final class VariableFieldNode: FieldNode, @unchecked Sendable {
  let record: Int
  let slot: Int

  init(record: Int, slot: Int, field: String, operandText: String, range: Range<Int>) {
    self.record = record
    self.slot = slot
    super.init(field: field, operandText: operandText, range: range)
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    if let values = frame.values(record) { return UnsafePointer(values + slot) }
    return try load(frame)
  }

  // The forms that conditions ask for most, without going through ``place(_:)``.
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if let values = frame.values(record), case .bool(let flag) = values[slot] { return flag }
    return try super.evalBool(frame)
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    if let values = frame.values(record), case .int(let number) = values[slot] { return number }
    return try super.evalInt(frame)
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    if let values = frame.values(record), case .double(let number) = values[slot] { return number }
    return try super.evalDouble(frame)
  }

  @inline(never)
  private func load(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    guard let record = frame.records[record] else { throw null() }
    do { return UnsafePointer(try record.read(frame) + slot) } catch { throw error.at(range) }
  }
}

/// A stored field of any other record: `line.product.name`.
final class StoredFieldNode: FieldNode, @unchecked Sendable {
  private let operand: Node
  private let slot: Int

  init(_ operand: Node, slot: Int, field: String, operandText: String, range: Range<Int>) {
    self.operand = operand
    self.slot = slot
    super.init(field: field, operandText: operandText, range: range)
  }

  // The forms that conditions ask for most, without going through ``place(_:)``.
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if let values = try values(frame), case .bool(let flag) = values[slot] { return flag }
    return try super.evalBool(frame)
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    if let values = try values(frame), case .int(let number) = values[slot] { return number }
    return try super.evalInt(frame)
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    if let values = try values(frame), case .double(let number) = values[slot] { return number }
    return try super.evalDouble(frame)
  }

  /// Returns the values of the record where they are there to be read at once.
  @inline(__always)
  private func values(_ frame: Frame) throws(EvaluationError) -> UnsafeMutablePointer<Value>? {
    guard let record = try operand.lentRecord(frame) else { return nil }
    return record._withUnsafeGuaranteedRef { $0.ready }
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    guard let record = try operand.lentRecord(frame) else { throw null() }
    if let values = record._withUnsafeGuaranteedRef({ $0.ready }) {
      return UnsafePointer(values + slot)
    }
    return try load(record, frame)
  }

  @inline(never)
  private func load(
    _ record: Unmanaged<Record>, _ frame: Frame
  ) throws(EvaluationError) -> UnsafePointer<Value> {
    let record = record.takeUnretainedValue()
    do { return UnsafePointer(try record.read(frame) + slot) } catch { throw error.at(range) }
  }
}

/// A pointer: its row holds an id, its value is the live record of that id.
final class PointerNode: Node, @unchecked Sendable {
  /// The node of the stored field, whose value is the id.
  let stored: PlacedNode
  let target: RecordType
  /// Where the id stands when it is a field of a variable; -1 for another.
  private let record: Int
  private let slot: Int

  init(_ stored: PlacedNode, target: RecordType) {
    self.stored = stored
    self.target = target
    let field = stored as? VariableFieldNode
    record = field?.record ?? -1
    slot = field?.slot ?? 0
    super.init(at: stored.range)
  }

  override func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    let place = try stored.place(frame)
    guard case .string(let id) = place.pointee else { return nil }
    return try frame.needHost().record(target, id)
  }
  override func lentRecord(_ frame: Frame) throws(EvaluationError) -> Unmanaged<Record>? {
    let place: UnsafePointer<Value>
    if record >= 0, let values = frame.values(record) {
      place = UnsafePointer(values + slot)
    } else {
      place = try stored.place(frame)
    }
    guard case .string(let id) = place.pointee else { return nil }
    if let maps = frame.recordMaps {
      return maps[target.index]._withUnsafeGuaranteedRef { $0.record(id) }
    }
    return try frame.needHost().lent(target, id)
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try evalRecord(frame).map(Value.record) ?? .null
  }
  override func evalID(_ frame: Frame) throws(EvaluationError) -> String? {
    if case .string(let id) = try stored.place(frame).pointee { id } else { nil }
  }
  override func evalIsNull(_ frame: Frame) throws(EvaluationError) -> Bool {
    try stored.evalIsNull(frame)
  }
}

/// `order.objectId`.
final class IDNode: Node, @unchecked Sendable {
  private let operand: Node
  private let operandText: String

  init(_ operand: Node, operandText: String, range: Range<Int>) {
    self.operand = operand
    self.operandText = operandText
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    guard let id = try operand.evalID(frame) else {
      throw .selectingNull("objectId", operandText).at(range)
    }
    return .string(id)
  }
}

/// The records that point at one: `order.lines`.
final class RelationNode: Node, @unchecked Sendable {
  private let operand: Node
  private let relation: RecordField.Relation
  private let field: String
  private let operandText: String

  init(
    _ operand: Node, _ relation: RecordField.Relation, field: String, operandText: String,
    range: Range<Int>
  ) {
    self.operand = operand
    self.relation = relation
    self.field = field
    self.operandText = operandText
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    guard let record = try operand.evalRecord(frame) else {
      throw .selectingNull(field, operandText).at(range)
    }
    do {
      let value = try frame.needHost().related(record, relation)
      if case .list(let items) = value { try frame.steps(items.count, self) }
      return value
    } catch { throw error.at(range) }
  }
}

/// A computed field: its own expression, with the record in a slot.
final class ComputedNode: Node, @unchecked Sendable {
  /// The record; nil when it is in the slot already.
  private let operand: Node?
  private let slot: Int
  private let body: Node
  private let field: String
  private let operandText: String

  init(
    _ operand: Node?, slot: Int, body: Node, field: String, operandText: String, range: Range<Int>
  ) {
    self.operand = operand
    self.slot = slot
    self.body = body
    self.field = field
    self.operandText = operandText
    super.init(at: range)
  }

  /// Evaluates the body with the record in its slot, held until it is done.
  @inline(__always)
  private func with<R>(
    _ frame: Frame, _ evaluate: () throws(EvaluationError) -> R
  ) throws(EvaluationError) -> R {
    guard let operand else {
      if frame.records[slot] == nil { throw .selectingNull(field, operandText).at(range) }
      do { return try evaluate() } catch { throw outer(error) }
    }
    guard let record = try operand.evalRecord(frame) else {
      throw .selectingNull(field, operandText).at(range)
    }
    frame.lend(record, to: slot)
    defer {
      frame.takeBack(slot)
      withExtendedLifetime(record) {}
    }
    do { return try evaluate() } catch { throw outer(error) }
  }

  /// The error of the field's expression as one of this text: its place would be in the schema.
  @inline(never)
  private func outer(_ error: EvaluationError) -> EvaluationError {
    EvaluationError(
      error.code, "the computed field `\(field)` failed: \(error.message)", range: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try with(frame) { () throws(EvaluationError) in try body.eval(frame) }
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    try with(frame) { () throws(EvaluationError) in try body.evalBool(frame) }
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    try with(frame) { () throws(EvaluationError) in try body.evalInt(frame) }
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    try with(frame) { () throws(EvaluationError) in try body.evalDouble(frame) }
  }
  override func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    try with(frame) { () throws(EvaluationError) in try body.evalDecimal(frame) }
  }
}

/// One record by class and id, or null: `Inventory["000123"]`.
final class LookUpNode: Node, @unchecked Sendable {
  private let type: RecordType
  private let id: Node

  init(_ type: RecordType, id: Node, range: Range<Int>) {
    self.type = type
    self.id = id
    super.init(at: range)
  }

  override func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    let value = try id.eval(frame)
    guard case .string(let id) = value else {
      throw EvaluationError(
        .noSuchOverload,
        "a record of \(type.name) is found by its id, a text, not \(value.kindText)",
        range: range)
    }
    do {
      let host = try frame.needHost()
      let record = host.record(type, id)
      if record.isUnloaded { try host.load(record) }
      return record.isDeleted ? nil : record
    } catch { throw error.at(range) }
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try evalRecord(frame).map(Value.record) ?? .null
  }
}

/// `has(order.customer)` of a field: whether it is not null, and of a relation whether there are any.
final class HasNode: Node, @unchecked Sendable {
  private let field: Node
  init(_ field: Node, range: Range<Int>) {
    self.field = field
    super.init(at: range)
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    .bool(try evalBool(frame))
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    guard field is RelationNode else { return try !field.evalIsNull(frame) }
    switch try field.eval(frame) {
    case .null: return false
    case .list(let items): return !items.isEmpty
    default: return true
    }
  }
}
