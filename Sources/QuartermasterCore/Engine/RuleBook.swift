package import QuartermasterCEL

/// What a reader of the journal wants to know of the rules that were in force: where they stood and what they were for.
package struct RuleBook: Sendable {
  /// A rule as it was written then.
  package struct Entry: Sendable {
    /// Where its name stood.
    package let span: SourceSpan
    /// What it was for.
    package let description: String?
    /// How long its condition had to stay true, and how often it then fired again.
    package let hold: TimeSpan?, again: TimeSpan?
    /// Whether it waited for an instant.
    package let hasDue: Bool
    /// The fields that its actions assign, by name; those of verbs of the host are not known.
    package let assigned: Set<String>
    /// Whether one of its actions is a verb of the host, which may write anything.
    package let callsHost: Bool
  }

  private var entries: [String: Entry] = [:]

  /// Creates a book from rule files.
  ///
  /// What cannot be read in them is left out.
  package init(_ files: [SourceFile], schema: Schema) {
    let sink = DiagnosticSink()
    var loader = RuleFileLoader(schema: schema, sink: sink)
    for file in files { loader.load(file) }
    for rule in loader.result.rules { entries[rule.name.text] = Entry(rule) }
  }

  /// Returns what is known of a rule, or nil.
  package subscript(name: String) -> Entry? { entries[name] }
}

extension RuleBook.Entry {
  fileprivate init(_ rule: RuleSyntax) {
    span = rule.name.span
    description = rule.description
    if case .record(let trigger)? = rule.trigger {
      hold = trigger.hold?.span
      again = trigger.again?.span
      hasDue = trigger.due != nil
    } else {
      (hold, again, hasDue) = (nil, nil, false)
    }
    var assigned: Set<String> = []
    var callsHost = false
    for action in rule.actions {
      switch action.verb {
      case .set(_, let slots), .create(_, let slots): assigned.formUnion(slots.map(\.name.text))
      case .ensure(_, let match, let slots):
        assigned.formUnion((match + slots).map(\.name.text))
      // The field of a status may have any name; which one is the schema's to say.
      case .advance, .host: callsHost = true
      case .delete, .notify, .reject, .signal, .call: break
      }
    }
    self.assigned = assigned
    self.callsHost = callsHost
  }
}
