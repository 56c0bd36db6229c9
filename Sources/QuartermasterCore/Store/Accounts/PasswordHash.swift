internal import Foundation

/// A password as it is kept: the hash with all that is needed to make it again.
///
/// The text is that of the PHC string format, `$scrypt$ln=15,r=8,p=3$SALT$HASH`, with salt and hash in base64 without
/// padding (github.com/P-H-C/phc-string-format). Only what this program can work out in bounded memory is one.
package struct PasswordHash: Sendable, Equatable {
  /// The binary logarithm of scrypt's N, its r and its p (RFC 7914).
  package let logN: Int, blockSize: Int, parallelism: Int
  /// What the password was salted with.
  package let salt: [UInt8]
  /// What came of it.
  package let bytes: [UInt8]

  /// What stands in place of a hash where nobody can log in: no password gives it.
  package static let locked = "*"

  /// The greatest of each parameter, and of the memory that they need together, in bytes.
  private static let mostLogN = 20, mostBlockSize = 16, mostParallelism = 16
  private static let mostMemory = 1 << 28

  /// Creates a hash of its parts; nil where they are outside of what can be worked out.
  package init?(
    logN: Int, blockSize: Int, parallelism: Int, salt: [UInt8], bytes: [UInt8]
  ) {
    guard (1...Self.mostLogN).contains(logN), (1...Self.mostBlockSize).contains(blockSize),
      (1...Self.mostParallelism).contains(parallelism),
      128 * blockSize << logN <= Self.mostMemory, (8...64).contains(salt.count),
      (16...64).contains(bytes.count)
    else { return nil }
    self.logN = logN
    self.blockSize = blockSize
    self.parallelism = parallelism
    self.salt = salt
    self.bytes = bytes
  }

  /// Reads a text; nil when it is none that ``text`` gives.
  package init?(_ text: String) {
    guard text.utf8.count <= 256 else { return nil }
    let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
      let salt = Self.decoded(parts[3]), let bytes = Self.decoded(parts[4])
    else { return nil }
    var numbers: [Int] = []
    for (part, name) in zip(parts[2].split(separator: ","), ["ln=", "r=", "p="]) {
      guard part.hasPrefix(name), let number = Int(part.dropFirst(name.count)) else { return nil }
      numbers.append(number)
    }
    guard numbers.count == 3,
      let made = Self(
        logN: numbers[0], blockSize: numbers[1], parallelism: numbers[2], salt: salt, bytes: bytes),
      made.text == text
    else { return nil }
    self = made
  }

  /// The text that is kept.
  package var text: String {
    "$scrypt$ln=\(logN),r=\(blockSize),p=\(parallelism)$\(Self.encoded(salt))$\(Self.encoded(bytes))"
  }

  /// Whether a text may stand in a file: a hash, or that there is none.
  package static func isKept(_ text: String) -> Bool {
    text == locked || PasswordHash(text) != nil
  }

  private static func encoded(_ bytes: [UInt8]) -> String {
    var text = Data(bytes).base64EncodedString()
    while text.last == "=" { text.removeLast() }
    return text
  }

  private static func decoded(_ text: String) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text + padding).map { Array($0) }
  }
}
