internal import QuartermasterCEL
internal import Synchronization

/// One round of deliveries: all that is due is tried once, lane by lane, several lanes side by side.
///
/// Results and claims go into the file together, in turns: each is one commit that is on the disk before anything is
/// handed over. What was not committed is never handed over; what was handed over and not settled is tried again by
/// whoever delivers next, with the same key.
final class DeliveryRun: Sendable {
  private let engine: Engine
  private let settings: ProjectSettings.Outbox
  private let schedule: RetrySchedule
  private let ended = Mutex<[EndedTry]>([])
  private let hasTicked = Mutex(false)

  /// The name of the lease that whoever delivers has.
  static let lease = "delivery"
  /// How long something queued waits at most for a round that is busy with slow receivers.
  private static let pause = Duration.milliseconds(500)

  init(_ engine: Engine) {
    self.engine = engine
    settings = engine.outboxSettings
    schedule = RetrySchedule(settings: engine.outboxSettings, chance: engine.jitter)
  }

  /// A try that is over.
  private struct EndedTry: Sendable {
    enum Result: Sendable {
      case delivered
      case failed(String, isFinal: Bool, retryAfter: TimeSpan?)
      /// It was broken off; whether it was handed over is not known.
      case interrupted
    }

    let claim: Outbox.Claim
    let result: Result
  }

  /// What the turns know of the lanes, beside the file.
  private struct Board {
    /// The heads that are due, in order.
    var queue: [Outbox.Head] = []
    var first = 0
    /// The deliveries that are being tried, each the head of its lane.
    var inFlight: Set<Int64> = []
    /// Whether the file must be asked again before the round can end.
    var isStale = true
    /// Whether it must be asked now: others may wait while a slow receiver is being tried.
    var mustLook = false
    /// Whether no more is taken.
    var isStopping = false

    var isQueueEmpty: Bool { first == queue.count }

    mutating func pop() -> Outbox.Head? {
      if isQueueEmpty { return nil }
      defer { first += 1 }
      return queue[first]
    }

    mutating func fill(_ heads: [Outbox.Head]) {
      (first, queue) = (0, heads)
      (isStale, mustLook) = (false, false)
    }
  }

  /// Tries what is due until nothing is left that is.
  ///
  /// - Throws: ``Refusal`` when the outbox cannot be read or written.
  func run() async throws -> DeliveryReport {
    var report = DeliveryReport()
    if let other = try engine.takeLease(Self.lease, for: settings.lease) {
      report.heldBy = other
      try finish(&report)
      return report
    }
    do {
      try await work(&report)
      try engine.giveBackLease(Self.lease)
    } catch {
      // The error says what went wrong; a lease that cannot be given back ends by itself.
      try? engine.giveBackLease(Self.lease)
      throw error
    }
    try finish(&report)
    return report
  }

  private func work(_ report: inout DeliveryReport) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var board = Board()
      group.addTask { try await self.keepLease() }
      group.addTask { await self.tick() }
      while true {
        // A run that was asked to stop finishes what is on its way, and takes no more.
        if Task.isCancelled || engine.runState.isStopping.load(ordering: .acquiring) {
          report.wasStopped = true
        }
        if report.wasStopped { board.isStopping = true }
        let done = ended.withLock { list in
          defer { list = [] }
          return list
        }
        for claim in try turn(done, &board, &report) {
          board.inFlight.insert(claim.number)
          group.addTask { await self.attempt(claim) }
        }
        if board.inFlight.isEmpty { break }
        _ = try await group.next()
        let ticked = hasTicked.withLock { has in
          defer { has = false }
          return has
        }
        if ticked {
          board.mustLook = true
          if !Task.isCancelled { group.addTask { await self.tick() } }
        }
      }
      group.cancelAll()
      // The lease's own task ends with the cancellation.
      while let result = await group.nextResult() {
        if case .failure(let error) = result, !(error is CancellationError) { throw error }
      }
    }
  }

  /// Renews the lease while tries run that take long.
  private func keepLease() async throws {
    while !Task.isCancelled {
      do { try await Task.sleep(for: .milliseconds(settings.lease.milliseconds / 3)) } catch {
        return
      }
      // Whoever took it is noticed by the next turn.
      _ = try engine.takeLease(Self.lease, for: settings.lease)
    }
  }

  /// Wakes the round after a while, to look for what was queued since.
  private func tick() async {
    do { try await Task.sleep(for: Self.pause) } catch { return }
    hasTicked.withLock { $0 = true }
  }

  // MARK: Trying

  private func attempt(_ claim: Outbox.Claim) async {
    let result: EndedTry.Result
    do {
      try await handOver(claim.delivery)
      result = .delivered
    } catch {
      if Task.isCancelled {
        result = .interrupted
      } else {
        let failure = error as? DeliveryFailure
        result = .failed(
          engine.channels.shown(error), isFinal: failure?.isFinal ?? false,
          retryAfter: failure?.retryAfter)
      }
    }
    ended.withLock { $0.append(EndedTry(claim: claim, result: result)) }
  }

  private func handOver(_ delivery: Delivery) async throws {
    if delivery.channel == "call" {
      try await engine.calls.bodies[delivery.address]?(HostCall(delivery))
    } else {
      try await engine.channels.bodies[delivery.channel]?(delivery)
    }
  }

  // MARK: Turns

  /// Settles what ended and takes what comes next, in one commit that is on the disk when this returns.
  private func turn(
    _ done: [EndedTry], _ board: inout Board, _ report: inout DeliveryReport
  ) throws(Refusal) -> [Outbox.Claim] {
    // Worked on here and kept only when the commit is.
    var (present, counts) = (board, report)
    let claims = try engine.perform { interpreter throws(Refusal) -> [Outbox.Claim] in
      let store = interpreter.store
      let now = engine.instant(of: interpreter)
      // A turn with nothing to write is none: no commit, no sync.
      try look(store, now.milliseconds, &present)
      if done.isEmpty, present.isQueueEmpty { return [] }
      return try store.durably { () throws(Refusal) -> [Outbox.Claim] in
        let outbox = Outbox(store: store, now: now.milliseconds)
        for item in done { try settle(item, outbox, &present, &counts) }
        present.inFlight.subtract(done.map(\.claim.number))
        try checkLease(store, &present, &counts)
        return present.isStopping ? [] : try take(outbox, &present, &counts)
      }
    }
    (board, report) = (present, counts)
    return claims
  }

  private func checkLease(
    _ store: Store, _ board: inout Board, _ report: inout DeliveryReport
  ) throws(Refusal) {
    let holder = try Lease.read(Self.lease, store)?.holder
    if holder == engine.identity { return }
    report.heldBy = holder ?? report.heldBy
    report.wasStopped = true
    board.isStopping = true
  }

  private func settle(
    _ item: EndedTry, _ outbox: Outbox, _ board: inout Board, _ report: inout DeliveryReport
  ) throws(Refusal) {
    let claim = item.claim
    board.isStale = true
    // Dropped in the meantime, or taken over: then its state is somebody else's.
    guard try outbox.isHeld(claim, by: engine.identity) else { return }
    switch item.result {
    case .delivered:
      try outbox.end(claim.number, "delivered", error: nil)
      report.delivered += 1
    case .interrupted:
      try outbox.postpone(claim, to: outbox.now, error: nil)
      return
    case .failed(let error, let isFinal, let retryAfter):
      let verdict = schedule.afterFailure(
        tries: claim.delivery.attempt, since: claim.since, now: outbox.now, atLeast: retryAfter)
      if case .again(let instant) = verdict, !isFinal {
        try outbox.postpone(claim, to: instant, error: error)
        report.failed += 1
        return
      }
      try outbox.end(claim.number, "dead", error: error)
      report.dead += 1
    }
    let lane = Outbox.Head(
      number: claim.number, channel: claim.delivery.channel, address: claim.delivery.address,
      next: 0)
    if let next = try outbox.head(of: lane), next.next <= outbox.now { board.queue.append(next) }
  }

  private func take(
    _ outbox: Outbox, _ board: inout Board, _ report: inout DeliveryReport
  ) throws(Refusal) -> [Outbox.Claim] {
    var claims: [Outbox.Claim] = []
    while board.inFlight.count + claims.count < settings.lanes {
      guard let head = board.pop() else {
        // While others are being tried, their ends and the next tick bring what comes next.
        guard board.isStale, board.inFlight.isEmpty, claims.isEmpty else { break }
        try look(outbox.store, outbox.now, &board)
        continue
      }
      switch try outbox.take(
        head, holder: engine.identity, maximumTries: settings.maximumTries)
      {
      case .taken(let claim): claims.append(claim)
      case .gone: board.isStale = true
      case .gaveUp:
        board.isStale = true
        report.dead += 1
      }
    }
    return claims
  }

  /// Asks the file for the heads of the lanes, where the board has none left and may not know of all.
  private func look(_ store: Store, _ now: Int64, _ board: inout Board) throws(Refusal) {
    guard !board.isStopping, board.isQueueEmpty,
      board.mustLook || (board.isStale && board.inFlight.isEmpty)
    else { return }
    let busy = board.inFlight
    board.fill(
      try Outbox.heads(store).filter {
        $0.next <= now && !busy.contains($0.number) && engine.hasReceiver($0.channel, $0.address)
      })
  }

  // MARK: What is left

  private func finish(_ report: inout DeliveryReport) throws(Refusal) {
    let (waiting, unregistered, next) = try engine.waitingDeliveries()
    report.waiting = waiting
    report.unregistered = unregistered
    report.next = next
  }
}
