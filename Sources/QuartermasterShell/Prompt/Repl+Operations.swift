internal import QuartermasterCEL
internal import QuartermasterCore

/// Actions and expressions at the prompt.
extension Repl {
  /// How many rows of a table are shown at the prompt.
  static let mostRows = 50

  /// Returns the value of an expression.
  func evaluate(_ text: String, isWide: Bool? = nil) throws -> String {
    let now = engine.now
    return try inside { interpreter in
      let session = interpreter.session
      let access = try self.access(session)
      let expression = try explainingNames(session) { find in
        try AdHocExpression(
          text, schema: folder.project.schema, now: now, access: access, find: find)
      }
      do {
        let value = try expression.evaluate(session)
        var words = ValueText(
          session, width: context.width, limit: Self.mostRows, access: access)
        words.paint = context.paint
        words.more = ":wide shows all"
        if isWide ?? self.isWide {
          words.isWide = true
          words.limit = 0
        }
        return try words.text(value, expression.checked.type)
      } catch let error as EvaluationError {
        throw CommandFailure(error, in: expression.checked.parsed.source, context)
      }
    }
  }

  /// Does an action as one operation, and says what came of it.
  func act(_ node: YAMLNode, input: String) throws -> Reply {
    if node.pairs?.first?.key.text == "reject" {
      throw CommandFailure(
        .failed, "`reject` is for rules; at the prompt there is nothing to refuse")
    }
    let (action, access): (PromptAction, AccessView?) = try inside { interpreter in
      let access = try self.access(interpreter.session)
      let action = try explainingNames(interpreter.session) { find in
        try PromptAction(
          node, schema: folder.project.schema, settings: folder.project.settings, access: access,
          find: find)
      }
      return (action, access)
    }
    return try traced {
      let (made, outcome) = try engine.operate(actor: actor, access: access, input: input) {
        interpreter throws(Refusal) -> (className: String, id: String)? in
        let script = HostScript(
          interpreter, name: "prompt", layout: action.layout, names: action.names,
          span: action.span)
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
      return (outcome.nearMisses, "nothing changed\n")
    }
  }

  /// Does something, and says what operations came of it; also of what was kept before it was interrupted.
  ///
  /// - Parameter body: What is done. Returns what came near, and what is said when nothing was done.
  /// - Returns: The trace.
  /// - Throws: What the body throws, unless Ctrl-C ended it.
  func traced(_ body: () throws -> (nearMisses: [NearMiss], nothing: String)) throws -> Reply {
    let mark = try inside { try TraceText.Mark($0.session) }
    let (nearMisses, nothing): ([NearMiss], String)
    do { (nearMisses, nothing) = try body() } catch {
      guard interrupter.isAsked else { throw error }
      interrupter.end()
      let kept = try inside { try trace($0.session).text(since: mark, $0.session) }
      let what = kept.isEmpty ? "nothing was changed" : "what is listed above was kept"
      return Reply(kept, errors: "\(Self.interrupted): \(what)\n", status: .failed)
    }
    // It is done: to stop now would only hide what was done.
    interrupter.end()
    let text = try inside { interpreter in
      try trace(interpreter.session).text(
        since: mark, interpreter.session, nearMisses: nearMisses)
    }
    return Reply(text.isEmpty ? nothing : text)
  }

  /// Returns what writes traces of a session.
  func trace(_ session: StoreSession) -> TraceText {
    TraceText(
      words: JournalText(session, folder.project.settings), width: context.width,
      paint: context.paint, isWide: isWide)
  }

  // MARK: Names

  /// Runs what needs names of records; where a name is that of several, its error says so.
  func explainingNames<T>(
    _ session: StoreSession, _ body: ((String) -> Record?) throws -> T
  ) throws -> T {
    var ambiguous: [(name: String, classes: [String])] = []
    do {
      return try body { name in
        let found = records(named: name, session)
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
  func records(named name: String, _ session: StoreSession) -> [Record] {
    let schema = folder.project.schema
    // What may not be read has no name here; who cannot be looked up sees nothing.
    let access: AccessView?
    do { access = try self.access(session) } catch { return [] }
    if let (className, id) = names[name], let definition = schema[className],
      let record = try? access.existing(definition, id, session)
    {
      return [record]
    }
    return schema.classes.compactMap { definition in
      try? access.existing(definition, name, session)
    }
  }

  /// Returns `CLASS/ID` for a name of the prompt, with a field behind it if there is one; anything else as it is.
  func recordName(_ text: String, _ session: StoreSession) -> String {
    if text.contains("/") { return text }
    let name = text.prefix { $0 != "." }
    let found = records(named: String(name), session)
    guard found.count == 1 else { return text }
    return "\(found[0].type.name)/\(found[0].id)\(text[name.endIndex...])"
  }
}
