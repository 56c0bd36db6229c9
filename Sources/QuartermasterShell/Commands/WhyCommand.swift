internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster why CLASS/ID[.field]`: from a record's last change back to what somebody did.
public struct WhyCommand: Sendable {
  /// The record, with a field behind it.
  public var record: String
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command for a record.
  public init(_ record: String) { self.record = record }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let settings = folder.project.settings
      return try folder.present { session in
        try Self.answer(record, session, settings, format, context)
      }
    }
  }

  /// Returns the answer on an open session.
  static func answer(
    _ record: String, _ session: StoreSession, _ settings: ProjectSettings,
    _ format: OutputFormat, _ context: ShellContext
  ) throws -> Reply {
    let journal = JournalReader(session)
    let name = try RecordName(record, takesField: true, journal)
    try name.requireKnown(journal)
    let chain = try CauseChain(
      journal, name.definition, name.id, field: name.field, settings: settings)
    if chain.links.isEmpty {
      let what = name.field.map { "\($0) of \(name.text)" } ?? name.text
      if let edge = try JournalText(session, settings).edge(journal, name) {
        throw CommandFailure(.failed, "nothing is known of how \(what) came about: \(edge)")
      }
      throw CommandFailure(.failed, "the journal holds no change of \(what)")
    }
    let words = JournalText(session, settings)
    if format == .json {
      return Reply(JSONWriter.text(try WhyJSON.list(chain)) + "\n")
    }
    let text = WhyText(words: words, width: context.width, reach: try words.reach(journal))
    return Reply(try text.text(chain, name))
  }
}

/// The answer of `why` in words.
struct WhyText {
  /// The words.
  let words: JournalText
  /// The columns of a line.
  let width: Int
  /// Where the journal begins, as `begins with operation 13, on …`; nil when all operations are in it.
  var reach: String?

  /// Returns the text of a chain of causes.
  func text(_ chain: CauseChain, _ name: RecordName) throws -> String {
    let links = chain.links
    guard let first = links.first, let change = first.change else { return "" }
    let zone = words.zone.name == "UTC" ? "UTC" : words.zone.name
    var text = "\(words.labelled(change.record)) \(Self.verb(change.kind))"
    text += " on \(words.instant(first.entry.at)) \(zone) (operation \(first.entry.row))\n"
    let shown = first.fields.filter { name.field == nil || $0.name == name.field }
    let pairs = shown.compactMap { field -> (String, String)? in
      let value = self.value(field, change)
      return value.map { (field.name, $0) }
    }
    text += ValueText.pairs(pairs, width - 4, indent: "    ") + "\n"
    for (number, link) in links.enumerated() {
      let next = number + 1 < links.count ? links[number + 1] : nil
      let book = try chain.book(of: link.entry)
      text += numbered(number + 1, lines(link, next: next, isFirst: number == 0, book))
    }
    return text
  }

  private func value(_ field: JournalEntry.Field, _ change: JournalEntry.Change) -> String? {
    let isPointer = words.isPointer(field.name, of: change.className)
    func shown(_ json: JSONValue) -> String {
      let text = words.value(json, field.name, of: change.className)
      return isPointer ? words.labelled(text) : text
    }
    let (old, new) = (shown(field.old), shown(field.new))
    switch change.kind {
    case .changed: return "\(old) -> \(new)"
    case .created:
      guard case .null = field.new else { return new }
      return nil
    case .deleted:
      guard case .null = field.old else { return old }
      return nil
    }
  }

  private static func verb(_ kind: ChangeReport.Kind) -> String {
    kind == .changed ? "was changed" : "was \(kind.rawValue)"
  }

  private func numbered(_ number: Int, _ lines: [String]) -> String {
    let mark = "\(number). "
    return lines.enumerated().map { place, line in
      (place == 0 ? mark : String(repeating: " ", count: mark.utf8.count)) + line + "\n"
    }.joined()
  }

  /// What changed, where it is not the change that was asked for, and what made it.
  private func lines(
    _ link: CauseChain.Link, next: CauseChain.Link?, isFirst: Bool, _ book: RuleBook
  ) -> [String] {
    var lines: [String] = []
    if !isFirst, let change = link.change {
      if case .host = link.author, !change.authors.isEmpty { return both(link, change) }
      lines += what(link, change)
    }
    let lead = lines.isEmpty ? "" : "  "
    switch link.author {
    case .rule(let firing): lines += rule(firing, link.entry, book).map { lead + $0 }
    case .rollUp:
      let part = next?.change.map { words.labelled($0.record) } ?? "other records"
      lines.append(lead + "That is a total; it follows \(part).")
    case .host: lines.append(lead + host(link))
    case .clock:
      lines.append("The schedule came round, on \(words.instant(link.entry.at)).")
      if let late = words.lateness(link.entry) { lines.append("It did not run on time: \(late).") }
    case .signal: lines.append(lead + "\(signal(link, book)) asked for it. \(host(link))")
    case .unknown:
      let reach = reach.map { ": it \($0)" } ?? ""
      lines.append("The journal does not go back further\(reach).")
    }
    for shaper in link.shapers {
      let place = Self.place(shaper.rule, link.entry, book)
      if let skipped = shaper.skipped {
        lines.append(lead + "On its way in, the rule \(shaper.rule)\(place) failed: \(skipped)")
        continue
      }
      lines.append(lead + "On its way in, the rule \(shaper.rule) had a hand in it\(place).")
      lines += found(shaper, book).map { lead + "  " + $0 }
    }
    return lines
  }

  private func what(_ link: CauseChain.Link, _ change: JournalEntry.Change) -> [String] {
    let verb = change.kind == .changed ? "changed" : "was \(change.kind.rawValue)"
    let differences = words.differences(link.fields, change, limit: Self.mostFields)
    var sentence = "\(words.labelled(change.record)) \(verb)"
    // The journal keeps what a record was before and after an operation, not what each rule made of it.
    if Set(change.authors).count > 1 { sentence += "; in the end" }
    sentence += differences.isEmpty ? "." : ": \(differences)"
    return DisplayText.wrapped(sentence, to: width - 7).enumerated().map { place, line in
      place == 0 ? line : "  " + line
    }
  }

  /// A record that the operation itself wrote and rules wrote further: the journal keeps where it ended.
  private func both(_ link: CauseChain.Link, _ change: JournalEntry.Change) -> [String] {
    let verb = change.kind == .changed ? "changed" : change.kind.rawValue
    let who = link.entry.actor.map { "by \(words.labelled($0))" } ?? "by \(Self.unnamed)"
    let differences = words.differences(link.fields, change, limit: Self.mostFields)
    let sentence =
      "\(words.labelled(change.record)) was \(verb) \(who), \(when(link)). "
      + "With what rules made of it, it ended as: \(differences)"
    return DisplayText.wrapped(sentence, to: width - 5).enumerated().map { place, line in
      place == 0 ? line : "  " + line
    }
  }

  /// How many fields a link names.
  private static let mostFields = 6

  private func rule(
    _ firing: JournalEntry.Firing, _ entry: JournalEntry, _ book: RuleBook
  ) -> [String] {
    let known = book[firing.rule]
    var lines = ["The rule \(firing.rule) did that\(Self.place(firing.rule, entry, book))."]
    if let description = known?.description {
      lines += DisplayText.wrapped("“\(DisplayText.oneLine(description))”", to: width - 8).map {
        "  " + $0
      }
    }
    if let stored = known?.stored {
      let author = stored.author.map(words.labelled) ?? "the system"
      lines.append("It is a record, written by \(author).")
    }
    if firing.operands.isEmpty {
      if let record = firing.record { lines.append("It was about \(words.labelled(record)).") }
    } else {
      let subject = firing.record.map { "It looked at \(words.labelled($0)) and found" }
      lines.append(subject ?? "It found")
      lines += found(firing, book).map { "  " + $0 }
    }
    if entry.origin == .timer(firing.rule) {
      if let hold = known?.hold {
        let again = known?.again.map { ", and then every \($0)" } ?? ""
        lines.append("It waits \(hold) while its condition stays true\(again).")
      } else {
        lines.append("It was due on \(words.instant(entry.dueInstant?.due ?? entry.at)).")
      }
      if let late = words.lateness(entry) { lines.append("It did not run on time: \(late).") }
    } else if entry.origin == .later(firing.rule) {
      lines.append("It runs after the operation that wakes it.")
    }
    for note in firing.notes {
      let said =
        note.hasPrefix(Interpreter.namePrefix) ? "It acted \(note)." : "It reported: \(note)"
      lines += DisplayText.wrapped(said, to: width - 8)
    }
    return lines
  }

  /// What a firing looked at, condition by condition.
  private func found(_ firing: JournalEntry.Firing, _ book: RuleBook) -> [String] {
    var left = firing.operands
    var lines: [String] = []
    func add(_ operands: [(text: String, value: String)], indent: String) {
      let pairs = ValueText.pairs(operands.map { ($0.text, $0.value) }, width - 12)
      lines += pairs.split(separator: "\n").map { indent + $0 }
    }
    for condition in book[firing.rule]?.conditions ?? [] where condition.label != "due" {
      let written = "\(condition.label): \(DisplayText.oneLine(condition.text))"
      lines += DisplayText.wrapped(written, to: width - 12).enumerated().map { place, line in
        place == 0 ? line : "    " + line
      }
      // A value that two conditions look at stands under both.
      add(firing.operands.filter { condition.mentions($0.text) }, indent: "  ")
      left.removeAll { condition.mentions($0.text) }
    }
    add(left, indent: "")
    return lines
  }

  /// Where the rule stood in the set that was in force: ` (rules/stock.yaml:11, rule set 3)`.
  private static func place(_ rule: String, _ entry: JournalEntry, _ book: RuleBook) -> String {
    guard let known = book[rule] else { return entry.rules > 0 ? " (rule set \(entry.rules))" : "" }
    return entry.rules > 0 ? " (\(known.place), rule set \(entry.rules))" : " (\(known.place))"
  }

  private func signal(_ link: CauseChain.Link, _ book: RuleBook) -> String {
    let names = Set(link.entry.firings.compactMap { book[$0.rule]?.signal })
    guard let name = names.first, names.count == 1 else { return "A signal" }
    return "The signal \(name)"
  }

  private func when(_ link: CauseChain.Link) -> String {
    "on \(words.instant(link.entry.at)) (operation \(link.entry.row))"
  }

  /// Who acts where no name was given: `apply`, an import, the prompt, a program that has the engine in it.
  static let unnamed = "a command or a host program"

  private func host(_ link: CauseChain.Link) -> String {
    let when = when(link)
    switch link.entry.origin {
    case .withoutRules: return "It was loaded without rules, \(when)."
    case .outside:
      return "It was changed from outside, by a program that writes to the file, \(when)."
    case .host:
      if let actor = link.entry.actor { return "\(words.labelled(actor)) did that, \(when)." }
      return "It came from \(Self.unnamed), \(when)."
    default: return "It came with \(words.maker(link.entry)), \(when)."
    }
  }
}

/// The answer of `why` for programs.
enum WhyJSON {
  static func list(_ chain: CauseChain) throws -> JSONValue {
    var items: [JSONValue] = []
    for link in chain.links {
      let book = try chain.book(of: link.entry)
      items.append(.object(members(link, book)))
    }
    return .array(items)
  }

  private static func members(_ link: CauseChain.Link, _ book: RuleBook) -> [(
    key: String, value: JSONValue
  )] {
    var members: [(key: String, value: JSONValue)] = [
      ("operation", .number(String(link.entry.row))), ("at", .string(link.entry.at.description)),
    ]
    if let actor = link.entry.actor { members.append(("actor", .string(actor))) }
    if let change = link.change {
      members.append(("record", .string(change.record)))
      members.append(("change", .string(change.kind.rawValue)))
      members.append(
        (
          "fields",
          .object(link.fields.map { ($0.name, .array([$0.old, $0.new])) })
        ))
    }
    switch link.author {
    case .rule(let firing):
      members.append(("by", .string("rule")))
      members.append(("rule", .string(firing.rule)))
      members.append(("ruleSet", .number(String(link.entry.rules))))
      if let entry = book[firing.rule] {
        let line = entry.span.file.position(of: entry.span.range.lowerBound).line
        members.append(("file", .string(entry.span.file.name)))
        members.append(("line", .number(String(line))))
      }
      if let record = firing.record { members.append(("woken", .string(record))) }
      members.append(
        ("operands", .object(firing.operands.map { ($0.text, .string($0.value)) })))
      let conditions = book[firing.rule]?.conditions ?? []
      members.append(
        (
          "conditions",
          .array(
            conditions.map { condition in
              .object([
                ("item", .string(condition.label)), ("text", .string(condition.text)),
                (
                  "operands",
                  .object(
                    firing.operands.filter { condition.mentions($0.text) }
                      .map { ($0.text, .string($0.value)) })
                ),
              ])
            })
        ))
      if !firing.notes.isEmpty {
        members.append(("notes", .array(firing.notes.map { .string($0) })))
      }
    case .rollUp: members.append(("by", .string("total")))
    case .host: members.append(("by", .string("host")))
    case .clock: members.append(("by", .string("schedule")))
    case .signal: members.append(("by", .string("signal")))
    case .unknown: members.append(("by", .null))
    }
    return members
  }
}
