/// An address of the internet protocol, of version 4 or 6.
struct IPAddress: Equatable, Sendable {
  /// 4 bytes or 16, the most significant first.
  let bytes: [UInt8]

  /// Creates an address; one of version 6 that stands for one of version 4 becomes that.
  init(_ bytes: [UInt8]) {
    let isMapped =
      bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255
      && bytes[11] == 255
    self.bytes = isMapped ? Array(bytes[12...]) : bytes
  }

  /// Reads an address, strictly: no zone, no leading zeros in version 4, and no version 4 in dots inside version 6 that
  /// is only a mapped one.
  ///
  /// - Throws: What is wrong with the text.
  init(text: String) throws(EvaluationError) {
    if text.utf8.contains(UInt8(ascii: "%")) {
      throw Self.bad(text, "an address with a zone is not allowed")
    }
    let hasColon = text.utf8.contains(UInt8(ascii: ":"))
    guard let bytes = hasColon ? Self.version6(text) : Self.version4(text[...]) else {
      throw Self.bad(text, "it is no address such as 192.0.2.1 or 2001:db8::1")
    }
    self.init(bytes)
    if hasColon, isVersion4, text.utf8.contains(UInt8(ascii: ".")) {
      throw Self.bad(text, "an address of version 4 inside one of version 6 is not allowed")
    }
  }

  private static func bad(_ text: String, _ message: String) -> EvaluationError {
    EvaluationError(.invalidArgument, "\(Value.string(text).brief): \(message)")
  }

  /// Whether it is of version 4.
  var isVersion4: Bool { bytes.count == 4 }

  // MARK: Reading

  private static func version4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.utf8.count == 1 || part.utf8.first != 48, let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func version6(_ text: String) -> [UInt8]? {
    guard let gap = text.firstRange(ofGap: "::") else {
      return groups(text[...]).flatMap { $0.count == 16 ? $0 : nil }
    }
    let (before, after) = (text[..<gap.lowerBound], text[gap.upperBound...])
    guard after.firstRange(ofGap: "::") == nil, after.first != ":" else { return nil }
    guard let head = before.isEmpty ? [] : groups(before, isLast: false),
      let tail = after.isEmpty ? [] : groups(after), head.count + tail.count <= 14
    else { return nil }
    return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// Reads groups between colons; only the last of an address may be one of version 4.
  private static func groups(_ text: Substring, isLast: Bool = true) -> [UInt8]? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    var bytes: [UInt8] = []
    for (place, part) in parts.enumerated() {
      if isLast, place == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
        guard let inner = version4(part) else { return nil }
        bytes += inner
        continue
      }
      guard (1...4).contains(part.utf8.count),
        part.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0 | 32) }),
        let group = UInt16(part, radix: 16)
      else { return nil }
      bytes += [UInt8(group >> 8), UInt8(group & 255)]
    }
    return bytes
  }
}

extension StringProtocol {
  /// Returns where two colons stand, or nil.
  fileprivate func firstRange(ofGap gap: String) -> Range<Index>? {
    var place = utf8.startIndex
    while let found = utf8[place...].firstIndex(of: UInt8(ascii: ":")) {
      let next = utf8.index(after: found)
      if next < utf8.endIndex, utf8[next] == UInt8(ascii: ":") {
        return found..<utf8.index(after: next)
      }
      place = next
    }
    return nil
  }
}

// MARK: - Kinds of addresses

extension IPAddress {
  /// Whether it is `0.0.0.0` or `::`.
  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  /// Whether it is the machine's own: `127.0.0.0/8` or `::1`.
  var isLoopback: Bool {
    isVersion4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// Whether it is for all of a group.
  var isMulticast: Bool { isVersion4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF }

  /// Whether it is for a group on one link: `224.0.0.0/24` or `ff02::/16`.
  var isLinkLocalMulticast: Bool {
    isVersion4
      ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
      : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
  }

  /// Whether it is for one on the same link: `169.254.0.0/16` or `fe80::/10`.
  var isLinkLocalUnicast: Bool {
    isVersion4
      ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }

  /// Whether it is for one, beyond a link; private ranges count.
  var isGlobalUnicast: Bool {
    !(isUnspecified || isLoopback || isMulticast || isLinkLocalUnicast
      || bytes == [255, 255, 255, 255])
  }
}

extension IPAddress: OpaqueContent {
  static var typeName: String { "net.IP" }

  /// The canonical text (RFC 5952): lower case, no leading zeros, the longest run of zero groups as `::`.
  var text: String {
    if isVersion4 { return bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    var longest = 0..<0
    var start = 0
    while start < 8 {
      let end = groups[start...].firstIndex { $0 != 0 } ?? 8
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = max(end, start + 1)
    }
    func written(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if longest.isEmpty { return written(groups[...]) }
    return written(groups[..<longest.lowerBound]) + "::" + written(groups[longest.upperBound...])
  }
}
