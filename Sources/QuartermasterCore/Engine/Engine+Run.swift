internal import Synchronization

/// Whether an engine runs.
final class RunState: Sendable {
  let isRunning = Mutex(false)
}
