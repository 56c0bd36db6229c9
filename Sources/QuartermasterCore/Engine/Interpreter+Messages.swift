internal import QuartermasterCEL

/// `notify` and `call`: rows that are written in the operation, so that what is undone sends nothing.
extension Interpreter {
  /// Queues a message: one row per recipient, a group being one recipient, with one delivery per member and channel.
  func notify(_ notice: CompiledNotice, _ firing: ActionContext) throws(Refusal) {
    let words = try firing.words(notice.message, in: self)
    let title = try notice.title.map { template throws(Refusal) in
      try firing.words(template, in: self)
    }
    for recipient in notice.recipients {
      switch recipient {
      case .group(let name):
        try send(words, title, to: name, addresses: groups.members(of: name), notice, firing)
      case .formula(let program):
        let value = try firing.evaluate(program, in: self)
        switch value {
        case .record(let record):
          try send(
            words, title, to: Self.name(record), addresses: [.record(record)], notice, firing)
        case .string(let address):
          try send(words, title, to: address, addresses: [.text(address)], notice, firing)
        case .list(let items):
          for item in items {
            let (to, address) = try one(item, program, firing)
            try send(words, title, to: to, addresses: [address], notice, firing)
          }
        default:
          let (to, address) = try one(value, program, firing)
          try send(words, title, to: to, addresses: [address], notice, firing)
        }
      }
    }
  }

  private func one(_ value: Value, _ program: Program, _ firing: ActionContext) throws(Refusal)
    -> (String, Address)
  {
    switch value {
    case .record(let record): return (Self.name(record), .record(record))
    case .string(let address): return (address, .text(address))
    case .null: throw firing.error("notify needs a recipient, not null", program, in: self)
    default:
      do {
        let text = try value.printed()
        return (text, .text(text))
      } catch {
        throw firing.error("notify needs a recipient: \(error.message)", program, in: self)
      }
    }
  }

  /// Whom a delivery goes to.
  enum Address {
    case record(Record)
    case text(String)
  }

  private func send(
    _ words: String, _ title: String?, to: String, addresses: [Address], _ notice: CompiledNotice,
    _ firing: ActionContext
  ) throws(Refusal) {
    let channels = notice.channels.isEmpty ? settings.defaultChannels : notice.channels
    let rule = firing.runtime.rule.name
    let message = Message(rule: rule, to: to, title: title, text: words)
    // The row of the class Message is the log: there is nothing more to deliver.
    let used = channels.filter { settings.kind(ofChannel: $0) != "log" }
    let fixed = used.filter { settings.channels[$0]?.to != nil }
    let isQueued = !fixed.isEmpty || (!addresses.isEmpty && used.contains { $0 != "inbox" })
    let id = try insert(
      message, channel: channels.joined(separator: ","),
      state: isQueued ? "queued" : addresses.isEmpty ? "undeliverable" : "delivered")
    op.messages.append(
      MessageReport(
        id: id, firing: op.acting, rule: rule, to: to, title: title, message: words))
    for channel in used {
      if channel == "inbox" {
        for address in addresses { try putIntoInbox(message, address, firing) }
      } else if let address = settings.channels[channel]?.to {
        try queue(message, id: id, channel: channel, address: address)
      } else {
        try queue(message, id: id, channel: channel, addresses: addresses)
      }
    }
  }

  /// Queues a delivery for each address; one that a recipient does not have is a dead letter that says so.
  private func queue(
    _ message: Message, id: String, channel: String, addresses: [Address]
  ) throws(Refusal) {
    var seen: Set<String> = []
    for address in addresses {
      if let text = try deliveryAddress(address, channel) {
        // Two members of a group may share an address: one letter is enough.
        if seen.insert(text).inserted {
          try queue(message, id: id, channel: channel, address: text)
        }
      } else if case .record(let record) = address {
        let name = Self.name(record)
        let number = try queue(message, id: id, channel: channel, address: name)
        try Outbox(store: store, now: now.milliseconds).end(
          number, "dead", error: "\(name) has no e-mail address")
      }
    }
  }

  /// A message as it was written.
  struct Message {
    let rule: String
    let to: String
    let title: String?
    let text: String
  }

  /// Writes the row of the reserved class Message and returns its id.
  private func insert(_ message: Message, channel: String, state: String) throws(Refusal) -> String
  {
    guard let definition = schema["Message"] else {
      throw Refusal(.error, "the schema has no class Message")
    }
    let record = store.record(definition.recordType, try store.newID())
    let row = store.emptyRow(definition.recordType)
    row.values[ClassDefinition.createdAtSlot] = .timestamp(now)
    row.values[ClassDefinition.updatedAtSlot] = .timestamp(now)
    let values: [String: Value] = [
      "rule": .string(message.rule), "to": .string(message.to),
      "title": message.title.map(Value.string) ?? .null, "message": .string(message.text),
      "channel": .string(channel), "at": .timestamp(now), "state": .string(state),
    ]
    for field in definition.fields {
      if let slot = field.slot, let value = values[field.name] { row.values[slot] = value }
    }
    _ = try store.insert(record, row, isNew: false)
    return record.id
  }

  /// Makes the record that quartermaster.yaml asks for with `inbox:`; it goes through the door, so rules see it.
  private func putIntoInbox(_ message: Message, _ address: Address, _ firing: ActionContext)
    throws(Refusal)
  {
    guard let inbox = settings.inbox, case .record(let record) = address else { return }
    let definition = try definition(inbox.className)
    var fields: [String: Value] = [inbox.text: .string(message.text)]
    if let user = inbox.user {
      guard let recipient = try inboxUser(record, definition, user) else { return }
      fields[user] = .record(recipient)
    }
    if let title = inbox.title { fields[title] = message.title.map(Value.string) ?? .null }
    if let read = inbox.read { fields[read] = .bool(false) }
    if let rule = inbox.rule { fields[rule] = .string(message.rule) }
    if let firing = inbox.firing, definition[firing]?.type == .integer {
      fields[firing] = .int(journalRow)
    }
    do {
      _ = try writer.create(definition, values: try inputs(fields, definition))
      op.reachedInbox = true
    } catch {
      throw Refusal(
        error.reason, "the inbox refused a message to \(message.to): \(error.message)",
        rule: firing.runtime.rule.name, span: firing.action.span)
    }
  }

  /// Returns the record that an inbox's pointer can hold: the recipient, or the user of its contact; nil without one.
  private func inboxUser(_ record: Record, _ inbox: ClassDefinition, _ field: String)
    throws(Refusal)
    -> Record?
  {
    let target = inbox[field]?.target
    if record.type.name == target { return record }
    guard let user = schema.classes[record.type.index].contact?.user,
      case .record(let found) = try value(of: record, user), found.type.name == target
    else { return nil }
    return found
  }

  /// Returns the text that a channel delivers to, or nil when the recipient has none.
  ///
  /// A channel for e-mail asks for an e-mail address: of the record's `contact:`, of the user of its contact, or, of a
  /// class without contact, of its field `email`. For all others a record's address is its name, `User/eve`.
  private func deliveryAddress(_ address: Address, _ channel: String) throws(Refusal) -> String? {
    switch address {
    case .text(let text): return text
    case .record(let record):
      guard settings.kind(ofChannel: channel) == "email" else { return Self.name(record) }
      let definition = schema.classes[record.type.index]
      let email =
        definition.contact == nil
        ? definition["email"].flatMap { $0.type == .string ? $0.name : nil }
        : definition.contact?.email
      if let email, case .string(let text) = try value(of: record, email), !text.isEmpty {
        return text
      }
      if let user = definition.contact?.user, case .record(let found) = try value(of: record, user),
        found.type.name != record.type.name
      {
        return try deliveryAddress(.record(found), channel)
      }
      return nil
    }
  }

  @discardableResult
  private func queue(_ message: Message, id: String, channel: String, address: String)
    throws(Refusal) -> Int64
  {
    var body = JSONBuffer()
    body.beginObject()
    body.member("message", message.text)
    if let title = message.title { body.member("title", title) }
    body.member("to", message.to)
    body.member("rule", message.rule)
    body.endObject()
    return try queue(
      body, id: id, rule: message.rule, channel: channel, address: address,
      key: Self.key([id, channel, address]))
  }

  /// Queues a call of a host's function, delivered after the commit like a message.
  func queueCall(_ name: String, _ arguments: [String: Value], _ firing: ActionContext)
    throws(Refusal)
  {
    var body = JSONBuffer()
    body.beginObject()
    for (name, value) in arguments.sorted(by: { $0.key < $1.key }) { body.member(name, value) }
    body.endObject()
    let id = try store.newID()
    let rule = firing.runtime.rule.name
    op.calls.append(
      CallReport(
        firing: op.acting, rule: rule, name: name,
        arguments: arguments.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    try queue(
      body, id: id, rule: rule, channel: "call", address: name, key: Self.key([id, "call", name]))
  }

  @discardableResult
  private func queue(
    _ body: borrowing JSONBuffer, id: String, rule: String, channel: String, address: String,
    key: String
  ) throws(Refusal) -> Int64 {
    let statement = try store.statement(
      "INSERT INTO _outbox (message, at, rule, channel, address, body, key, state, next, once) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?2, ?8) RETURNING number")
    try statement.bind(1, id)
    try statement.bind(2, now.milliseconds)
    try statement.bind(3, rule)
    try statement.bind(4, channel)
    try statement.bind(5, address)
    try statement.bind(6, body.text)
    try statement.bind(7, key)
    try statement.bind(8, op.onceKey?.text)
    defer { statement.reset() }
    guard try statement.step() else { throw Refusal(.storage, "a delivery was not stored") }
    return statement.int(0)
  }

  /// Returns a key that can stand in a header: what is no plain ASCII is written as `%` and two digits, and a long
  /// address as its hash.
  static func key(_ parts: [String]) -> String {
    parts.map { part in
      var text = ""
      for byte in part.utf8 {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "/"):
          text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
          text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
      }
      return text.utf8.count > 120 ? SHA256.hex(Array(part.utf8)) : text
    }.joined(separator: "/")
  }
}
