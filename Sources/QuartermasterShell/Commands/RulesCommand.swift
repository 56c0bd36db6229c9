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
        if try isTurnedInRecord(rule, folder) {
          var command = StoredRulesCommand(.turn(rule: rule, off: off))
          command.folder = self.folder
          command.format = format
          return command.run(context)
        }
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

  /// Whether a rule is a record that says itself whether it is switched on.
  private func isTurnedInRecord(_ rule: String, _ folder: ProjectFolder) throws -> Bool {
    guard folder.project.settings.automations?.fields[.enabled] != nil else { return false }
    return try folder.reading { session throws(Refusal) in
      try RuleSetRow.last(session)?.storedRules().contains { $0.name == rule } == true
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
    let broken = try last.storedRules().filter { $0.problem != nil }
    var firings: [String: Int64] = [:]
    let read = try session.statement("SELECT name, count FROM _stats WHERE kind = 'firing'")
    while try read.step() { firings[read.text(0)] = read.int(1) }
    if format == .json {
      return Reply(
        QueryCommand.lines(
          .array(
            book.names.compactMap { name in
              book[name].map { json($0, name, last.switches[name], firings[name] ?? 0) }
            } + broken.map(json))))
    }
    if book.names.isEmpty, broken.isEmpty { return Reply("rule set \(last.number): no rules\n") }
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
    for rule in broken { table.add(["! " + rule.name, "", rule.place, "cannot run"]) }
    var text = "rule set \(last.number), in force since \(words.instant(last.at))\n"
    text += table.text(width: context.width)
    for name in book.names {
      if let off = last.switches[name] {
        text += "- \(name): \(off.by) switched it off on \(words.instant(off.at))\n"
      } else if book[name]?.isEnabled == false {
        let place = book[name]?.stored == nil ? "file" : "record"
        text += "- \(name): its \(place) switches it off\n"
      }
      if let author = book[name]?.stored?.author {
        text += "  \(name): written by \(words.labelled(author))\n"
      }
    }
    for rule in broken {
      for line in (rule.problem ?? "").split(separator: "\n") {
        text += "! \(rule.name): \(DisplayText.oneLine(String(line)))\n"
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
      ("record", rule.stored.map { .string($0.place) } ?? .null),
      ("author", rule.stored?.author.map { .string($0) } ?? .null),
    ])
  }

  private func json(_ broken: StoredRule) -> JSONValue {
    .object([
      ("rule", .string(broken.name)), ("place", .string(broken.place)),
      ("enabled", .bool(broken.isEnabled)), ("record", .string(broken.place)),
      ("author", broken.author.map { .string($0) } ?? .null),
      ("problem", .string(broken.problem ?? "")),
    ])
  }
}
