internal import QuartermasterCore
internal import Synchronization

/// Ends what a prompt does now, from another thread: what Ctrl-C is for.
public final class Interrupter: Sendable {
  private struct State {
    var engine: Engine?
    var isRunning = false
    var isAsked = false
  }

  private let state = Mutex(State())

  /// Asks the line that runs to end; it is undone as far as it was not kept yet.
  ///
  /// SQLite stops only what runs at this moment: call it again every few hundredths of a second, as long as it says so.
  ///
  /// - Returns: Whether a line runs that has not ended yet.
  @discardableResult
  public func interrupt() -> Bool {
    state.withLock { state in
      guard state.isRunning else { return false }
      state.isAsked = true
      state.engine?.interrupt()
      return true
    }
  }

  /// Whether the line was asked to end.
  var isAsked: Bool { state.withLock { $0.isAsked } }

  /// A line begins.
  func begin(_ engine: Engine) {
    state.withLock { state in
      state.engine?.endInterruption()
      state = State(engine: engine, isRunning: true)
    }
  }

  /// The line goes on with another engine.
  func follow(_ engine: Engine) {
    state.withLock { state in
      state.engine?.endInterruption()
      state.engine = engine
      if state.isAsked { engine.interrupt() }
    }
  }

  /// What is left of the line cannot be interrupted.
  func end() {
    state.withLock { state in
      state.isRunning = false
      state.engine?.endInterruption()
    }
  }
}
