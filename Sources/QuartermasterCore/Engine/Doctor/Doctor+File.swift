package import QuartermasterCEL

extension Doctor {
  /// What a file is looked through with.
  package struct Options: Sendable {
    /// The settings of the project.
    package var settings = ProjectSettings()
    /// The verbs that the schema declares.
    package var verbs = VerbRegistry()
    /// What makes hashes of passwords that stand in clear.
    package var passwords = PasswordHasher.locking
    /// Whether to mend what can be mended.
    package var mends = false
    /// The present instant, for a file that runs by the computer's clock.
    package var now = Timestamp(milliseconds: 0)

    /// Creates the default options.
    package init() {}
  }

  /// Looks through a file, from its pages to its timers, with the rules that it says are in force.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - schema: The schema of the project.
  ///   - options: Settings, verbs, and whether to mend.
  /// - Returns: What was found; of a file that is damaged, or whose tables are another schema's, only that.
  /// - Throws: ``Refusal`` when the file cannot be opened at all, or not written.
  package static func examine(_ path: String, schema: Schema, options: Options) throws(Refusal)
    -> Examination
  {
    var whole = Examination()
    var storeOptions = StoreOptions()
    storeOptions.createsFile = false
    storeOptions.durability = options.settings.durability
    try Store.inspect(path, storeOptions, writes: options.mends)
    let damage = try damage(path)
    if !damage.isEmpty {
      let areIndexes = damage.allSatisfy { $0.contains("index") }
      let mend = areIndexes ? "make the indexes anew" : nil
      whole.add(damage.map { Finding(check: .file, text: $0, mend: mend, isNote: false) })
      if !areIndexes || !options.mends { return whole }
      try reindex(path)
      whole.isMendedBefore = true
    }
    let store: Store
    do throws(Refusal) {
      store = try Store.open(path, schema: schema, options: storeOptions)
    } catch {
      if error.reason != .schema { throw error }
      whole.add([Finding(check: .tables, text: error.message, mend: nil, isNote: false)])
      return whole
    }
    do throws(Refusal) {
      let found = try store.perform { store throws(Refusal) in
        try examine(store, options)
      }
      try store.close()
      whole.add(found.findings)
      whole.operation = found.operation
      return whole
    } catch {
      try? store.close()
      throw error
    }
  }

  private static func damage(_ path: String) throws(Refusal) -> [String] {
    let file = try PlainFile(path, .reading)
    defer { file.close() }
    do throws(Refusal) { return try file.damage() } catch {
      // So damaged that it cannot even be looked through.
      return [error.message]
    }
  }

  private static func reindex(_ path: String) throws(Refusal) {
    let file = try PlainFile(path, .writing)
    defer { file.close() }
    try file.execute("REINDEX")
  }

  private static func examine(_ store: Store, _ options: Options) throws(Refusal) -> Examination {
    let now = try ReplayClock.read(store) ?? options.now
    let last = try RuleSetRow.last(store)
    var problem: String?
    // What is in force was judged when it was published: only what it cannot be compiled without is checked.
    let checks = RuleCheckOptions(
      checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    var rules: RuleSet?
    do throws(Refusal) {
      let found = try last?.compiled(store.schema, options.settings, checks)
      rules = found == nil ? RuleSet(rules: []) : found?.rules?.ruleSet
      problem = found?.diagnostics.first { $0.severity == .error }?.message
    } catch { problem = error.message }
    let interpreter = try Interpreter(
      store: store, schema: store.schema,
      rules: rules?.leavingOut(last?.switches.names ?? []) ?? RuleSet(rules: []),
      settings: options.settings, now: now, verbs: options.verbs)
    interpreter.ruleNumber = last?.number ?? 0
    interpreter.writer.passwords = options.passwords
    var found = try examine(interpreter, knowsRules: rules != nil, mending: options.mends)
    if rules == nil {
      let why = problem ?? "they cannot be read"
      found.add([
        Finding(
          check: .rules,
          text: "the rules in force do not check against the schema any more: \(why)",
          mend: nil, isNote: false)
      ])
    }
    return found
  }
}
