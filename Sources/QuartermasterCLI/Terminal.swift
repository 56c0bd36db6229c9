import CLibedit
import Foundation
import QuartermasterAccess
import QuartermasterChannels
import QuartermasterCore
import QuartermasterShell

/// Standard output and standard error, and what is known of them.
enum Terminal {
  /// Whether standard output is a terminal.
  static let showsOutput = isatty(STDOUT_FILENO) == 1
  /// Whether standard error is a terminal.
  static let showsErrors = isatty(STDERR_FILENO) == 1
  /// Whether standard input is a terminal.
  static let isTyped = isatty(STDIN_FILENO) == 1

  /// The columns of a line: of the terminal, of `COLUMNS`, or 100.
  static var width: Int {
    let columns = Int(qm_terminal_width())
    if columns >= 20 { return columns }
    if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text),
      columns >= 20
    {
      return columns
    }
    return 100
  }

  /// Whether colours are wanted: not where `NO_COLOR` is set (no-color.org), or the terminal knows none.
  private static var wantsColors: Bool {
    let environment = ProcessInfo.processInfo.environment
    return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// Writes to standard output.
  static func write(_ text: String) { put(text, to: STDOUT_FILENO) }

  /// Writes to standard error; a progress line that stands there is wiped first.
  static func complain(_ text: String) {
    ProgressLine.shared.clear()
    put(text, to: STDERR_FILENO)
  }

  /// Writes all bytes; a closed pipe ends the process, as it does for other tools.
  private static func put(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Prints a reply and ends the process with its code.
  static func finish(_ reply: Reply) -> Never {
    ProgressLine.shared.clear()
    if !reply.output.isEmpty { write(reply.output) }
    if !reply.errors.isEmpty { complain(reply.errors) }
    leave(reply.status)
  }

  /// Ends the process.
  static func leave(_ status: ExitStatus) -> Never { exit(status.rawValue) }

  /// The context of commands that run here.
  static var context: ShellContext {
    var context = ShellContext()
    context.width = width
    context.isColored = showsErrors && wantsColors
    context.colorsOutput = showsOutput && wantsColors
    context.channels = { settings, folder in
      var registry = ChannelRegistry()
      let problems = registry.registerShipped(
        of: settings, folder: folder, environment: ProcessInfo.processInfo.environment)
      return (registry, problems)
    }
    context.progress = { ProgressLine.shared.show($0) }
    context.complain = { complain($0) }
    context.say = { write($0) }
    context.passwords = PasswordSettings()
    context.typesPassword = isTyped
    context.askPassword = { PasswordPrompt.read($0) }
    if isTyped, showsErrors {
      context.confirm = { question in
        complain(question + " [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
      }
    }
    return context
  }
}
