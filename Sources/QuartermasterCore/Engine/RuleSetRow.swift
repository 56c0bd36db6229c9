package import QuartermasterCEL

/// A row of `_rules`: a rule set that was in force from an instant on, with the rules that were switched off.
///
/// The last row is in force. Publishing other files makes a row, and so does switching a rule on or off.
package struct RuleSetRow: Sendable {
  /// The number that journal rows carry.
  package let number: Int64
  /// When it came into force.
  package let at: Timestamp
  /// The files as JSON: `[[name, text], …]`; behind them the rules that are records, each with a third item such as
  /// `{"class": "Automation", "id": "low", "name": "low-stock", "author": "User/ann", "problem": "…"}`.
  package let text: String
  /// The hash of ``text``.
  package let hash: String
  /// The rules that are switched off.
  package let switches: RuleSwitches

  private static let columns = "number, at, text, hash, off"

  private init(_ statement: PreparedStatement) throws(Refusal) {
    number = statement.int(0)
    at = Timestamp(milliseconds: statement.int(1))
    text = statement.text(2)
    hash = statement.text(3)
    switches = try RuleSwitches(statement.optionalText(4))
  }

  /// Returns the row of the set in force, or nil when none was published.
  package static func last(_ session: StoreSession) throws(Refusal) -> RuleSetRow? {
    let statement = try session.statement(
      "SELECT \(columns) FROM _rules ORDER BY number DESC LIMIT 1")
    defer { statement.reset() }
    return try statement.step() ? try RuleSetRow(statement) : nil
  }

  /// Returns all rows that the file still has, the oldest first.
  package static func all(_ session: StoreSession) throws(Refusal) -> [RuleSetRow] {
    let statement = try session.statement("SELECT \(columns) FROM _rules ORDER BY number")
    defer { statement.reset() }
    var rows: [RuleSetRow] = []
    while try statement.step() { rows.append(try RuleSetRow(statement)) }
    return rows
  }

  /// Writes the row of a set that is in force from now on, in the commit that is open.
  ///
  /// - Returns: Its number.
  /// - Throws: A refusal when the file cannot be written.
  static func append(
    text: String, hash: String, switches: RuleSwitches, at: Timestamp, to store: Store
  ) throws(Refusal) -> Int64 {
    let insert = try store.statement(
      "INSERT INTO _rules (at, text, hash, off) VALUES (?1, ?2, ?3, ?4) RETURNING number")
    try insert.bind(1, at.milliseconds)
    try insert.bind(2, text)
    try insert.bind(3, hash)
    try insert.bind(4, switches.text)
    defer { insert.reset() }
    guard try insert.step() else { throw Refusal(.storage, "the rule set was not stored") }
    return insert.int(0)
  }

  /// The rules as files: those of the files, and those of records that were in force.
  ///
  /// - Throws: A refusal when the row is damaged.
  package func files() throws(Refusal) -> [SourceFile] {
    try ruleFiles() + storedRules().filter { $0.problem == nil }.map(\.file)
  }

  /// The rule files, as they were.
  ///
  /// - Throws: A refusal when the row is damaged.
  package func ruleFiles() throws(Refusal) -> [SourceFile] {
    try parts().compactMap { file in
      guard file.items.count == 2, let name = file.items[0].text, let text = file.items[1].text
      else { return nil }
      return SourceFile(name: name, text: text)
    }
  }

  /// The rules that were records, in key order, also those that could not run.
  ///
  /// - Throws: A refusal when the row is damaged.
  package func storedRules() throws(Refusal) -> [StoredRule] {
    try parts().compactMap { file in
      guard file.items.count == 3, let text = file.items[1].text,
        let className = file.items[2]["class"]?.text, let id = file.items[2]["id"]?.text,
        let name = file.items[2]["name"]?.text
      else { return nil }
      return StoredRule(
        className: className, id: id, name: name, text: text,
        author: file.items[2]["author"]?.text, problem: file.items[2]["problem"]?.text)
    }
  }

  /// The files and records as they are stored: each a list of texts, with what is known of a record behind them.
  private func parts() throws(Refusal) -> [JSONValue] {
    let read: JSONValue
    do { read = try JSONReader.read(text) } catch {
      throw Refusal(.storage, "rule set \(number) cannot be read: \(error.message)")
    }
    guard case .array(let parts) = read,
      parts.allSatisfy({
        (2...3).contains($0.items.count) && $0.items[0].text != nil && $0.items[1].text != nil
      })
    else { throw Refusal(.storage, "rule set \(number) is no list of files with their texts") }
    return parts
  }

  /// Returns what ``text`` says of rules.
  static func text(files: [SourceFile], stored: [StoredRule]) -> JSONBuffer {
    var body = JSONBuffer()
    body.beginArray()
    for file in files {
      body.beginArray()
      body.string(file.name)
      body.string(file.text)
      body.endArray()
    }
    for rule in stored {
      body.beginArray()
      body.string(rule.place)
      body.string(rule.text)
      body.beginObject()
      body.member("class", rule.className)
      body.member("id", rule.id)
      body.member("name", rule.name)
      if let author = rule.author { body.member("author", author) }
      if let problem = rule.problem { body.member("problem", problem) }
      body.endObject()
      body.endArray()
    }
    body.endArray()
    return body
  }

  /// Switches a rule on or off in the set in force, in a commit of its own: a new number with the same text.
  ///
  /// Engines follow before their next operation, in this process and in others.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - off: Whether it is switched off.
  ///   - by: Who does it.
  ///   - at: The instant.
  ///   - store: The data file.
  /// - Returns: The new number; nil when the rule was so already.
  /// - Throws: A refusal when there is no rule set, or the set has no such rule.
  package static func turn(
    _ rule: String, off: Bool, by: String, at: Timestamp, in store: Store
  ) throws(Refusal) -> Int64? {
    try store.begin()
    guard let last = try last(store) else {
      throw Refusal(
        .error, "the file has no rules yet; `quartermaster apply` or `run` publishes them")
    }
    let known = RuleBook(try last.files(), schema: store.schema).names
    guard known.contains(rule) else {
      let hint = Suggestion.closest(to: rule, among: known).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(.error, "there is no rule \(rule)\(hint)")
    }
    if (last.switches[rule] != nil) == off {
      store.rollback()
      return nil
    }
    let switches = last.switches.turning(rule, off: off, by: by, at: at)
    let number = try append(
      text: last.text, hash: last.hash, switches: switches, at: at, to: store)
    try store.commit()
    return number
  }
}
