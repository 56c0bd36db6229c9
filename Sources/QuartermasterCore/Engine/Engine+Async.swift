public import QuartermasterCEL

/// The same calls for tasks: the task is suspended while it waits for its turn and for the disk, and no thread of Swift's
/// own is held up.
///
/// A task that was cancelled before its turn came gets `CancellationError`, and nothing was done. What has begun runs to
/// its end.
extension Engine {
  /// Runs one operation: all writes of the body, and what the rules make of them, are kept or undone as a whole.
  ///
  /// - Parameters:
  ///   - actor: Who acts, a record of the class User; nil for the system.
  ///   - body: The writes. It runs on another thread.
  /// - Returns: What the operation did.
  /// - Throws: ``Refusal`` when a rule, the schema or the file refuses it; what the body throws; `CancellationError`. Nothing is
  ///   kept then.
  @discardableResult
  public func write(
    actor: (className: String, id: String)? = nil,
    _ body: @escaping @Sendable (WriteContext) throws -> Void
  ) async throws -> Outcome {
    try await taskWrites.run { try self.write(actor: actor, body) }
  }

  /// Runs many operations in one commit.
  ///
  /// Each is kept or undone alone; an error thrown out of the body undoes all.
  ///
  /// - Throws: What the body throws, and `CancellationError`; then nothing of the batch is kept.
  public func batch<T: Sendable>(
    _ body: @escaping @Sendable (BatchContext) throws -> T
  ) async throws -> T {
    try await taskWrites.run { try self.batch(body) }
  }

  /// Reads one state of the file, beside writes.
  ///
  /// - Throws: What the body throws; ``Refusal`` when the file cannot be read; `CancellationError`.
  public func read<T: Sendable>(
    _ body: @escaping @Sendable (ReadContext) throws -> T
  ) async throws -> T {
    try await BlockingWork.reads.run { try self.read(body) }
  }

  /// Moves a manual clock forward; timers and schedules in between fire, each at its own instant.
  ///
  /// - Throws: ``Refusal`` when the file cannot be written; `CancellationError`.
  public func advance(to instant: Timestamp) async throws {
    try await taskWrites.run { try self.advance(to: instant) }
  }

  /// Checks rule files and puts them in force, all or nothing, in this process at once and in others on the file before
  /// their next operation.
  ///
  /// - Parameters:
  ///   - files: The rule files.
  ///   - folder: What the names of the files begin with and the data file need not know, such as `shop/`.
  /// - Returns: Whether the file had other rules, how many are in force, and the warnings of the check.
  /// - Throws: `DiagnosticList` when they do not check; ``Refusal`` when the file cannot be written; `CancellationError`.
  @discardableResult
  public func publish(_ files: [SourceFile], folder: String = "") async throws -> Publication {
    try await taskWrites.run { try self.publish(files, folder: folder) }
  }
}
