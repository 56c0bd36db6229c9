internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster dry-run FILE.jsonl`: what a stream would do, tried out on a copy of the data file.
public struct DryRunCommand: Sendable {
  /// The stream; `-` is standard input.
  public var path: String
  /// The project folder.
  public var folder = "."
  /// Where the time comes from.
  public var clock = ApplyCommand.Clock.file
  /// Whether rules run.
  public var runsRules = true
  /// Whether each operation is printed, before the summary.
  public var isFull = false
  /// How many refused lines are printed; the others are counted.
  public var shownRefusals = 100
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command for a stream.
  public init(path: String) { self.path = path }

  /// Runs the command; the data file is read and nothing else, and not made when it is not there.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      if path != "-", !FileManager.default.isReadableFile(atPath: path) {
        throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
      }
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rules()
      let now = try start(folder)
      let copy: ScratchCopy
      do throws(Refusal) {
        copy = try ScratchCopy(of: folder.project.dataPath) { done in
          context.progress(
            CommandProgress(activity: "copying the data file", fraction: done, detail: ""))
        }
      } catch { throw CommandFailure(error) }
      let engine = try folder.openScratch(rules, at: copy.path, now: now.instant)
      var options = DryRunOptions()
      options.movesClock = now.isMoved
      options.runsRules = runsRules
      options.keptRefusals = shownRefusals
      let first = try engine.perform { interpreter throws(Refusal) in interpreter.lastRow }
      let report = try DryRunner(on: engine, options).run(path) { progress in
        context.progress(
          CommandProgress(
            activity: "trying \(shortPath)", fraction: progress.fraction,
            detail: Plain.count(progress.lines, "line")))
      }
      if isFull { try printAll(of: engine, after: first, folder, context) }
      try engine.close()
      withExtendedLifetime(copy) {}
      let text = DryRunText(
        report: report, name: shortPath, width: context.width, shownRefusals: shownRefusals)
      return Reply(format == .json ? JSONWriter.text(text.json) + "\n" : text.text)
    }
  }

  /// Where the clock starts, and whether the lines move it; as `apply` would have it.
  private func start(_ folder: ProjectFolder) throws(CommandFailure) -> (
    instant: Timestamp?, isMoved: Bool
  ) {
    guard FileManager.default.fileExists(atPath: folder.project.dataPath) else {
      guard clock == .replay else { return (nil, false) }
      return (
        (path == "-" ? nil : StreamRunner.firstInstant(path: path)) ?? RuleTestRunner.start, true
      )
    }
    let replay = try folder.replayStart(clock) {
      path == "-" ? nil : StreamRunner.firstInstant(path: path)
    }
    return (replay, replay != nil)
  }

  private func printAll(
    of engine: Engine, after row: Int64, _ folder: ProjectFolder, _ context: ShellContext
  ) throws {
    try engine.perform { interpreter throws(Refusal) in
      let session = interpreter.session
      let log = DryRunLog(
        words: JournalText(session, folder.project.settings), width: context.width)
      try JournalReader(session).forwards(after: row) { entry throws(Refusal) in
        // Said at once: there may be more of them than memory holds.
        context.say(
          format == .json
            ? JSONWriter.text(try log.json(entry)) + "\n" : try log.text(entry) + "\n")
      }
    }
  }

  private var shortPath: String {
    path == "-" ? "<standard input>" : URL(fileURLWithPath: path).lastPathComponent
  }
}
