internal import QuartermasterCEL

/// A look at the health of a file.
extension Store {
  /// Looks through the whole file for damage, and for pointers to nothing.
  ///
  /// - Returns: What is wrong, in words; empty when all is well. Totals are the writer's to check.
  package func problems() throws(Refusal) -> [String] {
    try damage() + lostPointers()
  }

  /// Returns what `PRAGMA integrity_check` says is wrong.
  func damage() throws(Refusal) -> [String] {
    var found: [String] = []
    let integrity = try statement("PRAGMA integrity_check")
    while try integrity.step() {
      if integrity.text(0) != "ok" { found.append(integrity.text(0)) }
    }
    return found
  }

  /// Returns the pointers at records that are not there, counted by class and target.
  func lostPointers() throws(Refusal) -> [String] {
    var found: [String] = []
    let pointers = try statement(
      "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2")
    while try pointers.step() {
      let count = pointers.int(2)
      found.append(
        "\(count) \(count == 1 ? "pointer" : "pointers") of \(pointers.text(0)) "
          + "\(count == 1 ? "leads" : "lead") to a \(pointers.text(1)) that is not there")
    }
    return found
  }

  /// Opens a transaction that reads one state of the file while others write; ``rollback()`` ends it.
  func beginSnapshot() throws(Refusal) {
    lostCommit = false
    try execute("BEGIN")
    isBegun = true
    _ = try integer("SELECT count(*) FROM sqlite_master")
    let version = connection.dataVersion()
    if version != dataVersion { forgetAll() }
    dataVersion = version
  }
}
