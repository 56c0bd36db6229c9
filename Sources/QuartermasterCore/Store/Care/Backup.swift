package import QuartermasterCEL

/// Copies of data files that can be relied on.
///
/// Docs/care.md; Docs/Decisions/0095.
package enum Backup {
  /// What is known of a copy.
  package struct Contents: Sendable {
    /// The bytes of the file.
    package let bytes: Int64
    /// The number of the last operation in it, 0 for none.
    package let lastOperation: Int64
    /// The instant of that operation.
    package let lastInstant: Timestamp?
    /// How many deliveries had not ended: they are made again after a restore.
    package let waiting: Int64
    /// The shape of its tables, as the schema in it says.
    let shape: String
  }

  /// Copies a data file as it is at one moment, while others read and write.
  ///
  /// The copy is made beside its place under another name, checked, put on the disk, and then given its name: what has
  /// the name is whole. Nothing of it needs the log of the file that it was made from.
  ///
  /// - Parameters:
  ///   - path: The data file.
  ///   - destination: The copy.
  ///   - overwrites: Whether a file that is there may be replaced.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Returns: What the copy holds.
  /// - Throws: A refusal when the file cannot be read, is damaged, or the copy cannot be written; nothing is left then.
  package static func make(
    of path: String, to destination: String, overwrites: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(Refusal) -> Contents {
    var options = StoreOptions()
    options.createsFile = false
    try Store.inspect(path, options, writes: false)
    try checkPlace(destination, of: path, overwrites)
    let part = try copy(path, beside: destination, progress)
    do throws(Refusal) {
      let contents = try check(part, named: destination)
      try FileSwap.sync(part)
      try FileSwap.rename(part, to: destination)
      try FileSwap.sync(FileSwap.folder(of: destination))
      return contents
    } catch {
      discard(part)
      throw error
    }
  }

  private static func checkPlace(_ destination: String, of path: String, _ overwrites: Bool)
    throws(Refusal)
  {
    if FileSwap.isFolder(destination) {
      throw Refusal(.storage, "\(destination): this is a folder; name a file in it")
    }
    if FileSwap.isSame(path, destination) {
      throw Refusal(.storage, "\(destination): this is the data file itself; name another file")
    }
    if FileSwap.exists(destination), !overwrites {
      throw Refusal(
        .storage,
        "\(destination): there is a file already; name another one, or allow to replace it with --force"
      )
    }
    for end in ["-wal", "-journal"] where FileSwap.exists(destination + end) {
      throw Refusal(
        .storage,
        "\(destination + end): this belongs to a data file that is open or was left by a crash; a "
          + "copy beside it would be read with it; name another file")
    }
  }

  /// Makes a whole file of a file and its log, beside the place that it will have.
  ///
  /// - Returns: The name of the copy.
  static func copy(_ path: String, beside destination: String, _ progress: (Double) -> Void)
    throws(Refusal) -> String
  {
    let part = "\(destination).part-\(FileSwap.processNumber)"
    discard(part)
    do throws(Refusal) {
      let source = try PlainFile(path, .reading)
      defer { source.close() }
      let target = try PlainFile(part, .making)
      defer { target.close() }
      try target.execute("PRAGMA synchronous = OFF")
      try source.copyPages(to: target, progress)
      // One file, without a log beside it.
      try target.execute("PRAGMA journal_mode = DELETE")
    } catch {
      discard(part)
      throw error
    }
    return part
  }

  /// Removes what is left of a copy that failed.
  static func discard(_ part: String) {
    for end in ["", "-journal", "-wal", "-shm"] {
      // Nothing more can be done for it, and its name says what it is.
      try? FileSwap.remove(part + end)
    }
  }

  /// Looks whether a file is a whole data file of ours, and reads what it holds.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - name: What it is called in messages.
  /// - Returns: What it holds.
  /// - Throws: A refusal when it is another program's, newer or damaged.
  static func check(_ path: String, named name: String) throws(Refusal) -> Contents {
    let file = try PlainFile(path, .reading)
    defer { file.close() }
    let application = try file.integer("PRAGMA application_id") ?? 0
    let version = try file.integer("PRAGMA user_version") ?? 0
    try Store.check(
      Int32(truncatingIfNeeded: application), Int32(truncatingIfNeeded: version), name)
    let damage = try file.damage()
    if let first = damage.first {
      throw Refusal(
        .storage,
        "\(name): the file is damaged: \(first)"
          + (damage.count > 1 ? " (and \(damage.count - 1) more)" : ""))
    }
    let broken = try file.integer("SELECT count(*) FROM pragma_foreign_key_check") ?? 0
    if broken > 0 {
      throw Refusal(.storage, "\(name): \(broken) pointers point at records that are not there")
    }
    let schema = try file.statement("SELECT shape FROM _schema ORDER BY number DESC LIMIT 1")
    defer { schema.reset() }
    let shape = try schema.step() ? schema.text(0) : ""
    let last = try file.statement("SELECT seq, at FROM _journal ORDER BY seq DESC LIMIT 1")
    defer { last.reset() }
    let hasLast = try last.step()
    return Contents(
      bytes: FileSwap.size(path), lastOperation: hasLast ? last.int(0) : 0,
      lastInstant: hasLast ? Timestamp(milliseconds: last.int(1)) : nil,
      waiting: try file.integer(
        "SELECT count(*) FROM _outbox WHERE state IN ('waiting', 'trying')") ?? 0,
      shape: shape)
  }
}
