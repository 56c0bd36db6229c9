import Foundation
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

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

  /// Runs tmux and returns what it prints.
  ///
  /// Not by Foundation's Process, which learns by a socket that a child has ended: the server of tmux would inherit it, and
  /// stay.
  @discardableResult
  private func run(_ arguments: [String]) throws -> String {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("tmux-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: output) }
    let actions = FileActions()
    try actions.open(output.path)
    let environment = ProcessInfo.processInfo.environment
      .merging(["LC_ALL": "C.UTF-8", "TERM": "xterm", "TMUX": ""]) { $1 }
      .map { "\($0.key)=\($0.value)" }
    let process = try actions.spawn(tmux, ["tmux", "-u", "-L", socket] + arguments, environment)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw Gone() }
    }
    return (try? String(contentsOf: output, encoding: .utf8)) ?? ""
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

  fileprivate struct Gone: Error {}
}

/// Starts a program without the files that are open here.
private final class FileActions {
  #if canImport(Darwin)
  private var actions: posix_spawn_file_actions_t?
  private var attributes: posix_spawnattr_t?
  #else
  private var actions = posix_spawn_file_actions_t()
  private var attributes = posix_spawnattr_t()
  #endif

  init() {
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
  }

  deinit {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }

  /// Sends the output to a new file, errors and input nowhere.
  func open(_ output: String) throws {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    #if canImport(Darwin)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
    #else
    // To close what is not open is no error here.
    for file in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, file) }
    #endif
  }

  /// Starts the program.
  func spawn(
    _ program: String, _ arguments: [String], _ environment: [String]
  ) throws -> pid_t {
    var process: pid_t = 0
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    guard posix_spawn(&process, program, &actions, &attributes, words, variables) == 0 else {
      throw Tmux.Gone()
    }
    return process
  }
}
