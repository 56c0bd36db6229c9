internal import QuartermasterCEL

/// Timers, schedules, changes from outside, other processes' rules, and the rule files.
final class RunLoop {
  private let engine: Engine
  private let options: RunOptions
  private let tell: @Sendable (RunEvent) -> Void
  private let failure: RunFailure
  private var watcher: RuleWatcher?
  private var settings: [String: String] = [:]
  private var counted = Interpreter.Counters()
  private var reported = ContinuousClock.now
  private var looked = ContinuousClock.now
  private var retained: ContinuousClock.Instant?

  init(
    _ engine: Engine, _ options: RunOptions, _ tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.engine = engine
    self.options = options
    self.tell = tell
    failure = RunFailure(tell)
    watcher = options.rulesFolder.map { RuleWatcher($0, base: options.baseRuleFiles) }
    for path in options.settingFiles { settings[path] = RuleWatcher.state(of: path) }
  }

  /// Runs until the task is cancelled or the engine is closed.
  func run() async {
    let bell = engine.store.bell
    var isFirst = true
    while !Task.isCancelled, !bell.isClosed {
      let count = bell.count
      var wait = options.interval
      do {
        let engine = engine
        let (counters, next) = try await BlockingWork.run { try engine.tick() }
        report(counters)
        if let next { wait = min(wait, Self.until(next)) }
        if retained.map({ $0.duration(to: .now) >= options.retentionInterval }) ?? true {
          retained = .now
          let report = try await BlockingWork.run { try engine.retain() }
          if !report.isEmpty { tell(.retained(report)) }
        }
        failure.worked()
      } catch {
        if bell.isClosed { break }
        failure.failed(error)
      }
      if isFirst || looked.duration(to: .now) >= options.interval {
        looked = .now
        isFirst = false
        await lookAtFiles()
      }
      await bell.wait(after: count, atMost: wait)
      // Where commits follow each other closely, one look serves many of them.
      if bell.count != count { try? await Task.sleep(for: .milliseconds(20)) }
    }
    // What the last operations did is told before the end.
    if !bell.isClosed, let counters = try? engine.perform({ $0.counters }) {
      report(counters, isLast: true)
    }
  }

  static func until(_ instant: Timestamp) -> Duration {
    .milliseconds(max(1, instant.milliseconds - Engine.systemNow.milliseconds))
  }

  // MARK: What the rules did

  private func report(_ now: Interpreter.Counters, isLast: Bool = false) {
    guard isLast || reported.duration(to: .now) >= options.reportInterval else { return }
    reported = .now
    func more(_ now: [String: Int], _ before: [String: Int]) -> [String: Int] {
      now.filter { $0.value > before[$0.key, default: 0] }
        .reduce(into: [:]) { $0[$1.key] = $1.value - before[$1.key, default: 0] }
    }
    let firings = more(now.firings, counted.firings)
    let skipped = more(now.skipped, counted.skipped)
    let refused = more(now.failedAlone, counted.failedAlone)
    counted = now
    if firings.isEmpty, skipped.isEmpty, refused.isEmpty { return }
    tell(.fired(firings: firings, skipped: skipped, refused: refused))
  }

  // MARK: Files

  private func lookAtFiles() async {
    for (path, state) in settings.sorted(by: { $0.key < $1.key }) {
      let now = RuleWatcher.state(of: path)
      if now == state { continue }
      settings[path] = now
      tell(.restartNeeded(path: path))
    }
    switch watcher?.look() {
    case nil, .unchanged: break
    case .broken(let list): tell(.rulesBroken(list))
    case .files(let files):
      let (engine, folder) = (engine, options.folder)
      do {
        let publication = try await BlockingWork.run { try engine.publish(files, folder: folder) }
        if publication.isNew { tell(.rulesReloaded(publication)) }
      } catch let list as DiagnosticList {
        tell(.rulesBroken(list))
      } catch {
        failure.failed(error)
        // To be tried again: the files are as good as new.
        watcher = options.rulesFolder.map { RuleWatcher($0, base: options.baseRuleFiles) }
      }
    }
  }
}

extension Engine {
  /// Does what is due: takes over what others did, and fires timers and schedules.
  ///
  /// - Returns: What the rules did so far, and when the next timer or schedule is due.
  func tick() throws(Refusal) -> (counters: Interpreter.Counters, next: Timestamp?) {
    try perform { (interpreter) throws(Refusal) in
      interpreter.actor = nil
      let instant = max(interpreter.now, Self.systemNow)
      try interpreter.takeOver(at: instant)
      try interpreter.catchUp(to: instant)
      if interpreter.store.isBegun { interpreter.store.rollback() }
      return (interpreter.counters, try interpreter.nextInstant())
    }
  }
}
