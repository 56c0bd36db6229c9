internal import QuartermasterCEL
public import QuartermasterCore

/// Roles: named groups of users, one level deep. The host alone grants them.
extension Accounts {
  /// Grants a role to a user.
  ///
  /// A role is there as soon as somebody has it. It is asked for anew with each ``session(token:)``, so it counts at once.
  ///
  /// - Parameters:
  ///   - role: 1 to 100 letters, digits, `_`, `-` and spaces. Capitals make a difference.
  ///   - userID: The user.
  /// - Returns: Whether the user did not have it yet.
  /// - Throws: ``AccountError/noUser(_:)``, ``AccountError/role(_:)``.
  @discardableResult
  public func grant(_ role: String, to userID: String) throws -> Bool {
    try UserName.checkRole(role)
    let now = now
    return try engine.changeAccounts { tables in
      let user = try Self.user(userID, tables)
      if user.role == role { return false }
      return try tables.grant(role, to: userID, at: now)
    }
  }

  /// Takes a role away from a user.
  ///
  /// - Returns: Whether the user had it.
  /// - Throws: ``AccountError/noUser(_:)``; ``AccountError/role(_:)`` for the role that is the field `role` of the user,
  ///   which is changed like other fields.
  @discardableResult
  public func take(_ role: String, from userID: String) throws -> Bool {
    try engine.changeAccounts { tables in
      let user = try Self.user(userID, tables)
      let wasGranted = try tables.take(role, from: userID)
      if user.role == role {
        throw AccountError.role(
          "\(role) is the `role` of User/\(userID), a field of the record: set that to another value"
        )
      }
      return wasGranted
    }
  }

  /// Returns the roles of a user: those that were granted, and the one of the field `role`.
  public func roles(of userID: String) throws -> Set<String> {
    try engine.readAccounts { try Self.roles(of: try Self.user(userID, $0), $0) }
  }

  /// Returns the users who have a role, in the order of their names.
  public func members(of role: String) throws -> [Account] {
    try allAccounts().filter { $0.roles.contains(role) }
  }

  /// Returns who acts as a user, without a log-in: for the host's own work in the user's name.
  public func principal(of userID: String) throws -> Principal {
    Principal(userID: userID, roles: try roles(of: userID))
  }

  static func roles(of user: AccountTables.User, _ tables: AccountTables) throws -> Set<String> {
    var roles = Set(try tables.grantedRoles(of: user.id))
    // A value that is no name of a role is none.
    if let role = user.role, Principal.isRoleName(role) { roles.insert(role) }
    return roles
  }
}
