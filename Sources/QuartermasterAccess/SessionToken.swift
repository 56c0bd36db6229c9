internal import Crypto

/// What a client shows to go on with its session: `r:` and 32 hexadecimal digits from a secure generator.
///
/// Who has it is the user: send it over TLS alone, and never log it. It prints as dots; ``text`` is the token.
public struct SessionToken: Sendable, Hashable {
  /// The token itself.
  public let text: String

  private static let prefix = "r:"
  private static let digitCount = 32

  /// Makes a new one.
  init() {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = Self.prefix
    for byte in Scrypt.randomBytes(Self.digitCount / 2) {
      text.unicodeScalars.append(digits[Int(byte >> 4)])
      text.unicodeScalars.append(digits[Int(byte & 15)])
    }
    self.text = text
  }

  /// Reads a text; nil when no token is like that.
  public init?(_ text: String) {
    let bytes = text.utf8
    guard bytes.count == Self.prefix.utf8.count + Self.digitCount, text.hasPrefix(Self.prefix),
      bytes.dropFirst(Self.prefix.utf8.count).allSatisfy({ byte in
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
      })
    else { return nil }
    self.text = text
  }

  /// What the file keeps of it.
  ///
  /// A token is 128 random bits, so that nothing slower is needed.
  var hash: [UInt8] { Array(Crypto.SHA256.hash(data: Array(text.utf8))) }
}

extension SessionToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "r:•••" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
