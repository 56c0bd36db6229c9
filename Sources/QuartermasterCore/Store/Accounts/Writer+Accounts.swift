internal import QuartermasterCEL

/// Users, as the one door sees them.
extension Writer {
  /// Lets what is kept beside users follow a write, where it is one of theirs.
  func follow(_ record: Record, old: Row?, new: Row?) throws(Refusal) {
    guard let accounts, record.type.index == accounts.users.definition.index else { return }
    try accounts.follow(record, old: old, new: new)
  }

  /// Lets it follow what other programs wrote, which nothing refuses.
  func followOutside(_ writes: [(record: Record, old: Row?, new: Row?)]) throws(Refusal) {
    guard let accounts else { return }
    let written = writes.filter { $0.record.type.index == accounts.users.definition.index }
    if written.isEmpty { return }
    for (record, old, new) in written { try accounts.endSessions(record.id, old: old, new: new) }
    // Of two users with one name, the first by id has it; doctor tells of the other.
    try accounts.rebuild()
  }

  /// Puts a hash in the place of a password in clear that another program wrote.
  ///
  /// - Returns: What is wrong with the password, in words; then nobody can log in with it.
  func keepHash(in row: Row, of definition: ClassDefinition) -> String? {
    guard let field = definition.fields.first(where: \.isPassword), let slot = field.slot,
      case .string(let text) = row.values[slot], !PasswordHash.isKept(text)
    else { return nil }
    do {
      row.values[slot] = .string(try passwords.kept(text, field, class: definition.name))
      return nil
    } catch {
      row.values[slot] = .string(PasswordHash.locked)
      return "its password was locked: \(error.message)"
    }
  }
}
