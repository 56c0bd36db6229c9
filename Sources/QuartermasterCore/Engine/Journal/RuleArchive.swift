internal import QuartermasterCEL

/// The rule sets that a file was under, read and compiled when they are asked for.
///
/// One session, one thread.
package final class RuleArchive {
  private let session: StoreSession
  private let settings: ProjectSettings
  private var rows: [Int64: RuleSetRow] = [:]
  private var order: [Int64] = []
  // By hash: switching a rule makes a number of the same text.
  private var books: [String: RuleBook] = [:]
  private var sets: [String: RuleSet?] = [:]

  /// Reads which rule sets the file has.
  package init(_ session: StoreSession, _ settings: ProjectSettings) throws(Refusal) {
    self.session = session
    self.settings = settings
    for row in try RuleSetRow.all(session) {
      rows[row.number] = row
      order.append(row.number)
    }
  }

  /// All rule sets that the file still has, the oldest first.
  package var all: [RuleSetRow] { order.compactMap { rows[$0] } }

  /// The rule set in force, or nil when none was published.
  package var last: RuleSetRow? { order.last.flatMap { rows[$0] } }

  /// Returns a rule set by its number, or nil when the file does not have it (any more).
  package subscript(number: Int64) -> RuleSetRow? { rows[number] }

  /// Returns what the rules of a set were like.
  package func book(_ row: RuleSetRow) throws(Refusal) -> RuleBook {
    if let known = books[row.hash] { return known }
    let book = try RuleBook(row, schema: session.schema)
    books[row.hash] = book
    return book
  }

  /// Returns the compiled rule of a set; nil when the set has none of that name, or does not check against the schema
  /// of today.
  package func rule(_ name: String, in row: RuleSetRow) throws(Refusal) -> CompiledRule? {
    let set: RuleSet?
    if let known = sets[row.hash] {
      set = known
    } else {
      // What was in force once is not judged anew: only what it cannot be compiled without is checked.
      let options = RuleCheckOptions(
        checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
      set = try row.compiled(session.schema, settings, options).rules?.ruleSet
      sets[row.hash] = set
    }
    return set?.rules.first { $0.name == name }
  }
}
