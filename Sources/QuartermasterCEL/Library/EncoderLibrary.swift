extension CELLibrary {
  /// `base64.encode` and `base64.decode`.
  public static let encoders = CELLibrary(
    name: "encoders",
    functions: [
      FunctionDeclaration(
        "base64.encode", "Bytes as text of 64 characters.",
        overloads: [
          .one("base64_encode_bytes", .bytes, .string) { value throws(EvaluationError) in
            guard case .bytes(let bytes) = value else { throw .argument("base64.encode()", value) }
            return .string(Base64.encode(bytes))
          }
        ],
        examples: ["base64.encode(b'hello') == 'aGVsbG8='"]),
      FunctionDeclaration(
        "base64.decode", "The bytes of a text of 64 characters; the padding may be missing.",
        overloads: [
          .one("base64_decode_string", .string, .bytes) { value throws(EvaluationError) in
            guard let bytes = Base64.decode(try value.text("base64.decode()")) else {
              throw EvaluationError(.invalidArgument, "\(value.brief) is not base64")
            }
            return .bytes(bytes)
          }
        ],
        examples: ["base64.decode('aGVsbG8') == b'hello'"]),
    ])
}

/// The encoding of RFC 4648, section 4.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Returns the text of bytes, padded.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word: UInt32 = 0
      for place in 0..<3 {
        word = word << 8 | (start + place < group.endIndex ? UInt32(group[start + place]) : 0)
      }
      for place in 0..<4 {
        let index = Int(word >> (18 - 6 * UInt32(place)) & 63)
        text.append(place <= group.count ? alphabet[index] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Returns the bytes of a text, or nil when it is none.
  package static func decode(_ text: String) -> [UInt8]? {
    var digits = Array(text.utf8)
    while digits.last == UInt8(ascii: "=") { digits.removeLast() }
    let padding = text.utf8.count - digits.count
    guard digits.count % 4 != 1, padding == 0 || (padding <= 2 && text.utf8.count % 4 == 0) else {
      return nil
    }
    var bytes: [UInt8] = []
    var (word, bits): (UInt32, UInt32) = (0, 0)
    for digit in digits {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(word >> bits & 255))
      }
    }
    return bytes
  }
}
