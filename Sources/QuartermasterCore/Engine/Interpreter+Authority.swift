internal import QuartermasterCEL

/// Rules that act in somebody's name: of who made the change (`authority: actor`), or of who wrote the rule, where it is
/// a record.
///
/// Such a rule is compiled for each of them: it sees what he may see, and what it writes passes the permissions as if he
/// asked for it. Docs/Decisions/0207.
struct LimitedRules {
  /// What is kept at the most; more principals than that begin anew.
  private static let most = 256

  private var views: [Principal: AccessView] = [:]
  private var runtimes: [Key: Result<RuleRuntime, DiagnosticList>] = [:]

  private struct Key: Hashable {
    let rule: Int
    let principal: Principal
  }

  /// Returns what somebody may do.
  mutating func view(
    _ principal: Principal, _ policy: AccessPolicy, _ schema: Schema
  ) -> AccessView {
    if let known = views[principal] { return known }
    if views.count >= Self.most { views.removeAll() }
    let name = principal.userID.map { "\(policy.userClass)/\($0)" } ?? "who is not signed in"
    let made = AccessView(principal, policy, schema, addressee: name)
    views[principal] = made
    return made
  }

  /// Returns a rule as it is for somebody, compiling it where it is not known.
  mutating func runtime(
    _ rule: CompiledRule, _ view: AccessView, make: (CompiledRule) -> RuleRuntime,
    compile: () throws(DiagnosticList) -> CompiledRule
  ) throws(DiagnosticList) -> RuleRuntime {
    let key = Key(rule: rule.index, principal: view.principal)
    if let known = runtimes[key] { return try known.get() }
    if runtimes.count >= Self.most { runtimes.removeAll() }
    do throws(DiagnosticList) {
      let runtime = make(try compile())
      runtimes[key] = .success(runtime)
      return runtime
    } catch {
      runtimes[key] = .failure(error)
      throw error
    }
  }
}

extension Interpreter {
  /// What the note of a firing begins with that says in whose name its rule acted.
  package static let namePrefix = "in the name of "

  /// Returns a rule that acts in somebody's name as it is for him.
  ///
  /// - Returns: The rule; as it is for the system where no permissions are known or the host itself acts; nil when what
  ///   woke it is not for him to see.
  /// - Throws: ``Refusal`` of the reason `denied` when it reads what is hidden from who acts. Where its author is meant,
  ///   it is noted and nil is given instead.
  func limited(
    _ whole: RuleRuntime, _ change: Change?, _ record: Record?,
    _ signal: OperationState.RaisedSignal?
  ) throws(Refusal) -> RuleRuntime? {
    guard let policy else { return whole }
    do throws(Refusal) {
      guard let principal = try principal(of: whole.rule, policy) else { return whole }
      let view = limitedRules.view(principal, policy, schema)
      let own = try runtime(whole.rule, for: view)
      guard try view.sees(change, record, signal, store) else { return nil }
      own.hidesActor =
        try actor.map { actor throws(Refusal) in try !view.reads(actor, store) } ?? false
      return try isWoken(own, change, record) ? own : nil
    } catch {
      guard error.reason == .denied, whole.rule.authority == .author else { throw error }
      noteUnable(whole.rule, record ?? change?.record, error.message)
      return nil
    }
  }

  /// Returns in whose name a rule acts; nil for the host itself.
  private func principal(
    of rule: CompiledRule, _ policy: AccessPolicy
  ) throws(Refusal) -> Principal? {
    switch rule.authority {
    case .system: return nil
    case .actor:
      if let access { return access.principal }
      guard let actor else { return nil }
      // Somebody who is no user of access.yaml may do what everyone may.
      return try policy.principal(actor.id, store) ?? Principal(userID: nil)
    case .author:
      guard let author = rule.stored?.author else { return nil }
      if let found = try principal(author: author, policy) { return found }
      throw Refusal(.denied, "its author \(author) is not there")
    }
  }

  private func principal(
    author: String, _ policy: AccessPolicy
  ) throws(Refusal) -> Principal? {
    let prefix = policy.userClass + "/"
    guard UTF8Text.starts(author, with: prefix) else { return nil }
    return try policy.principal(
      String(decoding: author.utf8.dropFirst(prefix.utf8.count), as: UTF8.self), store)
  }

  private func runtime(
    _ rule: CompiledRule, for view: AccessView
  ) throws(Refusal) -> RuleRuntime {
    do throws(DiagnosticList) {
      return try limitedRules.runtime(rule, view) { compiled in
        RuleRuntime(
          compiled, schema: schema, host: store, computed: computed, watch: watch, view: view)
      } compile: { () throws(DiagnosticList) in
        try RuleCompiler(context: limitedContext).compile(rule, for: view)
      }
    } catch {
      // A condition and what explains it are two programs with one field.
      var messages: [String] = []
      for item in error.items where !messages.contains(item.message) {
        messages.append(item.message)
      }
      let first = error.items.first
      throw Refusal(
        .denied, messages.joined(separator: "; "), rule: rule.name,
        span: first.map { rule.stored?.inItsField($0.span) ?? $0.span })
    }
  }

  private var limitedContext: RuleContext {
    RuleContext(
      schema: schema, settings: settings, options: .published, sink: DiagnosticSink(),
      queries: SQLQueryPlanner(schema), functions: schema.functionLibrary(functions.bodies),
      // Tests ask which parts of its conditions were true and false, as they are written.
      branches: watch?.branches.map { _ in BranchBook(known: ruleSet.branches) })
  }

  /// Whether what woke a rule wakes it as it is for somebody, too: its edge may read what is null for him.
  private func isWoken(
    _ runtime: RuleRuntime, _ change: Change?, _ record: Record?
  ) throws(Refusal) -> Bool {
    guard let trigger = runtime.recordTrigger else { return true }
    if let record, trigger.hold != nil {
      return try edge(of: runtime, record) { () throws(EvaluationError) in
        try runtime.holds(record)
      }
    }
    guard let change, let view = runtime.view else { return true }
    let type = change.record.type
    for place in trigger.fields ?? [] {
      let seen = view.visibility(of: schema.classes[type.index].fields[place].name, in: type)
      for version in [change.newRecord, change.oldRecord] {
        guard let version else { continue }
        if try !view.holds(seen, for: version, store) { return false }
      }
    }
    if trigger.becomes == nil { return true }
    return try edge(of: runtime, change.record) { () throws(EvaluationError) in
      try runtime.wakes(on: change)
    }
  }

  private func edge(
    of runtime: RuleRuntime, _ record: Record, _ judge: () throws(EvaluationError) -> Bool
  ) throws(Refusal) -> Bool {
    do throws(EvaluationError) { return try judge() } catch {
      throw refusal(
        error, in: runtime, about: record,
        source: runtime.recordTrigger?.becomes?.program.source)
    }
  }

  /// Says in the journal that a rule could not run, which stops nobody else.
  private func noteUnable(_ rule: CompiledRule, _ record: Record?, _ message: String) {
    op.skipped[rule.index, default: 0] += 1
    watch?.noteSkip(rule.name, message)
    var report = FiringReport(
      rule: rule.name, record: record.map(Self.name), round: op.round, cause: op.acting)
    report.skipped = message
    op.firings.append(report)
  }

  /// Returns the places where a rule that is a record reads what is hidden from its author.
  func hiddenParts(of rule: StoredRule) throws(Refusal) -> [Diagnostic] {
    // Where its author is gone the rule does nothing, and may still be switched off.
    guard let policy, let author = rule.author, let compiled = automationCompiler.compiled(rule),
      let principal = try principal(author: author, policy)
    else { return [] }
    let view = limitedRules.view(principal, policy, schema)
    do throws(DiagnosticList) {
      _ = try RuleCompiler(context: limitedContext).compile(compiled, for: view)
      return []
    } catch { return error.items }
  }
}

extension AccessView {
  /// Whether somebody may read what woke a rule: both ends of a change, and the records of a signal.
  fileprivate func sees(
    _ change: Change?, _ record: Record?, _ signal: OperationState.RaisedSignal?,
    _ session: StoreSession
  ) throws(Refusal) -> Bool {
    var records = [change?.newRecord, change?.oldRecord].compactMap { $0 }
    if change == nil, let record { records.append(record) }
    for (_, value) in signal?.payload ?? [:] {
      if case .record(let sent) = value { records.append(sent) }
    }
    for record in records where try !reads(record, session) { return false }
    return true
  }
}
