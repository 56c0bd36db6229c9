internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster run [DIR]`: timers, schedules, messages, changes from outside and changed rules, until it is stopped.
public struct RunCommand: Sendable {
  /// Where the time comes from.
  public enum Clock: String, Sendable, CaseIterable {
    /// The computer's clock; a file that keeps a clock of its own is refused.
    case file
    /// The computer's clock, from now on also for a file that kept one of its own.
    case computer
  }

  /// The project folder.
  public var folder = "."
  /// Where the time comes from.
  public var clock = Clock.file
  /// Whether what the rules did is told as it happens, not once a minute.
  public var isVerbose = false
  /// How the events are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command until the task is cancelled.
  public func run(_ context: ShellContext) async -> Reply {
    do {
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rulesToRun()
      for warning in rules.warnings where warning.severity == .warning {
        context.complain(context.renderer.render(warning))
      }
      let leavesReplay = try leavesReplay(folder, context)
      let engine = try folder.openEngine(
        rules, clock: .system, channels: folder.channels())
      if leavesReplay {
        try engine.perform { interpreter throws(Refusal) in try interpreter.leaveReplayClock() }
      }
      let lines = RunLines(format, folder.project.settings, context)
      if engine.publishedRules { lines.published(engine.ruleNumber) }
      try await engine.run(options(folder)) { lines.tell($0) }
      try engine.close()
      return Reply()
    } catch { return CommandFailure(anything: error, context).reply }
  }

  private func options(_ folder: ProjectFolder) -> RunOptions {
    var options = RunOptions()
    let prefix = folder.project.folder == "." ? "" : folder.project.folder + "/"
    options.rulesFolder = prefix + "rules"
    options.baseRuleFiles = folder.project.ruleFiles.filter(\.isOfTemplate)
    options.folder = prefix
    options.settingFiles = ["quartermaster.yaml", "schema.yaml", "access.yaml"].map { prefix + $0 }
    if isVerbose { options.reportInterval = .zero }
    return options
  }

  /// Returns whether the file is to lose a clock of its own.
  ///
  /// - Throws: ``CommandFailure`` when it has one and nobody said so.
  private func leavesReplay(_ folder: ProjectFolder, _ context: ShellContext) throws(CommandFailure)
    -> Bool
  {
    guard let instant = try folder.fileClock() else { return false }
    let name = folder.project.settings.dataFile
    let now = SystemClock.now
    let head = "\(name) keeps a clock of its own, which stands at \(instant)"
    if instant > now {
      throw CommandFailure(
        .usage, head + ", ahead of the computer's; only `apply --clock replay` moves it")
    }
    let due = try folder.reading { session throws(Refusal) in
      try ReplayClock.due(at: now, session)
    }
    let waiting =
      Plain.count(Int(due.timers), "timer") + " and " + Plain.count(Int(due.schedules), "schedule")
    if clock == .computer { return true }
    if let confirm = context.confirm,
      confirm(
        head + ". Give it the computer's clock for good? \(waiting) came due in between and would "
          + "run now.")
    {
      return true
    }
    throw CommandFailure(
      .usage,
      head
        + "; only `apply --clock replay` moves it. `run --clock computer` gives it the computer's "
        + "clock for good: \(waiting) that came due in between would run at once")
  }
}
