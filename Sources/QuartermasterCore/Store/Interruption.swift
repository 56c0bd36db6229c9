internal import Synchronization

/// The wish that what a file does now ends: set from any thread, seen by whatever takes long.
package final class Interruption: Sendable {
  private let isWanted = Atomic<Bool>(false)

  package init() {}

  /// Whether what runs should end.
  package var isRequested: Bool { isWanted.load(ordering: .relaxed) }

  /// Asks what runs to end, and all that begins before ``clear()``.
  package func request() { isWanted.store(true, ordering: .relaxed) }

  /// Takes the wish back.
  package func clear() { isWanted.store(false, ordering: .relaxed) }
}
