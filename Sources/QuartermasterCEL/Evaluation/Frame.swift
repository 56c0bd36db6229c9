/// The memory of one evaluation: the values of variables by slot. Used by one thread at a time, and reused.
package final class Frame {
  /// The variables whose static type is no record.
  package let slots: UnsafeMutablePointer<Value>
  /// The variables whose static type is a record; nil is null.
  package let records: UnsafeMutablePointer<Record?>
  /// How many there are of each.
  package let layout: FrameLayout
  /// Where rows, relations and collections come from; nil when no expression reads records.
  package unowned(unsafe) var host: (any RecordHost)?
  /// The values of names that were not declared, for unchecked programs.
  package var activation: [String: Value] = [:]

  /// Creates a frame with room for a layout; all slots are null.
  package init(_ layout: FrameLayout, host: (any RecordHost)? = nil) {
    self.layout = layout
    self.host = host
    slots = .allocate(capacity: max(layout.slotCount, 1))
    slots.initialize(repeating: .null, count: max(layout.slotCount, 1))
    records = .allocate(capacity: max(layout.recordCount, 1))
    records.initialize(repeating: nil, count: max(layout.recordCount, 1))
  }

  deinit {
    slots.deinitialize(count: max(layout.slotCount, 1))
    slots.deallocate()
    records.deinitialize(count: max(layout.recordCount, 1))
    records.deallocate()
  }
}

/// How many slots a frame needs. Programs that run on one frame are planned with one layout.
package struct FrameLayout: Sendable {
  /// Slots of values.
  package private(set) var slotCount = 0
  /// Slots of records.
  package private(set) var recordCount = 0

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
}
