/// A short fingerprint of a text, to see whether it is the one from before.
///
/// Not for secrets: FNV-1a, 64 bits.
enum ContentHash {
  /// Returns sixteen hexadecimal digits.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    var hash = Stream()
    for byte in bytes { hash.add(byte) }
    return hash.text
  }

  /// A fingerprint that is made piece by piece.
  struct Stream {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// Sixteen hexadecimal digits.
    var text: String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
  }
}
