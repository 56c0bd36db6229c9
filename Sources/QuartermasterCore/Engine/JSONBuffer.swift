internal import QuartermasterCEL

/// A growing JSON text, for what is written often: the journal and the bodies of deliveries.
///
/// Memory of its own in place of an array: each byte of the journal goes through it.
struct JSONBuffer: ~Copyable {
  private var memory: UnsafeMutablePointer<UInt8>
  private var capacity = 256
  private var count = 0
  private var needsComma = false

  init() { memory = .allocate(capacity: capacity) }

  deinit { memory.deallocate() }

  /// Begins again, with the memory it has.
  mutating func clear() {
    count = 0
    needsComma = false
  }

  /// The text.
  var text: String { String(decoding: octets, as: UTF8.self) }

  /// The bytes of the text.
  var bytes: [UInt8] { Array(octets) }

  /// The same without a copy, valid until more is written.
  var octets: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: memory, count: count) }

  mutating func beginObject() { open(UInt8(ascii: "{")) }
  mutating func endObject() { close(UInt8(ascii: "}")) }
  mutating func beginArray() { open(UInt8(ascii: "[")) }
  mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes the name of a member; its value follows.
  mutating func key(_ name: String) {
    string(name)
    append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes the name of a member that is JSON already, with its colon; its value follows.
  mutating func key(json: UnsafeBufferPointer<UInt8>) {
    text(json: json)
    needsComma = false
  }

  /// Writes a text that is JSON already.
  mutating func text(json: UnsafeBufferPointer<UInt8>) {
    comma()
    reserve(json.count)
    guard let start = json.baseAddress else { return }
    (memory + count).update(from: start, count: json.count)
    count += json.count
  }

  /// Writes the name of a member that needs no escape; its value follows.
  mutating func key(plain name: StaticString) {
    comma()
    reserve(name.utf8CodeUnitCount + 3)
    append(UInt8(ascii: "\""))
    (memory + count).update(from: name.utf8Start, count: name.utf8CodeUnitCount)
    count += name.utf8CodeUnitCount
    append(UInt8(ascii: "\""))
    append(UInt8(ascii: ":"))
    needsComma = false
  }

  mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  mutating func member(_ name: String, _ value: Int64) {
    key(name)
    int(value)
  }

  mutating func member(_ name: String, _ value: Value) {
    key(name)
    self.value(value)
  }

  mutating func int(_ value: Int64) {
    comma()
    reserve(20)
    if value < 0 {
      memory[count] = UInt8(ascii: "-")
      count += 1
    }
    var rest = value.magnitude
    var digits = 1
    var limit: UInt64 = 10
    while digits < 19, rest >= limit {
      digits += 1
      limit &*= 10
    }
    var place = count + digits
    count = place
    repeat {
      place -= 1
      memory[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
      rest /= 10
    } while rest > 0
  }

  mutating func null() { raw("null") }

  /// Writes a text with what JSON asks to be escaped.
  mutating func string(_ text: String) {
    comma()
    if let words = UTF8Text.words(text), short(words) { return }
    var text = text
    text.withUTF8 { octets in
      // Most texts need no escape; the others grow as they are written.
      reserve(octets.count + 2)
      memory[count] = UInt8(ascii: "\"")
      count += 1
      for place in 0..<octets.count {
        let byte = octets[place]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C {
          escape(UnsafeBufferPointer(rebasing: octets[place...]))
          break
        }
        memory[count] = byte
        count += 1
      }
      append(UInt8(ascii: "\""))
    }
  }

  /// Writes a text of up to 15 bytes from the two words in which it stands; false where it needs an escape.
  private mutating func short(_ words: (UInt64, UInt64)) -> Bool {
    #if _endian(little)
    let length = Int(words.1 >> 56 & 15)
    reserve(length + 20)
    let start = memory + count + 1
    UnsafeMutableRawPointer(start).storeBytes(of: words.0, as: UInt64.self)
    UnsafeMutableRawPointer(start + 8).storeBytes(of: words.1, as: UInt64.self)
    for place in 0..<length {
      let byte = start[place]
      if byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
    }
    memory[count] = UInt8(ascii: "\"")
    start[length] = UInt8(ascii: "\"")
    count += length + 2
    return true
    #else
    return false
    #endif
  }

  @inline(never)
  private mutating func escape(_ octets: UnsafeBufferPointer<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in octets {
      switch byte {
      case 0x22, 0x5C:
        append(0x5C)
        append(byte)
      case 0x0A: append("\\n")
      case 0..<0x20:
        append("\\u00")
        append(digits[Int(byte >> 4)])
        append(digits[Int(byte & 15)])
      default: append(byte)
      }
    }
  }

  /// Writes what another buffer holds, as one value.
  mutating func json(_ other: borrowing JSONBuffer) {
    comma()
    reserve(other.count)
    (memory + count).update(from: other.memory, count: other.count)
    count += other.count
  }

  /// Writes a value that stands somewhere; one that is a number or a flag is not copied.
  mutating func value(at place: UnsafePointer<Value>) {
    switch place.pointee {
    case .int(let number): int(number)
    case .null: null()
    default: value(place.pointee)
    }
  }

  /// Writes a value in its stored form: instants and spans in milliseconds, decimals as texts, records as their ids.
  mutating func value(_ value: Value) {
    switch value {
    case .null: null()
    case .bool(let flag): raw(flag ? "true" : "false")
    case .int(let number): int(number)
    case .uint(let number): raw(String(number))
    case .double(let number):
      if number.isFinite { raw("\(number)") } else { string("\(number)") }
    case .decimal(let number): string(number.description)
    case .string(let text): string(text)
    case .bytes(let octets): string(String(decoding: octets, as: UTF8.self))
    case .timestamp(let instant): int(instant.milliseconds)
    case .duration(let span): int(span.milliseconds)
    case .record(let record): string(record.id)
    case .list(let items):
      beginArray()
      for item in items { self.value(item) }
      endArray()
    case .map(let map):
      beginObject()
      for entry in map.entries {
        if case .string(let name) = entry.key {
          member(name, entry.value)
        } else {
          member(entry.key.description, entry.value)
        }
      }
      endObject()
    case .type(let type): string(type.name)
    case .optional(let optional): self.value(optional.value ?? .null)
    case .opaque(let box): string(box.content.text)
    }
  }

  private mutating func raw(_ text: String) {
    comma()
    append(text)
  }

  private mutating func comma() {
    if needsComma { append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ byte: UInt8) {
    comma()
    append(byte)
    needsComma = false
  }

  private mutating func close(_ byte: UInt8) {
    append(byte)
    needsComma = true
  }

  // MARK: Memory

  private mutating func append(_ byte: UInt8) {
    if count == capacity { grow(1) }
    memory[count] = byte
    count += 1
  }

  private mutating func append(_ text: String) {
    for byte in text.utf8 { append(byte) }
  }

  private mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: memory, count: count)
    memory.deallocate()
    memory = larger
  }
}
