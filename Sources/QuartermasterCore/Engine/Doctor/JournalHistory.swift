internal import QuartermasterCEL

/// Where the journal last tells of each record.
struct JournalHistory {
  /// The last row of a record.
  struct Last {
    let row: Int64
    let isDeletion: Bool
  }

  private(set) var last: [String: Last] = [:]
  /// The first and the last row of the journal; 0 without any.
  private(set) var first: Int64 = 0
  private(set) var end: Int64 = 0

  /// Returns where a record was last told of, or nil when the journal does not (any more).
  subscript(className: String, id: String) -> Last? { last[className + "/" + id] }

  /// Takes in an operation; the oldest comes first.
  ///
  /// - Returns: The links that do not lead to the record's change before: its place and the row that it names.
  mutating func add(_ entry: JournalEntry) -> [(change: JournalEntry.Change, wanted: Int64?)] {
    if first == 0 { first = entry.row }
    end = entry.row
    var broken: [(change: JournalEntry.Change, wanted: Int64?)] = []
    for change in entry.changes {
      let before = last[change.record]
      // A new record has nothing before it, also where one of its name was deleted.
      let wanted = change.kind == .created ? 0 : before?.row
      if change.previous != wanted, wanted != nil || change.previous >= first {
        broken.append((change, wanted))
      }
      last[change.record] = Last(row: entry.row, isDeletion: change.kind == .deleted)
    }
    return broken
  }
}
