/// The changes of records from a place in the journal on, and those to come.
///
/// They are read from the journal itself, a page at a time, when they are asked for: a slow reader misses nothing,
/// holds nobody up, and costs no memory. It ends when the engine is closed or the task is cancelled.
public struct RecordChanges: AsyncSequence, Sendable {
  public typealias Element = RecordChange

  let engine: Engine
  let className: String?
  let start: ChangePosition
  /// What may be seen; nil for all.
  var access: AccessView?

  public func makeAsyncIterator() -> Iterator { Iterator(self) }

  /// Goes through the changes.
  public struct Iterator: AsyncIteratorProtocol {
    private let changes: RecordChanges
    private var next: ChangePosition
    /// The operations of the page that were not given yet, in order.
    private var page: ArraySlice<JournalEntry> = []

    init(_ changes: RecordChanges) {
      self.changes = changes
      next = changes.start
    }

    /// Returns the next change, and waits for it where there is none yet; nil at the end.
    ///
    /// - Throws: ``Refusal`` when the file cannot be read, or when the journal does not hold the next operation any
    ///   more because the reader was too slow for its retention.
    public mutating func next() async throws -> RecordChange? {
      let (engine, bell) = (changes.engine, changes.engine.store.bell)
      while true {
        while let change = take() {
          guard let access = changes.access else { return change }
          do {
            let seen = try await BlockingWork.run { try engine.seen(change, access) }
            if let seen { return seen }
          } catch {
            if bell.isClosed { return nil }
            throw error
          }
        }
        if Task.isCancelled || bell.isClosed { return nil }
        let count = bell.count
        let (position, className) = (next, changes.className)
        let read: ChangePage
        do {
          read = try await BlockingWork.run {
            try engine.changePage(from: position, className: className)
          }
        } catch {
          if bell.isClosed { return nil }
          throw error
        }
        page = read.entries[...]
        if read.end > next, page.isEmpty { next = read.end }
        if page.isEmpty, !read.hasMore { await bell.wait(after: count, atMost: .seconds(1)) }
      }
    }

    /// Takes the next change out of the page.
    private mutating func take() -> RecordChange? {
      while let entry = page.first {
        let first = entry.row == next.row ? next.change : 0
        for place in entry.changes.indices.dropFirst(first) {
          let change = entry.changes[place]
          if let wanted = changes.className, wanted != change.className { continue }
          let found = RecordChange(place, of: entry, changes.engine.schema[change.className])
          next = found.position
          if next.row > entry.row { page.removeFirst() }
          return found
        }
        next = ChangePosition(after: entry.row)
        page.removeFirst()
      }
      return nil
    }
  }
}

/// Some operations of the journal.
struct ChangePage: Sendable {
  /// Those that may change a record of the class that was asked for.
  var entries: [JournalEntry] = []
  /// Behind the last operation that was looked at.
  var end: ChangePosition
  /// Whether there are more.
  var hasMore = false
}
