/// Roles in `_roles`: who has which. A role is there as long as somebody has it.
extension AccountTables {
  /// Returns the roles that a user was granted, in order of name.
  package func grantedRoles(of user: String) throws(Refusal) -> [String] {
    try texts("SELECT role FROM _roles WHERE user = ?1 ORDER BY role", [.text(user)])
  }

  /// Returns the ids of the users who were granted a role, in order.
  package func members(of role: String) throws(Refusal) -> [String] {
    try texts("SELECT user FROM _roles WHERE role = ?1 ORDER BY user", [.text(role)])
  }

  /// Returns the names of all roles that somebody was granted.
  package func roles() throws(Refusal) -> [String] {
    try texts("SELECT DISTINCT role FROM _roles ORDER BY role", [])
  }

  /// Grants a role.
  ///
  /// - Returns: Whether the user did not have it yet.
  package func grant(_ role: String, to user: String, at now: Int64) throws(Refusal) -> Bool {
    try changes(
      "INSERT OR IGNORE INTO _roles (user, role, at) VALUES (?1, ?2, ?3) RETURNING 1",
      [.text(user), .text(role), .integer(now)])
  }

  /// Takes a role away.
  ///
  /// - Returns: Whether the user had it.
  package func take(_ role: String, from user: String) throws(Refusal) -> Bool {
    try changes(
      "DELETE FROM _roles WHERE user = ?1 AND role = ?2 RETURNING 1", [.text(user), .text(role)])
  }

  private func changes(_ sql: String, _ parameters: [Parameter]) throws(Refusal) -> Bool {
    let statement = try bound(sql, parameters)
    defer { statement.reset() }
    return try statement.step()
  }

  private func texts(_ sql: String, _ parameters: [Parameter]) throws(Refusal) -> [String] {
    let read = try bound(sql, parameters)
    defer { read.reset() }
    var found: [String] = []
    while try read.step() { found.append(read.text(0)) }
    return found
  }
}
