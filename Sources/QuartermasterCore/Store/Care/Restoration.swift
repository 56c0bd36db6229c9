internal import Foundation
package import QuartermasterCEL

/// Puts a backup in the place of a data file.
///
/// Docs/care.md; Docs/Decisions/0095.
package enum Restoration {
  /// What was done.
  package struct Report: Sendable {
    /// What the file holds now.
    package let contents: Backup.Contents
    /// The name under which the file is kept that was there; nil when there was none.
    package let kept: String?
    /// Whether the tables of the backup are those of the schema; if not, `migrate` is needed.
    package let fitsSchema: Bool
  }

  /// Replaces a data file by a copy of a backup, and keeps what was there under another name.
  ///
  /// The backup is copied and checked before anything is touched, and the name changes hands in one step: whenever this
  /// is interrupted, the data file is either the old one or the new one.
  ///
  /// - Parameters:
  ///   - backup: The backup; it stays as it is.
  ///   - path: The data file, there or not.
  ///   - schema: The schema of the project, to say whether the tables fit.
  ///   - now: The instant that the name of the replaced file carries.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Returns: What was done.
  /// - Throws: A refusal when the backup is none, or another process has the data file open. Nothing is changed then.
  package static func restore(
    _ backup: String, to path: String, schema: Schema, now: Timestamp,
    progress: (Double) -> Void = { _ in }
  ) throws(Refusal) -> Report {
    var options = StoreOptions()
    options.createsFile = false
    try Store.inspect(backup, options, writes: false)
    if FileSwap.isFolder(path) {
      throw Refusal(.storage, "\(path): this is a folder; name the data file in it")
    }
    if FileSwap.isSame(backup, path) {
      throw Refusal(.storage, "\(backup): this is the data file itself; name a backup of it")
    }
    try checkIsAlone(path)
    let part = try Backup.copy(backup, beside: path, progress)
    do throws(Refusal) {
      let contents = try Backup.check(part, named: backup)
      try FileSwap.sync(part)
      let kept = try replace(path, by: part, now)
      let shape = SchemaShape(schema, schema.classes.map { ClassTable($0) }).text
      return Report(contents: contents, kept: kept, fitsSchema: contents.shape == shape)
    } catch {
      Backup.discard(part)
      throw error
    }
  }

  private static func checkIsAlone(_ path: String) throws(Refusal) {
    if FileSwap.isOpenElsewhere(path) {
      throw Refusal(
        .storage,
        "\(path): another process has the file open; stop it (`quartermaster run`, a host, a query), "
          + "and restore then")
    }
  }

  /// Gives a file the name of another, which is kept under a name with the instant.
  private static func replace(_ path: String, by part: String, _ now: Timestamp) throws(Refusal)
    -> String?
  {
    guard FileSwap.exists(path) else {
      // What is left of a file that is gone would be read as the log of the new one.
      for end in ["-wal", "-shm", "-journal"] { try FileSwap.remove(path + end) }
      try FileSwap.rename(part, to: path)
      try FileSwap.sync(FileSwap.folder(of: path))
      return nil
    }
    let kept = try freeName(path, now)
    // A log that cannot be taken in goes with its file, and must not meet the new one.
    for end in ["-wal", "-journal"] where FileSwap.exists(path + end) {
      try FileSwap.link(path + end, as: kept + end)
    }
    let isWhole = takeInLog(path)
    try checkIsAlone(path)
    for end in ["-wal", "-journal"] {
      if isWhole { try FileSwap.remove(kept + end) }
      try FileSwap.remove(path + end)
    }
    try FileSwap.remove(path + "-shm")
    try FileSwap.link(path, as: kept)
    try FileSwap.rename(part, to: path)
    try FileSwap.sync(FileSwap.folder(of: path))
    return kept
  }

  /// Writes what stands in the log of a file into the file, so that it is whole without it.
  ///
  /// - Returns: Whether that went well; a damaged file may not allow it.
  private static func takeInLog(_ path: String) -> Bool {
    do throws(Refusal) {
      let file = try PlainFile(path, .writing, busyTimeout: 0)
      defer { file.close() }
      let mode = try file.statement("PRAGMA journal_mode = DELETE")
      return try mode.step() && mode.text(0) == "delete"
    } catch { return false }
  }

  private static func freeName(_ path: String, _ now: Timestamp) throws(Refusal) -> String {
    let stamp = now.description.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
      .prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "Z") }
    let name = "\(path).replaced-\(String(decoding: Array(stamp), as: UTF8.self))Z"
    for number in 1...99 {
      let free = number == 1 ? name : "\(name)-\(number)"
      if !FileSwap.exists(free), !FileSwap.exists(free + "-wal") { return free }
    }
    throw Refusal(.storage, "\(name): there are too many of this name; move some away")
  }
}
