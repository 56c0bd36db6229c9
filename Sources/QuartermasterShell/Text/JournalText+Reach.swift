internal import QuartermasterCEL
internal import QuartermasterCore

/// How far back the journal goes, in words.
extension JournalText {
  /// Returns that the journal does not go back to a record's changes; nil when it does, or there never were any.
  func edge(_ journal: JournalReader, _ name: RecordName) throws -> String? {
    guard let last = try journal.lastRow(of: name.definition, name.id) else { return nil }
    guard let first = try journal.beginning() else { return nil }
    // A field may have changed before; the record's chain then leads out of the journal.
    var isCut = last < first.row
    if !isCut {
      var earliest: Int64 = 0
      try journal.history(of: name.definition, name.id) { entry, change in
        earliest = change.previous
        return true
      }
      isCut = earliest > 0 && earliest < first.row
    }
    return isCut ? "the journal does not go back that far: it \(beginning(first))" : nil
  }

  /// Returns where the journal begins, as `begins with operation 13, on …`; nil when all operations are still in it.
  func reach(_ journal: JournalReader) throws -> String? {
    guard let first = try journal.beginning(), first.row > 1 else { return nil }
    return beginning(first)
  }

  private func beginning(_ first: (row: Int64, at: Timestamp)) -> String {
    "begins with operation \(first.row), on \(instant(first.at))"
  }
}
