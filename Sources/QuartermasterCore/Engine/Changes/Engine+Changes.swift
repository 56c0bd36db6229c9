internal import QuartermasterCEL

/// Observers: what changed, from the journal.
extension Engine {
  /// Returns the changes of a class, or of all, from a place in the journal on, and those to come.
  ///
  /// ```swift
  /// for try await change in try engine.changes(of: "PurchaseOrder") {
  ///   if let status = change["status"] { print(change.id, status.old, "->", status.new) }
  ///   try keep(change.position)
  /// }
  /// ```
  ///
  /// Changes of other processes on the file come as well, within about a second. Nothing is missed between this call
  /// and the first wait.
  ///
  /// - Parameters:
  ///   - className: The class; nil for all.
  ///   - position: Where to begin; nil for now.
  /// - Returns: The changes.
  /// - Throws: ``Refusal`` when there is no such class, when the journal does not go back that far any more, or when
  ///   the file cannot be read.
  public func changes(of className: String? = nil, from position: ChangePosition? = nil) throws
    -> RecordChanges
  {
    if let className, schema[className] == nil {
      let hint = Suggestion.closest(to: className, among: schema.recordTypeNames)
      throw Refusal(
        .schema, "no class \(className)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }
    let start = try store.read { reader throws(Refusal) in
      let (first, last) = try reader.journalBounds()
      guard let position else { return ChangePosition(after: last) }
      if position.row == 0 { return ChangePosition(row: max(first, 1)) }
      try position.check(first, last)
      return position
    }
    return RecordChanges(engine: self, className: className, start: start)
  }

  /// Returns the changes of the class of a host's type.
  public func changes<T: StoredRecord>(of type: T.Type, from position: ChangePosition? = nil) throws
    -> RecordChanges
  {
    try changes(of: T.className, from: position)
  }

  /// Returns a change as somebody may see it; nil for nothing.
  func seen(_ change: RecordChange, _ access: AccessView) throws(Refusal) -> RecordChange? {
    try store.read { reader throws(Refusal) in try access.seen(change, reader) }
  }

  /// How many operations, and about how many bytes of them, a page holds.
  private static let mostRows = 256, mostBytes = 1 << 18

  /// Reads the next operations of the journal.
  func changePage(from position: ChangePosition, className: String?) throws(Refusal) -> ChangePage {
    try store.read { reader throws(Refusal) in
      let (first, last) = try reader.journalBounds()
      try position.check(first, last)
      var page = ChangePage(end: position)
      // A row without the name of the class holds no change of it, and need not be read.
      let read = try reader.statement(
        "SELECT seq, at, CASE WHEN ?2 IS NULL OR instr(body, ?2) > 0 THEN body END FROM _journal "
          + "WHERE seq >= ?1 ORDER BY seq LIMIT \(Self.mostRows)")
      defer { read.reset() }
      try read.bind(1, position.row)
      if let className {
        try read.bind(2, Array("[\"\(className)\",".utf8))
      } else {
        try read.bindNull(2)
      }
      var bytes = 0
      while bytes < Self.mostBytes, try read.step() {
        let row = read.int(0)
        page.end = ChangePosition(after: row)
        page.hasMore = row < last
        if read.isNull(2) { continue }
        let body = read.blob(2)
        bytes += body.count
        page.entries.append(try JournalEntry(row: row, at: read.int(1), body: body))
      }
      return page
    }
  }
}

extension ChangePosition {
  /// Refuses a position that the journal does not hold.
  func check(_ first: Int64, _ last: Int64) throws(Refusal) {
    if row > last + 1 {
      throw Refusal(
        .error,
        "the journal ends with row \(last), and changes were asked for from row \(row) on; the position "
          + "is of another file, or of one that was restored since: begin anew")
    }
    if row < first, last > 0 {
      throw Refusal(
        .error,
        "the journal begins with row \(first), and changes were asked for from row \(row) on; what came "
          + "before was dropped: read the records as they are, and go on from ChangePosition.earliest"
      )
    }
  }
}

extension StoreSession {
  /// The first and the last row of the journal; 0 for both where it has none.
  func journalBounds() throws(Refusal) -> (first: Int64, last: Int64) {
    (
      try integer("SELECT min(seq) FROM _journal") ?? 0,
      try integer("SELECT max(seq) FROM _journal") ?? 0
    )
  }
}
