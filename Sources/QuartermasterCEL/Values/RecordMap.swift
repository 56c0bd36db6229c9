/// The records of one class that are in memory, found by the UTF-8 bytes of their id.
///
/// A table of its own because a dictionary of strings compares by canonical equivalence, which ids do not, and costs
/// several times as much: following a pointer is what conditions do most. Records are only ever removed all at once;
/// the table holds them until then.
package final class RecordMap {
  private struct Entry {
    var key: Key
    var record: Unmanaged<Record>?
  }

  @exclusivity(unchecked) private var entries: UnsafeMutablePointer<Entry>
  @exclusivity(unchecked) private var mask = 15
  /// How many records there are.
  @exclusivity(unchecked) package private(set) var count = 0
  private let type: RecordType

  /// Creates an empty table for the records of a class.
  package init(_ type: RecordType) {
    self.type = type
    entries = Self.table(16)
  }

  deinit {
    letGo()
    entries.deallocate()
  }

  /// The records, in no order.
  package var records: [Record] {
    (0...mask).compactMap { entries[$0].record?.takeUnretainedValue() }
  }

  /// Returns the record of an id, made when there is none yet.
  package func record(_ id: String) -> Unmanaged<Record> {
    if let key = Key(short: id) { return find(key, id) }
    return long(id)
  }

  /// Returns the record whose id has these bytes, made when there is none yet.
  package func record(_ bytes: UnsafeBufferPointer<UInt8>) -> Unmanaged<Record> {
    if bytes.count > Key.shortest {
      return find(Key(long: bytes), bytes) { String(decoding: bytes, as: UTF8.self) }
    }
    let id = String(decoding: bytes, as: UTF8.self)
    return record(id)
  }

  /// Returns the record of an id, or nil when it is not in memory.
  package func known(_ id: String) -> Unmanaged<Record>? {
    guard let key = Key(short: id) else {
      // Rare, and the record would only be made a moment earlier than it is needed.
      return long(id)
    }
    var place = key.hash & mask
    while let record = entries[place].record {
      if entries[place].key == key { return record }
      place = (place + 1) & mask
    }
    return nil
  }

  /// Takes all records out.
  package func removeAll() {
    letGo()
    entries.deallocate()
    entries = Self.table(16)
    (mask, count) = (15, 0)
  }

  // MARK: Looking up

  /// Finds a record whose key says all.
  private func find(_ key: Key, _ id: String) -> Unmanaged<Record> {
    var place = key.hash & mask
    while let record = entries[place].record {
      if entries[place].key == key { return record }
      place = (place + 1) & mask
    }
    return insert(id, key, at: place)
  }

  /// Finds a record whose key is a hash.
  private func find(
    _ key: Key, _ bytes: UnsafeBufferPointer<UInt8>, _ id: () -> String
  ) -> Unmanaged<Record> {
    var place = key.hash & mask
    while let record = entries[place].record {
      if entries[place].key == key, record._withUnsafeGuaranteedRef({ Self.has($0, bytes) }) {
        return record
      }
      place = (place + 1) & mask
    }
    return insert(id(), key, at: place)
  }

  @inline(never)
  private func long(_ id: String) -> Unmanaged<Record> {
    var text = id
    return text.withUTF8 { bytes in
      // A short text that is kept like a long one is made a short one, which has a key that says all.
      if bytes.count <= Key.shortest {
        let short = String(decoding: bytes, as: UTF8.self)
        if let key = Key(short: short) { return find(key, short) }
      }
      return find(Key(long: bytes), bytes) { id }
    }
  }

  @inline(never)
  private func insert(_ id: String, _ key: Key, at place: Int) -> Unmanaged<Record> {
    let record = Unmanaged.passRetained(Record(type: type, id: id))
    entries[place] = Entry(key: key, record: record)
    count += 1
    if count * 4 > (mask + 1) * 3 { grow() }
    return record
  }

  private func grow() {
    let (old, oldMask) = (entries, mask)
    mask = oldMask * 2 + 1
    entries = Self.table(mask + 1)
    for from in 0...oldMask where old[from].record != nil {
      var place = old[from].key.hash & mask
      while entries[place].record != nil { place = (place + 1) & mask }
      entries[place] = old[from]
    }
    old.deallocate()
  }

  private func letGo() {
    for place in 0...mask {
      guard let record = entries[place].record else { continue }
      // Two records may be in each other's relations.
      record.takeUnretainedValue().relations = nil
      record.release()
    }
  }

  private static func table(_ size: Int) -> UnsafeMutablePointer<Entry> {
    let table = UnsafeMutablePointer<Entry>.allocate(capacity: size)
    table.initialize(repeating: Entry(key: Key(first: 0, second: 0), record: nil), count: size)
    return table
  }

  private static func has(_ record: Record, _ id: UnsafeBufferPointer<UInt8>) -> Bool {
    var own = record.id
    return own.withUTF8 { $0.count == id.count && $0.elementsEqual(id) }
  }
}

/// What a record is found by: the two words of a short id, which are all of it, or a hash and the length of a long one.
private struct Key: Equatable {
  let first: UInt64
  let second: UInt64

  /// The longest id that may be short, in bytes.
  static let shortest = 15

  init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }

  /// Creates the key of a text that stands in its own two words; nil for another.
  @inline(__always)
  init?(short text: String) {
    guard let words = UTF8Text.words(text) else { return nil }
    (first, second) = words
  }

  /// Creates the key of a text by its bytes.
  init(long bytes: UnsafeBufferPointer<UInt8>) {
    let raw = UnsafeRawBufferPointer(bytes)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var place = 0
    while place + 8 <= raw.count {
      hash = Self.mix(hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      place += 8
    }
    var tail: UInt64 = 0
    while place < raw.count {
      tail = tail << 8 | UInt64(raw[place])
      place += 1
    }
    first = Self.mix(hash ^ tail)
    // No short text has a second word as small as a length.
    second = UInt64(raw.count)
  }

  /// The place from which it is looked for.
  @inline(__always)
  var hash: Int { Int(truncatingIfNeeded: Self.mix(first ^ second &* 0x9e37_79b9_7f4a_7c15)) }

  @inline(__always)
  private static func mix(_ word: UInt64) -> UInt64 {
    let (high, low) = word.multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    return high ^ low
  }
}
