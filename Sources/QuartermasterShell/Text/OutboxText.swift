internal import QuartermasterCEL
internal import QuartermasterCore

/// Entries of the outbox in words and as JSON.
struct OutboxText {
  private let zone: Zone

  init(_ settings: ProjectSettings) { zone = Zone.named(settings.zone) ?? .utc }

  /// Returns an instant in the project's zone.
  func instant(_ instant: Timestamp) -> String { Plain.stamp(instant, zone) }

  /// Returns entries as a table.
  func table(_ entries: [OutboxEntry], width: Int) -> String {
    var table = TextTable([
      .init(title: "id"), .init(title: "state"), .init(title: "tries", isRight: true),
      .init(title: "rule"), .init(title: "channel"), .init(title: "to"), .init(title: "next try"),
      .init(title: "error"),
    ])
    for entry in entries {
      table.add([
        entry.id, entry.state.rawValue, String(entry.tries), entry.rule, entry.channel,
        entry.address, entry.next.map(instant) ?? "", entry.error ?? "",
      ])
    }
    return table.text(width: width)
  }

  /// Returns all that is known of an entry, a line each.
  func lines(_ entry: OutboxEntry) -> [String] {
    var pairs = [
      ("id", entry.id), ("kind", entry.kind.rawValue), ("state", entry.state.rawValue),
      ("rule", entry.rule), ("channel", entry.channel), ("to", entry.address),
      ("queued", instant(entry.at)), ("tries", String(entry.tries)),
    ]
    func add(_ name: String, _ text: String?) { if let text { pairs.append((name, text)) } }
    add("next try", entry.next.map(instant))
    add("ended", entry.ended.map(instant))
    add("error", entry.error)
    add("key", entry.key)
    add("message", entry.message.map { "Message/\($0)" })
    add("body", entry.body)
    return Self.pairs(pairs)
  }

  /// Returns names and values, the values one below the other.
  static func pairs(_ pairs: [(String, String)]) -> [String] {
    let width = (pairs.map { DisplayText.width($0.0) }.max() ?? 0) + 2
    return pairs.map { name, value in
      DisplayText.padded(name, to: width, right: false) + DisplayText.oneLine(value)
    }
  }

  /// Returns an entry as JSON; key, message and body only of a whole one.
  static func json(_ entry: OutboxEntry, isWhole: Bool) -> JSONValue {
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    var members: [(key: String, value: JSONValue)] = [
      ("id", .string(entry.id)), ("kind", .string(entry.kind.rawValue)),
      ("state", .string(entry.state.rawValue)), ("rule", .string(entry.rule)),
      ("channel", .string(entry.channel)), ("address", .string(entry.address)),
      ("at", .string("\(entry.at)")), ("tries", .number(String(entry.tries))),
      ("next", text(entry.next.map { "\($0)" })), ("ended", text(entry.ended.map { "\($0)" })),
      ("error", text(entry.error)),
    ]
    if isWhole {
      members.append(("key", text(entry.key)))
      members.append(("message", text(entry.message)))
      // What stands in the file is JSON; it goes out as such.
      let body = entry.body.flatMap { try? JSONReader.read($0) }
      members.append(("body", body ?? text(entry.body)))
    }
    return .object(members)
  }
}
