import Foundation

/// Runs a page in an empty folder, in one shell, so that `cd` and files carry over from block to block.
struct ManualRun {
  /// What a command printed, on both outputs, and how it ended.
  struct Result {
    let command: ManualPage.Command
    let printed: String
    let status: Int
  }

  private static let mark = "\u{1}"

  /// Runs the commands of a page one after the other.
  ///
  /// The built program is on the path; the zone is UTC, lines are 100 columns wide.
  static func run(_ page: ManualPage) throws -> [Result] {
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-manual-\(UUID().uuidString)")
    let folder = place.appendingPathComponent("work")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let script = try self.script(of: page, in: place)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [script]
    process.currentDirectoryURL = folder
    let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
      .deletingLastPathComponent().path
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = program + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["TZ"] = "UTC"
    environment["COLUMNS"] = "100"
    environment["LC_ALL"] = "C.UTF-8"
    environment["HOME"] = place.path
    environment["NO_COLOR"] = "1"
    process.environment = environment
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let printed = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return results(printed, of: page)
  }

  private static func script(of page: ManualPage, in place: URL) throws -> String {
    var lines: [String] = []
    for (number, step) in page.steps.enumerated() {
      switch step {
      case .file(let path, let text):
        let source = place.appendingPathComponent("file-\(number)")
        try Data(text.utf8).write(to: source)
        lines.append("mkdir -p \"$(dirname '\(path)')\" && cp '\(source.path)' '\(path)'")
      case .command(let command):
        if command.typed.isEmpty {
          lines.append(command.text)
        } else {
          let source = place.appendingPathComponent("typed-\(number)")
          try Data((command.typed.joined(separator: "\n") + "\n").utf8).write(to: source)
          lines.append("\(command.text) < '\(source.path)'")
        }
        lines.append("printf '\\001%d\\001' $?")
      }
    }
    let script = place.appendingPathComponent("script")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: script)
    return script.path
  }

  /// What was printed lies before the mark of each command, the status between its two marks.
  private static func results(_ printed: String, of page: ManualPage) -> [Result] {
    let parts = printed.components(separatedBy: mark)
    return page.commands.enumerated().map { number, command in
      let place = number * 2
      guard place + 1 < parts.count, let status = Int(parts[place + 1]) else {
        return Result(command: command, printed: parts.last ?? "", status: -1)
      }
      return Result(command: command, printed: parts[place], status: status)
    }
  }
}
