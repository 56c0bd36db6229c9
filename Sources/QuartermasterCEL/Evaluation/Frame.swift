/// The memory of one evaluation: the values of variables by slot. Used by one thread at a time, and reused.
package final class Frame {
  /// The variables whose static type is no record.
  package let slots: UnsafeMutablePointer<Value>
  /// The variables whose static type is a record; nil is null.
  package let records: UnsafeMutablePointer<Record?>
  /// Where the values of macro variables stand: an element of the list that is gone through.
  let places: UnsafeMutablePointer<UnsafePointer<Value>>
  /// How many there are of each.
  package let layout: FrameLayout
  /// Where rows, relations and collections come from; nil when no expression reads records.
  package unowned(unsafe) var host: (any RecordHost)?
  /// The values of names that were not declared, for unchecked programs.
  package var activation: [String: Value] = [:]
  /// The errors of lazy variables, by the slot of their state.
  var lazyErrors: [Int: EvaluationError] = [:]
  /// What an observed program notes; nil when nobody asks.
  var observations: [Program.Observation]?
  /// How many steps of macros are left, in a place of its own: counting down must cost next to nothing.
  private let stepsLeft: UnsafeMutablePointer<Int>

  /// How many steps of macros may be taken until the frame's evaluations fail with ``EvaluationError/Code/limit``. Set it
  /// before each evaluation, or each operation, that is to be bounded.
  package var stepLimit: Int {
    get { stepsLeft.pointee }
    set { stepsLeft.pointee = newValue }
  }

  /// Counts one step.
  @inline(__always)
  func step(_ node: Node) throws(EvaluationError) {
    stepsLeft.pointee &-= 1
    if stepsLeft.pointee < 0 { throw Self.limit(node) }
  }

  /// Counts steps that a function takes at once.
  func steps(_ count: Int, _ node: Node) throws(EvaluationError) {
    stepsLeft.pointee &-= count
    if stepsLeft.pointee < 0 { throw Self.limit(node) }
  }

  @inline(never)
  private static func limit(_ node: Node) -> EvaluationError {
    EvaluationError(
      .limit, "this goes through more elements than one evaluation may; narrow it down first",
      range: node.range)
  }

  /// Creates a frame with room for a layout; all slots are null.
  package init(_ layout: FrameLayout, host: (any RecordHost)? = nil) {
    self.layout = layout
    self.host = host
    slots = .allocate(capacity: max(layout.slotCount, 1))
    slots.initialize(repeating: .null, count: max(layout.slotCount, 1))
    records = .allocate(capacity: max(layout.recordCount, 1))
    records.initialize(repeating: nil, count: max(layout.recordCount, 1))
    places = .allocate(capacity: max(layout.placeCount, 1))
    places.initialize(repeating: UnsafePointer(slots), count: max(layout.placeCount, 1))
    stepsLeft = .allocate(capacity: 1)
    stepsLeft.initialize(to: .max)
  }

  /// Puts a record into a slot without holding it: who lends it holds it until it takes the slot back. The slot must
  /// be empty, or lent.
  @inline(__always)
  func lend(_ record: Record, to slot: Int) {
    UnsafeMutableRawPointer(records + slot).storeBytes(
      of: UInt(bitPattern: Unmanaged.passUnretained(record).toOpaque()), as: UInt.self)
  }

  /// Empties a slot that was lent.
  @inline(__always)
  func takeBack(_ slot: Int) {
    UnsafeMutableRawPointer(records + slot).storeBytes(of: 0, as: UInt.self)
  }

  deinit {
    slots.deinitialize(count: max(layout.slotCount, 1))
    slots.deallocate()
    records.deinitialize(count: max(layout.recordCount, 1))
    records.deallocate()
    places.deallocate()
    stepsLeft.deallocate()
  }
}

/// How many slots a frame needs. Programs that run on one frame are planned with one layout.
package struct FrameLayout: Sendable {
  /// Slots of values.
  package private(set) var slotCount = 0
  /// Slots of records.
  package private(set) var recordCount = 0
  /// Places of macro variables.
  private(set) var placeCount = 0

  /// Creates an empty layout.
  package init() {}

  /// Takes the next slot for a value.
  package mutating func takeSlot() -> Int {
    slotCount += 1
    return slotCount - 1
  }

  /// Takes the next slot for a record.
  package mutating func takeRecord() -> Int {
    recordCount += 1
    return recordCount - 1
  }

  /// Makes room for a slot and a record that a variable says it has.
  mutating func cover(slot: Int = -1, record: Int = -1) {
    slotCount = max(slotCount, slot + 1)
    recordCount = max(recordCount, record + 1)
  }

  /// Makes room for what another program on the same frame needs.
  mutating func cover(_ other: FrameLayout) {
    cover(slot: other.slotCount - 1, record: other.recordCount - 1)
    placeCount = max(placeCount, other.placeCount)
  }

  /// Takes the next place for a macro variable.
  mutating func takePlace() -> Int {
    placeCount += 1
    return placeCount - 1
  }
}
