import CLibedit
import Foundation
import QuartermasterShell
import Synchronization

/// The prompt on a terminal: line editing, history, completion.
struct PromptSession {
  private let repl: Repl
  /// The entries that the history keeps.
  private static let historyLimit: Int32 = 1000

  init(_ repl: Repl) { self.repl = repl }

  /// Reads lines until `:quit` or Ctrl-D; ends the process.
  func run() -> Never {
    LineCompletion.repl = repl
    qm_edit_start { text, state in LineCompletion.next(text, state) }
    let history = Self.historyPath()
    if let history { _ = qm_edit_read_history(history) }
    Terminal.write(repl.greeting)
    var entry: [String] = []
    while !repl.hasEnded {
      guard let pointer = qm_edit_line(repl.prompt) else {
        if qm_edit_was_interrupted() != 0 {
          // Ctrl-C drops what was typed.
          repl.cancel()
          entry = []
          Terminal.write("\n")
          continue
        }
        Terminal.write("\n")
        break
      }
      let line = String(cString: pointer)
      free(pointer)
      entry.append(line)
      show(repl.submit(line))
      if repl.isComplete {
        let whole = entry.joined(separator: " ")
        if !whole.allSatisfy(\.isWhitespace) { qm_edit_remember(whole) }
        entry = []
      }
    }
    if let history { _ = qm_edit_write_history(history, Self.historyLimit) }
    show(repl.finish())
    Terminal.leave(.done)
  }

  private func show(_ reply: Reply) {
    Terminal.write(reply.output)
    if !reply.errors.isEmpty { Terminal.complain(reply.errors) }
  }

  /// The file of the history: below XDG_STATE_HOME, or ~/.local/state; nil where neither can be written.
  private static func historyPath() -> String? {
    let environment = ProcessInfo.processInfo.environment
    let base: String
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      base = state
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      base = home + "/.local/state"
    } else {
      return nil
    }
    let folder = base + "/quartermaster"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch { return nil }
    return folder + "/history"
  }
}

/// The completions of the word before the cursor, one after the other, as libedit asks for them.
enum LineCompletion {
  private struct State {
    var candidates: [String] = []
  }

  private static let state = Mutex(State())
  // Set once, before the editor starts; libedit calls back on the thread that reads the line.
  nonisolated(unsafe) static var repl: Repl?

  /// Returns the completion of a number, allocated for libedit to free, or nil after the last.
  static func next(_ text: UnsafePointer<CChar>?, _ number: Int32) -> UnsafeMutablePointer<CChar>? {
    guard let text else { return nil }
    if number == 0 {
      let word = String(cString: text)
      let line = String(cString: qm_edit_text())
      let found = repl?.completions(of: word, in: line) ?? []
      state.withLock { $0.candidates = found }
    }
    let candidate = state.withLock { state in
      state.candidates.indices.contains(Int(number)) ? state.candidates[Int(number)] : nil
    }
    return candidate.flatMap { strdup($0) }
  }
}
