package import QuartermasterCEL

/// The operations that were refused.
extension JournalReader {
  /// An operation that was refused.
  package struct Refused: Sendable {
    /// The instant.
    package let at: Timestamp
    /// The reason, such as `reject`, `schema` or `error`.
    package let reason: String
    /// The rule in which it happened, if any.
    package let rule: String?
    /// What happened.
    package let message: String
    /// Who asked for it, and what.
    package let actor: String?, input: String?
    /// The number of the rule set that was in force; 0 for none.
    package let rules: Int64
    /// The records that it had written before it was undone; the first ones, where they are many.
    package let records: [String]
  }

  /// Gives the operations that were refused, the last one first, until the body says that it has enough.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  package func refusedBackwards(
    from first: Timestamp? = nil, to last: Timestamp? = nil,
    _ body: (Refused) throws(Refusal) -> Bool
  ) throws(Refusal) {
    let statement = try session.statement(
      "SELECT at, reason, rule, message, body FROM _refused ORDER BY number DESC")
    defer { statement.reset() }
    while try statement.step() {
      let at = Timestamp(milliseconds: statement.int(0))
      if let last, at > last { continue }
      // Clocks may have been set: what is older may still stand behind what is newer.
      if let first, at < first { continue }
      let json = try? JSONReader.read(statement.blob(4))
      let refused = Refused(
        at: at, reason: statement.text(1), rule: statement.optionalText(2),
        message: statement.text(3), actor: json?["actor"]?.text, input: json?["input"]?.text,
        rules: json?["rules"]?.integer ?? 0,
        records: (json?["records"]?.items ?? []).compactMap(\.text))
      if try !body(refused) { return }
    }
  }

  /// Returns the last operations that were refused and were about a record: they had written it, or what was asked
  /// names it.
  package func refused(
    about className: String, _ id: String, limit: Int
  ) throws(Refusal) -> [Refused] {
    var found: [Refused] = []
    try refusedBackwards { refused in
      if refused.isAbout(className, id) { found.append(refused) }
      return found.count < limit
    }
    return found
  }
}

extension JournalReader.Refused {
  /// Whether it had written a record, or what was asked names it.
  package func isAbout(_ className: String, _ id: String) -> Bool {
    if records.contains("\(className)/\(id)") { return true }
    // A line of a stream; what was typed at the prompt is found by what it wrote.
    guard let input, input.hasPrefix("{"), let line = try? JSONReader.read(input) else {
      return false
    }
    return line["class"]?.text == className && line["id"]?.text == id
  }
}
