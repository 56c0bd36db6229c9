internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster outbox list`: what waits, is tried or was given up, the oldest first.
public struct OutboxListCommand: Sendable {
  /// Which entries are listed.
  public var selection = OutboxSelection()
  /// How many entries are printed; 0 for all.
  public var limit = 100
  /// The project folder.
  public var folder = "."
  /// How they are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      var filter = try selection.filter()
      if selection.states.isEmpty, !selection.takesAll {
        filter.states = [.waiting, .trying, .dead]
      }
      // One more tells whether there are more.
      if limit > 0 { filter.limit = limit + 1 }
      let entries = try folder.reading { session throws(Refusal) in
        try OutboxDesk(session).entries(filter)
      }
      let shown = limit > 0 ? Array(entries.prefix(limit)) : entries
      if format == .json {
        return Reply(QueryCommand.lines(.array(shown.map { OutboxText.json($0, isWhole: false) })))
      }
      if entries.isEmpty { return Reply("nothing in the outbox\n") }
      let words = OutboxText(folder.project.settings)
      var text = words.table(shown, width: context.width)
      if entries.count > shown.count { text += "… more after these (--limit 0 prints all)\n" }
      return Reply(text)
    }
  }
}

/// Which entries of the outbox a command is about.
public struct OutboxSelection: Sendable {
  /// These alone, as `outbox list` names them; empty for all.
  public var ids: [String] = []
  /// Those in one of these states, as words; empty for the usual ones.
  public var states: [String] = []
  /// Those of this channel.
  public var channel: String?
  /// Those that this rule queued.
  public var rule: String?
  /// Whether all are meant where nothing else is said.
  public var takesAll = false

  /// Creates a selection of the usual ones.
  public init() {}

  /// Whether something is said of which ones are meant.
  var isNarrow: Bool {
    !ids.isEmpty || !states.isEmpty || channel != nil || rule != nil || takesAll
  }

  /// Returns the filter of the selection.
  func filter() throws(CommandFailure) -> OutboxFilter {
    var filter = OutboxFilter()
    for id in ids where !OutboxDesk.isName(id) {
      throw CommandFailure(
        .usage, "`\(id)` is no entry of the outbox; `outbox list` shows them: 17, later/3")
    }
    filter.ids = ids
    filter.channel = channel
    filter.rule = rule
    for name in states {
      guard let state = OutboxEntry.State(rawValue: name) else {
        let known = OutboxEntry.State.allCases.map(\.rawValue)
        let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        throw CommandFailure(
          .usage, "there is no state \(name) (\(known.joined(separator: ", ")))\(hint)")
      }
      filter.states.insert(state)
    }
    return filter
  }
}
