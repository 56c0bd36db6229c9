internal import QuartermasterCEL

/// Finds small numbers by texts and other constants: classes and fields by their names, rules by what they guard.
///
/// A table of its own because a dictionary of strings compares by canonical equivalence, hashes each byte, and keeps
/// keys and values apart: names are looked up several times for each operation. Filled while it is made, and then only
/// read.
final class WordTable: @unchecked Sendable {
  /// What is looked up: the two words in which a text of up to 15 bytes stands, a number, or a flag; of a longer text
  /// its hash and its length.
  struct Key: Equatable {
    let first: UInt64
    let second: UInt64

    /// The key of a number.
    ///
    /// No text has a second word as small as this one.
    init(number: Int64) { (first, second) = (UInt64(bitPattern: number), 0) }

    /// The key of a flag.
    init(flag: Bool) { (first, second) = (flag ? 1 : 0, 1) }

    /// The key of a text that stands in its own two words; nil for another.
    @inline(__always)
    init?(short text: String) {
      guard let words = UTF8Text.words(text) else { return nil }
      (first, second) = words
    }

    fileprivate init(long bytes: UnsafeBufferPointer<UInt8>) {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      first = hash
      second = UInt64(bytes.count)
    }

    @inline(__always)
    fileprivate var hash: Int {
      let (high, low) = (first ^ second &* 0x9e37_79b9_7f4a_7c15)
        .multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
      return Int(truncatingIfNeeded: high ^ low)
    }
  }

  private struct Entry {
    var key: Key
    /// What is found; -1 where the entry is free.
    var value: Int
  }

  @exclusivity(unchecked) private var entries: UnsafeMutablePointer<Entry>
  @exclusivity(unchecked) private var mask = 7
  @exclusivity(unchecked) private var count = 0
  /// The texts whose key is a hash, by the value that is found under it.
  @exclusivity(unchecked) private var longTexts: [(text: String, value: Int)] = []

  init() { entries = Self.table(8) }

  deinit { entries.deallocate() }

  /// Creates the table that finds the place of each name.
  convenience init(names: [String]) {
    self.init()
    for (place, name) in names.enumerated() { self[name] = place }
  }

  /// What stands under a text; -1 for nothing.
  subscript(text: String) -> Int {
    @inline(__always) get {
      if let key = Key(short: text) { return self[key] }
      return long(text)
    }
    set {
      if let key = Key(short: text) {
        self[key] = newValue
        return
      }
      var text = text
      let (key, short) = text.withUTF8 { bytes in
        (Key(long: bytes), bytes.count <= 15 ? String(decoding: bytes, as: UTF8.self) : nil)
      }
      if let short, let key = Key(short: short) {
        self[key] = newValue
        return
      }
      if let place = longTexts.firstIndex(where: { UTF8Text.equal($0.text, text) }) {
        longTexts[place].value = newValue
      } else {
        longTexts.append((text, newValue))
        // Of two texts with one hash the second is only found in the list.
        if self[key] < 0 { self[key] = longTexts.count - 1 }
      }
    }
  }

  /// What stands under a key that says all; -1 for nothing.
  subscript(key: Key) -> Int {
    @inline(__always) get {
      var place = key.hash & mask
      while entries[place].value >= 0 {
        if entries[place].key == key { return entries[place].value }
        place = (place + 1) & mask
      }
      return -1
    }
    set {
      var place = key.hash & mask
      while entries[place].value >= 0, entries[place].key != key { place = (place + 1) & mask }
      let isNew = entries[place].value < 0
      entries[place] = Entry(key: key, value: newValue)
      if isNew {
        count += 1
        if count * 2 > mask { grow() }
      }
    }
  }

  @inline(never)
  private func long(_ text: String) -> Int {
    var text = text
    let (key, short) = text.withUTF8 { bytes in
      (Key(long: bytes), bytes.count <= 15 ? String(decoding: bytes, as: UTF8.self) : nil)
    }
    if let short, let key = Key(short: short) { return self[key] }
    let place = self[key]
    if place < 0 { return -1 }
    if UTF8Text.equal(longTexts[place].text, text) { return longTexts[place].value }
    return longTexts.first { UTF8Text.equal($0.text, text) }?.value ?? -1
  }

  private func grow() {
    let (old, oldMask) = (entries, mask)
    mask = oldMask * 2 + 1
    entries = Self.table(mask + 1)
    for from in 0...oldMask where old[from].value >= 0 {
      var place = old[from].key.hash & mask
      while entries[place].value >= 0 { place = (place + 1) & mask }
      entries[place] = old[from]
    }
    old.deallocate()
  }

  private static func table(_ size: Int) -> UnsafeMutablePointer<Entry> {
    let table = UnsafeMutablePointer<Entry>.allocate(capacity: size)
    table.initialize(repeating: Entry(key: Key(number: 0), value: -1), count: size)
    return table
  }
}
