import QuartermasterCEL

extension RuleFileLoader {
  private static let recordKeys = ["becomes", "for", "repeat", "due"]
  private static let clockKeys = ["at", "zone"]
  private static let starts =
    TriggerSyntax.Record.Event.allCases.map(\.rawValue) + ["every", "cron", "signal"]

  /// Reads what wakes a rule; nil when that cannot be told.
  func trigger(_ node: YAMLNode) -> TriggerSyntax? {
    guard let pairs = node.pairs else {
      sink.report(
        .notAMapping("trigger", "write it as `trigger:` with `saved: Order` below", at: node.span))
      return nil
    }
    let found = pairs.filter { Self.starts.contains($0.key.text ?? "") }
    guard let start = found.first, let word = start.key.text else {
      reportUnknownKeys(
        pairs, known: Self.starts + Self.recordKeys + Self.clockKeys, of: "a trigger")
      sink.report(.triggerWithoutStart(Self.starts, at: node.span))
      return nil
    }
    if found.count > 1 {
      sink.report(.twoTriggers(word, found[1].key.text ?? "", at: found[1].key.span))
    }
    if let event = TriggerSyntax.Record.Event(rawValue: word) {
      reportMisfits(pairs, known: Self.recordKeys, of: word)
      return recordTrigger(event, start.key.span, node).map { .record($0) }
    }
    switch word {
    case "every":
      reportMisfits(pairs, known: Self.clockKeys, of: word)
      return every(node).map { .schedule($0) }
    case "cron":
      reportMisfits(pairs, known: ["zone"], of: word)
      return cron(node).map { .schedule($0) }
    default:
      reportMisfits(pairs, known: [], of: word)
      return self.word(of: node, "signal").map { .signal($0) }
    }
  }

  private func reportMisfits(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], known: [String], of word: String
  ) {
    let all = Self.recordKeys + Self.clockKeys
    for (key, _) in pairs {
      guard let text = key.text, !known.contains(text), !Self.starts.contains(text) else {
        continue
      }
      if all.contains(text) {
        sink.report(.misplacedTriggerKey(text, with: word, at: key.span))
      } else if Self.ruleKeys.contains(text) {
        sink.report(.ruleKeyInTrigger(text, at: key.span))
      } else {
        sink.report(.unknownKey(text, of: "a trigger", known: Self.starts + all, at: key.span))
      }
    }
  }

  private func recordTrigger(
    _ event: TriggerSyntax.Record.Event, _ place: SourceSpan, _ node: YAMLNode
  ) -> TriggerSyntax.Record? {
    let subjects = scalars(of: node, event.rawValue).compactMap { word($0, event.rawValue) }
    let becomes = scalar(of: node, "becomes")
    let hold = duration(of: node, "for")
    let again = duration(of: node, "repeat")
    let due = scalar(of: node, "due")
    for key in ["becomes", "for", "due"] where event == .deleted {
      if let value = node[key] { sink.report(.deletedWith(key, at: value.span)) }
    }
    if let value = node["for"], node["becomes"] == nil {
      sink.report(.forWithoutBecomes(at: value.span))
    }
    if let value = node["repeat"], node["for"] == nil {
      sink.report(.repeatWithoutFor(at: value.span))
    }
    if let value = node["due"], node["for"] != nil { sink.report(.dueWithFor(at: value.span)) }
    guard !subjects.isEmpty else { return nil }
    return TriggerSyntax.Record(
      event: event, span: place, subjects: subjects, becomes: becomes, hold: hold, again: again,
      due: due)
  }

  private func every(_ node: YAMLNode) -> TriggerSyntax.Schedule? {
    guard let scalar = word(of: node, "every") else { return nil }
    let period: CompiledTrigger.ScheduleTrigger.Period
    if let named = Self.periods[scalar.text] {
      period = named
    } else if let span = TimeSpan(scalar.text, allowsDays: true) {
      guard duration(scalar, "every") != nil else { return nil }
      period = .every(span)
    } else {
      sink.report(.notAPeriod(scalar.text, Self.periodWords, at: scalar.span))
      return nil
    }
    var minute = 0
    if let at = self.scalar(of: node, "at") {
      switch period {
      case .minute, .hour, .every: sink.report(.atWithoutDay(scalar.text, at: at.span))
      default: break
      }
      if let found = Self.minuteOfDay(at.text) {
        minute = found
      } else {
        sink.report(.notATime(at.text, at: at.span))
      }
    }
    return TriggerSyntax.Schedule(period: period, minuteOfDay: minute, zone: zone(of: node))
  }

  private func cron(_ node: YAMLNode) -> TriggerSyntax.Schedule? {
    guard let scalar = word(of: node, "cron") else { return nil }
    do { _ = try CronExpression(scalar.source) } catch {
      sink.report(error)
      return nil
    }
    return TriggerSyntax.Schedule(period: .cron(scalar.text), minuteOfDay: 0, zone: zone(of: node))
  }

  private func zone(of node: YAMLNode) -> ScalarSyntax? {
    guard let scalar = word(of: node, "zone") else { return nil }
    if Zone.named(scalar.text) == nil { sink.report(.unknownZone(scalar.text, at: scalar.span)) }
    return scalar
  }

  private static let periodWords = [
    "minute", "hour", "day", "weekday", "month", "sunday", "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday",
  ]

  private static let periods: [String: CompiledTrigger.ScheduleTrigger.Period] = {
    var table: [String: CompiledTrigger.ScheduleTrigger.Period] = [
      "minute": .minute, "hour": .hour, "day": .day, "weekday": .weekday, "month": .month,
    ]
    for (number, day) in periodWords.suffix(7).enumerated() { table[day] = .dayOfWeek(number) }
    return table
  }()

  /// Reads `HH:MM`, from 00:00 to 23:59.
  static func minuteOfDay(_ text: String) -> Int? {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      parts.allSatisfy({ $0.allSatisfy { $0 >= 48 && $0 <= 57 } }),
      let hour = Int(Substring(parts[0])), let minute = Int(Substring(parts[1])), hour < 24,
      minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}
