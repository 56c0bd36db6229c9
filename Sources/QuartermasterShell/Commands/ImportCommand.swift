internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster import MAPPING.yaml`: the rows of CSV files as changes, one operation a row.
///
/// What was imported before is passed over, so that an import may be run again when files have grown.
public struct ImportCommand: Sendable {
  /// The mapping.
  public var path: String
  /// Where the files of the mapping lie; nil for the folder of the mapping.
  public var data: String?
  /// The project folder.
  public var folder = "."
  /// How many operations go into one commit.
  public var batch = 1
  /// Whether rules run.
  public var runsRules = true
  /// Where the time comes from.
  public var clock = ApplyCommand.Clock.file
  /// How many refused rows are printed; the others are counted.
  public var shownRefusals = 100
  /// How the summary is printed.
  public var format = OutputFormat.text

  /// Creates the command for a mapping.
  public init(path: String) { self.path = path }

  /// Runs the command.
  ///
  /// Rows that are refused are counted; they are no failure.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard batch >= 1 else { throw CommandFailure(.usage, "--batch needs a number from 1") }
      guard let text = FileManager.default.contents(atPath: path) else {
        throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
      }
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rulesToRun()
      for warning in rules.warnings where warning.severity == .warning {
        context.complain(context.renderer.render(warning))
      }
      let file = SourceFile(name: path, text: String(decoding: text, as: UTF8.self))
      let mapping = try ImportMapping.load(file, schema: folder.project.schema)
      if mapping.hasInstants, clock == .file, try folder.fileClock() == nil {
        throw CommandFailure(
          .usage,
          "the mapping gives rows an instant with `at`, and the data file runs by the computer's "
            + "clock; import with `--clock replay` (the file then keeps a clock of its own)")
      }
      let home = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let plan = try ImportPlan(mapping, folders: [data, home].compactMap { $0 })
      let replay = try folder.replayStart(clock) { plan.firstInstant }
      let engine = try folder.openEngine(rules, clock: replay.map { .manual($0) })
      let summary = try apply(plan, to: engine, movesClock: replay != nil, context)
      let published = engine.publishedRules ? engine.ruleNumber : nil
      try engine.close()
      return Reply(format == .json ? summary.json : summary.text(published: published))
    }
  }

  private func apply(
    _ plan: ImportPlan, to engine: Engine, movesClock: Bool, _ context: ShellContext
  ) throws -> StreamSummary {
    var options = StreamRunner.Options()
    options.batch = batch
    options.runsRules = runsRules
    options.movesClock = movesClock
    options.appliesOnce = true
    var shown = 0
    func report(_ text: @autoclosure () -> String) {
      shown += 1
      if shown <= shownRefusals { context.complain(text()) }
      if shown == shownRefusals + 1 { context.complain("further refused rows are counted only\n") }
    }
    for row in plan.badRows {
      let place = "\(row.origin.file):\(row.origin.line)"
      report(DisplayText.oneLine("\(place): refused (row): \(row.message)") + "\n")
    }
    // The rows go through the door of streams, which wants a file: it reads on where it is, however long it is.
    let stream = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-import-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: stream) }
    try Data(plan.lines.map { $0 + "\n" }.joined().utf8).write(to: stream)
    let name = "import " + URL(fileURLWithPath: path).standardizedFileURL.path
    let activity = "importing \(URL(fileURLWithPath: path).lastPathComponent)"
    let result = try engine.perform { interpreter throws(Refusal) in
      let runner = StreamRunner(interpreter, options)
      runner.report = { refused in
        let origin = plan.origins[Int(refused.line) - 1]
        report(refused.text(at: "\(origin.file):\(origin.line)"))
      }
      runner.progress = { progress in
        context.progress(
          CommandProgress(
            activity: activity,
            fraction: progress.total.map { Double(progress.bytes) / Double(max($0, 1)) },
            detail: Plain.count(progress.changes, "change")))
      }
      return Result { () throws(StreamFailure) in try runner.run(path: stream.path, name: name) }
    }
    var summary = try result.get()
    summary.refuse(rows: plan.badRows.count)
    return summary
  }
}
