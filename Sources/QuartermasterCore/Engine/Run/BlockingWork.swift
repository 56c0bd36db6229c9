internal import Dispatch

/// Work that waits for files and locks, away from the threads of Swift's tasks, of which there are few.
enum BlockingWork {
  /// Runs a body on a thread that may wait.
  static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }
}
