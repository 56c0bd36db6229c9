internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster import MAPPING.yaml` or `import FILE.json ...`: rows of files as changes, one operation a row.
///
/// What was imported before is passed over, so that an import may be run again when files have grown, or when it was
/// stopped.
public struct ImportCommand: Sendable {
  /// A mapping; or files of records in JSON, and folders of them.
  public var paths: [String]
  /// Where the files of the mapping lie; nil for the folder of the mapping.
  public var data: String?
  /// The class of the records in files of JSON; nil for the one that each is named after.
  public var className: String?
  /// Whether members of records for which the class has no field are left out.
  public var skipsUnknown = false
  /// The project folder.
  public var folder = "."
  /// How many operations go into one commit.
  public var batch = 1
  /// Whether rules run.
  public var runsRules = true
  /// Whether to say what would happen to each row, and keep nothing.
  public var isDryRun = false
  /// Whether to go on behind the row at which the last import of the same files stopped, without a look at those before.
  public var resumes = false
  /// Where the time comes from.
  public var clock = ApplyCommand.Clock.file
  /// How many refused rows are printed; the others are counted.
  public var shownRefusals = 100
  /// How many rows a dry run prints; the others are counted.
  public var shownRows = 100
  /// How the summary is printed.
  public var format = OutputFormat.text

  /// Creates the command for a mapping, or for a file of records.
  public init(path: String) { paths = [path] }

  /// Creates the command for a mapping, or for files of records.
  public init(paths: [String]) { self.paths = paths }

  /// Runs the command.
  ///
  /// Rows that are refused are counted; they are no failure.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard batch >= 1 else { throw CommandFailure(.usage, "--batch needs a number from 1") }
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rulesToRun()
      for warning in rules.warnings where warning.severity == .warning {
        context.complain(context.renderer.render(warning))
      }
      let scratch = try ScratchFolder()
      let source = try ImportSource(self, folder, context)
      var report = ImportReport(limit: shownRows)
      let told = RefusalLines(shownRefusals, context)
      let stream = try ImportStream(
        path: scratch.file("changes.jsonl"), isTimed: source.hasInstants)
      stream.report = { origin, message in
        if isDryRun { return report.refuse(origin, message) }
        told.tell(DisplayText.oneLine("\(origin): refused (row): \(message)") + "\n")
      }
      stream.progress = { file, fraction in
        context.progress(
          CommandProgress(activity: "reading \(file)", fraction: fraction, detail: ""))
      }
      try source.write(to: stream, context)
      let copy = isDryRun ? try ScratchCopy(of: folder.project.dataPath) : nil
      defer { withExtendedLifetime(copy) {} }
      let replay = try folder.replayStart(clock) { stream.firstInstant }
      let engine = try folder.openEngine(rules, at: copy?.path, clock: replay.map { .manual($0) })
      let summary = try apply(
        stream, to: engine, movesClock: replay != nil, told, &report, context)
      let published = engine.publishedRules ? engine.ruleNumber : nil
      try engine.close()
      if isDryRun {
        return Reply(format == .json ? report.json(summary) : report.text(summary))
      }
      return Reply(format == .json ? summary.json : summary.text(published: published))
    }
  }

  private func apply(
    _ stream: ImportStream, to engine: Engine, movesClock: Bool, _ told: RefusalLines,
    _ report: inout ImportReport, _ context: ShellContext
  ) throws -> StreamSummary {
    var options = StreamRunner.Options()
    options.batch = batch
    options.runsRules = runsRules
    options.movesClock = movesClock
    options.appliesOnce = true
    options.resumes = resumes
    let names = paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    let shortName = URL(fileURLWithPath: paths[0]).lastPathComponent
    let activity = "importing \(shortName)\(paths.count > 1 ? " …" : "")"
    let pace = ProgressPace()
    var rows = report
    defer { report = rows }
    let result = try engine.perform { interpreter throws(Refusal) in
      let runner = StreamRunner(interpreter, options)
      runner.report = { refused in
        let origin = stream.origins[refused.line]
        if isDryRun, let origin { return rows.refuse(origin, refused.message) }
        told.tell(refused.text(at: origin?.description ?? "line \(refused.line)"))
      }
      if isDryRun {
        runner.told = { line, change, fate in
          if let origin = stream.origins[line] { rows.note(origin, change, fate) }
        }
      }
      runner.progress = { progress in
        let fraction = progress.total.map { Double(progress.bytes) / Double(max($0, 1)) }
        context.progress(
          CommandProgress(
            activity: activity, fraction: fraction,
            detail: pace.detail(progress.changes, "change", fraction)))
      }
      let name = "import " + names.joined(separator: " ")
      return Result { () throws(StreamFailure) in try runner.run(path: stream.path, name: name) }
    }
    var summary = try result.get()
    summary.refuse(rows: stream.badRows)
    return summary
  }
}

/// The lines about rows that are refused: the first of them, then that there are more.
private final class RefusalLines {
  private let limit: Int
  private let context: ShellContext
  private var count = 0

  init(_ limit: Int, _ context: ShellContext) { (self.limit, self.context) = (limit, context) }

  func tell(_ text: @autoclosure () -> String) {
    count += 1
    if count <= limit { context.complain(text()) }
    if count == limit + 1 { context.complain("further refused rows are counted only\n") }
  }
}
