internal import Foundation
internal import Synchronization

/// Threads for channels, which may block: the pool that Swift's tasks share has one per core, and a slow receiver on
/// each would stop the whole program.
///
/// Threads are made when there is work for them and end when there was none for a while.
final class DeliveryThreads: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var first = 0
    var idle = 0
    var count = 0
  }

  private let limit: Int
  private let condition = NSCondition()
  // Only used while `condition` is locked.
  private nonisolated(unsafe) var state = State()
  private static let patience: TimeInterval = 5

  /// Creates threads for a number of jobs at the same time.
  init(limit: Int) { self.limit = limit }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    defer { condition.unlock() }
    state.jobs.append(job)
    // A thread that was woken counts as idle until it runs.
    if state.jobs.count - state.first <= state.idle {
      condition.signal()
    } else if state.count < limit {
      state.count += 1
      let thread = Thread { [self] in work() }
      thread.name = "quartermaster delivery"
      thread.start()
    }
  }

  private func work() {
    while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }

  /// Waits for a job; nil when none came for a while.
  private func next() -> UnownedJob? {
    condition.lock()
    defer { condition.unlock() }
    let end = Date().addingTimeInterval(Self.patience)
    while state.first == state.jobs.count {
      state.idle += 1
      let woken = condition.wait(until: end)
      state.idle -= 1
      if !woken, state.first == state.jobs.count {
        state.count -= 1
        return nil
      }
    }
    let job = state.jobs[state.first]
    state.first += 1
    if state.first == state.jobs.count {
      state.jobs.removeAll(keepingCapacity: true)
      state.first = 0
    }
    return job
  }
}
