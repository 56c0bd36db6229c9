package import QuartermasterCEL

extension AccessPolicy {
  /// Returns a user with the roles that stand in his record and those that he was granted; nil when there is no such user.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  package func principal(_ id: String, _ session: StoreSession) throws(Refusal) -> Principal? {
    guard let users = session.schema[userClass],
      let record = try session.existing(users.recordType, id)
    else { return nil }
    var roles: Set<String> = []
    if let slot = roleField.flatMap({ users[$0]?.slot }) {
      switch record.values[slot] {
      case .string(let role): roles.insert(role)
      case .list(let items):
        for case .string(let role) in items { roles.insert(role) }
      default: break
      }
    }
    if let accounts = AccountClass(session.schema), userClass == AccountClass.className {
      roles.formUnion(try AccountTables(accounts, session).grantedRoles(of: id))
    }
    return Principal(userID: id, roles: roles)
  }

  /// Returns what a user may do; nil when there is no such user.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  package func view(of id: String, _ session: StoreSession) throws(Refusal) -> AccessView? {
    guard let principal = try principal(id, session) else { return nil }
    return AccessView(principal, self, session.schema)
  }
}

extension Engine {
  /// Returns a user with the roles that stand in his record, as access.yaml says where, and those that he was granted; nil
  /// when there is no such user.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  public func principal(of userID: String) throws -> Principal? {
    try store.read { reader throws(Refusal) in try access.principal(userID, reader) }
  }
}

extension Interpreter {
  /// Acts in somebody's name from now on, with what he may do; nil for the system.
  ///
  /// - Throws: ``Refusal`` when he is not there.
  package func act(as view: AccessView?) throws(Refusal) {
    actor = nil
    access = view
    guard let view, let id = view.principal.userID else { return }
    let users = try definition(view.policy.userClass)
    guard let record = try store.existing(users.recordType, id) else {
      throw Refusal(.schema, "the actor \(users.name)/\(id) is not there")
    }
    actor = record
  }
}
