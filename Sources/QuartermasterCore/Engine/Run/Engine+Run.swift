internal import QuartermasterCEL
internal import Synchronization

/// Whether an engine runs, and whether it was asked to stop.
final class RunState: Sendable {
  let isRunning = Atomic<Bool>(false)
  let isStopping = Atomic<Bool>(false)
}

extension Engine {
  /// Runs the engine until the task is cancelled or the engine is closed.
  ///
  /// Timers and schedules fire at their instants, messages go to their channels, changes from outside are taken in,
  /// and rules that another process publishes come into force, within about a second; so do the rule files of a
  /// folder, when they change and check. Reads and writes of the host go on beside it. Several processes may run on
  /// one file: what is due fires in one of them.
  ///
  /// When the task is cancelled the operation and the delivery in hand are finished, and it returns.
  ///
  /// - Parameters:
  ///   - options: Which files are watched, and how often.
  ///   - tell: Is told what is worth knowing, in order, on threads of the engine's. It must not wait for the engine.
  /// - Throws: ``Refusal`` when the engine runs already, or when its clock is moved by hand.
  public func run(
    _ options: RunOptions = RunOptions(), tell: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws {
    guard case .system = clock else {
      throw Refusal(
        .error,
        "the clock of this engine is moved by hand; call advance(to:), or open it with the "
          + "computer's clock")
    }
    guard !runState.isRunning.exchange(true, ordering: .acquiringAndReleasing) else {
      throw Refusal(.error, "the engine runs already")
    }
    defer { runState.isRunning.store(false, ordering: .releasing) }
    runState.isStopping.store(false, ordering: .releasing)
    let count = try perform { (interpreter) throws(Refusal) in
      interpreter.notice = { tell(.notice($0)) }
      return interpreter.ruleSet.rules.count
    }
    tell(.started(rules: ruleNumber, count: count))
    let state = runState
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await RunLoop(self, options, tell).run() }
        // A receiver that is slow holds up no timer: it has a task and a thread of its own.
        if options.delivers { group.addTask { await DeliveryLoop(self, options, tell).run() } }
        await group.waitForAll()
      }
    } onCancel: {
      state.isStopping.store(true, ordering: .releasing)
    }
    if !store.bell.isClosed {
      try perform { (interpreter) throws(Refusal) in interpreter.notice = nil }
    }
    runState.isStopping.store(false, ordering: .releasing)
    tell(.stopped)
  }
}

/// What both loops of a run do alike: they tell a failure once.
final class RunFailure {
  private let tell: @Sendable (RunEvent) -> Void
  private var told: String?

  init(_ tell: @escaping @Sendable (RunEvent) -> Void) { self.tell = tell }

  /// Notes that something failed.
  func failed(_ error: any Error) {
    let text = (error as? Refusal)?.message ?? "\(error)"
    if text == told { return }
    told = text
    tell(.failed(text))
  }

  /// Notes that it works.
  func worked() {
    if told == nil { return }
    told = nil
    tell(.recovered)
  }
}
