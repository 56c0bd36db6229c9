package import QuartermasterCEL

/// The rules of one side of a backtest, as they come into force one after the other.
struct RuleTimeline: Sendable {
  /// A rule set that comes into force.
  struct Step: Sendable {
    let at: Timestamp
    /// The number that rows of the journal carry.
    let number: Int64
    let rules: RuleSet
  }

  /// The set that is in force at the beginning.
  var first: Step
  /// Those that come into force later, in order.
  var later: [Step] = []
  /// From when on the rules of the first set were in force, by name; a rule that is not there was so always.
  var inForceSince: [String: Timestamp] = [:]

  /// One set from the beginning to the end.
  init(_ rules: RuleSet, number: Int64, at: Timestamp) {
    first = Step(at: at, number: number, rules: rules)
  }

  /// The rule sets that a file says were in force in a stretch of time.
  ///
  /// - Parameters:
  ///   - session: The file.
  ///   - since: The beginning.
  ///   - until: The end.
  ///   - cut: The first row of the journal in the stretch.
  ///   - schema: The schema of the file.
  ///   - compile: Makes a rule set of a row of the file.
  /// - Throws: What `compile` throws; a refusal when the file cannot be read.
  init(
    _ session: StoreSession, since: Timestamp, until: Timestamp, cut: Int64, schema: Schema,
    compile: (RuleSetRow) throws -> RuleSet
  ) throws {
    let rows = try RuleSetRow.all(session)
    let before = try JournalReader(session).entry(cut - 1)?.rules ?? 0
    let place = rows.lastIndex { $0.at <= since || $0.number <= before }
    if let place {
      first = Step(at: since, number: rows[place].number, rules: try compile(rows[place]))
      inForceSince = try Self.beginnings(rows[...place], schema)
    } else {
      first = Step(at: since, number: 0, rules: RuleSet(rules: []))
    }
    for row in rows.dropFirst(place.map { $0 + 1 } ?? 0) where row.at < until {
      later.append(Step(at: max(row.at, since), number: row.number, rules: try compile(row)))
    }
  }

  /// Returns since when each rule of the last set was in force without a break; those of the first set that the file
  /// still has are left out.
  private static func beginnings(_ rows: ArraySlice<RuleSetRow>, _ schema: Schema) throws
    -> [String: Timestamp]
  {
    func names(_ row: RuleSetRow) throws -> Set<String> {
      let book = RuleBook(try row.files(), schema: schema)
      return Set(book.names.filter { book[$0]?.isEnabled == true })
        .subtracting(row.switches.names)
    }
    guard let last = rows.last else { return [:] }
    var open = try names(last)
    var since: [String: Timestamp] = [:]
    for name in open { since[name] = last.at }
    for row in rows.dropLast().reversed() {
      open.formIntersection(try names(row))
      for name in open { since[name] = row.at }
    }
    // Rules older than the first set that is left may have been there before: retention takes old sets away.
    if let oldest = rows.first, oldest.number > 1 { for name in open { since[name] = nil } }
    return since
  }
}

extension RuleSet {
  /// The signals that rules of some files raise.
  func signals(of files: Set<String>) -> Set<String> {
    var found: Set<String> = []
    for rule in rules where files.contains(rule.span.file.name) {
      for action in rule.actions {
        if case .signal(let name, _) = action.verb { found.insert(name) }
      }
    }
    return found
  }

  /// The names of the rules of some files.
  func names(of files: Set<String>) -> Set<String> {
    Set(rules.filter { files.contains($0.span.file.name) }.map(\.name))
  }
}
