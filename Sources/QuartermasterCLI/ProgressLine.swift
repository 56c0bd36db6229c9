import Foundation
import QuartermasterShell
import Synchronization

/// One line on standard error that says how far a command came; nothing where that is no terminal.
final class ProgressLine: Sendable {
  /// The line.
  static let shared = ProgressLine()

  private struct State {
    var isShown = false
    var last = ContinuousClock.now - .seconds(1)
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows how far a command came, at most ten times a second.
  func show(_ progress: CommandProgress) {
    guard isTerminal else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now - state.last > .milliseconds(100) else { return }
      state.last = now
      state.isShown = true
      put("\r\u{1B}[K" + Self.text(progress, width: Terminal.width))
    }
  }

  /// Wipes the line.
  func clear() {
    state.withLock { state in
      if state.isShown { put("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  private static func text(_ progress: CommandProgress, width: Int) -> String {
    var text = progress.activity
    if let fraction = progress.fraction {
      let full = Int((min(max(fraction, 0), 1) * 24).rounded())
      text += "  [" + String(repeating: "#", count: full)
      text += String(repeating: ".", count: 24 - full) + "]"
      let percent = String(Int(fraction * 100))
      text += String(repeating: " ", count: max(0, 4 - percent.utf8.count)) + percent + "%"
    }
    text += "  " + progress.detail
    return String(text.prefix(max(10, width - 1)))
  }

  private func put(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
