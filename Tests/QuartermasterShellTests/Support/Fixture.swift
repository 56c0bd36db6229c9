import Foundation
import Testing

@testable import QuartermasterShell

/// A copy of a project of Fixtures/ in a folder of its own, removed at the end.
final class Fixture {
  /// The folder of these tests.
  static let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The project folder.
  let folder: String

  /// Copies a project.
  init(_ name: String = "stock") throws {
    let target = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: Self.testFolder.appendingPathComponent("Fixtures").appendingPathComponent(name),
      to: target)
    folder = target.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Returns the path of a file of the project.
  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes a file of the project.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Adds lines to a file of the project.
  func append(_ text: String, to name: String) throws {
    let old = try String(contentsOfFile: path(name), encoding: .utf8)
    try write(old + text, to: name)
  }

  /// Applies the stream of the fixture by its own clock, so that every id and instant is the same in every run.
  @discardableResult
  func applyDay(_ context: ShellContext = ShellContext()) -> Reply {
    var command = ApplyCommand(path: path("day.jsonl"))
    command.folder = folder
    command.clock = .replay
    return command.run(context)
  }

  /// Returns a text without what differs from run to run: the folder, and how long it took.
  func stable(_ text: String) -> String {
    text.replacingOccurrences(of: folder, with: "DIR")
      .replacing(/[0-9.]+ s( \([0-9,]+ a second\))?/, with: "N s")
  }

  /// Returns output and errors of a reply and how it ended, without what differs from run to run.
  func shown(_ reply: Reply) -> String {
    var text = reply.output
    if !reply.errors.isEmpty { text += "--- errors\n" + reply.errors }
    text += "--- \(reply.status)\n"
    return stable(text)
  }
}
