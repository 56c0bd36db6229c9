/// A value that is known before anything runs.
final class ConstantNode: Node, @unchecked Sendable {
  private let value: UnsafeMutablePointer<Value>
  // The forms in which it is asked for most.
  private let int: Int64?
  private let double: Double?
  private let decimal: ExactDecimal?

  init(_ value: Value, range: Range<Int>) {
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
    if case .int(let number) = value { int = number } else { int = nil }
    if case .double(let number) = value { double = number } else { double = nil }
    switch value {
    case .decimal(let number): decimal = number
    case .int(let number): decimal = ExactDecimal(number)
    default: decimal = nil
    }
    super.init(at: range)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { value.pointee }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    guard let int else { throw mismatch(value.pointee, "an integer") }
    return int
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    guard let double else { throw mismatch(value.pointee, "a double") }
    return double
  }
  override func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    guard let decimal else { throw mismatch(value.pointee, "a decimal") }
    return decimal
  }
  override var hasPlace: Bool { true }
  override func place(_ frame: Frame) -> UnsafePointer<Value> { place }
  /// Where the value stands, as long as this node is there.
  var place: UnsafePointer<Value> { UnsafePointer(value) }
  override var constant: Value? { value.pointee }
}

/// A node whose value stands somewhere: reads it there, in every form.
class PlacedNode: Node, @unchecked Sendable {
  override final func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try place(frame).pointee
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let place = try place(frame)
    guard case .bool(let flag) = place.pointee else {
      throw mismatch(place.pointee, "true or false")
    }
    return flag
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 {
    let place = try place(frame)
    guard case .int(let number) = place.pointee else { throw mismatch(place.pointee, "an integer") }
    return number
  }
  override func evalDouble(_ frame: Frame) throws(EvaluationError) -> Double {
    let place = try place(frame)
    guard case .double(let number) = place.pointee else {
      throw mismatch(place.pointee, "a double")
    }
    return number
  }
  override final func evalDecimal(_ frame: Frame) throws(EvaluationError) -> ExactDecimal {
    let place = try place(frame)
    switch place.pointee {
    case .decimal(let number): return number
    case .int(let number): return ExactDecimal(number)
    default: throw mismatch(place.pointee, "a decimal")
    }
  }
  override final func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    let place = try place(frame)
    switch place.pointee {
    case .record(let record): return record
    case .null: return nil
    default: throw mismatch(place.pointee, "a record")
    }
  }
  override final func evalIsNull(_ frame: Frame) throws(EvaluationError) -> Bool {
    if case .null = try place(frame).pointee { true } else { false }
  }
  override final var hasPlace: Bool { true }
}

/// A variable in `frame.slots`.
final class SlotNode: PlacedNode, @unchecked Sendable {
  let slot: Int
  init(_ slot: Int, range: Range<Int>) {
    self.slot = slot
    super.init(at: range)
  }
  override func place(_ frame: Frame) -> UnsafePointer<Value> { UnsafePointer(frame.slots + slot) }
}

/// A macro variable that is no record.
final class ElementNode: PlacedNode, @unchecked Sendable {
  let index: Int
  init(_ index: Int, range: Range<Int>) {
    self.index = index
    super.init(at: range)
  }
  override func place(_ frame: Frame) -> UnsafePointer<Value> { frame.places[index] }
}

/// A variable in `frame.records`.
final class RecordNode: Node, @unchecked Sendable {
  let slot: Int
  init(_ slot: Int, range: Range<Int>) {
    self.slot = slot
    super.init(at: range)
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    frame.records[slot].map(Value.record) ?? .null
  }
  override func evalRecord(_ frame: Frame) throws(EvaluationError) -> Record? {
    frame.records[slot]
  }
  override func evalID(_ frame: Frame) throws(EvaluationError) -> String? {
    frame.records[slot]?.id
  }
  override func evalIsNull(_ frame: Frame) throws(EvaluationError) -> Bool {
    frame.records[slot] == nil
  }
}

/// All records of a class.
final class CollectionNode: Node, @unchecked Sendable {
  let type: RecordType
  init(_ type: RecordType, range: Range<Int>) {
    self.type = type
    super.init(at: range)
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    do {
      let items = try frame.needHost().all(type)
      try frame.steps(items.count, self)
      return .list(items)
    } catch { throw error.at(range) }
  }
}

/// A variable that is computed when it is first used.
final class LazyNode: PlacedNode, @unchecked Sendable {
  private let value: Int
  private let state: Int
  private let program: Program

  init(value: Int, state: Int, _ program: Program, range: Range<Int>) {
    self.value = value
    self.state = state
    self.program = program
    super.init(at: range)
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    switch frame.slots[state] {
    case .bool(true): break
    case .bool(false):
      throw frame.lazyErrors[state]
        ?? EvaluationError(.unknownName, "this variable failed before", range: range)
    default:
      do {
        frame.slots[value] = try program.root.eval(frame)
        frame.slots[state] = .bool(true)
      } catch {
        // The place is in the variable's own text, which another message may need to show.
        if error.source == nil { error.source = program.source }
        frame.slots[state] = .bool(false)
        frame.lazyErrors[state] = error
        throw error
      }
    }
    return UnsafePointer(frame.slots + value)
  }
}

/// A variable whose value is given by name: looked up once, and kept in a slot.
final class ActivationNode: PlacedNode, @unchecked Sendable {
  private let name: String
  private let slot: Int

  init(_ name: String, slot: Int, range: Range<Int>) {
    self.name = name
    self.slot = slot
    super.init(at: range)
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    if case .null = frame.slots[slot] { try lookUp(frame) }
    return UnsafePointer(frame.slots + slot)
  }

  @inline(never)
  private func lookUp(_ frame: Frame) throws(EvaluationError) {
    guard let value = frame.activation[name] else {
      throw EvaluationError(.unknownName, "`\(name)` was given no value", range: range)
    }
    frame.slots[slot] = value
  }
}

/// A name of an unchecked text: found when it is evaluated, in the order in which the definition tries it.
final class UncheckedNameNode: Node, @unchecked Sendable {
  /// What the name, or a leading part of the chain that it begins, may be.
  struct Candidate {
    let name: String
    /// A variable or type of the environment of that name.
    let declared: Node?
    /// The rest of the chain.
    let fields: [String]
  }

  private let text: String
  private let candidates: [Candidate]

  init(_ text: String, _ candidates: [Candidate], range: Range<Int>) {
    self.text = text
    self.candidates = candidates
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    for candidate in candidates {
      var value: Value
      if let given = frame.activation[candidate.name] {
        value = given
      } else if let declared = candidate.declared {
        value = try declared.eval(frame)
      } else {
        continue
      }
      do {
        for field in candidate.fields { value = try value.selecting(field, frame) }
      } catch { throw error.at(range) }
      return value
    }
    throw EvaluationError(.unknownName, "`\(text)` is not defined", range: range)
  }
}

/// Something that cannot be evaluated: known when it was planned, an error when it is reached.
final class FailureNode: Node, @unchecked Sendable {
  private let code: EvaluationError.Code
  private let message: String
  init(_ code: EvaluationError.Code, _ message: String, range: Range<Int>) {
    self.code = code
    self.message = message
    super.init(at: range)
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    throw EvaluationError(code, message, range: range)
  }
}

extension Frame {
  /// Returns the host, or fails where an expression reads records without one.
  @inline(__always)
  func needHost() throws(EvaluationError) -> any RecordHost {
    guard let host else {
      throw EvaluationError(.storage, "there is no store to read records from")
    }
    return host
  }
}
