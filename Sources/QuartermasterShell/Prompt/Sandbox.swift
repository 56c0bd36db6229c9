internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// A copy of the data file with a clock that is moved by hand, in which everything may be tried.
///
/// Beside the copy lies the file as it was in the beginning, so that the last command can be taken back: the copy is
/// made anew, and all commands but the last are done again. Docs/Decisions/0161.
final class Sandbox {
  /// The engine on the copy.
  private(set) var engine: Engine
  /// The rule files that are in force in it, and what they were read to.
  var files: [SourceFile]
  var rules: LoadedRules
  /// What names and actor were before.
  let before: (names: [String: (className: String, id: String)], actor: (String, String)?)
  /// The commands so far that can be done again.
  private var done: [Entry] = []
  /// The instant at which it began.
  private let start: Timestamp
  /// Where the clock stood after the last command.
  private var reached: Timestamp
  private let folder: ScratchFolder
  private let project: ProjectFolder

  private struct Entry {
    let text: String
    /// Whether it changed something that may be taken back.
    let isChange: Bool
  }

  /// Copies the data file of an engine as it is now.
  init(
    of main: Engine, _ project: ProjectFolder, _ rules: LoadedRules,
    before: (names: [String: (className: String, id: String)], actor: (String, String)?)
  ) throws {
    self.project = project
    self.rules = rules
    self.before = before
    files = project.project.ruleFiles
    start = main.now
    reached = start
    let folder = try ScratchFolder()
    self.folder = folder
    try main.perform { interpreter throws(Refusal) in
      try interpreter.copyFile(to: folder.file("beginning.sqlite"))
    }
    engine = try Self.open(folder, project, rules, start)
  }

  private static func open(
    _ folder: ScratchFolder, _ project: ProjectFolder, _ rules: LoadedRules, _ start: Timestamp
  ) throws -> Engine {
    let copy = folder.file("copy.sqlite")
    try FileManager.default.copyItem(atPath: folder.file("beginning.sqlite"), toPath: copy)
    return try project.openEngine(rules, at: copy, clock: .manual(start))
  }

  /// Makes the copy anew, as it was in the beginning.
  ///
  /// - Parameter rules: The rules of the project.
  /// - Throws: What the disk or the engine refuses; then there is no copy any more.
  func restart(_ rules: LoadedRules) throws {
    try engine.close()
    for ending in ["", "-wal", "-shm"] {
      // What is not there need not be removed.
      try? FileManager.default.removeItem(atPath: folder.file("copy.sqlite" + ending))
    }
    engine = try Self.open(folder, project, rules, start)
    self.rules = rules
    files = project.project.ruleFiles
    reached = start
  }

  /// Removes the copy.
  func remove() throws {
    defer { folder.remove() }
    try engine.close()
  }

  // MARK: What was done

  /// Notes a command, if there is anything to do again.
  ///
  /// - Parameters:
  ///   - text: The command.
  ///   - isAction: Whether it is a verb.
  ///   - isDone: Whether it went well.
  func note(_ text: String, isAction: Bool, isDone: Bool) {
    let word = text.drop(while: \.isWhitespace)
    let now = engine.now
    if now > reached {
      // However far it came: to move the clock there again does the same.
      reached = now
      done.append(Entry(text: ":clock \(now)", isChange: true))
    } else if !isDone {
      return
    } else if word.hasPrefix(":rule\n") || word.hasPrefix(":load ") && word.hasSuffix(".yaml") {
      done.append(Entry(text: text, isChange: true))
    } else if word.hasPrefix(":as") {
      done.append(Entry(text: text, isChange: false))
    } else if isAction {
      done.append(Entry(text: text, isChange: true))
    }
  }

  /// Takes the last change from what was done.
  ///
  /// - Returns: The change, and what is to be done again; nil when nothing was changed.
  func takeLast() -> (last: String, again: [String])? {
    guard let place = done.lastIndex(where: \.isChange) else { return nil }
    let last = done.remove(at: place).text
    defer { done = [] }
    return (last, done.map(\.text))
  }
}
