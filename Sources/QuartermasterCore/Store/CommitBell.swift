internal import Foundation
internal import Synchronization

/// Tells those who wait that something was committed on this store, or that it was closed.
///
/// A commit that nobody waits for costs one look at a counter.
package final class CommitBell: Sendable {
  private struct State {
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// Waits that were cancelled before they began.
    var cancelled: Set<UInt64> = []
    var next: UInt64 = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let waiters = Atomic<Int>(0)
  private let rings = Atomic<Int>(0)

  init() {}

  /// Whether the store was closed.
  package var isClosed: Bool { state.withLock { $0.isClosed } }

  /// How often it was rung; a wait that begins with an older number ends at once.
  package var count: Int { rings.load(ordering: .sequentiallyConsistent) }

  /// Wakes all who wait.
  func ring() {
    rings.add(1, ordering: .sequentiallyConsistent)
    if waiters.load(ordering: .sequentiallyConsistent) == 0 { return }
    wake()
  }

  /// Wakes all who wait, for good.
  func close() {
    state.withLock { $0.isClosed = true }
    rings.add(1, ordering: .sequentiallyConsistent)
    wake()
  }

  /// Waits for the next ring, a time, the end of the task or the close, whichever comes first.
  ///
  /// - Parameters:
  ///   - count: What ``count`` was when the caller last looked at the file.
  ///   - timeout: How long to wait at most.
  package func wait(after count: Int, atMost timeout: Duration) async {
    let key = state.withLock { state in
      state.next += 1
      return state.next
    }
    waiters.add(1, ordering: .sequentiallyConsistent)
    defer { waiters.subtract(1, ordering: .sequentiallyConsistent) }
    let timer = Task.detached { [self] in
      try? await Task.sleep(for: timeout)
      end(key)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          // Rung, ended or closed between the look and here.
          if state.isClosed || state.cancelled.remove(key) != nil
            || rings.load(ordering: .sequentiallyConsistent) != count
          {
            return true
          }
          state.waiting[key] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      end(key)
    }
    timer.cancel()
    // The timer, cancelled or not, ends the key once more.
    _ = await timer.value
    state.withLock { _ = $0.cancelled.remove(key) }
  }

  private func wake() {
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for continuation in waiting { continuation.resume() }
  }

  private func end(_ key: UInt64) {
    let found = state.withLock { state in
      let found = state.waiting.removeValue(forKey: key)
      if found == nil { state.cancelled.insert(key) }
      return found
    }
    found?.resume()
  }
}
