internal import Foundation
public import QuartermasterCEL
internal import Synchronization

extension Engine {
  /// Hands what waits in the outbox to the channels and calls of the host, and returns when all that is due was tried.
  ///
  /// Of each lane (a channel and an address) only the first delivery is tried, so that messages to one receiver keep
  /// their order; lanes run side by side, so that a slow receiver holds up nobody else. A try is noted in the file, on
  /// the disk, before the channel is called: what is interrupted is tried again with the same key. What fails waits
  /// longer each time, as the settings say, and is a dead letter in the end, which frees its lane. Channels and calls
  /// that are not registered keep what they have.
  ///
  /// Two processes never deliver from one file at the same time: whoever does holds a lease. Cancelling the task, or
  /// ``stopDelivering()``, breaks off what is being tried and returns.
  ///
  /// - Returns: How many were delivered, failed and given up, and what still waits.
  /// - Throws: ``Refusal`` when the outbox cannot be read or written.
  @discardableResult
  public func deliver() async throws -> DeliveryReport {
    guard let task = startDelivering() else { return try ownDelivery() }
    defer { endDelivering() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Does the same as the other form of `deliver()`, and blocks the thread meanwhile.
  ///
  /// Not for a channel or a call that needs this very thread, such as one of the main actor.
  @discardableResult
  public func deliver() throws -> DeliveryReport {
    guard let task = startDelivering() else { return try ownDelivery() }
    defer { endDelivering() }
    let box = ResultBox()
    let done = DispatchSemaphore(value: 0)
    Task(executorPreference: deliveryThreads) {
      let result = await task.result
      box.result.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    guard let result = box.result.withLock({ $0 }) else {
      throw Refusal(.error, "the delivery ended without a result")
    }
    return try result.get()
  }

  /// Breaks off a delivery that runs in this engine; it returns what it did so far.
  ///
  /// What was being tried counts as not tried and comes first the next time.
  public func stopDelivering() { delivering.withLock { $0 }?.cancel() }

  /// When the next delivery is due that has a channel or a call here: in the past when it is due already, nil when none
  /// waits.
  ///
  /// - Throws: ``Refusal`` when the outbox cannot be read.
  public func nextDelivery() throws -> Timestamp? { try waitingDeliveries().next }

  // MARK: One at a time

  /// Starts a round; nil when one runs in this engine already.
  private func startDelivering() -> Task<DeliveryReport, any Error>? {
    delivering.withLock { running in
      if running != nil { return nil }
      let task = Task(executorPreference: deliveryThreads) { try await DeliveryRun(self).run() }
      running = task
      return task
    }
  }

  private func endDelivering() { delivering.withLock { $0 = nil } }

  private func ownDelivery() throws -> DeliveryReport {
    var report = DeliveryReport()
    report.heldBy = identity
    (report.waiting, report.unregistered, report.next) = try waitingDeliveries()
    return report
  }

  // MARK: For rounds

  /// Whether somebody here takes what a lane holds.
  func hasReceiver(_ channel: String, _ address: String) -> Bool {
    channel == "call" ? calls.bodies[address] != nil : channels.bodies[channel] != nil
  }

  /// The present instant for deliveries: between operations, the computer's clock goes on.
  func instant(of interpreter: Interpreter) -> Timestamp {
    if case .system = clock { return max(interpreter.now, Self.systemNow) }
    return interpreter.now
  }

  /// Counts what waits, and finds when the first of it is due.
  func waitingDeliveries() throws(Refusal) -> (
    waiting: Int, unregistered: [String: Int], next: Timestamp?
  ) {
    try perform { interpreter throws(Refusal) in
      let store = interpreter.store
      let count = try store.statement(
        "SELECT channel, CASE channel WHEN 'call' THEN address END AS name, count(*) FROM _outbox "
          + "WHERE state = 'waiting' GROUP BY channel, name ORDER BY channel, name")
      defer { count.reset() }
      var waiting = 0
      var unregistered: [String: Int] = [:]
      while try count.step() {
        let (channel, name, number) = (count.text(0), count.optionalText(1), Int(count.int(2)))
        waiting += number
        if !hasReceiver(channel, name ?? "") { unregistered[name ?? channel, default: 0] += number }
      }
      let next = try Outbox.heads(store).filter { hasReceiver($0.channel, $0.address) }
        .map(\.next).min()
      return (waiting, unregistered, next.map { Timestamp(milliseconds: $0) })
    }
  }
}

/// Where a task leaves its result for the thread that waits.
private final class ResultBox: Sendable {
  let result = Mutex<Result<DeliveryReport, any Error>?>(nil)
}

extension Store {
  /// Runs a body in a commit of its own that is on the disk when this returns, also where the settings ask for less.
  func durably<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    let isRelaxed = options.durability == .relaxed
    // Prepared anew each time: SQLite may set it while it prepares.
    if isRelaxed { try execute("PRAGMA synchronous = FULL") }
    let result: Result<T, Refusal>
    do throws(Refusal) {
      try begin()
      let value = try body()
      try commit()
      result = .success(value)
    } catch {
      rollback()
      result = .failure(error)
    }
    if isRelaxed { try execute("PRAGMA synchronous = NORMAL") }
    return try result.get()
  }
}
