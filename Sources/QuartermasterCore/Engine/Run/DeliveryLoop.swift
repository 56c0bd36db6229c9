internal import QuartermasterCEL

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
      var wait = options.interval
      do {
        let engine = engine
        let next = try await BlockingWork.run { try engine.nextDelivery() }
        failure.worked()
        if let next, next <= Engine.systemNow {
          // In a task of its own: a stop is not to break off what is being handed over.
          let report = try await Task.detached { try await engine.deliver() }.value
          let tries = report.delivered + report.failed + report.dead
          if tries > 0 {
            tell(.delivered(report))
            continue
          }
          // Another process delivers, or this one elsewhere.
          try? await Task.sleep(for: options.interval)
          continue
        }
        if let next { wait = min(wait, RunLoop.until(next)) }
      } catch {
        if bell.isClosed { break }
        failure.failed(error)
      }
      await bell.wait(after: count, atMost: wait)
      // Where commits follow each other closely, one look serves many of them.
      if bell.count != count { try? await Task.sleep(for: .milliseconds(20)) }
    }
  }
}
