/// A JSON text in memory: members keep their order, and numbers the text that they were written with.
package indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number as written, so that no digit of an exact decimal is lost.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members in the order of the text; no name comes twice.
  case object([(key: String, value: JSONValue)])

  /// Returns the member of a name; nil for none, and for what is no object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(name.utf8) }?.value
  }

  /// The text of a string, or nil.
  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// What kind of value it is, with an article, for messages.
  package var kindText: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object:
      switch self["__type"]?.text {
      case "Pointer"?: "a pointer to \(self["className"]?.text ?? "nothing")"
      case let type?: "a \(type)"
      case nil: "a map"
      }
    }
  }
}

/// Why a text is no JSON.
package struct JSONError: Error, Sendable {
  /// What is wrong.
  package let message: String
  /// The byte at which it is.
  package let offset: Int

  package init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}

/// Writes JSON without spaces.
package struct JSONWriter {
  /// What was written.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Returns a value as text.
  package static func text(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    writer.write(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Appends a value.
  package mutating func write(_ value: JSONValue) {
    switch value {
    case .null: write(raw: "null")
    case .bool(let flag): write(raw: flag ? "true" : "false")
    case .number(let text): write(raw: text)
    case .string(let text): write(string: text)
    case .array(let items):
      bytes.append(UInt8(ascii: "["))
      for (place, item) in items.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        write(item)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (place, member) in members.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        write(string: member.key)
        bytes.append(UInt8(ascii: ":"))
        write(member.value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func write(raw text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func write(string text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: write(raw: "\\n")
      case 0x0D: write(raw: "\\r")
      case 0x09: write(raw: "\\t")
      case 0..<0x20, 0x7F:
        write(raw: "\\u00")
        bytes.append(Self.digit(byte >> 4))
        bytes.append(Self.digit(byte & 15))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? 48 + value : UInt8(ascii: "a") + value - 10
  }
}
