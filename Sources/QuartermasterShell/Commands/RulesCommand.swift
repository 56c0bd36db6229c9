internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster rules list | enable | disable | log | diff`: the rules in force, and those that were.
public struct RulesCommand: Sendable {
  /// What is asked.
  public enum Action: Sendable {
    /// The rules in force.
    case list
    /// Switches a rule on or off, in the name of somebody.
    case turn(rule: String, off: Bool, by: String)
    /// The rule sets that were in force.
    case log
    /// What differs between two rule sets; without numbers between the last two texts.
    case diff(from: Int64?, to: Int64?)
  }

  /// What is asked.
  public var action: Action
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init(_ action: Action) { self.action = action }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      if case .turn(let rule, let off, let by) = action {
        return try turn(rule, off: off, by: by, folder)
      }
      return try folder.present { session in
        let archive = try RuleArchive(session, folder.project.settings)
        guard let last = archive.last else {
          throw CommandFailure(
            .failed, "the file has no rules yet; `quartermaster apply` or `run` publishes them")
        }
        let words = JournalText(session, folder.project.settings)
        switch action {
        case .diff(let from, let to):
          return try RuleDiff(archive: archive).answer(from: from, to: to, format)
        case .log: return try RuleLog(archive: archive, words: words).answer(format, context.width)
        case .list, .turn:
          return try list(last, archive, words, session, context)
        }
      }
    }
  }

  private func turn(_ rule: String, off: Bool, by: String, _ folder: ProjectFolder) throws -> Reply
  {
    let store = try folder.openStore()
    let number: Int64?
    do throws(Refusal) {
      number = try store.perform { store throws(Refusal) in
        let now = try ReplayClock.read(store) ?? SystemClock.now
        return try RuleSetRow.turn(rule, off: off, by: by, at: now, in: store)
      }
      try store.close()
    } catch {
      // The refusal is what is told; a file that does not close after it adds nothing.
      try? store.close()
      throw CommandFailure(error.reason == .storage ? .badInput : .failed, error.message)
    }
    let word = off ? "off" : "on"
    if format == .json {
      return Reply(
        JSONWriter.text(
          .object([
            ("rule", .string(rule)), ("off", .bool(off)),
            ("ruleSet", number.map { .number(String($0)) } ?? .null),
          ])) + "\n")
    }
    guard let number else { return Reply("\(rule) was switched \(word) already\n") }
    return Reply(
      "\(rule) is switched \(word), rule set \(number); engines on the file follow with their next operation\n"
    )
  }

  // MARK: List

  private func list(
    _ last: RuleSetRow, _ archive: RuleArchive, _ words: JournalText, _ session: StoreSession,
    _ context: ShellContext
  ) throws -> Reply {
    let book = try archive.book(last)
    var firings: [String: Int64] = [:]
    let read = try session.statement("SELECT name, count FROM _stats WHERE kind = 'firing'")
    while try read.step() { firings[read.text(0)] = read.int(1) }
    if format == .json {
      return Reply(
        QueryCommand.lines(
          .array(
            book.names.compactMap { name in
              book[name].map { json($0, name, last.switches[name], firings[name] ?? 0) }
            })))
    }
    if book.names.isEmpty { return Reply("rule set \(last.number): no rules\n") }
    var table = TextTable([
      .init(title: "rule"), .init(title: "firings", isRight: true), .init(title: "file"),
      .init(title: "trigger"),
    ])
    for name in book.names {
      guard let rule = book[name] else { continue }
      let isOff = !rule.isEnabled || last.switches[name] != nil
      table.add([
        (isOff ? "- " : "  ") + name, Plain.count(Int(firings[name] ?? 0)), rule.place,
        rule.trigger,
      ])
    }
    var text = "rule set \(last.number), in force since \(words.instant(last.at))\n"
    text += table.text(width: context.width)
    for name in book.names {
      if let off = last.switches[name] {
        text += "- \(name): \(off.by) switched it off on \(words.instant(off.at))\n"
      } else if book[name]?.isEnabled == false {
        text += "- \(name): its file switches it off\n"
      }
    }
    return Reply(text)
  }

  private func json(
    _ rule: RuleBook.Entry, _ name: String, _ off: RuleSwitches.Switch?, _ firings: Int64
  ) -> JSONValue {
    .object([
      ("rule", .string(name)), ("place", .string(rule.place)), ("trigger", .string(rule.trigger)),
      ("description", rule.description.map { .string($0) } ?? .null),
      ("enabled", .bool(rule.isEnabled)),
      (
        "switchedOff",
        off.map {
          .object([("by", .string($0.by)), ("at", .string($0.at.description))])
        } ?? .null
      ),
      ("firings", .number(String(firings))),
    ])
  }
}
