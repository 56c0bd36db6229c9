internal import Foundation
package import QuartermasterCEL
internal import Synchronization

/// Makes a backtest: what hosts did, done again under other rules, in copies of the data file.
///
/// Docs/backtest.md; Docs/Decisions/0172.
package struct BacktestRunner: Sendable {
  private let schema: Schema
  private let settings: ProjectSettings
  private let verbs: VerbRegistry
  private let functions: FunctionRegistry

  /// Creates a runner for files of a schema.
  package init(
    schema: Schema, settings: ProjectSettings, verbs: VerbRegistry,
    functions: FunctionRegistry = FunctionRegistry()
  ) {
    self.schema = schema
    self.settings = settings
    self.verbs = verbs
    self.functions = functions
  }

  /// What is known before the two worlds run.
  private struct Plan {
    let since: Timestamp, until: Timestamp
    let cut: Int64
    let old: RuleTimeline
    let new: RuleTimeline
    let world: Set<String>
    let history: HostHistory
    let asItWas: BacktestFigures
    let isAgainst: Bool
  }

  /// Runs rule files against the history of a data file.
  ///
  /// - Parameters:
  ///   - files: The new rules.
  ///   - options: When, against what, and what is counted.
  ///   - copy: Writes a whole copy of the data file to a path where nothing is.
  /// - Returns: The differences.
  /// - Throws: ``BacktestProblem``; `DiagnosticList` when rules do not check; ``Refusal`` when a file fails. Nothing is
  ///   left of the copies then.
  package func run(
    _ files: [SourceFile], _ options: BacktestOptions, copy: (String) throws(Refusal) -> Void
  ) throws -> BacktestReport {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let (base, other) = (folder.file("old.sqlite"), folder.file("new.sqlite"))
    options.progress(0)
    try copy(base)
    let store = try PastState.openScratch(base, schema)
    let plan: Plan
    do {
      plan = try store.perform { store throws(Refusal) in
        Result { try self.plan(store, files, options) }
      }.get()
    } catch {
      try? store.close()
      throw Self.problem(error)
    }
    try store.close()
    try Store.copy(base, to: other)
    let figures = try both(plan, base, other, options)
    return BacktestReport(
      since: plan.since, until: plan.until, asItWas: plan.asItWas, old: figures.old,
      new: figures.new,
      share: BacktestReport.Share(
        replayed: plan.history.replayed,
        leftOut: HostHistory.LeftOut.allCases.compactMap { reason in
          plan.history.leftOut[reason].map { (reason.rawValue, $0) }
        }, playedByWorld: plan.history.playedByWorld),
      oldRuleSets: plan.isAgainst
        ? [] : ([plan.old.first] + plan.old.later).map(\.number).filter { $0 > 0 })
  }

  private static func problem(_ error: any Error) -> any Error {
    guard let gap = error as? HistoryReach.Gap else { return error }
    return BacktestProblem(message: gap.message, earliest: gap.earliest)
  }

  // MARK: Before the worlds run

  /// Reads what happened and turns the copy back to the beginning, with the timers of then.
  private func plan(_ store: Store, _ files: [SourceFile], _ options: BacktestOptions) throws
    -> Plan
  {
    let (since, until) = try span(store, options)
    let worldFiles = Set(options.world.map(\.name))
    let new = try rules(files, options.world, isStrict: true)
    // What happened after the end is of no interest: the end is the state that the worlds are compared with.
    let stop = try JournalUndo.undo(to: until, in: store)
    let cut = try JournalReader(store).firstRow(at: since)
    let old: RuleTimeline
    if let against = options.against {
      let set = try rules(against, options.world, isStrict: true)
      old = RuleTimeline(set, number: try RuleSetRow.last(store)?.number ?? 0, at: since)
    } else {
      old = try RuleTimeline(store, since: since, until: until, cut: cut, schema: schema) { row in
        try rules(try row.files(), options.world, isStrict: false, row: row.number)
          .leavingOut(row.switches.names)
      }
    }
    // Before the first rules were published the world goes its way, too.
    var timeline = old
    if timeline.first.number == 0, !options.world.isEmpty, options.against == nil {
      timeline.first = RuleTimeline.Step(
        at: since, number: 0, rules: try rules([], options.world, isStrict: false))
    }
    let world = new.names(of: worldFiles)
    let history = try HostHistory(
      store, rows: cut..<max(cut, stop), since: since, until: until,
      worldSignals: new.signals(of: worldFiles))
    let view = BacktestView(
      store, rows: cut..<max(cut, stop), since: since, until: until, zone: settings.zone)
    let asItWas = try BacktestFigures(view, options.measures, world: world)
    try JournalUndo.undo(to: since, in: store)
    let interpreter = try side(since, until).interpreter(
      store, timeline.first.rules, number: timeline.first.number)
    try interpreter.rebuildTimers(at: since) { name in
      // The world was always there.
      world.contains(name)
        ? Timestamp(milliseconds: 0) : timeline.inForceSince[name] ?? Timestamp(milliseconds: 0)
    }
    let number = (([timeline.first] + timeline.later).map(\.number).max() ?? 0) + 1
    return Plan(
      since: since, until: until, cut: cut, old: timeline,
      new: RuleTimeline(new, number: number, at: since), world: world, history: history,
      asItWas: asItWas, isAgainst: options.against != nil)
  }

  /// Returns the stretch of time, checked against the journal.
  private func span(_ store: Store, _ options: BacktestOptions) throws -> (Timestamp, Timestamp) {
    let reader = JournalReader(store)
    guard let first = try reader.beginning(), let last = try reader.end() else {
      throw BacktestProblem(
        message: "the journal is empty: nothing has happened yet that could be done again",
        earliest: nil)
    }
    let reach = try HistoryReach(store)
    let since = options.since ?? reach.earliest ?? first.at
    let refused = try store.integer("SELECT max(at) FROM _refused") ?? last.at.milliseconds
    let end = max(last.at.milliseconds, refused)
    let until = options.until ?? Timestamp(milliseconds: end + 1)
    try reach.check(since)
    guard since < until else {
      throw BacktestProblem(
        message: "nothing lies between \(since) and \(until); the journal ends at \(last.at)",
        earliest: reach.earliest)
    }
    return (since, until)
  }

  /// Reads and checks rules together with those of the world, which come after them.
  private func rules(
    _ files: [SourceFile], _ world: [SourceFile], isStrict: Bool, row: Int64 = 0
  ) throws(DiagnosticList) -> RuleSet {
    let options =
      isStrict
      ? RuleCheckOptions()
      : RuleCheckOptions(
        checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    let (set, _, found) = RuleSet.load(
      files: files + world, schema: schema, settings: settings, options: options,
      functions: functions.bodies, queries: SQLQueryPlanner(schema))
    guard let set, !found.contains(where: { $0.severity == .error }) else {
      throw DiagnosticList(found)
    }
    return set.puttingLast(set.names(of: Set(world.map(\.name))))
  }

  private func side(_ since: Timestamp, _ until: Timestamp) -> BacktestSide {
    BacktestSide(
      schema: schema, settings: settings, verbs: verbs, functions: functions, since: since,
      until: until)
  }

  // MARK: The worlds

  /// Runs both worlds side by side.
  private func both(_ plan: Plan, _ old: String, _ new: String, _ options: BacktestOptions) throws
    -> (old: BacktestFigures, new: BacktestFigures)
  {
    let progress = SharedProgress(2 * plan.history.operations.count, options.progress)
    let results = Mutex<[Int: Result<BacktestFigures, any Error>]>([:])
    let side = side(plan.since, plan.until)
    DispatchQueue.concurrentPerform(iterations: 2) { number in
      let isOld = number == 0
      let result = Result<BacktestFigures, any Error> {
        let store = try PastState.openScratch(isOld ? old : new, schema)
        defer { try? store.close() }
        return try store.perform { store throws(Refusal) in
          Result { () throws -> BacktestFigures in
            try side.run(
              store, adopting: isOld ? nil : plan.old.first.rules, isOld ? plan.old : plan.new,
              plan.history.operations, tick: progress.add)
            let rows = plan.cut..<(try JournalReader(store).end()?.row ?? plan.cut - 1) + 1
            let view = BacktestView(
              store, rows: rows, since: plan.since, until: plan.until, zone: settings.zone)
            return try BacktestFigures(view, options.measures, world: plan.world)
          }
        }.get()
      }
      results.withLock { $0[number] = result }
    }
    let found = results.withLock { $0 }
    guard let first = found[0], let second = found[1] else {
      throw Refusal(.error, "one of the two worlds did not run")
    }
    return (try first.get(), try second.get())
  }
}

/// Adds up what two threads have done.
private final class SharedProgress: Sendable {
  private let total: Int
  private let report: @Sendable (Double) -> Void
  private let done = Mutex(0)

  init(_ total: Int, _ report: @escaping @Sendable (Double) -> Void) {
    self.total = max(total, 1)
    self.report = report
  }

  func add(_ count: Int) {
    done.withLock { done in
      done += count
      report(Double(done) / Double(total))
    }
  }
}
