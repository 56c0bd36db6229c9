internal import QuartermasterCore

/// The signature of a webhook: HMAC-SHA256 (RFC 2104) over the instant and the body.
enum Signature {
  /// Returns the value of the header `Quartermaster-Signature`: `t=1767225600,v1=<hexadecimal digits>`.
  ///
  /// What is signed is the decimal digits of the instant, a full stop, and the bytes of the body.
  ///
  /// - Parameters:
  ///   - body: The body as it is sent.
  ///   - seconds: The present instant, in seconds since 1970 UTC.
  ///   - secret: The secret of the channel.
  /// - Returns: The value.
  static func header(_ body: [UInt8], at seconds: Int64, secret: String) -> String {
    let signed = Array("\(seconds).".utf8) + body
    return "t=\(seconds),v1=\(hmac(signed, key: Array(secret.utf8)))"
  }

  /// Returns the code of bytes under a key as hexadecimal digits.
  static func hmac(_ bytes: [UInt8], key: [UInt8]) -> String {
    var block = key.count > 64 ? hash(key) : key
    block += Array(repeating: 0, count: 64 - block.count)
    let inner = hash(block.map { $0 ^ 0x36 } + bytes)
    return SHA256.hex(block.map { $0 ^ 0x5C } + inner)
  }

  private static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(SHA256.hex(bytes).utf8)
    func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
    return stride(from: 0, to: digits.count, by: 2).map {
      value(digits[$0]) << 4 | value(digits[$0 + 1])
    }
  }
}
