package import QuartermasterCEL

/// Looks into the outbox of a data file, and lets an operator change what is in it.
package struct OutboxDesk {
  private let session: StoreSession

  /// Creates a desk on an open session.
  package init(_ session: StoreSession) { self.session = session }

  // MARK: Reading

  /// Returns the entries that pass a filter, the oldest first, later rules after all others.
  ///
  /// - Throws: ``Refusal`` when an id is no name of an entry, or when the file cannot be read.
  package func entries(_ filter: OutboxFilter) throws(Refusal) -> [OutboxEntry] {
    let (numbers, laters) = try Self.numbers(filter.ids)
    var entries: [OutboxEntry] = []
    if filter.channel != "later", filter.ids.isEmpty || !numbers.isEmpty {
      entries += try deliveries(filter, numbers)
    }
    if filter.message == nil, filter.channel == nil || filter.channel == "later",
      filter.ids.isEmpty || !laters.isEmpty
    {
      entries += try firings(filter, laters)
    }
    if let limit = filter.limit { entries = Array(entries.prefix(limit)) }
    return entries
  }

  private func deliveries(_ filter: OutboxFilter, _ numbers: [Int64]) throws(Refusal)
    -> [OutboxEntry]
  {
    let read = try select(
      "SELECT number, rule, channel, address, at, tries, next, ended, error, key, body, state, claimed, message "
        + "FROM _outbox", filter, numbers, hasChannel: true)
    defer { read.reset() }
    var entries: [OutboxEntry] = []
    while try read.step() {
      let state = Self.state(read.text(11), isClaimed: !read.isNull(12))
      let channel = read.text(2)
      entries.append(
        OutboxEntry(
          id: String(read.int(0)), kind: channel == "call" ? .call : .message, state: state,
          rule: read.text(1), channel: channel, address: read.text(3), at: Self.instant(read, 4),
          tries: Int(read.int(5)), next: state == .waiting ? Self.instant(read, 6) : nil,
          ended: read.isNull(7) ? nil : Self.instant(read, 7), error: read.optionalText(8),
          key: read.text(9), message: channel == "call" ? nil : read.optionalText(13),
          body: read.text(10)))
    }
    return entries
  }

  private func firings(_ filter: OutboxFilter, _ numbers: [Int64]) throws(Refusal) -> [OutboxEntry]
  {
    let read = try select(
      "SELECT number, rule, class, id, at, tries, next, ended, error, state FROM _later", filter,
      numbers, hasChannel: false)
    defer { read.reset() }
    var entries: [OutboxEntry] = []
    while try read.step() {
      let state = Self.state(read.text(9), isClaimed: false)
      entries.append(
        OutboxEntry(
          id: "later/\(read.int(0))", kind: .later, state: state, rule: read.text(1),
          channel: "later", address: "\(read.text(2))/\(read.text(3))", at: Self.instant(read, 4),
          tries: Int(read.int(5)), next: state == .waiting ? Self.instant(read, 6) : nil,
          ended: read.isNull(7) ? nil : Self.instant(read, 7), error: read.optionalText(8),
          key: nil, message: nil, body: nil))
    }
    return entries
  }

  private func select(
    _ sql: String, _ filter: OutboxFilter, _ numbers: [Int64], hasChannel: Bool
  ) throws(Refusal) -> PreparedStatement {
    var conditions: [String] = []
    var texts: [String] = []
    func equal(_ column: String, _ text: String?) {
      guard let text else { return }
      texts.append(text)
      conditions.append("\(column) = ?\(texts.count)")
    }
    if hasChannel {
      equal("channel", filter.channel)
      equal("message", filter.message)
    }
    equal("rule", filter.rule)
    if !numbers.isEmpty {
      conditions.append("number IN (\(numbers.map(String.init).joined(separator: ", ")))")
    }
    if !filter.states.isEmpty {
      let claimed = hasChannel ? "claimed" : "NULL"
      let parts = filter.states.map(\.rawValue).sorted().map { name in
        switch name {
        case "waiting": "(state = 'waiting' AND \(claimed) IS NULL)"
        case "trying": "(state = 'waiting' AND \(claimed) IS NOT NULL)"
        default: "state = '\(name)'"
        }
      }
      conditions.append("(\(parts.joined(separator: " OR ")))")
    }
    var text = sql
    if !conditions.isEmpty { text += " WHERE " + conditions.joined(separator: " AND ") }
    text += " ORDER BY number"
    if let limit = filter.limit { text += " LIMIT \(max(0, limit))" }
    let statement = try session.statement(text)
    for (place, value) in texts.enumerated() { try statement.bind(Int32(place + 1), value) }
    return statement
  }

  private static func state(_ text: String, isClaimed: Bool) -> OutboxEntry.State {
    if text == "waiting", isClaimed { return .trying }
    return OutboxEntry.State(rawValue: text) ?? .waiting
  }

  private static func instant(_ row: PreparedStatement, _ column: Int32) -> Timestamp {
    Timestamp(milliseconds: row.int(column))
  }

  /// Whether a text can name an entry: a number, or `later/3`.
  package static func isName(_ id: String) -> Bool {
    Int64(id.hasPrefix("later/") ? String(id.dropFirst(6)) : id) != nil
  }

  private static func numbers(_ ids: [String]) throws(Refusal) -> (
    deliveries: [Int64], firings: [Int64]
  ) {
    var (deliveries, firings): ([Int64], [Int64]) = ([], [])
    for id in ids {
      if let number = Int64(id) {
        deliveries.append(number)
      } else if id.hasPrefix("later/"), let number = Int64(id.dropFirst(6)) {
        firings.append(number)
      } else {
        throw Refusal(
          .error, "`\(id)` is no entry of the outbox; `outbox list` shows them: 17, later/3")
      }
    }
    return (deliveries, firings)
  }

  // MARK: Changing

  /// Lets entries be tried again at once, with the same key.
  ///
  /// Dead and dropped ones begin their tries anew, waiting ones wait no longer. What was delivered stays so.
  ///
  /// - Parameters:
  ///   - filter: Which ones.
  ///   - now: The present instant.
  ///   - store: The data file, in an open commit.
  /// - Returns: Those that are tried again, as they were.
  /// - Throws: ``Refusal`` when the file cannot be written.
  package static func retry(
    _ filter: OutboxFilter, at now: Timestamp, _ store: Store
  ) throws(Refusal) -> [OutboxEntry] {
    let outbox = Outbox(store: store, now: now.milliseconds)
    let entries = try OutboxDesk(store).entries(filter).filter {
      [.waiting, .dead, .dropped].contains($0.state)
    }
    for entry in entries {
      let isNew = entry.state != .waiting
      let table = entry.kind == .later ? "_later" : "_outbox"
      let write = try store.statement(
        "UPDATE \(table) SET state = 'waiting', next = ?2, ended = NULL"
          + (isNew ? ", tries = 0, since = ?2" : "") + " WHERE number = ?1 RETURNING rule, at"
          + (entry.kind == .later ? ", NULL, NULL" : ", once, message"))
      defer { write.reset() }
      try write.bind(1, number(of: entry))
      try write.bind(2, now.milliseconds)
      guard try write.step() else { continue }
      let (rule, at) = (write.text(0), write.int(1))
      let (once, message) = (write.optionalText(2), write.optionalText(3))
      write.reset()
      if isNew, let once { try outbox.takeAgain(once, rule, at) }
      if isNew, let message { try outbox.showState(of: message) }
    }
    return entries
  }

  /// Takes entries out: they are tried no more, and their lanes are free.
  ///
  /// What was delivered stays so.
  ///
  /// - Parameters:
  ///   - filter: Which ones.
  ///   - now: The present instant.
  ///   - store: The data file, in an open commit.
  /// - Returns: Those that were taken out, as they were.
  /// - Throws: ``Refusal`` when the file cannot be written.
  package static func drop(
    _ filter: OutboxFilter, at now: Timestamp, _ store: Store
  ) throws(Refusal) -> [OutboxEntry] {
    let outbox = Outbox(store: store, now: now.milliseconds)
    let entries = try OutboxDesk(store).entries(filter).filter {
      [.waiting, .trying, .dead].contains($0.state)
    }
    for entry in entries {
      if entry.kind != .later {
        try outbox.end(number(of: entry), "dropped", error: nil)
        continue
      }
      let write = try store.statement(
        "UPDATE _later SET state = 'dropped', ended = ?2 WHERE number = ?1")
      try write.bind(1, number(of: entry))
      try write.bind(2, now.milliseconds)
      try write.run()
    }
    return entries
  }

  private static func number(of entry: OutboxEntry) -> Int64 {
    Int64(entry.id.split(separator: "/").last ?? "") ?? 0
  }
}

extension Engine {
  /// Returns what the outbox holds: messages, calls, and firings of later rules that did not go well yet.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read.
  public func outbox(_ filter: OutboxFilter = OutboxFilter()) throws -> [OutboxEntry] {
    try perform { interpreter throws(Refusal) in
      try OutboxDesk(interpreter.store).entries(filter)
    }
  }

  /// Lets entries of the outbox be tried again at once, with the same key: dead and dropped ones begin anew.
  ///
  /// A key of `once` that was given back is taken again.
  ///
  /// - Returns: Those that are tried again, as they were.
  /// - Throws: ``Refusal`` when the file cannot be written.
  @discardableResult
  public func retry(_ filter: OutboxFilter) throws -> [OutboxEntry] {
    try change { interpreter, now throws(Refusal) in
      interpreter.nextDue = nil
      return try OutboxDesk.retry(filter, at: now, interpreter.store)
    }
  }

  /// Takes entries out of the outbox; a key of `once` of which nothing was delivered is given back.
  ///
  /// - Returns: Those that were taken out, as they were.
  /// - Throws: ``Refusal`` when the file cannot be written.
  @discardableResult
  public func drop(_ filter: OutboxFilter) throws -> [OutboxEntry] {
    try change { interpreter, now throws(Refusal) in
      interpreter.nextDue = nil
      return try OutboxDesk.drop(filter, at: now, interpreter.store)
    }
  }

  private func change<T>(_ body: (Interpreter, Timestamp) throws(Refusal) -> T) throws(Refusal)
    -> T
  {
    try perform { interpreter throws(Refusal) -> T in
      try interpreter.store.begin()
      let result = try body(interpreter, instant(of: interpreter))
      try interpreter.store.commit()
      return result
    }
  }
}
