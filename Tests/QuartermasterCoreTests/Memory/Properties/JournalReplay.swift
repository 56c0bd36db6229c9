import QuartermasterCEL

@testable import QuartermasterCore

/// Judges every change of a journal anew, by the rules stored under its number, and compares with what fired then.
///
/// The journal keeps what an operation made of a record, not the steps between its rounds. So a change is judged where
/// it came about in one round: nobody but the host wrote the record, or nobody but firings of one round did.
struct JournalReplay {
  /// How many changes were judged, and how many firings were met.
  private(set) var judged = 0, fired = 0
  /// What is not as it was.
  private(set) var differences: [String] = []

  private let session: StoreSession
  private let archive: RuleArchive
  private let computed: ComputedFields
  private let hostRecords: [Int64: String]
  private var judges: [String: [RuleJudge]] = [:]

  init(
    _ session: StoreSession, _ settings: ProjectSettings, hostRecords: [Int64: String]
  ) throws {
    self.session = session
    archive = try RuleArchive(session, settings)
    computed = ComputedFields(schema: session.schema, host: session)
    self.hostRecords = hostRecords
    var entries: [JournalEntry] = []
    let reader = JournalReader(session)
    try reader.backwards { entry in
      entries.append(entry)
      return true
    }
    var records: Set<String> = []
    for change in entries.flatMap(\.changes) where records.insert(change.record).inserted {
      guard let definition = session.schema[change.className] else { continue }
      try RecordVersions(reader, definition).walk(change.id) { version throws(Refusal) in
        try judge(version, definition)
        return true
      }
    }
  }

  private mutating func judge(_ version: RecordVersions.Version, _ definition: ClassDefinition)
    throws(Refusal)
  {
    guard let round = round(of: version) else { return }
    let record = session.record(definition.recordType, version.change.id)
    let change = Change(record: record, old: version.old, new: version.new)
    for judge in try judges(of: version.entry) where judge.rule.phase == .after {
      guard let trigger = judge.trigger, trigger.classIndex == definition.index,
        trigger.hold == nil, trigger.due == nil
      else { continue }
      let didFire = version.entry.firings.contains {
        $0.rule == judge.rule.name && $0.record == version.change.record && $0.round == round
      }
      let isOwn = judge.rule.conditions.allSatisfy(\.readsOwnRow)
      // What other records decided then cannot be judged now; the trigger can.
      let gate = judge.gate(change, now: version.entry.at, actor: nil, triggerOnly: !isOwn)
      let passes: Bool
      if case .passes = gate { passes = true } else { passes = false }
      judged += 1
      if didFire { fired += 1 }
      if didFire && !passes || isOwn && passes && !didFire {
        differences.append(
          "operation \(version.entry.row), round \(round): \(judge.rule.name) for "
            + "\(version.change.record) \(didFire ? "fired" : "did not fire"), judged: \(gate)")
      }
    }
  }

  /// The round in which a change was judged; nil where it came about in several, or that is not known.
  private func round(of version: RecordVersions.Version) -> Int? {
    let (entry, change) = (version.entry, version.change)
    if entry.origin == .withoutRules { return nil }
    let rounds = Set(
      change.authors.map { entry.firings.indices.contains($0) ? entry.firings[$0].round : -1 })
    guard let round = rounds.first else { return 1 }
    if rounds.count > 1 { return nil }
    if entry.origin != .host { return round + 1 }
    // The host may have written it too: the record itself, or as what a pointer of it leads to.
    guard let written = hostRecords[entry.row], written != change.record else { return nil }
    if written == ProjectDriver.none { return round + 1 }
    guard let host = entry.changes.first(where: { $0.record == written }) else { return nil }
    let isPointedAt = host.fields.contains { $0.old.text == change.id || $0.new.text == change.id }
    let isParent = session.schema[change.className]?.fields.contains { field in
      if case .rollUp = field.kind { true } else { false }
    }
    return isPointedAt || isParent == true ? nil : round + 1
  }

  private mutating func judges(of entry: JournalEntry) throws(Refusal) -> [RuleJudge] {
    guard let row = archive[entry.rules] else { return [] }
    if let known = judges[row.hash] { return known }
    var made: [RuleJudge] = []
    for name in try archive.book(row).names {
      guard let rule = try archive.rule(name, in: row) else { continue }
      made.append(RuleJudge(rule, session, computed))
    }
    judges[row.hash] = made
    return made
  }
}
