/// A range of addresses: an address and how many of its first bits all of the range share.
struct IPRange: Equatable, Sendable {
  /// The address, as it was written.
  let address: IPAddress
  /// How many bits are shared.
  let length: Int

  /// Creates a range; nil when there are not that many bits.
  init?(_ address: IPAddress, length: Int) {
    guard length >= 0, length <= address.bytes.count * 8 else { return nil }
    self.address = address
    self.length = length
  }

  /// Reads a range such as `192.0.2.0/24`.
  ///
  /// - Throws: What is wrong with the text.
  init(text: String) throws(EvaluationError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Self.bad(text) }
    let address = try IPAddress(text: String(parts[0]))
    let digits = parts[1].utf8
    // A mapped address of version 4 would leave open which of the two versions the bits count.
    let isMapped = address.isVersion4 && parts[0].utf8.contains(UInt8(ascii: ":"))
    guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
      digits.count == 1 || digits.first != 48, !isMapped, let length = Int(parts[1]),
      let range = IPRange(address, length: length)
    else { throw Self.bad(text) }
    self = range
  }

  private static func bad(_ text: String) -> EvaluationError {
    EvaluationError(
      .invalidArgument, "\(Value.string(text).brief) is no range of addresses such as 192.0.2.0/24")
  }

  /// The range with the bits that are not shared set to 0.
  var masked: IPRange {
    var bytes = address.bytes
    for place in bytes.indices {
      let shared = min(max(length - place * 8, 0), 8)
      bytes[place] &= UInt8(truncatingIfNeeded: 0xFF00 >> shared)
    }
    return IPRange(IPAddress(exactly: bytes), length)
  }

  private init(_ address: IPAddress, _ length: Int) {
    self.address = address
    self.length = length
  }

  /// Returns whether an address is in the range; one of the other version never is.
  func contains(_ other: IPAddress) -> Bool {
    guard other.bytes.count == address.bytes.count else { return false }
    return IPRange(other, length).masked.address == masked.address
  }

  /// Returns whether all addresses of another range are in this one.
  func contains(_ other: IPRange) -> Bool { length <= other.length && contains(other.address) }
}

extension IPAddress {
  /// Creates an address of bytes that are one already.
  fileprivate init(exactly bytes: [UInt8]) { self.init(bytes) }
}

extension IPRange: OpaqueContent {
  static var typeName: String { "net.CIDR" }
  var text: String { "\(address.text)/\(length)" }
}
