internal import QuartermasterCEL

/// The records of one class that are in memory, found by the UTF-8 bytes of their id.
///
/// A table of its own because a dictionary of strings compares by canonical equivalence, which ids do not, and costs
/// several times as much. Records are only ever removed all at once.
struct RecordMap {
  private var hashes: [UInt64]
  private var places: [Record?]
  /// How many records there are.
  private(set) var count = 0

  init() {
    hashes = Array(repeating: 0, count: 16)
    places = Array(repeating: nil, count: 16)
  }

  /// The records, in no order.
  var records: [Record] { places.compactMap { $0 } }

  /// Returns the record of an id, made with `make` when there is none yet.
  mutating func find(_ id: UnsafeBufferPointer<UInt8>, make: () -> Record) -> Record {
    let hash = Self.hash(id)
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while let record = places[place] {
      if hashes[place] == hash, Self.has(record, id) { return record }
      place = (place + 1) & mask
    }
    let record = make()
    hashes[place] = hash
    places[place] = record
    count += 1
    if count * 4 > places.count * 3 { grow() }
    return record
  }

  /// Takes all records out.
  mutating func removeAll() { self = RecordMap() }

  private mutating func grow() {
    let (oldHashes, oldPlaces) = (hashes, places)
    hashes = Array(repeating: 0, count: oldPlaces.count * 2)
    places = Array(repeating: nil, count: oldPlaces.count * 2)
    let mask = places.count - 1
    for (from, record) in oldPlaces.enumerated() where record != nil {
      var place = Int(truncatingIfNeeded: oldHashes[from]) & mask
      while places[place] != nil { place = (place + 1) & mask }
      hashes[place] = oldHashes[from]
      places[place] = record
    }
  }

  private static func has(_ record: Record, _ id: UnsafeBufferPointer<UInt8>) -> Bool {
    var own = record.id
    return own.withUTF8 { $0.count == id.count && $0.elementsEqual(id) }
  }

  /// FNV-1a with a last mix; ids are short, and whoever may write ids may also write a million records.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    hash = hash &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }
}
