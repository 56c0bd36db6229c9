internal import QuartermasterCEL

/// The reading of `outbox:`.
extension SettingsLoader {
  /// Reads `{tries: 8, age: 24h, delays: [10s, 1m, 1h], jitter: 10, lanes: 8, lease: 30s}`.
  func outbox(_ node: YAMLNode) -> ProjectSettings.Outbox {
    var outbox = ProjectSettings.Outbox()
    let options = self.options(
      of: node, known: ["tries", "age", "delays", "jitter", "lanes", "lease"], what: "outbox")
    if let number = options["tries"].flatMap({ count($0, 1...1000) }) {
      outbox.maximumTries = number
    }
    if let age = options["age"].flatMap({ span($0) }) { outbox.maximumAge = age }
    if let node = options["delays"] {
      let delays = node.items.compactMap { span($0) }
      if delays.isEmpty || delays.count < node.items.count {
        // What is wrong with single ones was said.
        if node.items.isEmpty { report(.settingsDelays(at: node.span)) }
      } else if zip(delays, delays.dropFirst()).contains(where: { $0 > $1 }) {
        report(.settingsDelays(at: node.span))
      } else {
        outbox.delays = delays
      }
    }
    if let number = options["jitter"].flatMap({ count($0, 0...100) }) { outbox.jitter = number }
    if let number = options["lanes"].flatMap({ count($0, 1...256) }) { outbox.lanes = number }
    if let node = options["lease"], let lease = span(node) {
      if lease.milliseconds >= 1000 {
        outbox.lease = lease
      } else {
        report(.needs(area, "a length of time of at least 1s", at: node.span))
      }
    }
    return outbox
  }

  /// Returns a length of time that is more than nothing; anything else is reported.
  func span(_ node: YAMLNode) -> TimeSpan? {
    if let span = node.text.flatMap({ TimeSpan($0, allowsDays: true) }), span.milliseconds > 0 {
      return span
    }
    report(.needs(area, FieldType.duration.literalHint, at: node.span))
    return nil
  }
}
