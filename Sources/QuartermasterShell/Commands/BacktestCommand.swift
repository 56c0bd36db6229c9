internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore
internal import QuartermasterSupply

/// `quartermaster backtest --rules DIR`: what other rules would have made of what happened.
public struct BacktestCommand: Sendable {
  /// The folder of the new rules: a project folder, or one with rule files.
  public var rules: String
  /// The folder of the rules of the old side; nil for those that were in force.
  public var against: String?
  /// The beginning: an instant, a date, or how long ago; nil for where the journal begins.
  public var since: String?
  /// The end, likewise; a date includes its day.
  public var until: String?
  /// The rules of the world; nil for `world.yaml` of the project, if it has one.
  public var world: String?
  /// Whether no world is played.
  public var isWithoutWorld = false
  /// The tables that are shown; empty for all.
  public var fields: [String] = []
  /// The project folder.
  public var folder = "."
  /// How the result is printed.
  public var format = OutputFormat.text

  /// Creates the command for a folder of rules.
  public init(rules: String) { self.rules = rules }

  /// Runs the command.
  ///
  /// - Returns: The tables; it ends with `failed` where too little could be done again for them to mean anything.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      try folder.requireData()
      var options = try options(folder)
      options.measures = BacktestMeasure.supply
      try checkFields(options.measures)
      let text = context.progress
      options.progress = { part in
        text(
          CommandProgress(
            activity: "backtesting", fraction: part, detail: "under the old rules and the new ones")
        )
      }
      let runner = BacktestRunner(
        schema: folder.project.schema, settings: folder.project.settings, verbs: folder.verbs)
      let report = try runner.run(try files(rules), options) { path throws(Refusal) in
        try Store.copy(folder.project.dataPath, to: path)
      }
      let shown = BacktestText(
        report, fields, Zone.named(folder.project.settings.zone) ?? .utc, width: context.width)
      return Reply(
        format == .json ? shown.json : shown.text, status: report.isComparable ? .done : .failed)
    }
  }

  private func options(_ folder: ProjectFolder) throws -> BacktestOptions {
    var options = BacktestOptions()
    let now = try folder.lastChange() ?? SystemClock.now
    let zone = Zone.named(folder.project.settings.zone) ?? .utc
    options.since = try since.map { text throws(CommandFailure) in
      try JournalTime.read(text, isEnd: false, now: now, zone)
    }
    options.until = try until.map { text throws(CommandFailure) in
      let end = try JournalTime.read(text, isEnd: true, now: now, zone)
      // A date stands for its last millisecond.
      return text.utf8.count == 10 ? Timestamp(milliseconds: end.milliseconds + 1) : end
    }
    if let first = options.since, let last = options.until, first >= last {
      throw CommandFailure(.usage, "--since is not before --until")
    }
    options.against = try against.map { try files($0) }
    if isWithoutWorld { return options }
    let own = (folder.project.folder == "." ? "" : folder.project.folder + "/") + "world.yaml"
    if let world {
      options.world = [try file(world)]
    } else if FileManager.default.fileExists(atPath: own) {
      options.world = [try file(own)]
    }
    return options
  }

  /// Returns the rule files of a folder, or of the folder `rules` in it.
  private func files(_ folder: String) throws(CommandFailure) -> [SourceFile] {
    let inner = folder + "/rules"
    let place = FileManager.default.fileExists(atPath: inner) ? inner : folder
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), isFolder.boolValue
    else { throw CommandFailure(.usage, "\(folder) is no folder with rules") }
    let found: [SourceFile]
    do { found = try Project.ruleFiles(below: place).files } catch {
      throw CommandFailure(.badInput, error.items.first?.message ?? "\(place) cannot be read")
    }
    if found.isEmpty {
      throw CommandFailure(.usage, "\(folder) has no rule files; they end with .yaml")
    }
    return found
  }

  private func file(_ path: String) throws(CommandFailure) -> SourceFile {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(validating: data, as: UTF8.self)
    else { throw CommandFailure(.usage, "\(path) is not there, or cannot be read") }
    return SourceFile(name: path, text: text)
  }

  /// The names of the tables that are there for every schema.
  private static let tables = ["statuses", "made", "messages", "firings", "refused"]

  private func checkFields(_ measures: [BacktestMeasure]) throws(CommandFailure) {
    let known = measures.map(\.name) + Self.tables
    for field in fields where !known.contains(field) {
      let hint = Suggestion.closest(to: field, among: known).map { "; did you mean \($0)?" }
      throw CommandFailure(
        .usage, "there is no table \(field)\(hint ?? " (\(known.joined(separator: ", ")))")")
    }
  }
}
