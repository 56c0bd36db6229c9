internal import Dispatch
internal import Synchronization

/// Work that waits for files and locks, away from the threads of Swift's tasks, of which there are few.
struct BlockingWork: Sendable {
  private let queue: DispatchQueue

  /// Work that takes turns, for example writes to one file: of those that wait, one alone holds a thread.
  static func inTurn(_ name: String) -> BlockingWork {
    BlockingWork(queue: DispatchQueue(label: "quartermaster \(name)"))
  }

  /// Reads of a file, which go on beside each other.
  static let reads = BlockingWork(queue: .global())

  /// Runs a body on a thread that may wait.
  ///
  /// - Throws: What the body throws; `CancellationError` when the task was cancelled before the body began.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    let ticket = Ticket()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async {
          continuation.resume(
            with: Result {
              if ticket.isCancelled { throw CancellationError() }
              return try body()
            })
        }
      }
    } onCancel: {
      ticket.cancel()
    }
  }

  /// Runs a body that waits for a file on a thread that may wait, cancelled or not.
  static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }
}

/// Whether a piece of work is still wanted.
private final class Ticket: Sendable {
  private let state = Atomic(false)
  var isCancelled: Bool { state.load(ordering: .acquiring) }
  func cancel() { state.store(true, ordering: .releasing) }
}
