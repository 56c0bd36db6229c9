internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// The sandbox: a copy in which rules, time and changes are tried.
extension Repl {
  /// Whether everything is undone at the end.
  var isSandbox: Bool { sandbox != nil }

  /// What is said when a sandbox begins.
  static let sandboxNote =
    "this is a copy of the file: all is undone at the end; :undo and :clock work here\n"

  /// Copies the data file as it is now; from here on everything happens in the copy.
  func enterSandbox() throws {
    guard sandbox == nil else { return }
    let made = try Sandbox(of: main, folder, rules, before: (names, actor))
    sandbox = made
    interrupter.follow(made.engine)
  }

  /// Forgets the copy and all that happened in it.
  func leaveSandbox() throws {
    guard let left = sandbox else { return }
    sandbox = nil
    (names, actor) = left.before
    interrupter.follow(main)
    try left.remove()
  }

  func sandbox(_ rest: String) throws -> String {
    switch (rest, isSandbox) {
    case ("off", false): return "this is no sandbox\n"
    case ("off", true):
      try leaveSandbox()
      return "all that was done in the sandbox is undone\n"
    case ("", true), ("on", true):
      return "this is a sandbox already; :sandbox off undoes all that was done in it\n"
    case ("", false), ("on", false):
      try enterSandbox()
      return Self.sandboxNote
    default: throw CommandFailure(.usage, "write :sandbox, or :sandbox off")
    }
  }

  /// Takes back the last command of a sandbox: the copy is made anew, and all others are done again.
  func undo() throws -> String {
    guard let sandbox else {
      throw CommandFailure(
        .failed,
        "what is done stays done outside a sandbox: rules fired on it and messages may have left; "
          + "change it back by hand (:log shows what it was), and try things in a :sandbox first")
    }
    guard let (last, again) = sandbox.takeLast() else {
      return "nothing was changed in this sandbox yet\n"
    }
    try sandbox.restart(rules)
    (names, actor) = sandbox.before
    interrupter.follow(sandbox.engine)
    for text in again {
      let reply = run(text)
      if reply.status != .done {
        throw CommandFailure(
          .failed, "`\(DisplayText.oneLine(text))` did not go as before: \(reply.errors)")
      }
    }
    let line = DisplayText.clipped(DisplayText.oneLine(last), to: max(20, context.width - 10))
    return "undone: \(line)\n"
  }

  // MARK: Time

  func clock(_ rest: String) throws -> Reply {
    let now = engine.now
    if rest.isEmpty { return Reply(shown(now)) }
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
    var reply = try traced {
      try inside { interpreter in
        try interpreter.advance(to: target)
        if keeps { try interpreter.keepClock() }
      }
      return ([], "")
    }
    reply.output += shown(engine.now)
    return reply
  }

  private func shown(_ instant: Timestamp) -> String {
    let zone = Zone.named(folder.project.settings.zone) ?? .utc
    return "it is \(Plain.instant(instant, zone)) \(zone.name)\n"
  }

  // MARK: Rules

  /// Tries rules that were typed or loaded: checked with all others, and in force in a sandbox.
  ///
  /// Docs/Decisions/0160.
  ///
  /// - Parameters:
  ///   - text: The rules, as in a file.
  ///   - name: What stands for a file in messages; nil to name it after the first rule.
  /// - Returns: What is in force now, and what the check warns of.
  /// - Throws: All that is wrong with the rules; then nothing has changed.
  func tryRules(_ text: String, name: String? = nil) throws -> Reply {
    let text = RuleEntry.file(text)
    if text.isEmpty {
      throw CommandFailure(
        .usage, "there is no rule; type or paste one behind :rule, and end it with an empty line")
    }
    let names = RuleFiles.names(in: text)
    let typed = SourceFile(name: name ?? names.first.map { "<\($0)>" } ?? "<rule>", text: text)
    let files = RuleFiles(sandbox?.files ?? folder.project.ruleFiles)
    let (others, replaced) = files.leavingOut(Set(names), named: typed.name)
    let tried = try folder.rules(others + [typed])
    if names.isEmpty {
      throw CommandFailure(.failed, "there is no rule in this; it begins with `- rule: NAME`")
    }
    var reply = Reply()
    let isNew = sandbox == nil
    try enterSandbox()
    guard let sandbox else { return reply }
    let publication = try sandbox.engine.publish(tried)
    (sandbox.files, sandbox.rules) = (others + [typed], tried)
    for name in names {
      let was = replaced[name].map { ", in place of \(self.rules.name(of: $0))" } ?? ""
      reply.output += "\(name) is in force in this sandbox\(was)\n"
    }
    for change in publication.timers { reply.output += "\(change.text)\n" }
    let warnings = tried.warnings.filter { $0.span.file === typed }
    reply.output += warnings.map { context.renderer.render($0) }.joined()
    if isNew { reply.output += Self.sandboxNote }
    return reply
  }

  /// Runs the lines of a file, or tries the rules in it.
  func load(_ path: String) throws -> Reply {
    if path.isEmpty { throw CommandFailure(.usage, "write :load FILE, as in :load morning.txt") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.usage, "\(path) is not there, or cannot be read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure(.usage, "\(path) is not UTF-8")
    }
    if path.hasSuffix(".yaml") { return try tryRules(text, name: path) }
    var whole = Reply()
    func add(_ reply: Reply) {
      whole.output += reply.output
      whole.errors += reply.errors
      if reply.status != .done { whole.status = reply.status }
    }
    let entry = lastEntry
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      add(submit(String(line)))
      if hasEnded || whole.status != .done { break }
    }
    if !isComplete, whole.status == .done { add(submit("")) }
    cancel()
    remember(entry)
    return whole
  }
}
