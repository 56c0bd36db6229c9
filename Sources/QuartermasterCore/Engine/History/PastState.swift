package import QuartermasterCEL

/// A copy of a data file as it was at an instant.
///
/// The file that it was made from is only read. The copy is removed with this object, or with ``close()``.
package final class PastState {
  /// The copy, open.
  package let store: Store
  /// The instant.
  package let instant: Timestamp
  /// The number that the next operation after the instant had.
  package let firstUndone: Int64
  private let folder: ScratchFolder

  /// Rebuilds a state.
  ///
  /// - Parameters:
  ///   - instant: The instant: what happened before it is there, what happened at it or later is not.
  ///   - schema: The schema of the file.
  ///   - copy: Writes a whole copy of the file to a path.
  /// - Throws: ``HistoryReach/Gap`` when the journal does not reach back so far; a refusal when the file cannot be read or
  ///   copied.
  package init(
    at instant: Timestamp, schema: Schema, copy: (String) throws(Refusal) -> Void
  ) throws {
    let folder = try ScratchFolder()
    let path = folder.file("past.sqlite")
    try copy(path)
    let store = try Self.openScratch(path, schema)
    do {
      firstUndone = try store.perform { store throws(Refusal) in
        Result { () throws -> Int64 in
          try HistoryReach(store).check(instant)
          return try JournalUndo.undo(to: instant, in: store)
        }
      }.get()
    } catch {
      try? store.close()
      throw error
    }
    self.folder = folder
    self.store = store
    self.instant = instant
  }

  /// Closes the copy and removes it.
  package func close() {
    // It is thrown away: nothing is lost when it does not close well.
    try? store.close()
    folder.remove()
  }

  /// Opens a copy that nobody else uses and that need not survive a crash.
  static func openScratch(_ path: String, _ schema: Schema) throws(Refusal) -> Store {
    var options = StoreOptions()
    options.durability = .relaxed
    options.createsFile = false
    options.capturesOutside = false
    let store = try Store.open(path, schema: schema, options: options)
    try store.perform { store throws(Refusal) in try store.execute("PRAGMA synchronous = OFF") }
    return store
  }
}

extension Store {
  /// Writes a whole copy of a data file, as it is now, to a path where nothing is, while others write.
  ///
  /// - Throws: A refusal when the file cannot be read, or the copy cannot be written.
  package static func copy(
    _ path: String, to copy: String, progress: (Double) -> Void = { _ in }
  ) throws(Refusal) {
    let part = try Backup.copy(path, beside: copy, progress)
    try FileSwap.rename(part, to: copy)
  }
}
