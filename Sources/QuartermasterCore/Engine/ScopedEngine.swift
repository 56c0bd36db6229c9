internal import QuartermasterCEL

extension Engine {
  /// Returns the engine as somebody may use it: what access.yaml and the records themselves allow him.
  ///
  /// ```swift
  /// let ann = engine.as(Principal(userID: "ann", roles: ["customer"]))
  /// let open = try ann.read { db in try db.all(Order.self) }        // her own orders
  /// try ann.write { db in try db.set("Order", id: "so-7", ["note": "ring twice"]) }
  /// ```
  ///
  /// Where the engine was opened without ``Configuration/access``, nobody but the host may do anything.
  ///
  /// - Parameter principal: Who acts.
  /// - Returns: A value that is good as long as his roles stay as they are; make a new one for each request, which costs
  ///   little: queries that were asked in his name before stay planned.
  public func `as`(_ principal: Principal) -> ScopedEngine {
    ScopedEngine(engine: self, access: views.view(principal, access, schema))
  }
}

/// An engine in the name of somebody: each read gives what he may see, each write does what he may do.
///
/// What he may not read is not there: in queries, through pointers and relations, in counts and sums. What he may not
/// write is refused with the reason ``Refusal/Reason/denied``. What rules make of his changes is the system's.
public struct ScopedEngine: Sendable {
  private let engine: Engine
  package let access: AccessView

  init(engine: Engine, access: AccessView) {
    self.engine = engine
    self.access = access
  }

  /// Who acts.
  public var principal: Principal { access.principal }

  /// Reads one state of the file, beside writes.
  ///
  /// - Throws: What the body throws; `DiagnosticList` for a query over hidden fields; ``Refusal`` when the file cannot be
  ///   read.
  public func read<T>(_ body: (ReadContext) throws -> T) throws -> T {
    try engine.read(access: access, body)
  }

  /// Runs one operation: all writes of the body, and what the rules make of them, are kept or undone as a whole.
  ///
  /// - Parameter body: The writes. It runs on another thread while this one waits.
  /// - Returns: The changes that he may see.
  /// - Throws: ``Refusal`` of the reason `denied` for what he may not do, and when a rule, the schema or the file refuses
  ///   it; what the body throws. Nothing is kept then.
  @discardableResult
  public func write(_ body: (WriteContext) throws -> Void) throws -> Outcome {
    do { return try engine.write(access: access, body) } catch let refusal as Refusal {
      throw refusal.outward(to: access)
    }
  }

  /// Returns the changes of a class, or of all, from a place in the journal on, and those to come.
  ///
  /// A record that comes into view is created, one that goes out of view deleted.
  ///
  /// - Parameters:
  ///   - className: The class; nil for all.
  ///   - position: Where to begin; nil for now.
  /// - Returns: The changes that he may see.
  /// - Throws: ``Refusal`` when there is no such class, when the journal does not go back that far any more, or when
  ///   the file cannot be read.
  public func changes(of className: String? = nil, from position: ChangePosition? = nil) throws
    -> RecordChanges
  {
    var changes = try engine.changes(of: className, from: position)
    changes.access = access
    return changes
  }
}

/// The same calls for tasks, which are suspended while they wait.
extension ScopedEngine {
  /// Reads one state of the file, beside writes.
  ///
  /// - Throws: As above, and `CancellationError`.
  public func read<T: Sendable>(
    _ body: @escaping @Sendable (ReadContext) throws -> T
  ) async throws -> T {
    try await BlockingWork.reads.run { try self.read(body) }
  }

  /// Runs one operation: all writes of the body, and what the rules make of them, are kept or undone as a whole.
  ///
  /// - Parameter body: The writes. It runs on another thread.
  /// - Returns: The changes that he may see.
  /// - Throws: As above, and `CancellationError`. Nothing is kept then.
  @discardableResult
  public func write(
    _ body: @escaping @Sendable (WriteContext) throws -> Void
  ) async throws -> Outcome {
    try await engine.taskWrites.run { try self.write(body) }
  }
}

extension Refusal {
  /// Returns what somebody may be told who may not see all records: a rule that failed speaks of what it read.
  fileprivate func outward(to access: AccessView) -> Refusal {
    // His own rule is wrong.
    if outward != nil, !findings.isEmpty { return self }
    guard rule != nil, reason != .reject, reason != .denied, reason != .storage else {
      return Refusal(reason, message)
    }
    return Refusal(
      reason, "the change was not made: what follows from it failed; the log of the system says why"
    )
  }
}
