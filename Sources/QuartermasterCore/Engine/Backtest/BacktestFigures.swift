internal import QuartermasterCEL

/// What is counted in one world.
struct BacktestFigures: Sendable {
  /// A table: the numbers by the name of the row.
  struct Section: Sendable {
    let name: String
    let title: String
    var rows: [String: ExactDecimal] = [:]
  }

  private(set) var sections: [Section] = []

  /// Counts.
  ///
  /// - Parameters:
  ///   - view: The world.
  ///   - measures: What the host or its domain wants to be counted besides.
  ///   - world: The rules that play the world; they are no part of what is compared.
  /// - Throws: What a measure throws; a refusal when the copy cannot be read.
  init(_ view: BacktestView, _ measures: [BacktestMeasure], world: Set<String>) throws {
    for measure in measures {
      var section = Section(name: measure.name, title: measure.title)
      for row in try measure.rows(view) {
        let was = section.rows[row.name] ?? ExactDecimal(0)
        section.rows[row.name] = was.adding(row.value) ?? row.value
      }
      sections.append(section)
    }
    let session = view.session
    sections.append(try Self.statuses(session))
    var made = Section(name: "made", title: "Records made by rules")
    var fired = Section(name: "firings", title: "Firings by rule")
    try JournalReader(session).backwards(
      within: view.rows.lowerBound...max(view.rows.lowerBound, view.rows.upperBound - 1)
    ) { entry throws(Refusal) in
      for firing in entry.firings where firing.skipped == nil && !world.contains(firing.rule) {
        fired.count(firing.rule)
      }
      let created = Set(
        entry.hostChanges(session.schema).filter { $0.kind == .create }.compactMap(\.record))
      for change in entry.changes where change.kind == .created && !created.contains(change.record)
      {
        made.count(change.className)
      }
      return true
    }
    sections.append(made)
    sections.append(try Self.messages(session, since: view.since, world))
    sections.append(fired)
    sections.append(try Self.refused(session, since: view.since, until: view.until))
  }

  /// Returns how many records of each class with a flow stand in each of its states.
  private static func statuses(_ session: StoreSession) throws -> Section {
    var section = Section(name: "statuses", title: "Records by status, at the end")
    for definition in session.schema.classes {
      guard let field = definition.flowField else { continue }
      let read = try session.statement(
        "SELECT \(ClassTable.quoted(field.name)), count(*) FROM \(ClassTable.quoted(definition.name)) "
          + "GROUP BY 1")
      while try read.step() {
        section.count("\(definition.name) \(read.text(0))", Int64(read.int(1)))
      }
    }
    return section
  }

  /// Returns how many messages each rule sent to whom; records are taken together by class.
  private static func messages(
    _ session: StoreSession, since: Timestamp, _ world: Set<String>
  ) throws -> Section {
    var section = Section(name: "messages", title: "Messages by rule and recipient")
    let read = try session.statement(
      "SELECT rule, \"to\", count(*) FROM \"Message\" WHERE at >= ?1 GROUP BY 1, 2")
    try read.bind(1, since.milliseconds)
    while try read.step() {
      if world.contains(read.text(0)) { continue }
      var recipient = read.text(1)
      if let slash = recipient.firstIndex(of: "/"),
        session.schema[String(recipient[..<slash])] != nil
      {
        recipient = "each " + recipient[..<slash]
      }
      section.count("\(read.text(0)) to \(recipient)", read.int(2))
    }
    return section
  }

  /// Returns how many operations were refused, by the rule that did it or the reason; what could not even be read is
  /// refused in every world and left out.
  private static func refused(_ session: StoreSession, since: Timestamp, until: Timestamp) throws
    -> Section
  {
    var section = Section(name: "refused", title: "Refused operations")
    let read = try session.statement(
      "SELECT rule, reason, body FROM _refused WHERE at >= ?1 AND at < ?2")
    try read.bind(1, since.milliseconds)
    try read.bind(2, until.milliseconds)
    while try read.step() {
      if let body = try? JSONReader.read(read.blob(2)), HostHistory.isUnreadable(body) { continue }
      let name = read.optionalText(0).map { "\($0) (\(read.text(1)))" } ?? read.text(1)
      section.count(name)
    }
    return section
  }
}

extension BacktestFigures.Section {
  mutating func count(_ name: String, _ by: Int64 = 1) {
    rows[name] = (rows[name] ?? ExactDecimal(0)).adding(ExactDecimal(by)) ?? ExactDecimal(by)
  }
}
