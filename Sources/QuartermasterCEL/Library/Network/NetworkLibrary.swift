extension CELLibrary {
  /// Addresses of networks and ranges of them: `ip("192.0.2.1")`, `cidr("192.0.2.0/24")`.
  public static let network = CELLibrary(
    name: "network", functions: NetworkLibrary.making + NetworkLibrary.kinds + NetworkLibrary.ranges
  )
}

/// The declarations of ``CELLibrary/network``.
enum NetworkLibrary {
  private static let address = CELType.abstract(IPAddress.typeName, [])
  private static let range = CELType.abstract(IPRange.typeName, [])

  private static func address(
    _ value: Value, _ function: String
  ) throws(EvaluationError) -> IPAddress {
    switch value {
    case .string(let text): return try IPAddress(text: text)
    case .opaque(let box):
      if let address = box.content as? IPAddress { return address }
      throw .argument(function, value)
    default: throw .argument(function, value)
    }
  }

  private static func range(_ value: Value, _ function: String) throws(EvaluationError) -> IPRange {
    switch value {
    case .string(let text): return try IPRange(text: text)
    case .opaque(let box):
      if let range = box.content as? IPRange { return range }
      throw .argument(function, value)
    default: throw .argument(function, value)
    }
  }

  private static func boxed(_ content: any OpaqueContent) -> Value { .opaque(OpaqueValue(content)) }

  private static func isReadable(_ read: () throws(EvaluationError) -> Void) -> Value {
    do throws(EvaluationError) {
      try read()
      return .bool(true)
    } catch { return .bool(false) }
  }

  /// `ip cidr isIP isCIDR ip.isCanonical string`.
  static let making: [FunctionDeclaration] = [
    FunctionDeclaration(
      "ip",
      "The address that a text has, of version 4 or 6; of a range, the address it was written with.",
      overloads: [
        .one("string_to_ip", .string, address) { value throws(EvaluationError) in
          boxed(try IPAddress(text: try value.text("ip()")))
        },
        .one("cidr_ip", range, address) { value throws(EvaluationError) in
          boxed(try range(value, "ip()").address)
        }.method(),
      ],
      examples: [
        "ip('127.0.0.1') == ip('127.0.0.1')", "cidr('192.168.1.5/24').ip() == ip('192.168.1.5')",
        "type(ip('::1')) == net.IP",
      ]),
    FunctionDeclaration(
      "cidr", "The range of addresses that a text has: an address and how many bits are shared.",
      overloads: [
        .one("string_to_cidr", .string, range) { value throws(EvaluationError) in
          boxed(try IPRange(text: try value.text("cidr()")))
        }
      ],
      examples: ["cidr('10.0.0.0/8').prefixLength() == 8"]),
    FunctionDeclaration(
      "isIP", "Whether a text is an address.",
      overloads: [
        .one("is_ip", .string, .bool) { value throws(EvaluationError) in
          let text = try value.text("isIP()")
          return isReadable { () throws(EvaluationError) in _ = try IPAddress(text: text) }
        }
      ],
      examples: ["isIP('1.2.3.4')", "!isIP('1.2.3')"]),
    FunctionDeclaration(
      "isCIDR", "Whether a text is a range of addresses.",
      overloads: [
        .one("is_cidr", .string, .bool) { value throws(EvaluationError) in
          let text = try value.text("isCIDR()")
          return isReadable { () throws(EvaluationError) in _ = try IPRange(text: text) }
        }
      ],
      examples: ["isCIDR('10.0.0.0/8')", "!isCIDR('10.0.0.0/33')"]),
    FunctionDeclaration(
      "ip.isCanonical", "Whether a text is an address as RFC 5952 writes it.",
      overloads: [
        .one("ip_is_canonical", .string, .bool) { value throws(EvaluationError) in
          let text = try value.text("ip.isCanonical()")
          return .bool(UTF8Text.equal(try IPAddress(text: text).text, text))
        }
      ],
      examples: ["ip.isCanonical('2001:db8::1')", "!ip.isCanonical('2001:DB8::1')"]),
    FunctionDeclaration(
      "string", "The text of an address or of a range.",
      overloads: [
        .one("ip_to_string", address, .string, Value.toText),
        .one("cidr_to_string", range, .string, Value.toText),
      ],
      examples: ["string(ip('2001:db8:0:0::1')) == '2001:db8::1'"]),
  ]

  private static func test(
    _ name: String, _ id: String, _ documentation: String, _ example: String,
    _ test: @escaping @Sendable (IPAddress) -> Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, documentation,
      overloads: [
        .one(id, address, .bool) { value throws(EvaluationError) in
          .bool(test(try address(value, "\(name)()")))
        }.method()
      ], examples: [example])
  }

  /// What kind of address it is.
  static let kinds: [FunctionDeclaration] = [
    FunctionDeclaration(
      "family", "The version of an address: 4 or 6.",
      overloads: [
        .one("ip_family", address, .int) { value throws(EvaluationError) in
          .int(try address(value, "family()").isVersion4 ? 4 : 6)
        }.method()
      ],
      examples: ["ip('127.0.0.1').family() == 4", "ip('::1').family() == 6"]),
    test(
      "isUnspecified", "ip_is_unspecified", "Whether an address is 0.0.0.0 or ::.",
      "ip('::').isUnspecified()"
    ) { $0.isUnspecified },
    test(
      "isLoopback", "ip_is_loopback", "Whether an address is the machine's own.",
      "ip('127.0.0.1').isLoopback()"
    ) { $0.isLoopback },
    test(
      "isGlobalUnicast", "ip_is_global_unicast",
      "Whether an address is for one receiver beyond a link; private ranges count.",
      "ip('192.168.0.1').isGlobalUnicast()"
    ) { $0.isGlobalUnicast },
    test(
      "isLinkLocalUnicast", "ip_is_link_local_unicast",
      "Whether an address is for one receiver on the same link.",
      "ip('169.254.169.254').isLinkLocalUnicast()"
    ) { $0.isLinkLocalUnicast },
    test(
      "isLinkLocalMulticast", "ip_is_link_local_multicast",
      "Whether an address is for a group on the same link.",
      "ip('224.0.0.1').isLinkLocalMulticast()"
    ) { $0.isLinkLocalMulticast },
  ]

  /// What ranges hold.
  static let ranges: [FunctionDeclaration] = [
    FunctionDeclaration(
      "containsIP", "Whether an address is in a range.",
      overloads: [
        .two("cidr_contains_ip", range, address, .bool, containsAddress).method(),
        .two("cidr_contains_ip_string", range, .string, .bool, containsAddress).method(),
      ],
      examples: [
        "cidr('10.0.0.0/8').containsIP('10.0.0.1')", "!cidr('10.0.0.0/8').containsIP(ip('::1'))",
      ]),
    FunctionDeclaration(
      "containsCIDR", "Whether a whole range is in another.",
      overloads: [
        .two("cidr_contains_cidr", range, range, .bool, containsRange).method(),
        .two("cidr_contains_cidr_string", range, .string, .bool, containsRange).method(),
      ],
      examples: ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')"]),
    FunctionDeclaration(
      "masked", "A range with the bits that are not shared set to 0.",
      overloads: [
        .one("cidr_masked", range, range) { value throws(EvaluationError) in
          boxed(try range(value, "masked()").masked)
        }.method()
      ],
      examples: ["cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24')"]),
    FunctionDeclaration(
      "prefixLength", "How many bits the addresses of a range share.",
      overloads: [
        .one("cidr_prefix_length", range, .int) { value throws(EvaluationError) in
          .int(Int64(try range(value, "prefixLength()").length))
        }.method()
      ],
      examples: ["cidr('192.168.1.0/24').prefixLength() == 24"]),
  ]

  private static let containsAddress: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    whole, part throws(EvaluationError) in
    .bool(try range(whole, "containsIP()").contains(try address(part, "containsIP()")))
  }

  private static let containsRange: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    whole, part throws(EvaluationError) in
    .bool(try range(whole, "containsCIDR()").contains(try range(part, "containsCIDR()")))
  }
}
