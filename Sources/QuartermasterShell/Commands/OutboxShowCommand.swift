internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster outbox show ID`: an entry with all that is known of it, or a message with its deliveries under it.
public struct OutboxShowCommand: Sendable {
  /// The entry as `outbox list` names it, or a message as `Message/ID`.
  public var id: String
  /// The project folder.
  public var folder = "."
  /// How it is printed.
  public var format = OutputFormat.text

  /// Creates the command for an entry or a message.
  public init(_ id: String) { self.id = id }

  private static let messagePrefix = "Message/"

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      var selection = OutboxSelection()
      let message =
        id.hasPrefix(Self.messagePrefix) ? String(id.dropFirst(Self.messagePrefix.count)) : nil
      if message == nil { selection.ids = [id] }
      var filter = try selection.filter()
      filter.message = message
      let wanted = filter
      return try folder.present { session in
        let entries = try OutboxDesk(session).entries(wanted)
        let words = OutboxText(folder.project.settings)
        if let message {
          return try shown(message, entries, session, words, context)
        }
        guard let entry = entries.first else {
          throw CommandFailure(.failed, "there is no entry \(id) in the outbox")
        }
        if format == .json {
          return Reply(JSONWriter.text(OutboxText.json(entry, isWhole: true)) + "\n")
        }
        return Reply(words.lines(entry).map { $0 + "\n" }.joined())
      }
    }
  }

  private func shown(
    _ id: String, _ entries: [OutboxEntry], _ session: StoreSession, _ words: OutboxText,
    _ context: ShellContext
  ) throws -> Reply {
    guard let definition = session.schema["Message"],
      let row = try session.existing(definition.recordType, id)?.row
    else { throw CommandFailure(.failed, "there is no message \(id)") }
    let fields = definition.fields.compactMap { field in
      field.slot.flatMap { slot -> (String, String)? in
        switch row.values[slot] {
        case .null: nil
        case .timestamp(let at): (field.name, words.instant(at))
        case .string(let text): (field.name, text)
        case let value: (field.name, value.description)
        }
      }
    }
    if format == .json {
      var members: [(key: String, value: JSONValue)] = [("objectId", .string(id))]
      for field in definition.fields {
        guard let slot = field.slot else { continue }
        switch row.values[slot] {
        case .string(let text): members.append((field.name, .string(text)))
        case .timestamp(let at): members.append((field.name, .string("\(at)")))
        default: break
        }
      }
      let list = entries.map { OutboxText.json($0, isWhole: true) }
      members.append(("deliveries", .array(list)))
      return Reply(JSONWriter.text(.object(members)) + "\n")
    }
    var text = "Message/\(id)\n" + OutboxText.pairs(fields).map { $0 + "\n" }.joined()
    text += entries.isEmpty ? "no deliveries\n" : words.table(entries, width: context.width)
    return Reply(text)
  }
}
