package import QuartermasterCEL

/// What a reader of the journal wants to know of the rules that were in force: where they stood, what woke them, and
/// what they were for.
package struct RuleBook: Sendable {
  /// A rule as it was written then.
  package struct Entry: Sendable {
    /// Where its name stood.
    package let span: SourceSpan
    /// What it was for.
    package let description: String?
    /// What wakes it, in words.
    package let trigger: String
    /// Whether its file switched it on.
    package let isEnabled: Bool
    /// `becomes`, `due` and the items of `when:`, in the order in which they are judged.
    package let conditions: [Condition]
    /// How long its condition had to stay true, and how often it then fired again.
    package let hold: TimeSpan?, again: TimeSpan?
    /// Whether it waited for an instant.
    package let hasDue: Bool
    /// The signal that woke it.
    package let signal: String?
    /// The fields that its actions assign, by name; those of verbs of the host are not known.
    package let assigned: Set<String>
    /// Whether one of its actions moves a status.
    package let advances: Bool
    /// Whether one of its actions is a verb of the host, which may write anything.
    package let callsHost: Bool
    /// The record that it was; nil for a rule of a file.
    package fileprivate(set) var stored: StoredRule?

    /// `rules/stock.yaml:11`, or `Automation/low` of a record.
    package var place: String {
      stored?.place ?? "\(span.file.name):\(span.file.position(of: span.range.lowerBound).line)"
    }
  }

  /// A condition as it was written.
  package struct Condition: Sendable {
    /// `becomes`, `when`, or `when 2` of a list.
    package let label: String
    /// The formula.
    package let text: String

    /// Returns whether the formula looks at an operand, such as `product.onHand`.
    package func mentions(_ operand: String) -> Bool {
      let (text, operand) = (Array(text.utf8), Array(operand.utf8))
      if operand.isEmpty || operand.count > text.count { return false }
      return (0...(text.count - operand.count)).contains { start in
        let end = start + operand.count
        return text[start..<end].elementsEqual(operand)
          && (start == 0 || !Self.isPartOfName(text[start - 1]) && text[start - 1] != 0x2E)
          && (end == text.count || !Self.isPartOfName(text[end]))
      }
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x80...: true
      default: false
      }
    }
  }

  /// The names of the rules, in the order of the files.
  package private(set) var names: [String] = []
  private var entries: [String: Entry] = [:]

  /// Creates a book of a rule set.
  ///
  /// What cannot be read in it is left out.
  ///
  /// - Throws: A refusal when the row is damaged.
  package init(_ row: RuleSetRow, schema: Schema) throws(Refusal) {
    self.init(try row.files(), schema: schema)
    for rule in try row.storedRules() where rule.problem == nil {
      if entries[rule.name]?.span.file.name == rule.place { entries[rule.name]?.stored = rule }
    }
  }

  /// Creates a book from rule files.
  ///
  /// What cannot be read in them is left out.
  package init(_ files: [SourceFile], schema: Schema) {
    let sink = DiagnosticSink()
    var loader = RuleFileLoader(schema: schema, sink: sink)
    for file in files { loader.load(file) }
    for rule in loader.result.rules where entries[rule.name.text] == nil {
      names.append(rule.name.text)
      entries[rule.name.text] = Entry(rule)
    }
  }

  /// Returns what is known of a rule, or nil.
  package subscript(name: String) -> Entry? { entries[name] }
}

extension RuleBook.Entry {
  /// The lines of the rule, from its dash to the last one before the next item.
  package var lines: [String] {
    let file = span.file
    let first = file.position(of: span.range.lowerBound).line
    let dash = file.line(first).prefix { $0 == " " } + "- "
    var lines = [file.line(first)]
    var next = first + 1
    while next <= file.lineStarts.count, !file.line(next).hasPrefix(dash) {
      lines.append(file.line(next))
      next += 1
    }
    // What stands above the next item belongs to that.
    while let last = lines.last?.drop(while: { $0 == " " }), last.isEmpty || last.hasPrefix("#") {
      lines.removeLast()
    }
    return lines
  }

  fileprivate init(_ rule: RuleSyntax) {
    span = rule.name.span
    description = rule.description
    isEnabled = rule.isEnabled
    trigger = rule.trigger.map(Self.words) ?? "nothing that can be read"
    var conditions: [RuleBook.Condition] = []
    if case .record(let trigger)? = rule.trigger {
      if let edge = trigger.becomes {
        conditions.append(RuleBook.Condition(label: "becomes", text: edge.text))
      }
      if let due = trigger.due {
        conditions.append(RuleBook.Condition(label: "due", text: due.text))
      }
      hold = trigger.hold?.span
      again = trigger.again?.span
      hasDue = trigger.due != nil
    } else {
      (hold, again, hasDue) = (nil, nil, false)
    }
    if case .signal(let name)? = rule.trigger { signal = name.text } else { signal = nil }
    for (place, condition) in rule.conditions.enumerated() {
      let label = rule.conditions.count == 1 ? "when" : "when \(place + 1)"
      conditions.append(RuleBook.Condition(label: label, text: condition.text))
    }
    self.conditions = conditions
    var assigned: Set<String> = []
    var (advances, callsHost) = (false, false)
    for action in rule.actions {
      switch action.verb {
      case .set(_, let slots), .create(_, let slots): assigned.formUnion(slots.map(\.name.text))
      case .ensure(_, let match, let slots):
        assigned.formUnion((match + slots).map(\.name.text))
      // The field of a status may have any name; which one is the schema's to say.
      case .advance: advances = true
      case .host: callsHost = true
      case .delete, .notify, .reject, .signal, .call: break
      }
    }
    self.assigned = assigned
    self.advances = advances
    self.callsHost = callsHost
  }

  /// Returns a trigger in words: `Product changed, becomes product.onHand < 5`, `every day at 02:00`.
  private static func words(_ trigger: TriggerSyntax) -> String {
    switch trigger {
    case .signal(let name): return "signal \(name.text)"
    case .schedule(let schedule): return words(schedule)
    case .record(let record):
      let subjects = record.subjects.map(\.text).joined(separator: ", ")
      var text = "\(subjects) \(record.event.rawValue)"
      if let edge = record.becomes { text += ", becomes \(edge.text)" }
      if let hold = record.hold { text += ", for \(hold.span)" }
      if let again = record.again { text += ", repeat \(again.span)" }
      if let due = record.due { text += ", due \(due.text)" }
      return text
    }
  }

  private static func words(_ schedule: TriggerSyntax.Schedule) -> String {
    var text: String
    var takesTime = true
    switch schedule.period {
    case .minute: (text, takesTime) = ("every minute", false)
    case .hour: (text, takesTime) = ("every hour", false)
    case .day: text = "every day"
    case .weekday: text = "every weekday"
    case .month: text = "every month"
    case .dayOfWeek(let day): text = "every " + weekdays[day % 7]
    case .every(let span): (text, takesTime) = ("every \(span)", false)
    case .cron(let fields): (text, takesTime) = ("cron \(fields)", false)
    }
    if takesTime {
      let (hour, minute) = schedule.minuteOfDay.quotientAndRemainder(dividingBy: 60)
      text += " at \(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
    if let zone = schedule.zone { text += " \(zone.text)" }
    return text
  }

  private static let weekdays = [
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
  ]
}
