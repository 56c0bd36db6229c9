internal import QuartermasterCEL

/// How far a stream came, in the file.
///
/// `_progress` holds the line up to which it was applied, with a fingerprint of what stands before it. Where each line is
/// a commit of its own, that row would be one more page for each of them: there the line stands in the journal row that
/// the commit writes anyway, and `_progress` follows now and then, and where a commit has no journal row that says it.
/// Docs/Decisions/0062.
final class StreamProgress {
  /// The name under which the file knows the stream.
  @exclusivity(unchecked) var name = ""
  /// The bytes and the lines that were read.
  @exclusivity(unchecked) var position: Int64 = 0
  @exclusivity(unchecked) var line: Int64 = 0
  /// What was read.
  @exclusivity(unchecked) var fingerprint = LineFingerprint()

  private unowned let interpreter: Interpreter
  /// The number that stands for the name in the journal; 0 before it is known.
  @exclusivity(unchecked) private var number: Int64 = 0
  @exclusivity(unchecked) private var statement: PreparedStatement?

  init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  /// Writes into a row of the journal how far the stream came with it.
  func write(to body: inout JSONBuffer) {
    body.key("stream")
    body.beginArray()
    body.int(number)
    body.int(line)
    body.int(position)
    body.endArray()
  }

  /// Gives the stream the number that stands for it in the journal, in the commit that is open.
  func takeNumber() throws(Refusal) {
    if try findNumber() { return }
    let last = try interpreter.store.integer(
      "SELECT count(*) FROM _meta WHERE key GLOB '\(Self.prefix)*'")
    number = (last ?? 0) + 1
    let insert = try interpreter.store.statement("INSERT INTO _meta (key, value) VALUES (?1, ?2)")
    try insert.bind(1, Self.prefix + name)
    try insert.bind(2, number)
    try insert.run()
  }

  private static let prefix = "stream:"

  private func findNumber() throws(Refusal) -> Bool {
    let find = try interpreter.store.statement("SELECT value FROM _meta WHERE key = ?1")
    defer { find.reset() }
    try find.bind(1, Self.prefix + name)
    guard try find.step() else { return false }
    number = find.int(0)
    return true
  }

  /// Writes how far the stream came into `_progress`, in the commit that is open.
  ///
  /// - Parameter isDone: Whether the journal knows nothing further.
  /// - Throws: A refusal when the file cannot be written.
  func storeProgress(isDone: Bool = false) throws(Refusal) {
    let write: PreparedStatement
    if let statement {
      write = statement
    } else {
      write = try interpreter.store.statement(
        "INSERT INTO _progress (name, hash, position, line, at) VALUES (?1, ?2, ?3, ?4, ?5) "
          + "ON CONFLICT (name) DO UPDATE SET hash = ?2, position = ?3, line = ?4, at = ?5")
      statement = write
    }
    try write.bind(1, name)
    try write.bind(2, fingerprint.text)
    try write.bind(3, position)
    try write.bind(4, line)
    try write.bind(5, isDone ? interpreter.now.milliseconds : nil)
    try write.run()
  }

  /// How far the last run came.
  struct Stored {
    /// The fingerprint of what stands before ``position``.
    let fingerprint: String
    /// The bytes and the lines that `_progress` knows of.
    let position: Int64, line: Int64
    /// The bytes that the journal knows of; 0 when it knows nothing further.
    let journaled: Int64
  }

  /// Returns how far the last run came, or nil when there was none.
  func stored() throws(Refusal) -> Stored? {
    let read = try interpreter.store.statement(
      "SELECT hash, position, line, at FROM _progress WHERE name = ?1")
    defer { read.reset() }
    try read.bind(1, name)
    guard try read.step() else { return nil }
    let journaled = read.isNull(3) ? try lastInJournal() : 0
    return Stored(
      fingerprint: read.text(0), position: read.int(1), line: read.int(2), journaled: journaled)
  }

  /// Looks for the last operation of this stream; what came after it, of timers or by hand, is few rows.
  private func lastInJournal() throws(Refusal) -> Int64 {
    var position: Int64 = 0
    guard try findNumber() else { return 0 }
    let mark = "\"stream\":[\(number),"
    try JournalReader(interpreter.store).backwards(containing: mark) { entry in
      position = entry.stream?.position ?? 0
      return false
    }
    return position
  }
}
