internal import QuartermasterCEL

/// The deliveries of a data file, in lanes: a lane is a channel and an address, and only its first delivery is tried.
///
/// All of it runs inside the open commit of the store.
struct Outbox {
  let store: Store
  /// The present instant, in milliseconds.
  let now: Int64

  /// The first delivery of a lane.
  struct Head: Sendable {
    let number: Int64
    let channel: String
    let address: String
    let next: Int64
  }

  /// A delivery that was taken to be tried.
  struct Claim: Sendable {
    let number: Int64
    let delivery: Delivery
    /// When its tries began, in milliseconds.
    let since: Int64
  }

  // MARK: Lanes

  /// Returns the first delivery of each lane, whenever it is due, in the order in which they were queued.
  static func heads(_ session: StoreSession) throws(Refusal) -> [Head] {
    // The inner part runs along the index of lanes alone.
    let read = try session.statement(
      """
      SELECT o.number, o.channel, o.address, o.next FROM (
          SELECT min(number) AS number FROM _outbox WHERE state = 'waiting' GROUP BY channel, address) h
        JOIN _outbox o ON o.number = h.number ORDER BY o.number
      """)
    defer { read.reset() }
    var heads: [Head] = []
    while try read.step() { heads.append(head(read)) }
    return heads
  }

  /// Returns the first delivery that waits in a lane, or nil.
  func head(of lane: Head) throws(Refusal) -> Head? {
    let read = try store.statement(
      "SELECT number, channel, address, next FROM _outbox "
        + "WHERE state = 'waiting' AND channel = ?1 AND address = ?2 ORDER BY number LIMIT 1")
    defer { read.reset() }
    try read.bind(1, lane.channel)
    try read.bind(2, lane.address)
    return try read.step() ? Self.head(read) : nil
  }

  private static func head(_ row: PreparedStatement) -> Head {
    Head(
      number: row.int(0), channel: row.text(1), address: row.text(2), next: row.int(3))
  }

  // MARK: Tries

  /// What came of an attempt to take a delivery.
  enum Taking {
    case taken(Claim)
    /// It is no longer there to be taken, or somebody else's.
    case gone
    /// The process that tried it for the last time ended without a result.
    case gaveUp
  }

  /// Notes that a delivery is tried now.
  ///
  /// Only who holds the lease takes, and knows what it tries itself: any other claim was left over by a process that died,
  /// and is taken up again.
  func take(_ head: Head, holder: String, maximumTries: Int) throws(Refusal) -> Taking {
    let read = try store.statement(
      "SELECT body, key, tries, at, rule, coalesce(since, at), claimed FROM _outbox "
        + "WHERE number = ?1 AND state = 'waiting' AND next <= ?2")
    defer { read.reset() }
    try read.bind(1, head.number)
    try read.bind(2, now)
    guard try read.step() else { return .gone }
    let isClaimed = !read.isNull(6)
    let tries = Int(read.int(2))
    let claim = Claim(
      number: head.number,
      delivery: Delivery(
        channel: head.channel, address: head.address, body: read.text(0), key: read.text(1),
        attempt: tries + 1, at: Timestamp(milliseconds: read.int(3)), rule: read.text(4)),
      since: read.int(5))
    read.reset()
    if isClaimed, tries >= maximumTries {
      try end(
        head.number, "dead", error: "the process that tried it ended without saying how it went")
      return .gaveUp
    }
    let note = try store.statement(
      "UPDATE _outbox SET tries = tries + 1, claimed = ?2, holder = ?3 WHERE number = ?1")
    try note.bind(1, head.number)
    try note.bind(2, now)
    try note.bind(3, holder)
    try note.run()
    return .taken(claim)
  }

  /// Returns whether a delivery is still the one that a holder took.
  func isHeld(_ claim: Claim, by holder: String) throws(Refusal) -> Bool {
    let read = try store.statement(
      "SELECT 1 FROM _outbox WHERE number = ?1 AND state = 'waiting' AND holder = ?2 "
        + "AND claimed IS NOT NULL AND tries = ?3")
    defer { read.reset() }
    try read.bind(1, claim.number)
    try read.bind(2, holder)
    try read.bind(3, Int64(claim.delivery.attempt))
    return try read.step()
  }

  /// Lets a delivery wait for its next try.
  ///
  /// - Parameters:
  ///   - claim: What was tried.
  ///   - instant: When the next try is, in milliseconds.
  ///   - error: What happened; nil when the try was broken off, which does not count.
  /// - Throws: ``Refusal`` when the file cannot be written.
  func postpone(_ claim: Claim, to instant: Int64, error: String?) throws(Refusal) {
    let note = try store.statement(
      "UPDATE _outbox SET claimed = NULL, holder = NULL, next = ?2, tries = tries - ?3, "
        + "error = coalesce(?4, error) WHERE number = ?1")
    try note.bind(1, claim.number)
    try note.bind(2, instant)
    try note.bind(3, Int64(error == nil ? 1 : 0))
    try note.bind(4, error)
    try note.run()
  }

  /// Ends a delivery as `delivered`, `dead` or `dropped`: its lane is free, its message shows it, and a key of `once` is
  /// given back when nothing came of its action.
  func end(_ number: Int64, _ state: String, error: String?) throws(Refusal) {
    let write = try store.statement(
      "UPDATE _outbox SET state = ?2, error = CASE ?2 WHEN 'delivered' THEN NULL ELSE coalesce(?3, error) END, "
        + "claimed = NULL, holder = NULL, ended = ?4 WHERE number = ?1 "
        + "RETURNING message, rule, once, at")
    defer { write.reset() }
    try write.bind(1, number)
    try write.bind(2, state)
    try write.bind(3, error)
    try write.bind(4, now)
    guard try write.step() else { return }
    let (message, rule, once, at) = (
      write.optionalText(0), write.text(1), write.optionalText(2), write.int(3)
    )
    write.reset()
    if let message { try showState(of: message) }
    if state != "delivered", let once { try giveBack(once, rule, at) }
  }

  // MARK: Messages

  /// Brings the state of a message to that of its deliveries.
  func showState(of message: String) throws(Refusal) {
    guard let definition = store.schema["Message"], let slot = definition["state"]?.slot,
      let record = try store.existing(definition.recordType, message), let old = record.row
    else { return }
    let count = try store.statement(
      "SELECT sum(state = 'waiting'), sum(state = 'dead'), sum(state = 'dropped') FROM _outbox "
        + "WHERE message = ?1")
    defer { count.reset() }
    try count.bind(1, message)
    guard try count.step() else { return }
    let state =
      count.int(0) > 0
      ? "queued" : count.int(1) > 0 ? "dead" : count.int(2) > 0 ? "dropped" : "delivered"
    count.reset()
    if case .string(let present) = old.values[slot], UTF8Text.equal(present, state) { return }
    let row = Row.copy(old)
    row.values[slot] = .string(state)
    row.values[ClassDefinition.updatedAtSlot] = .timestamp(Timestamp(milliseconds: now))
    // The message stays with the operation that wrote it: this is no change of the journal's.
    let (instant, journal) = (store.now, store.journalNumber)
    defer { store.startOperation(now: instant, journal: journal) }
    if case .int(let own) = old.values[old.count - 1] {
      store.startOperation(now: instant, journal: own)
    }
    try store.update(record, row)
  }

  // MARK: Once

  /// Gives the key of `once` back when all deliveries of the action that took it ended and none was delivered.
  private func giveBack(_ once: String, _ rule: String, _ at: Int64) throws(Refusal) {
    let others = try store.statement(
      "SELECT 1 FROM _outbox WHERE rule = ?1 AND once = ?2 AND at = ?3 "
        + "AND state IN ('waiting', 'delivered') LIMIT 1")
    defer { others.reset() }
    try others.bind(1, rule)
    try others.bind(2, once)
    try others.bind(3, at)
    if try others.step() { return }
    guard let key = OnceKey(once) else { return }
    // A key that was taken again since, after its `within`, is another run's.
    let drop = try store.statement(
      "DELETE FROM _once WHERE rule = ?1 AND action = ?2 AND key = ?3 AND at = ?4")
    try drop.bind(1, rule)
    try drop.bind(2, key.action)
    try drop.bind(3, key.key)
    try drop.bind(4, at)
    try drop.run()
  }

  /// Takes the key of `once` again for a delivery that is tried anew.
  func takeAgain(_ once: String, _ rule: String, _ at: Int64) throws(Refusal) {
    guard let key = OnceKey(once) else { return }
    let write = try store.statement(
      "INSERT OR IGNORE INTO _once (rule, action, key, at) VALUES (?1, ?2, ?3, ?4)")
    try write.bind(1, rule)
    try write.bind(2, key.action)
    try write.bind(3, key.key)
    try write.bind(4, at)
    try write.run()
  }
}

/// The key that an action took with `once`, as its deliveries carry it: `0:string:"bolt"`.
struct OnceKey {
  /// The place of the action in its rule.
  let action: Int64
  /// The key.
  let key: String

  init(action: Int, key: String) {
    self.action = Int64(action)
    self.key = key
  }

  init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":"), let action = Int64(text[..<colon]) else {
      return nil
    }
    self.action = action
    key = String(text[text.index(after: colon)...])
  }

  /// The key as it is stored.
  var text: String { "\(action):\(key)" }
}
