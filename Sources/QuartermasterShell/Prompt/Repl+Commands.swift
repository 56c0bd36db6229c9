internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// The commands of the prompt, which begin with a colon.
extension Repl {
  /// The commands, for completion and help.
  static let commands = [
    "as", "clock", "explain", "help", "load", "log", "names", "quit", "refused", "rules",
    "sandbox", "why", "why-not",
  ]

  /// Runs a command.
  func command(_ word: String, _ rest: String) throws -> Reply {
    switch word {
    case "help", "h", "?": return Reply(try help(rest))
    case "quit", "q", "exit":
      hasEnded = true
      return Reply()
    case "rules": return Reply(try listRules(rest))
    case "clock": return Reply(try clock(rest))
    case "sandbox": return Reply(try sandbox(rest))
    case "why":
      if rest.isEmpty {
        throw CommandFailure(.usage, "write :why CLASS/ID, as in :why Product/bolt")
      }
      return try inside { interpreter in
        try WhyCommand.answer(
          recordName(rest, interpreter.session), interpreter.session, folder.project.settings,
          .text, context)
      }
    case "why-not": return try whyNot(rest)
    case "log", "refused":
      return try inside { interpreter in
        var command = LogCommand()
        command.record = rest.isEmpty ? nil : recordName(rest, interpreter.session)
        command.showsRefused = word == "refused"
        command.limit = 10
        let words = JournalText(interpreter.session, folder.project.settings)
        return try command.answer(interpreter.session, words, now: interpreter.now, context)
      }
    case "explain": return Reply(try explain(rest))
    case "as": return Reply(try act(as: rest))
    case "names": return Reply(listNames())
    case "load": return try load(rest)
    default:
      let hint = Suggestion.closest(to: word, among: Self.commands).map { "; did you mean :\($0)?" }
      throw CommandFailure(.usage, "there is no command :\(word)\(hint ?? "; :help lists them")")
    }
  }

  /// Returns `CLASS/ID` for a name of the prompt, with a field behind it if there is one; anything else as it is.
  private func recordName(_ text: String, _ session: StoreSession) -> String {
    if text.contains("/") { return text }
    let name = text.prefix { $0 != "." }
    let found = record(named: String(name), session)
    guard found.count == 1 else { return text }
    return "\(found[0].type.name)/\(found[0].id)\(text[name.endIndex...])"
  }

  private func whyNot(_ rest: String) throws -> Reply {
    let parts = rest.split(separator: " ").map(String.init)
    guard parts.count == 2 else {
      throw CommandFailure(
        .usage, "write :why-not RULE CLASS/ID, as in :why-not reorder-low-stock Product/bolt")
    }
    return try inside { interpreter in
      try WhyNotCommand.answer(
        parts[0], recordName(parts[1], interpreter.session), interpreter.session,
        folder.project.settings, now: interpreter.now, .text, context)
    }
  }

  private func explain(_ text: String) throws -> String {
    if text.isEmpty { throw CommandFailure(.usage, "write :explain and an expression") }
    let now = engine.now
    return try inside { interpreter in
      let expression = try AdHocExpression(text, schema: folder.project.schema, now: now)
      return try QueryCommand(text).explanation(expression, interpreter.session)
    }
  }

  // MARK: Rules

  private func listRules(_ name: String) throws -> String {
    let set = rules.ruleSet
    if !name.isEmpty {
      guard let rule = set.rules.first(where: { $0.name == name }) else {
        let known = set.rules.map(\.name)
        let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        throw CommandFailure(.usage, "there is no rule \(name)\(hint)")
      }
      return text(of: rule)
    }
    if set.rules.isEmpty { return "no rules\n" }
    var table = TextTable([
      .init(title: "rule"), .init(title: "file"), .init(title: "what it is for"),
    ])
    for rule in set.rules { table.add([rule.name, place(of: rule), rule.description ?? ""]) }
    var text = table.text(width: context.width)
    let off = try inside { $0.switchedOff.items }
    for item in off { text += "\(item.rule): switched off by \(item.by)\n" }
    if !set.disabled.isEmpty { text += "switched off: \(set.disabled.joined(separator: ", "))\n" }
    return text
  }

  private func place(of rule: CompiledRule) -> String {
    let line = rule.span.file.position(of: rule.span.range.lowerBound).line
    return "\(rules.name(of: rule.span.file)):\(line)"
  }

  /// Returns the lines of a rule, from its dash to the one before the next item.
  private func text(of rule: CompiledRule) -> String {
    let file = rule.span.file
    let first = file.position(of: rule.span.range.lowerBound).line
    var lines = [file.line(first)]
    var next = first + 1
    while next <= file.lineStarts.count, !file.line(next).hasPrefix("- ") {
      lines.append(file.line(next))
      next += 1
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return place(of: rule) + "\n" + lines.map { $0 + "\n" }.joined()
  }

  // MARK: Time and sandbox

  private func clock(_ rest: String) throws -> String {
    let now = engine.now
    if rest.isEmpty { return shown(now) }
    let target: Timestamp
    let digits = rest.hasPrefix("+") ? String(rest.dropFirst()) : rest
    if let span = TimeSpan(digits, allowsDays: true), let later = now.adding(span) {
      target = later
    } else if let instant = Timestamp(rest) {
      target = instant
    } else {
      throw CommandFailure(
        .usage, "write :clock +2d, :clock +90m, or an instant such as 2026-03-02T09:00:00Z")
    }
    if target < now { throw CommandFailure(.usage, "the clock never goes back; it is \(now)") }
    guard try isSandbox || folder.fileClock() != nil else {
      throw CommandFailure(
        .usage,
        "this file runs by the computer's clock; type :sandbox first, and time is yours to move")
    }
    let keeps = !isSandbox
    return try inside { interpreter in
      let mark = try TraceText.Mark(interpreter.session)
      try interpreter.advance(to: target)
      if keeps { try interpreter.keepClock() }
      return try trace(interpreter.session).text(since: mark, interpreter.session)
        + shown(interpreter.now)
    }
  }

  private func shown(_ instant: Timestamp) -> String {
    let zone = Zone.named(folder.project.settings.zone) ?? .utc
    return "it is \(Plain.instant(instant, zone)) \(zone.name)\n"
  }

  private func sandbox(_ rest: String) throws -> String {
    switch (rest, isSandbox) {
    case ("off", false): return "this is no sandbox\n"
    case ("off", true), ("", true):
      try leaveSandbox()
      return "all that was done in the sandbox is undone\n"
    case ("", false), ("on", _):
      try enterSandbox()
      return "this is a copy: everything is undone at the end, and :clock moves its time\n"
    default: throw CommandFailure(.usage, "write :sandbox, or :sandbox off")
    }
  }

  // MARK: Who acts, names, scripts

  private func act(as rest: String) throws -> String {
    if rest.isEmpty || rest == "system" {
      actor = nil
      return "the system acts\n"
    }
    return try inside { interpreter in
      let session = interpreter.session
      let name = try RecordName(
        recordName(rest, session), takesField: false, JournalReader(session))
      guard name.definition.name == "User" else {
        throw CommandFailure(.usage, "who acts is a User, not \(name.text)")
      }
      guard try interpreter.session.existing(name.definition.recordType, name.id) != nil else {
        throw CommandFailure(.usage, "there is no \(name.text)")
      }
      actor = (name.definition.name, name.id)
      return "\(name.text) acts\n"
    }
  }

  private func listNames() -> String {
    if names.isEmpty { return "no names; `as: NAME` behind a verb gives one to its record\n" }
    let pairs = names.sorted { $0.key < $1.key }.map {
      ($0.key, "\($0.value.className)/\($0.value.id)")
    }
    return ValueText.pairs(pairs, context.width)
  }

  private func load(_ path: String) throws -> Reply {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.usage, "\(path) is not there, or cannot be read")
    }
    var whole = Reply()
    for line in String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      let reply = submit(String(line))
      whole.output += reply.output
      whole.errors += reply.errors
      if reply.status != .done { whole.status = reply.status }
      if hasEnded || reply.status != .done { break }
    }
    return whole
  }
}
