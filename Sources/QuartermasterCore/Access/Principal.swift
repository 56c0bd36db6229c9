/// Who acts: a user with roles, somebody who is not signed in, or the host itself.
public struct Principal: Sendable, Hashable {
  /// The objectId of the record of class `User`; nil for somebody who is not signed in.
  public let userID: String?
  /// The names of the roles that the user has.
  public let roles: Set<String>

  public init(userID: String?, roles: Set<String> = []) {
    self.userID = userID
    self.roles = roles
  }

  /// Somebody who is not signed in.
  public static let anonymous = Principal(userID: nil)

  /// The most characters that the name of a role has.
  package static let longestRoleName = 100

  /// Whether a text can name a role: letters, digits, `_`, `-` and spaces between them, as on Parse servers.
  package static func isRoleName(_ name: String) -> Bool {
    !name.isEmpty && name.count <= longestRoleName && name.first != " " && name.last != " "
      && name.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
          || scalar == "_" || scalar == "-" || scalar == " "
      }
  }
}
