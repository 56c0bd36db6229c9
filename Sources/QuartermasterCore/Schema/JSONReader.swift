/// Reads JSON, strictly: no comments, no trailing commas, no lone surrogates, no name twice in an object.
///
/// Works on bytes. Numbers keep their text. Lists and objects may stand ``maximumDepth`` deep in one another.
package struct JSONReader {
  /// How deep lists and objects may stand in one another.
  package static let maximumDepth = 128

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  /// Returns the value that a text holds.
  ///
  /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
  package static func read(_ text: String) throws(JSONError) -> JSONValue {
    try read(Array(text.utf8))
  }

  /// Returns the value that bytes hold.
  ///
  /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
  package static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
      do throws(JSONError) { return .success(try read(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Returns the value that bytes hold.
  ///
  /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
  package static func read(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    if reader.place < bytes.count {
      throw JSONError("text follows after the value", at: reader.place)
    }
    return value
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0A, 0x0D: place += 1
      default: return
      }
    }
  }

  private func failure(_ message: String) -> JSONError {
    JSONError(place < bytes.count ? message : "the text ends too early", at: place)
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"):
      return try object(depth: depth + 1)
    case UInt8(ascii: "["):
      return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case let byte? where byte == UInt8(ascii: "-") || (byte >= 48 && byte <= 57):
      return .number(try number())
    default: throw failure("a value is expected here")
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let start = place
    for offset in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[offset] else {
        throw JSONError("a value is expected here", at: start)
      }
      place += 1
    }
  }

  private func checkDepth(_ depth: Int) throws(JSONError) {
    if depth > Self.maximumDepth {
      throw JSONError("lists and objects stand deeper than \(Self.maximumDepth)", at: place)
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    try checkDepth(depth)
    place += 1
    var items: [JSONValue] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      place += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): place += 1
      case UInt8(ascii: "]"):
        place += 1
        return .array(items)
      default: throw failure("`,` or `]` is expected here")
      }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    try checkDepth(depth)
    place += 1
    var members: [(key: String, value: JSONValue)] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      place += 1
      return .object(members)
    }
    while true {
      skipSpace()
      let start = place
      guard next == UInt8(ascii: "\"") else { throw failure("a name in quotes is expected here") }
      let name = try string()
      // A set costs more than looking at a few names.
      let isTwice: Bool
      if members.count < 8 {
        isTwice = members.contains { $0.key.utf8.elementsEqual(name.utf8) }
      } else {
        if names.isEmpty { for member in members { names.insert(Array(member.key.utf8)) } }
        isTwice = !names.insert(Array(name.utf8)).inserted
      }
      if isTwice { throw JSONError("the name \"\(name)\" stands twice", at: start) }
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw failure("`:` is expected here") }
      place += 1
      members.append((name, try value(depth: depth)))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): place += 1
      case UInt8(ascii: "}"):
        place += 1
        return .object(members)
      default: throw failure("`,` or `}` is expected here")
      }
    }
  }

  // MARK: - Numbers

  private mutating func digits() throws(JSONError) {
    guard let first = next, first >= 48, first <= 57 else { throw failure("a digit is expected") }
    while let byte = next, byte >= 48, byte <= 57 { place += 1 }
  }

  private mutating func number() throws(JSONError) -> String {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    if next == UInt8(ascii: "0") {
      place += 1
      if let byte = next, byte >= 48, byte <= 57 {
        throw failure("a number may not start with 0")
      }
    } else {
      try digits()
    }
    if next == UInt8(ascii: ".") {
      place += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  // MARK: - Texts

  private mutating func string() throws(JSONError) -> String {
    place += 1
    let start = place
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        let text = try text(start..<place)
        place += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw failure("a control character must be written as an escape")
      default: place += 1
      }
    }
    throw JSONError("this text is never closed", at: start - 1)
  }

  private func text(_ range: Range<Int>) throws(JSONError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw JSONError("this text is not UTF-8", at: range.lowerBound)
    }
    return text
  }

  /// Goes on at the first backslash of a text.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var buffer = Array(bytes[start..<place])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        guard let text = String(validating: buffer, as: UTF8.self) else {
          throw JSONError("this text is not UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &buffer)
      case 0..<0x20: throw failure("a control character must be written as an escape")
      default:
        buffer.append(byte)
        place += 1
      }
    }
    throw JSONError("this text is never closed", at: start - 1)
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
    let start = place
    place += 1
    let letter = next
    place += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      buffer.append(letter ?? 0)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800...0xDBFF).contains(code), next == UInt8(ascii: "\\"), place + 1 < bytes.count,
        bytes[place + 1] == UInt8(ascii: "u")
      {
        place += 2
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low) else {
          throw JSONError("half of a surrogate pair", at: start)
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw JSONError("half of a surrogate pair", at: start)
      }
      buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw JSONError("no such escape", at: start)
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      switch next {
      case let byte? where byte >= 48 && byte <= 57: code = code << 4 | UInt32(byte - 48)
      case let byte? where byte | 0x20 >= 97 && byte | 0x20 <= 102:
        code = code << 4 | UInt32(byte | 0x20 - 87)
      default: throw failure("four hexadecimal digits are expected after \\u")
      }
      place += 1
    }
    return code
  }
}
