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
  /// Where the time comes from.
  public var clock = Clock.file
  /// How many refused lines are printed; the others are counted.
  public var shownRefusals = 100
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
      let rules = try folder.rules()
      for warning in rules.warnings where warning.severity == .warning {
        context.complain(context.renderer.render(warning))
      }
      let replay = try replayStart(folder)
      let engine = try folder.openEngine(rules, clock: replay.map { .manual($0) })
      let summary = try apply(to: engine, movesClock: replay != nil, context)
      let published = engine.publishedRules ? engine.ruleNumber : nil
      try engine.close()
      return Reply(format == .json ? json(summary) : text(summary, published))
    }
  }

  private func apply(to engine: Engine, movesClock: Bool, _ context: ShellContext) throws
    -> StreamSummary
  {
    var options = StreamRunner.Options()
    options.batch = batch
    options.runsRules = runsRules
    options.movesClock = movesClock
    options.resumes = resumes
    let name = path == "-" ? "-" : URL(fileURLWithPath: path).standardizedFileURL.path
    let activity = "applying \(shortPath)"
    var shown = 0
    let result = try engine.perform { interpreter throws(Refusal) in
      let runner = StreamRunner(interpreter, options)
      runner.report = { refused in
        shown += 1
        if shown <= shownRefusals { context.complain(line(refused)) }
        if shownRefusals > 0, shown == shownRefusals + 1 {
          context.complain("\(shortPath): further refused lines are counted only\n")
        }
      }
      runner.progress = { progress in
        context.progress(
          CommandProgress(
            activity: activity,
            fraction: progress.total.map { Double(progress.bytes) / Double(max($0, 1)) },
            detail: Plain.count(progress.changes, "change")))
      }
      return Result { () throws(StreamFailure) in try runner.run(path: path, name: name) }
    }
    return try result.get()
  }

  /// The instant at which a clock of the file starts, or goes on; nil for the computer's clock.
  private func replayStart(_ folder: ProjectFolder) throws -> Timestamp? {
    if let instant = try folder.fileClock() { return instant }
    guard clock == .replay else { return nil }
    let first = path == "-" ? nil : StreamRunner.firstInstant(path: path)
    let last = try folder.lastChange()
    // Never before what the file has seen already.
    return [first, last].compactMap { $0 }.max() ?? RuleTestRunner.start
  }

  private var shortPath: String {
    path == "-" ? "<standard input>" : URL(fileURLWithPath: path).lastPathComponent
  }

  private func line(_ refused: StreamRunner.RefusedLine) -> String {
    var text = "\(shortPath):\(refused.line): refused (\(refused.reason)): \(refused.message)"
    if let rule = refused.rule {
      text += " [\(rule)"
      if let place = refused.place {
        text += ", \(place.file.name):\(place.file.position(of: place.range.lowerBound).line)"
      }
      text += "]"
    }
    return DisplayText.oneLine(text) + "\n"
  }

  // MARK: The summary

  private func text(_ summary: StreamSummary, _ published: Int64?) -> String {
    var text = ""
    if let published { text += "rules in force: number \(published)\n" }
    if let line = summary.resumedAfter { text += "went on after line \(Plain.count(Int(line)))\n" }
    text += "\(Plain.count(summary.changes, "change")) in \(Plain.seconds(summary.seconds))"
    if summary.seconds > 0.05 {
      text += " (\(Plain.count(Int(Double(summary.changes) / summary.seconds))) a second)"
    }
    text += "\n"
    text += Self.counts("refused", summary.refused)
    text += Self.counts("firings", summary.firings)
    text += Self.counts("skipped", summary.skipped)
    text += Self.counts("failed alone", summary.failedAlone)
    return text
  }

  private static func counts(_ title: String, _ counts: [String: Int]) -> String {
    if counts.isEmpty {
      return title == "failed alone" || title == "skipped" ? "" : "\(title): none\n"
    }
    let total = counts.values.reduce(0, +)
    let width = counts.keys.reduce(0) { max($0, DisplayText.width($1)) }
    let digits = Plain.count(counts.values.max() ?? 0).utf8.count
    var text = "\(title): \(Plain.count(total))\n"
    for (name, count) in counts.sorted(by: {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }) {
      text += "  " + DisplayText.padded(name, to: width)
      text += "  " + DisplayText.padded(Plain.count(count), to: digits, right: true) + "\n"
    }
    return text
  }

  private func json(_ summary: StreamSummary) -> String {
    func object(_ counts: [String: Int]) -> JSONValue {
      .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) })
    }
    let members: [(key: String, value: JSONValue)] = [
      ("changes", .number(String(summary.changes))),
      ("refused", .number(String(summary.refused.values.reduce(0, +)))),
      ("reasons", object(summary.refused)), ("firings", object(summary.firings)),
      ("skipped", object(summary.skipped)), ("failedAlone", object(summary.failedAlone)),
      ("resumedAfter", summary.resumedAfter.map { .number(String($0)) } ?? .null),
      ("seconds", .number(Plain.fixed(summary.seconds, 6))),
    ]
    return JSONWriter.text(.object(members)) + "\n"
  }
}
