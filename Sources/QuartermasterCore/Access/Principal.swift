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
}
