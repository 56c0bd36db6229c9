internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster outbox retry` and `quartermaster outbox drop`: what an operator does with what hangs.
public struct OutboxChangeCommand: Sendable {
  /// What is done.
  public enum Action: String, Sendable {
    /// It is tried again at once, with the same key; dead letters begin their tries anew.
    case retry
    /// It is tried no more.
    case drop
  }

  /// What is done.
  public var action: Action
  /// With which entries.
  public var selection = OutboxSelection()
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init(_ action: Action) { self.action = action }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard selection.isNarrow else {
        throw CommandFailure(
          .usage,
          "say what to \(action.rawValue): entries by their names, --state, --channel, --rule, or --all"
        )
      }
      let folder = try ProjectFolder(self.folder, context)
      var filter = try selection.filter()
      // Without names, a retry is about what was given up, not about what an operator dropped.
      if action == .retry, filter.ids.isEmpty, filter.states.isEmpty {
        filter.states = [.waiting, .dead]
      }
      let wanted = filter
      let (entries, missing) = try folder.changing { store, now throws(Refusal) in
        let entries =
          action == .retry
          ? try OutboxDesk.retry(wanted, at: now, store)
          : try OutboxDesk.drop(wanted, at: now, store)
        let done = Set(entries.map(\.id))
        var rest = OutboxFilter()
        rest.ids = wanted.ids.filter { !done.contains($0) }
        let others = rest.ids.isEmpty ? [] : try OutboxDesk(store).entries(rest)
        return (entries, rest.ids.map { id in (id, others.first { $0.id == id }?.state) })
      }
      return answer(entries, missing)
    }
  }

  private func answer(
    _ entries: [OutboxEntry], _ missing: [(id: String, state: OutboxEntry.State?)]
  ) -> Reply {
    var reply = Reply(status: missing.isEmpty ? .done : .failed)
    for (id, state) in missing {
      let why = state.map { "is \($0.rawValue)" } ?? "is not in the outbox"
      reply.errors += "error: \(id) \(why); nothing to \(action.rawValue)\n"
    }
    if format == .json {
      let ids = entries.map { JSONValue.string($0.id) }
      reply.output = JSONWriter.text(.object([(action.rawValue, .array(ids))])) + "\n"
      return reply
    }
    let count = Plain.count(entries.count, "entry", "entries")
    reply.output = action == .retry ? "\(count) to be tried again\n" : "\(count) dropped\n"
    return reply
  }
}
