import Foundation

/// Reads a password: from a terminal without showing it, else the next line of standard input.
enum PasswordPrompt {
  /// Returns what was given; nil at the end of the input, or after Ctrl-C or Ctrl-D.
  static func read(_ prompt: String) -> String? {
    guard Terminal.isTyped else { return readLine() }
    Terminal.complain(prompt)
    defer { Terminal.complain("\n") }
    return hidden()
  }

  /// Reads a line from a terminal that shows nothing and takes no key for a signal: whichever way it ends, the terminal
  /// is what it was.
  private static func hidden() -> String? {
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    // What was typed before the question is no answer to it.
    guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { return nil }
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      let count = Foundation.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return nil }
      switch byte {
      case 10, 13: return String(decoding: line, as: UTF8.self)
      case 3: return nil  // Ctrl-C
      case 4: if line.isEmpty { return nil }  // Ctrl-D
      case 21: line.removeAll()  // Ctrl-U
      case 8, 127:
        // The last character, with all bytes of it.
        while let last = line.popLast(), last & 0b1100_0000 == 0b1000_0000 {}
      default: line.append(byte)
      }
    }
  }
}
