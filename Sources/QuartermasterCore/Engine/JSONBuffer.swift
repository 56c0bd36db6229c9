internal import QuartermasterCEL

/// A growing JSON text, for what is written often: the journal and the bodies of deliveries.
struct JSONBuffer {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Begins again, with the memory it has.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// The text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func beginObject() { open(UInt8(ascii: "{")) }
  mutating func endObject() { close(UInt8(ascii: "}")) }
  mutating func beginArray() { open(UInt8(ascii: "[")) }
  mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes the name of a member; its value follows.
  mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
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
    if value >= 0, value < 10 {
      bytes.append(48 + UInt8(value))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  mutating func null() { raw("null") }

  /// Writes a text with what JSON asks to be escaped.
  mutating func string(_ text: String) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { octets in
      // Most texts need no escape and are copied whole.
      let isPlain = octets.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
      if isPlain { bytes.append(contentsOf: octets) } else { escape(octets) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ octets: UnsafeBufferPointer<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in octets {
      switch byte {
      case 0x22, 0x5C:
        bytes.append(0x5C)
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
  }

  /// Writes what another buffer holds, as one value.
  mutating func json(_ other: JSONBuffer) {
    comma()
    bytes.append(contentsOf: other.bytes)
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
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func comma() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ byte: UInt8) {
    comma()
    bytes.append(byte)
    needsComma = false
  }

  private mutating func close(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }
}
