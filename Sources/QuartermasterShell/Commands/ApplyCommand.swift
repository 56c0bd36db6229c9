internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster apply FILE.jsonl`: a stream of changes, one operation a line.
public struct ApplyCommand: Sendable {
  /// Where the time comes from.
  public enum Clock: String, Sendable, CaseIterable {
    /// The computer's clock, or the one that the file keeps already.
    case file
    /// The instants of the lines; the file keeps this clock from now on.
    case replay
  }

  /// The stream; `-` is standard input.
  public var path: String
  /// The project folder.
  public var folder = "."
  /// How many operations go into one commit.
  public var batch = 1
  /// Whether to go on where the last run of the same file stopped.
  public var resumes = false
  /// Whether rules run.
  public var runsRules = true
  /// Who makes the changes, such as `User/ann` or `ann`, and may do what access.yaml allows him; nil for the system.
  public var actor: String?
  /// Where the time comes from.
  public var clock = Clock.file
  /// How many refused lines are printed; the others are counted.
  public var shownRefusals = 100
  /// How much is written down: for measuring what the journal costs, never for data that matters.
  package var recording = "whole"
  /// How the summary is printed.
  public var format = OutputFormat.text

  /// Creates the command for a stream.
  public init(path: String) { self.path = path }

  /// Runs the command; lines that are refused are counted, and are no failure.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard batch >= 1 else { throw CommandFailure(.usage, "--batch needs a number from 1") }
      if resumes, path == "-" {
        throw CommandFailure(.usage, "standard input cannot be resumed; give a file")
      }
      if path != "-", !FileManager.default.isReadableFile(atPath: path) {
        throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
      }
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rulesToRun()
      for warning in rules.warnings where warning.severity == .warning {
        context.complain(context.renderer.render(warning))
      }
      let replay = try folder.replayStart(clock) {
        path == "-" ? nil : StreamRunner.firstInstant(path: path)
      }
      let engine = try folder.openEngine(rules, clock: replay.map { .manual($0) })
      let access = try engine.perform { interpreter throws(Refusal) in
        Result { try folder.access(of: actor, interpreter.session) }
      }.get()
      if actor != nil, !runsRules {
        throw CommandFailure(.usage, "--without-rules is for the system; leave --actor out")
      }
      let summary = try apply(to: engine, movesClock: replay != nil, as: access, context)
      let off = Repl.switches(engine)
      if !off.isEmpty { context.complain(off) }
      let published = engine.publishedRules ? engine.ruleNumber : nil
      try engine.close()
      return Reply(format == .json ? summary.json : summary.text(published: published))
    }
  }

  private func apply(
    to engine: Engine, movesClock: Bool, as access: AccessView?, _ context: ShellContext
  ) throws -> StreamSummary {
    var options = StreamRunner.Options()
    options.batch = batch
    options.runsRules = runsRules
    options.movesClock = movesClock
    options.resumes = resumes
    options.access = access
    let name = path == "-" ? "-" : URL(fileURLWithPath: path).standardizedFileURL.path
    let activity = "applying \(shortPath)"
    let pace = ProgressPace()
    var shown = 0
    let result = try engine.perform { interpreter throws(Refusal) in
      interpreter.recording = Interpreter.Recording(rawValue: recording) ?? .whole
      let runner = StreamRunner(interpreter, options)
      runner.report = { refused in
        shown += 1
        if shown <= shownRefusals {
          context.complain(refused.text(at: "\(shortPath):\(refused.line)"))
        }
        if shownRefusals > 0, shown == shownRefusals + 1 {
          context.complain("\(shortPath): further refused lines are counted only\n")
        }
      }
      runner.progress = { progress in
        let fraction = progress.total.map { Double(progress.bytes) / Double(max($0, 1)) }
        context.progress(
          CommandProgress(
            activity: activity, fraction: fraction,
            detail: pace.detail(progress.changes, "change", fraction)))
      }
      return Result { () throws(StreamFailure) in try runner.run(path: path, name: name) }
    }
    return try result.get()
  }

  private var shortPath: String {
    path == "-" ? "<standard input>" : URL(fileURLWithPath: path).lastPathComponent
  }
}
