internal import QuartermasterCEL

/// The reading of `channels:`.
extension SettingsLoader {
  /// What a kind of channel may be told.
  struct Kind {
    /// The keys besides `kind` and `to`; nil for a kind that takes any.
    let keys: [String]?
    /// The keys of which one is needed, group by group.
    var needed: [[String]] = []
  }

  static let kinds: [String: Kind] = [
    "log": Kind(keys: []),
    "file": Kind(keys: ["path", "format"], needed: [["path"]]),
    "webhook": Kind(
      keys: ["url", "urlFrom", "secretFrom", "ca", "connectTimeout", "timeout"],
      needed: [["url", "urlFrom"]]),
    "email": Kind(
      keys: [
        "server", "port", "security", "from", "user", "userFrom", "passwordFrom", "ca",
        "connectTimeout", "timeout",
      ], needed: [["server"], ["from"]]),
    "host": Kind(keys: nil),
  ]

  /// The names that mean something by themselves.
  private static let taken: Set<String> = ["inbox", "log", "call"]

  /// Reads the channels by name, and those that a `notify` without `by` takes.
  func readChannels(_ node: YAMLNode, _ settings: inout ProjectSettings) {
    guard let pairs = mapping(node, "channels") else { return }
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if name == "default" {
        settings.defaultChannels = texts(pair.value, "the name of a channel").map(\.text)
      } else if !SchemaLoader.isDashedName(name) {
        report(.settingsName(name, what: "a channel", at: pair.key.span))
      } else if Self.taken.contains(name) {
        report(.settingsChannelTaken(name, at: pair.key.span))
      } else {
        settings.channels[name] = channel(pair.value, name, at: pair.key.span)
      }
    }
    let known = Set(settings.channels.keys).union(["inbox", "log"])
    for item in node["default"]?.items ?? [] {
      guard let name = item.text, !known.contains(name) else { continue }
      report(.settingsUnknownChannel(name, known: known.sorted(), at: item.span))
    }
  }

  private func channel(
    _ node: YAMLNode, _ name: String, at span: SourceSpan
  ) -> ProjectSettings.Channel? {
    guard let pairs = mapping(node, "a channel") else { return nil }
    guard let kindNode = node["kind"], let kindName = text(kindNode, "the kind of a channel") else {
      if node["kind"] == nil { report(.settingsChannelKind(name, at: span)) }
      return nil
    }
    guard let kind = Self.kinds[kindName] else {
      report(
        .settingsUnknownKind(kindName, known: Self.kinds.keys.sorted(), at: kindNode.span))
      return nil
    }
    var values: [String: String] = [:]
    for pair in pairs {
      guard let key = pair.key.text, key != "kind" else { continue }
      if ["secret", "password", "token"].contains(key), kindName != "host" {
        report(.settingsSecretInFile(key, at: pair.key.span))
        continue
      }
      if key != "to", let keys = kind.keys, !keys.contains(key) {
        report(
          .unknownKey(
            area, key, in: "a channel of the kind \(kindName)", known: keys + ["to"],
            at: pair.key.span))
        continue
      }
      guard let value = text(pair.value, "a text") else { continue }
      values[key] = value
      if kindName != "host" { check(key, value, kindName, pair.value) }
    }
    for group in kind.needed where !group.contains(where: { values[$0] != nil }) {
      report(.settingsChannelNeeds(name, group.joined(separator: "` or `"), at: span))
    }
    let to = values.removeValue(forKey: "to")
    return ProjectSettings.Channel(kind: kindName, to: to, options: values)
  }

  private func check(_ key: String, _ value: String, _ kind: String, _ node: YAMLNode) {
    switch key {
    case "url":
      guard value.hasPrefix("https://") || value.hasPrefix("http://") else {
        report(.needs(area, "a URL that begins with https:// or http://", at: node.span))
        return
      }
      let host = value.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
      if host.contains("@") { report(.settingsSecretInFile("url", at: node.span)) }
    case "port": _ = count(node, 1...65_535)
    case "connectTimeout", "timeout": _ = span(node)
    case "format":
      if value != "json", value != "text" { report(.needs(area, "json or text", at: node.span)) }
    case "security":
      if !["starttls", "tls", "none"].contains(value) {
        report(.needs(area, "starttls, tls or none", at: node.span))
      }
    case "from":
      if !value.contains("@") {
        report(.needs(area, "an address, as in Shop <shop@example.com>", at: node.span))
      }
    case let key where key.hasSuffix("From"):
      let isName =
        value.utf8.first.map { !(48...57).contains($0) } ?? false
        && value.utf8.allSatisfy {
          (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
      if !isName {
        report(.needs(area, "the name of a variable of the environment", at: node.span))
      }
    default: break
    }
  }
}

extension ProjectSettings {
  /// The kind of a channel: what its settings say, or its own name for one that was registered without settings.
  package func kind(ofChannel name: String) -> String { channels[name]?.kind ?? name }

  /// The names that `by:` may use.
  package var channelNames: Set<String> { Set(channels.keys).union(["inbox", "log"]) }
}
