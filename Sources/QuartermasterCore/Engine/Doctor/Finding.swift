/// Something that a data file should not be like.
package struct Finding: Sendable {
  /// What was looked at.
  package enum Check: String, Sendable {
    /// The pages of the file: `PRAGMA integrity_check`.
    case file
    /// Pointers at records that are not there.
    case pointers
    /// Tables, columns, indexes and triggers.
    case tables
    /// Roll-ups against their children.
    case totals
    /// The journal and the records it tells of.
    case journal
    /// Ids and numbers that are given by the engine.
    case counters
    /// The rules in force.
    case rules
    /// Timers against their rules and records.
    case timers
    /// The next instants of schedules.
    case schedules
    /// Deliveries, and firings of later rules.
    case outbox
    /// Users: their names, passwords, sessions and roles.
    case accounts
  }

  /// What was looked at.
  package let check: Check
  /// What is wrong, in words.
  package let text: String
  /// What mending does; nil where it is for people to decide.
  package let mend: String?
  /// Whether it is only worth knowing: what an interrupted process leaves behind, and what comes right by itself.
  package let isNote: Bool
}

/// What looking through a file came to.
package struct Examination: Sendable {
  /// What was found, in the order of the checks.
  package internal(set) var findings: [Finding] = []
  /// The row of the journal that says what was mended; nil when nothing was.
  package internal(set) var operation: Int64?

  /// Whether something was mended before the engine opened the file: its indexes.
  package internal(set) var isMendedBefore = false

  /// The findings that are more than worth knowing.
  package var problems: [Finding] { findings.filter { !$0.isNote } }

  /// Adds what was found before the engine could open the file.
  package mutating func add(_ findings: [Finding]) { self.findings += findings }
}
