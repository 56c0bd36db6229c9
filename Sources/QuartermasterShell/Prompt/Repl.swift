internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// The prompt: a line in, a reply out.
///
/// It keeps a data file open, the names that were given, and who acts. Each line is one operation. Used by one thread at a time.
public final class Repl {
  let context: ShellContext
  let folder: ProjectFolder
  let rules: LoadedRules
  /// The engine on the data file.
  private let main: Engine
  /// A copy of the data file in which everything may be tried.
  private var sandbox: Sandbox?
  /// The records that `as` named.
  private(set) var names: [String: (className: String, id: String)] = [:]
  /// Who acts; nil for the system.
  var actor: (className: String, id: String)?
  private var buffer = ""
  /// Whether `:quit` was typed.
  public internal(set) var hasEnded = false

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
    if !buffer.isEmpty { return "   ... " }
    return sandbox == nil ? "> " : "sandbox> "
  }

  /// Whether no line waits for those that finish it.
  public var isComplete: Bool { buffer.isEmpty }

  /// What is said at the start.
  public var greeting: String {
    var text = "\(Plain.count(rules.count, "rule")) in force"
    if main.publishedRules { text += ", published as number \(main.ruleNumber)" }
    text += "; :help says what can be typed\n"
    text += Self.switches(main)
    return text
  }

  /// Names the rules that stay switched off although their files are in force.
  static func switches(_ engine: Engine) -> String {
    let off = engine.switchedOffRules
    if off.isEmpty { return "" }
    return "switched off: \(off.joined(separator: ", ")) (`rules enable` switches them on)\n"
  }

  var engine: Engine { sandbox?.engine ?? main }

  /// The words that begin an action.
  var verbs: Set<String> {
    Set(["set", "create", "ensure", "delete", "advance", "notify", "reject", "signal", "call"])
      .union(folder.project.schema.verbs.keys)
  }

  // MARK: Lines

  /// Runs a line, or keeps it until the lines that finish it have come.
  public func submit(_ line: String) -> Reply {
    var line = line
    if !buffer.isEmpty {
      let isDone = line.allSatisfy(\.isWhitespace)
      line = buffer + " " + line
      buffer = ""
      if isDone { return run(line) }
    }
    guard PromptGrammar.isUnfinished(line) else { return run(line) }
    buffer = line.hasSuffix("\\") ? String(line.dropLast()) : line
    return Reply()
  }

  /// Ends what is unfinished, closes the file and undoes a sandbox.
  public func finish() -> Reply {
    let last = buffer.isEmpty ? Reply() : run(buffer)
    buffer = ""
    return context.reply {
      try leaveSandbox()
      try main.close()
      return last
    }
  }

  /// Drops the lines that are not finished yet.
  public func cancel() { buffer = "" }

  private func run(_ line: String) -> Reply {
    let reply = context.reply {
      switch PromptGrammar.read(qualified(line), verbs: verbs) {
      case .empty: return Reply()
      case .command(let word, let rest): return try command(word, rest)
      case .action(let node): return Reply(try act(node, input: line))
      case .expression(let text): return Reply(try evaluate(text))
      }
    }
    // At the prompt a mistake is a mistake, whatever it would be on a command line.
    guard reply.status != .done, reply.status != .failure else { return reply }
    var told = reply
    told.status = .failed
    return told
  }

  /// Writes `Order["000123"]` for `Order/000123`, which is how records are shown everywhere.
  private func qualified(_ line: String) -> String {
    if line.utf8.first == UInt8(ascii: ":") || !line.utf8.contains(UInt8(ascii: "/")) {
      return line
    }
    var result = ""
    var isQuoted = false
    var rest = line[...]
    while let character = rest.first {
      if character == "\"" { isQuoted.toggle() }
      let isStart = result.unicodeScalars.last.map { !Self.isIDScalar($0) && $0 != "." } ?? true
      if !isQuoted, isStart, character.isLetter {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let after = rest[name.endIndex...]
        if after.first == "/", folder.project.schema[String(name)] != nil {
          let id = after.dropFirst().prefix { $0.unicodeScalars.allSatisfy(Self.isIDScalar) }
          if !id.isEmpty {
            result += "\(name)[\"\(id)\"]"
            rest = rest[id.endIndex...]
            continue
          }
        }
        result += name
        rest = after
        continue
      }
      result.append(character)
      rest = rest.dropFirst()
    }
    return result
  }

  private static func isIDScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
      || scalar == "-"
  }

  // MARK: Actions and expressions

  /// Runs a body on the interpreter, with whatever it throws.
  func inside<T>(_ body: (Interpreter) throws -> T) throws -> T {
    let result = try engine.perform { interpreter throws(Refusal) in
      // What others wrote since the last line is seen.
      try interpreter.takeOver(at: nil)
      return Result { try body(interpreter) }
    }
    return try result.get()
  }

  private func evaluate(_ text: String) throws -> String {
    let now = engine.now
    return try inside { interpreter in
      let session = interpreter.session
      let expression = try explainingNames(session) { find in
        try AdHocExpression(text, schema: folder.project.schema, now: now, find: find)
      }
      do {
        let value = try expression.evaluate(session)
        return try ValueText(session, width: context.width, limit: 200)
          .text(value, expression.checked.type)
      } catch let error as EvaluationError {
        throw CommandFailure(error, in: expression.checked.parsed.source, context)
      }
    }
  }

  private func act(_ node: YAMLNode, input: String) throws -> String {
    if node.pairs?.first?.key.text == "reject" {
      throw CommandFailure(
        .failed, "`reject` is for rules; at the prompt there is nothing to refuse")
    }
    let (action, mark) = try inside { interpreter in
      let action = try explainingNames(interpreter.session) { find in
        try PromptAction(
          node, schema: folder.project.schema, settings: folder.project.settings, find: find)
      }
      return (action, try TraceText.Mark(interpreter.session))
    }
    let (made, outcome) = try engine.operate(actor: actor, input: input) {
      interpreter throws(Refusal) -> (className: String, id: String)? in
      let script = HostScript(
        interpreter, name: "prompt", layout: action.layout, names: action.names, span: action.span)
      for (place, record) in action.records {
        script.frame.records[place] = interpreter.session.record(record.type, record.id)
      }
      script.bindClock()
      try script.act(action.action)
      guard let place = action.result?.place, let record = script.frame.records[place] else {
        return nil
      }
      return (record.type.name, record.id)
    }
    if let name = action.result?.name { names[name] = made }
    return try inside { interpreter in
      let text = try trace(interpreter.session).text(
        since: mark, interpreter.session, nearMisses: outcome.nearMisses)
      return text.isEmpty ? "nothing changed\n" : text
    }
  }

  /// Returns what writes traces of a session.
  func trace(_ session: StoreSession) -> TraceText {
    TraceText(words: JournalText(session, folder.project.settings), width: context.width)
  }

  /// Runs what needs names of records; where a name is that of several, its error says so.
  private func explainingNames<T>(
    _ session: StoreSession, _ body: ((String) -> Record?) throws -> T
  ) throws -> T {
    var ambiguous: [(name: String, classes: [String])] = []
    do {
      return try body { name in
        let found = record(named: name, session)
        if found.count > 1 { ambiguous.append((name, found.map(\.type.name))) }
        return found.count == 1 ? found[0] : nil
      }
    } catch let list as DiagnosticList {
      guard let (name, classes) = ambiguous.first else { throw list }
      let choices = classes.map { "\($0)/\(name)" }.joined(separator: " or ")
      throw CommandFailure(.failed, "\(name) is a name of several records; write \(choices)")
    }
  }

  /// Returns the records that a name may stand for: what `as` named, else those with this id.
  func record(named name: String, _ session: StoreSession) -> [Record] {
    let schema = folder.project.schema
    if let (className, id) = names[name], let definition = schema[className],
      let record = try? session.existing(definition.recordType, id)
    {
      return [record]
    }
    return schema.classes.compactMap { definition in
      try? session.existing(definition.recordType, name)
    }
  }

  // MARK: The sandbox

  /// A copy of the data file with a clock that is moved by hand.
  private struct Sandbox {
    let engine: Engine
    let path: String
    /// The names that there were before.
    let names: [String: (className: String, id: String)]
  }

  /// Whether everything is undone at the end.
  var isSandbox: Bool { sandbox != nil }

  /// Copies the data file as it is now; from here on everything happens in the copy.
  func enterSandbox() throws {
    guard sandbox == nil else { return }
    let path =
      FileManager.default.temporaryDirectory.path
      + "/quartermaster-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString).sqlite"
    let now = main.now
    try main.perform { interpreter throws(Refusal) in try interpreter.copyFile(to: path) }
    do {
      let engine = try folder.openEngine(rules, at: path, clock: .manual(now))
      sandbox = Sandbox(engine: engine, path: path, names: names)
    } catch {
      Self.remove(path)
      throw error
    }
  }

  /// Forgets the copy and all that happened in it.
  func leaveSandbox() throws {
    guard let left = sandbox else { return }
    sandbox = nil
    names = left.names
    try left.engine.close()
    Self.remove(left.path)
  }

  private static func remove(_ path: String) {
    for ending in ["", "-wal", "-shm"] {
      // What is not there need not be removed.
      try? FileManager.default.removeItem(atPath: path + ending)
    }
  }
}
