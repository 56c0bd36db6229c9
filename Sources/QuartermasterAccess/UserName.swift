internal import QuartermasterCore

/// What a user name, an e-mail address and the name of a role may be.
enum UserName {
  private static let longest = 100
  /// RFC 5321, section 4.5.3.1.
  private static let longestAddress = 254

  /// Refuses a name that could not be told from another one, or not be typed.
  static func check(_ name: String) throws(AccountError) {
    if name.isEmpty { throw .name("it is empty") }
    if name.count > longest || name.utf8.count > 4 * longest {
      throw .name("it has \(name.count) characters; at most \(longest)")
    }
    if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
      throw .name("it begins or ends with a space")
    }
    if name.unicodeScalars.contains(where: isInvisible) {
      throw .name("it holds a character that nobody sees, such as a tab or a mark of direction")
    }
  }

  /// Refuses what is no e-mail address: it is for messages, and for logging in where the schema says that it is unique.
  static func checkEmail(_ address: String) throws(AccountError) {
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.count <= longestAddress,
      !address.unicodeScalars.contains(where: { isInvisible($0) || $0.properties.isWhitespace })
    else { throw .field("that is no e-mail address; write it as ann@example.com") }
  }

  /// Refuses what is no name of a role: letters, digits, `_`, `-` and spaces, as on Parse servers.
  static func checkRole(_ name: String) throws(AccountError) {
    if !Principal.isRoleName(name) {
      throw .role(
        "the name of a role has 1 to \(Principal.longestRoleName) letters, digits, `_`, `-` and spaces between them"
      )
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      true
    default: false
    }
  }
}
