/// The memory of one evaluation: the values of variables by slot.
///
/// Used by one thread at a time, and reused.
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
  package unowned(unsafe) let host: (any RecordHost)?
  /// Its records in memory: to ask the host itself for one would cost more than to find it.
  let recordMaps: UnsafePointer<Unmanaged<RecordMap>>?
  /// The values of variables that were declared without a place, and, for unchecked programs, of any name.
  @exclusivity(unchecked) package var activation: [String: Value] = [:] {
    didSet { for given in layout.given { slots[given.slot] = .null } }
  }
  /// The errors of lazy variables, by the slot of their state.
  var lazyErrors: [Int: EvaluationError] = [:]
  /// What an observed program notes; nil when nobody asks.
  @exclusivity(unchecked) var observations: [Program.Observation]?
  /// Where programs that were planned with branches note what was true and what was false.
  @exclusivity(unchecked) package var branches: BranchLog?
  /// How many steps of macros are left, in a place of its own: counting down must cost next to nothing.
  private let stepsLeft: UnsafeMutablePointer<Int>
  /// Where all of these stand.
  private let memory: UnsafeMutableRawPointer

  /// How many steps of macros may be taken until evaluations fail with ``EvaluationError/Code/limit``.
  ///
  /// Counts down: set it before each evaluation, or each operation, that is to be bounded.
  package var stepLimit: Int {
    get { stepsLeft.pointee &- 1 }
    set { stepsLeft.pointee = newValue == .max ? .max : newValue + 1 }
  }

  /// After how many steps the frame looks whether it may go on, less one.
  ///
  /// A mask of low bits, which are all zero where nothing is left, too: one test serves both the limit and the
  /// interruption.
  private static let pause = 0xFFF

  /// Counts one step.
  @inline(__always)
  func step(_ node: Node) throws(EvaluationError) {
    stepsLeft.pointee &-= 1
    if stepsLeft.pointee & Self.pause == 0 { try look(node) }
  }

  /// Counts steps that a function takes at once.
  @inline(__always)
  func steps(_ count: Int, _ node: Node) throws(EvaluationError) {
    stepsLeft.pointee = max(stepsLeft.pointee, 1) &- count
    if stepsLeft.pointee <= 0 { try look(node) }
  }

  /// Fails when no steps are left, or when somebody ended what the host does.
  @inline(never)
  private func look(_ node: Node) throws(EvaluationError) {
    if stepsLeft.pointee <= 0 {
      // The next step fails as well.
      stepsLeft.pointee = 1
      throw EvaluationError(
        .limit, "this goes through more than one evaluation may; narrow it down first",
        range: node.range)
    }
    if let host, host.isInterrupted {
      throw EvaluationError(.interrupted, "it was interrupted", range: node.range)
    }
  }

  /// Creates a frame with room for a layout; all slots are null.
  package init(_ layout: FrameLayout, host: (any RecordHost)? = nil) {
    self.layout = layout
    self.host = host
    recordMaps = host?.recordMaps
    // One piece of memory for all of it: a frame is made for each evaluation of a host that has no frame of its own.
    let (slotBytes, wordBytes) = (
      max(layout.slotCount, 1) * MemoryLayout<Value>.stride, MemoryLayout<Int>.stride
    )
    memory = .allocate(
      byteCount: slotBytes + (layout.recordCount + layout.placeCount + 1) * wordBytes,
      alignment: 16)
    slots = memory.initializeMemory(
      as: Value.self, repeating: .null, count: max(layout.slotCount, 1))
    let words = memory + slotBytes
    stepsLeft = words.initializeMemory(as: Int.self, to: .max)
    records = (words + wordBytes).initializeMemory(
      as: Record?.self, repeating: nil, count: layout.recordCount)
    places = (words + (layout.recordCount + 1) * wordBytes).initializeMemory(
      as: UnsafePointer<Value>.self, repeating: UnsafePointer(slots), count: layout.placeCount)
  }

  /// Takes over the variables of another frame, whose layout this one's goes on from.
  package func take(from other: Frame) {
    for slot in 0..<min(max(other.layout.slotCount, 1), max(layout.slotCount, 1)) {
      slots[slot] = other.slots[slot]
    }
    for place in 0..<min(other.layout.recordCount, layout.recordCount) {
      records[place] = other.records[place]
    }
  }

  /// Puts a record into a slot without holding it: who lends it holds it until it takes the slot
  /// back.
  ///
  /// The slot must be empty, or lent.
  @inline(__always)
  package func lend(_ record: Record, to slot: Int) {
    UnsafeMutableRawPointer(records + slot).storeBytes(
      of: UInt(bitPattern: Unmanaged.passUnretained(record).toOpaque()), as: UInt.self)
  }

  /// Returns the values of a record variable's row when it is there to be read at once; nil when the record is null,
  /// not loaded, or deleted.
  @inline(__always)
  func values(_ record: Int) -> UnsafeMutablePointer<Value>? {
    // The frame holds the record; taking hold of it for this one read would cost more than the read.
    guard
      let place = UnsafeRawPointer(records + record).loadUnaligned(as: UnsafeRawPointer?.self)
    else { return nil }
    return Unmanaged<Record>.fromOpaque(place)._withUnsafeGuaranteedRef {
      switch $0.state {
      case .live, .pinned: $0.values
      case .unloaded, .deleted: nil
      }
    }
  }

  /// Empties a slot that was lent.
  @inline(__always)
  package func takeBack(_ slot: Int) {
    UnsafeMutableRawPointer(records + slot).storeBytes(of: 0, as: UInt.self)
  }

  deinit {
    slots.deinitialize(count: max(layout.slotCount, 1))
    records.deinitialize(count: layout.recordCount)
    memory.deallocate()
  }
}

/// How many slots a frame needs.
///
/// Programs that run on one frame are planned with one layout.
package struct FrameLayout: Sendable {
  /// Slots of values.
  package private(set) var slotCount = 0
  /// Slots of records.
  package private(set) var recordCount = 0
  /// Places of macro variables.
  private(set) var placeCount = 0
  /// The slots of records that a planned expression reads.
  package private(set) var readRecords: Set<Int> = []

  /// Creates an empty layout.
  package init() {}

  /// The variables that are given by name, each with the slot in which its value is kept once it was looked up.
  private(set) var given: [(name: String, slot: Int)] = []

  /// Returns the slot of a variable that is given by name.
  mutating func slot(given name: String) -> Int {
    if let found = given.first(where: { UTF8Text.equal($0.name, name) }) { return found.slot }
    given.append((name, takeSlot()))
    return slotCount - 1
  }

  /// Notes that an expression reads the record of a slot.
  mutating func read(record: Int) {
    cover(record: record)
    readRecords.insert(record)
  }

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
    for entry in other.given where !given.contains(where: { $0.slot == entry.slot }) {
      given.append(entry)
    }
    placeCount = max(placeCount, other.placeCount)
    readRecords.formUnion(other.readRecords)
  }

  /// Takes the next place for a macro variable.
  mutating func takePlace() -> Int {
    placeCount += 1
    return placeCount - 1
  }
}
