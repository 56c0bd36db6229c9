internal import Synchronization

/// Hands messages to their channels as they come, and again when their time has come.
final class DeliveryLoop {
  private let engine: Engine
  private let options: RunOptions
  private let tell: @Sendable (RunEvent) -> Void
  private let failure: RunFailure

  init(
    _ engine: Engine, _ options: RunOptions, _ tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.engine = engine
    self.options = options
    self.tell = tell
    failure = RunFailure(tell)
  }

  /// Runs until the task is cancelled or the engine is closed; the delivery in hand is finished.
  func run() async {
    let bell = engine.store.bell
    while !Task.isCancelled, !bell.isClosed {
      let count = bell.count
      do {
        let engine = engine
        let report = try await BlockingWork.run {
          try engine.deliver { !engine.runState.isStopping.load(ordering: .acquiring) }
        }
        if report.delivered + report.failed + report.dead > 0 { tell(.delivered(report)) }
        failure.worked()
      } catch {
        if bell.isClosed { break }
        failure.failed(error)
      }
      await bell.wait(after: count, atMost: options.interval)
      if bell.count != count { try? await Task.sleep(for: .milliseconds(20)) }
    }
  }
}
