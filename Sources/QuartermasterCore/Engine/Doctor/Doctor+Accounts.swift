internal import QuartermasterCEL

/// Users: names that two of them have, passwords in clear, and what is left of users who are gone.
extension Doctor {
  func lookAtAccounts() throws(Refusal) {
    try lookAtPasswords()
    guard let ledger = interpreter.writer.accounts else { return }
    try lookAtNames(ledger)
    for (table, what) in [("_sessions", "session"), ("_roles", "role")] {
      let lost =
        "FROM \(table) WHERE user NOT IN "
        + "(SELECT \"objectId\" FROM \(ClassTable.quoted(ledger.users.definition.name)))"
      let count = try store.integer("SELECT count(*) \(lost)") ?? 0
      if count == 0 { continue }
      found(
        .accounts, "\(count) \(what)\(count == 1 ? "" : "s") of users who are not there",
        mend: "drop \(count == 1 ? "it" : "them")"
      ) { [store] () throws(Refusal) in try store.execute("DELETE \(lost)") }
    }
  }

  /// What an older version kept as it was given, or another program wrote.
  private func lookAtPasswords() throws(Refusal) {
    guard let definition = schema[AccountClass.className],
      let slot = definition.fields.first(where: \.isPassword)?.slot
    else { return }
    var open: [String] = []
    try store.forEachRow(of: definition) { record, row throws(Refusal) in
      if case .string(let text) = row.values[slot], !PasswordHash.isKept(text) {
        open.append(record.id)
      }
    }
    guard let first = open.first else { return }
    let more = open.count > 1 ? " and \(open.count - 1) more" : ""
    found(
      .accounts, "the password of User/\(first)\(more) stands in clear",
      mend: "keep only its hash; one that is not allowed is locked"
    ) { [self] () throws(Refusal) in
      for id in open {
        guard let record = try store.existing(definition.recordType, id), let row = record.row
        else { continue }
        let next = Row.copy(row)
        _ = interpreter.writer.keepHash(in: next, of: definition)
        try store.update(record, next)
        changes.append(Change(record: record, old: row, new: next))
      }
    }
  }

  private func lookAtNames(_ ledger: AccountLedger) throws(Refusal) {
    var owners: [AccountLedger.Key: String] = [:]
    try store.forEachRow(of: ledger.users.definition) { record, row throws(Refusal) in
      for (field, slot) in ledger.users.nameFields {
        guard let name = AccountLedger.folded(row.values[slot]) else { continue }
        let key = AccountLedger.Key(field: field, name: name)
        if let owner = owners[key] {
          found(
            .accounts,
            "User/\(owner) and User/\(record.id) have one \(field) but for capitals; only the first "
              + "can log in with it: give the other another one", mend: nil)
        } else {
          owners[key] = record.id
        }
      }
    }
    // A file that no engine of this version opened yet has none.
    if try !ledger.isKept() { return }
    if try ledger.keptNames() != owners {
      found(.accounts, "the names of users are not as their records say", mend: "note them anew") {
        () throws(Refusal) in try ledger.rebuild()
      }
    }
  }
}
