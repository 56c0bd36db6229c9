internal import QuartermasterCEL
internal import QuartermasterCore

/// The prompt: a line in, a reply out.
///
/// It keeps a data file open, the names that were given, and who acts. Each line is one operation. Used by one thread at
/// a time, but for ``interrupter``.
public final class Repl {
  /// Where it runs.
  private(set) var context: ShellContext
  let folder: ProjectFolder
  /// The rules of the project folder.
  let rules: LoadedRules
  /// The engine on the data file.
  let main: Engine
  /// A copy of the data file in which everything may be tried.
  var sandbox: Sandbox?
  /// The records that `as` named.
  var names: [String: (className: String, id: String)] = [:]
  /// Who acts; nil for the system.
  var actor: (className: String, id: String)?
  /// The user whose rights count; nil for those of the system.
  var user: String?
  /// Whether values are shown in full.
  var isWide = false
  /// Whether it is said how long each line takes.
  var isTimed = false
  /// Whether `:quit` was typed.
  public internal(set) var hasEnded = false
  /// Ends the line that runs, from another thread.
  public let interrupter = Interrupter()
  /// The statement that was complete last, to be kept for the next time; nil when it must not be kept, as one that
  /// sets a secret.
  public private(set) var lastEntry: String?

  private var waiting = Waiting.nothing
  /// What waits for more lines.
  private enum Waiting {
    case nothing
    /// A statement that is not finished.
    case statement(String)
    /// A rule that ends with an empty line.
    case rule(RuleEntry)
  }

  /// Opens a project at the prompt.
  ///
  /// - Parameters:
  ///   - folder: The project folder.
  ///   - isSandbox: Whether everything is to be undone at the end.
  ///   - context: Where it runs.
  /// - Returns: The prompt, or the reply that says why there is none.
  public static func open(
    _ folder: String, isSandbox: Bool = false, _ context: ShellContext
  ) -> Result<Repl, ReplyError> {
    do {
      let repl = try Repl(ProjectFolder(folder, context), context)
      if isSandbox { try repl.enterSandbox() }
      return .success(repl)
    } catch { return .failure(ReplyError(CommandFailure(anything: error, context).reply)) }
  }

  /// A reply that is an error.
  public struct ReplyError: Error {
    /// The reply.
    public let reply: Reply

    init(_ reply: Reply) { self.reply = reply }
  }

  private init(_ folder: ProjectFolder, _ context: ShellContext) throws {
    self.folder = folder
    self.context = context
    rules = try folder.rules()
    main = try folder.openEngine(rules)
  }

  /// What the terminal shows before a line.
  public var prompt: String {
    if !isComplete { return "   ... " }
    let who = user ?? ""
    return sandbox == nil ? "\(who)> " : "\(who.isEmpty ? "" : who + " ")sandbox> "
  }

  /// Whether no line waits for those that finish it.
  public var isComplete: Bool { if case .nothing = waiting { true } else { false } }

  /// The lines of a statement that wait for those that finish it, each with its line end; nil where a rule is typed.
  var unfinished: String? {
    switch waiting {
    case .nothing: ""
    case .rule: nil
    case .statement(let text): text
    }
  }

  /// The columns that a line of output may take; a window may change while the prompt is open.
  public var width: Int {
    get { context.width }
    set { context.width = newValue }
  }

  /// Returns what is said at the start, in a few lines.
  ///
  /// - Parameter version: The version of the program.
  /// - Returns: The project, its rules, and where help is.
  public func greeting(version: String) -> String {
    let project = folder.project
    let name = project.schema.domain.isEmpty ? project.folder : project.schema.domain
    var text =
      "Quartermaster \(version): \(name), \(Plain.count(rules.count, "rule")) in force"
      + " (rule set \(main.ruleNumber)), \(project.dataPath)\n"
    if main.publishedRules {
      text += "the rules of this folder are new to the file and are in force from now on\n"
    }
    text += Self.switches(main)
    if isSandbox { text += Self.sandboxNote }
    text += ":help lists what can be typed, Tab completes it, Ctrl-C stops it, :quit leaves\n"
    return text.split(separator: "\n")
      .map { DisplayText.wrapped(String($0), to: width).joined(separator: "\n") + "\n" }.joined()
  }

  /// Names the rules that stay switched off although their files are in force.
  static func switches(_ engine: Engine) -> String {
    let off = engine.switchedOffRules
    if off.isEmpty { return "" }
    return "switched off: \(off.joined(separator: ", ")) (`rules enable` switches them on)\n"
  }

  /// The engine that lines work on.
  var engine: Engine { sandbox?.engine ?? main }

  /// The words that begin an action.
  var verbs: Set<String> {
    Set(["set", "create", "ensure", "delete", "advance", "notify", "reject", "signal", "call"])
      .union(folder.project.schema.verbs.keys)
  }

  // MARK: Lines

  /// Runs a line, or keeps it until the lines that finish it have come.
  public func submit(_ line: String) -> Reply {
    lastEntry = nil
    switch waiting {
    case .rule(var entry):
      if !line.allSatisfy(\.isWhitespace) {
        entry.add(line)
        waiting = .rule(entry)
        return Reply()
      }
      waiting = .nothing
      return complete(":rule\n" + entry.lines.joined(separator: "\n"))
    case .statement(let begun):
      waiting = .nothing
      let isDone = line.allSatisfy(\.isWhitespace)
      let whole = isDone ? begun : begun + line
      if !isDone, PromptGrammar.isUnfinished(whole, verbs: verbs) { return wait(whole) }
      return complete(whole)
    case .nothing:
      if let entry = RuleEntry(beginning: line) {
        waiting = .rule(entry)
        return Reply()
      }
      if PromptGrammar.isUnfinished(line, verbs: verbs) { return wait(line) }
      return complete(line)
    }
  }

  private func wait(_ begun: String) -> Reply {
    waiting = .statement(begun.hasSuffix("\\") ? begun.dropLast() + " " : begun + "\n")
    return Reply()
  }

  /// Ends what is unfinished, closes the file and undoes a sandbox.
  public func finish() -> Reply {
    let last = isComplete ? Reply() : submit("")
    var end = context.reply {
      try leaveSandbox()
      try main.close()
      return last
    }
    if end.status != .done { end.output = last.output + end.output }
    return end
  }

  /// Drops the lines that are not finished yet.
  public func cancel() { waiting = .nothing }

  private func complete(_ text: String) -> Reply {
    lastEntry = text.allSatisfy(\.isWhitespace) || holdsSecret(text) ? nil : text
    return run(text)
  }

  /// Sets what is to be kept, after the lines of a file were run.
  func remember(_ entry: String?) { lastEntry = entry }

  /// Whether a text may hold the value of a secret field, so that no history should keep it.
  private func holdsSecret(_ text: String) -> Bool {
    folder.project.schema.classes.contains { definition in
      definition.fields.contains { $0.isSecret && Self.hasKey($0.name, in: text) }
    }
  }

  /// Returns messages without the lines that they point into: what is wrong with a line is told, not the secret in it.
  private static func withoutSource(_ errors: String) -> String {
    errors.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { $0.prefixMatch(of: /\s*\d*\s*\|/) == nil }.joined(separator: "\n")
  }

  /// Whether a text has a name with a colon behind it, in quotes or not.
  private static func hasKey(_ name: String, in text: String) -> Bool {
    text.ranges(of: name).contains { range in
      text[range.upperBound...].first { !$0.isWhitespace && $0 != "\"" && $0 != "'" } == ":"
    }
  }

  /// Runs a statement that is complete.
  func run(_ text: String) -> Reply {
    let (began, wasTimed) = (ContinuousClock.now, isTimed)
    var isAction = false
    interrupter.begin(engine)
    defer { interrupter.end() }
    var reply = context.reply {
      switch PromptGrammar.read(statement(text), verbs: verbs) {
      case .empty: return Reply()
      case .command(let word, let rest): return try command(word, rest)
      case .action(let node):
        isAction = true
        // A refused line is kept in the file, where nobody may read a secret.
        return try act(node, input: holdsSecret(text) ? "a line that sets a secret" : text)
      case .expression(let text): return Reply(try evaluate(text))
      }
    }
    if reply.status != .done, interrupter.isAsked, !reply.errors.hasPrefix(Self.interrupted) {
      reply = Reply(reply.output, errors: Self.interrupted + "\n", status: .failed)
    }
    sandbox?.note(text, isAction: isAction, isDone: reply.status == .done)
    if wasTimed && isTimed || reply.isTimed {
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      reply.output += "(\(Plain.seconds(seconds)))\n"
    }
    if holdsSecret(text) { reply.errors = Self.withoutSource(reply.errors) }
    reply.errors = fitted(reply.errors)
    // At the prompt a mistake is a mistake, whatever it would be on a command line.
    if reply.status != .done, reply.status != .failure { reply.status = .failed }
    return reply
  }

  /// Returns messages broken to the width; lines of a source stay as they are, so that the mark below them fits.
  private func fitted(_ errors: String) -> String {
    errors.split(separator: "\n").map { line in
      let isSource = line.prefix(16).contains("|")
      if isSource || DisplayText.width(String(line)) <= context.width { return line + "\n" }
      return DisplayText.wrapped(String(line), to: context.width).map { $0 + "\n" }.joined()
    }.joined()
  }

  /// How the error of a line begins that Ctrl-C ended.
  static let interrupted = "interrupted"

  private func statement(_ text: String) -> String {
    text.utf8.first == UInt8(ascii: ":")
      ? text : PromptGrammar.qualified(text, folder.project.schema)
  }

  /// Runs a body on the interpreter, with whatever it throws.
  func inside<T>(_ body: (Interpreter) throws -> T) throws -> T {
    let result = try engine.perform { interpreter throws(Refusal) in
      // What others wrote since the last line is seen.
      try interpreter.takeOver(at: nil)
      return Result { try body(interpreter) }
    }
    return try result.get()
  }
}
