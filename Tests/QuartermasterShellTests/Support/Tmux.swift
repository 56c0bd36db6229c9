import Foundation
import Testing

/// A terminal of its own in which a program runs as a person would use it: keys go in, the screen is read.
///
/// Nothing waits a fixed time: each step waits for what it is to bring, as long as a loaded machine may need.
final class Tmux {
  /// Where tmux is; nil where it is not installed.
  static let program: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/tmux" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// What is shown in place of a result where it is not installed.
  static let absence: Comment =
    "tmux is not installed; Scripts/system-packages.sh installs it where it may"

  /// How long a step may take before the test fails, in seconds.
  private static let patience = 120.0

  private let socket = "quartermaster-\(UUID().uuidString)"
  private let tmux: String

  /// Starts a shell command in a new terminal.
  init(_ command: String, columns: Int = 80, rows: Int = 24) throws {
    tmux = try #require(Self.program)
    // Without the user's own settings; the window keeps its size whatever looks at it.
    try run([
      "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      "exec sh -c \(Self.quoted(command))",
    ])
    try run(["set-option", "-g", "window-size", "manual"])
  }

  deinit { _ = try? run(["kill-server"]) }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  @discardableResult
  private func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tmux)
    process.arguments = ["-u", "-L", socket] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["TMUX"] = nil
    environment["LC_ALL"] = "C.UTF-8"
    environment["TERM"] = "xterm"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let told = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: told, as: UTF8.self)
  }

  /// Types a text as it is.
  func type(_ text: String) throws { try run(["send-keys", "-l", "--", text]) }

  /// Presses keys by their names: `Enter`, `Tab`, `Up`, `C-c`.
  func press(_ keys: String...) throws { try run(["send-keys"] + keys) }

  /// Types a line and ends it.
  func enter(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  /// Closes the window, as a person closes a terminal: what runs in it is told by a signal.
  func closeWindow() throws { try run(["kill-session"]) }

  /// Makes the window another size.
  func resize(columns: Int, rows: Int = 24) throws {
    try run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Returns what stands on the screen, with the colours as escapes if they are wanted.
  func screen(colors: Bool = false) throws -> String {
    let text = try run(["capture-pane", "-p"] + (colors ? ["-e"] : []))
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Waits until the screen is as it should be.
  func wait(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ isThere: (String) throws -> Bool
  ) throws {
    let end = Date().addingTimeInterval(Self.patience)
    while Date() < end {
      if try isThere(try screen()) { return }
      Thread.sleep(forTimeInterval: 0.03)
    }
    Issue.record("never came: \(what)\n\(try screen())", sourceLocation: sourceLocation)
    throw Gone()
  }

  /// Waits until a text stands on the screen a number of times.
  func wait(
    for text: String, times: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try wait(text, sourceLocation: sourceLocation) {
      $0.components(separatedBy: text).count > times
    }
  }

  /// Waits until the last line of the screen is a prompt and nothing else.
  func waitForPrompt(
    _ prompt: String = ">", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try wait("the prompt \(prompt)", sourceLocation: sourceLocation) { screen in
      screen.split(separator: "\n").last.map { $0.drop(while: { $0 == " " }) == prompt } ?? false
    }
  }

  /// Waits until the line that was entered is taken: the cursor stands at the beginning of the next one.
  func waitUntilTaken() throws {
    try wait("the cursor in the first column") { _ in
      try run(["display-message", "-p", "#{cursor_x}"]).hasPrefix("0\n")
    }
  }

  private struct Gone: Error {}
}
