internal import QuartermasterCEL
internal import QuartermasterCore

/// The commands of the prompt, which begin with a colon.
extension Repl {
  /// Runs a command.
  func command(_ word: String, _ rest: String) throws -> Reply {
    guard let command = PromptCommand.named(word) else {
      let known = PromptCommand.all.map(\.word)
      let hint = Suggestion.closest(to: word, among: known).map { "; did you mean :\($0)?" }
      throw CommandFailure(.usage, "there is no command :\(word)\(hint ?? "; :help lists them")")
    }
    switch command.word {
    case "help": return Reply(try help(rest))
    case "quit":
      hasEnded = true
      return Reply()
    case "rules": return Reply(try listRules(rest))
    case "tables": return Reply(try inside { try SchemaText(folder, context).tables($0.session) })
    case "schema": return Reply(try SchemaText(folder, context).fields(rest))
    case "clock": return try clock(rest)
    case "sandbox": return Reply(try sandbox(rest))
    case "undo": return Reply(try undo())
    case "rule": return try tryRules(rest)
    case "load": return try load(rest)
    case "why": return try why(rest)
    case "why-not": return try whyNot(rest)
    case "log", "refused": return try log(rest, refused: command.word == "refused")
    case "plan": return Reply(try plan(rest))
    case "explain": return Reply(try explain(rest))
    case "as": return Reply(try act(as: rest))
    case "login": return Reply(try logIn(rest))
    case "logout": return Reply(logOut())
    case "names": return Reply(listNames())
    case "wide": return Reply(try wide(rest))
    default: return time(rest)
    }
  }

  // MARK: Answers from the journal

  private func why(_ rest: String) throws -> Reply {
    if rest.isEmpty {
      throw CommandFailure(.usage, "write :why CLASS/ID, as in :why Product/bolt")
    }
    return try inside { interpreter in
      try WhyCommand.answer(
        recordName(rest, interpreter.session), interpreter.session, folder.project.settings,
        .text, context)
    }
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

  private func log(_ rest: String, refused: Bool) throws -> Reply {
    try inside { interpreter in
      var command = LogCommand()
      command.record = rest.isEmpty ? nil : recordName(rest, interpreter.session)
      command.showsRefused = refused
      command.limit = 10
      let words = JournalText(interpreter.session, folder.project.settings)
      return try command.answer(interpreter.session, words, now: interpreter.now, context)
    }
  }

  private func explain(_ text: String) throws -> String {
    if text.isEmpty {
      throw CommandFailure(
        .usage, "write :explain and an expression, as in :explain Product.filter(p, p.onHand < 10)")
    }
    let now = engine.now
    return try inside { interpreter in
      let access = try self.access(interpreter.session)
      let expression = try explainingNames(interpreter.session) { find in
        try AdHocExpression(
          PromptGrammar.qualified(text, folder.project.schema), schema: folder.project.schema,
          now: now, access: access, find: find)
      }
      return try QueryCommand(text).explanation(expression, interpreter.session)
    }
  }

  // MARK: Rules

  private func plan(_ rule: String) throws -> String {
    if rule.isEmpty {
      throw CommandFailure(.usage, "write :plan RULE, as in :plan reorder-low-stock")
    }
    return try PlanCommand.text(
      rule, on: engine, settings: folder.project.settings,
      files: sandbox?.files ?? folder.project.ruleFiles, width: context.width)
  }

  private func listRules(_ name: String) throws -> String {
    let rules = sandbox?.rules ?? rules
    let set = rules.ruleSet
    let records = try inside { $0.storedRules }
    if let record = records.first(where: { $0.name == name }) {
      return record.text + (record.problem.map { "cannot run: \($0)\n" } ?? "")
    }
    if !name.isEmpty {
      guard let rule = set.rules.first(where: { $0.name == name }) else {
        let known = set.rules.map(\.name)
        let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" }
        throw CommandFailure(
          .usage, "there is no rule \(name)\(hint ?? "; :rules lists them")")
      }
      return text(of: rule, in: rules)
    }
    if set.rules.isEmpty, records.isEmpty { return "there are no rules; :rule tries one\n" }
    var table = TextTable([
      .init(title: "rule"), .init(title: "file"), .init(title: "what it is for"),
    ])
    for rule in set.rules {
      table.add([rule.name, place(of: rule, in: rules), rule.description ?? ""])
    }
    for record in records {
      let mark = record.problem != nil ? "! " : record.isEnabled ? "" : "- "
      let author = record.author.map { "written by \($0)" } ?? ""
      table.add([mark + record.name, record.place, author])
    }
    var text = table.text(width: context.width, context.paint)
    let off = try inside { $0.switchedOff.items }
    for item in off { text += "\(item.rule): switched off by \(item.by)\n" }
    if !set.disabled.isEmpty { text += "switched off: \(set.disabled.joined(separator: ", "))\n" }
    return text
  }

  private func place(of rule: CompiledRule, in rules: LoadedRules) -> String {
    let line = rule.span.file.position(of: rule.span.range.lowerBound).line
    return "\(rules.name(of: rule.span.file)):\(line)"
  }

  /// Returns the lines of a rule, from its dash to the one before the next item.
  private func text(of rule: CompiledRule, in rules: LoadedRules) -> String {
    let file = rule.span.file
    let first = file.position(of: rule.span.range.lowerBound).line
    var lines = [file.line(first)]
    var next = first + 1
    while next <= file.lineStarts.count, !file.line(next).hasPrefix("- ") {
      lines.append(file.line(next))
      next += 1
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return place(of: rule, in: rules) + "\n" + lines.map { $0 + "\n" }.joined()
  }

  // MARK: Who acts, names

  private func act(as rest: String) throws -> String {
    user = nil
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

  private func logIn(_ rest: String) throws -> String {
    if rest.isEmpty { throw CommandFailure(.usage, "write :login USER, as in :login ann") }
    return try inside { interpreter in
      guard let view = try folder.access(of: rest, interpreter.session),
        let id = view.principal.userID
      else { return "" }
      user = id
      actor = (view.policy.userClass, id)
      let roles = view.principal.roles.sorted().joined(separator: ", ")
      return "\(view.policy.userClass)/\(id) is logged in\(roles.isEmpty ? "" : ", as \(roles)")\n"
    }
  }

  private func logOut() -> String {
    if user == nil { return "nobody is logged in\n" }
    (user, actor) = (nil, nil)
    return "the system acts\n"
  }

  /// Returns what who is logged in may see and do, as his record says now; nil for the system.
  func access(_ session: StoreSession) throws -> AccessView? {
    try folder.access(of: user, session)
  }

  private func listNames() -> String {
    if names.isEmpty { return "no names; `as: NAME` behind a verb gives one to its record\n" }
    let pairs = names.sorted { $0.key < $1.key }.map {
      ($0.key, "\($0.value.className)/\($0.value.id)")
    }
    return ValueText.pairs(pairs, context.width)
  }

  // MARK: How things are shown

  private func wide(_ rest: String) throws -> String {
    if !rest.isEmpty {
      return try evaluate(PromptGrammar.qualified(rest, folder.project.schema), isWide: true)
    }
    isWide.toggle()
    return isWide
      ? "values are shown in full from now on; :wide again cuts them to the window\n"
      : "values are cut to the window again\n"
  }

  private func time(_ rest: String) -> Reply {
    if !rest.isEmpty {
      var reply = run(rest)
      if !isTimed { reply.isTimed = true } else { reply.isTimed = false }
      return reply
    }
    isTimed.toggle()
    return Reply(
      isTimed
        ? "it is said how long each line takes; :time again ends that\n"
        : "it is not said any more how long lines take\n")
  }
}
