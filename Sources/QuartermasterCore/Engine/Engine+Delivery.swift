internal import QuartermasterCEL

extension Engine {
  /// What one round of deliveries came to.
  public struct DeliveryReport: Sendable {
    /// How many were handed over.
    public internal(set) var delivered = 0
    /// How many failed and are tried again later.
    public internal(set) var failed = 0
    /// How many failed for the last time; they stay in the outbox as dead letters.
    public internal(set) var dead = 0
  }

  /// Hands what waits in the outbox to the channels of the host, in the order in which it was queued.
  ///
  /// Of each lane (a channel and an address) only the first waits for delivery, so that messages to one receiver keep
  /// their order. A try is noted and committed before the channel is called: what is interrupted is tried again with
  /// the same key. Delays double from a second to an hour; after the tries that the settings allow it is a dead letter
  /// and frees its lane. Channels that are not registered keep what they have.
  ///
  /// - Returns: How many were delivered, failed, and given up.
  /// - Throws: ``Refusal`` when the outbox cannot be read or written.
  @discardableResult
  public func deliver() throws -> DeliveryReport { try deliver { true } }

  /// Does the same as long as it should go on, which is asked before each delivery.
  func deliver(while goesOn: () -> Bool) throws -> DeliveryReport {
    var report = DeliveryReport()
    while goesOn(), let (number, delivery) = try claim() {
      guard let body = channels.bodies[delivery.channel] else { continue }
      do {
        try body(delivery)
        try settle(number, state: "delivered", error: nil, delay: 0)
        report.delivered += 1
      } catch {
        let isLast = delivery.attempt >= maximumTries
        let delay = min(Int64(1000) << Int64(min(delivery.attempt - 1, 12)), 3_600_000)
        try settle(number, state: isLast ? "dead" : "waiting", error: "\(error)", delay: delay)
        if isLast { report.dead += 1 } else { report.failed += 1 }
      }
    }
    return report
  }

  /// Takes the first delivery that is due, and commits that it is tried.
  private func claim() throws(Refusal) -> (Int64, Delivery)? {
    let names = channels.bodies.keys.sorted()
    if names.isEmpty { return nil }
    return try perform { interpreter throws(Refusal) -> (Int64, Delivery)? in
      let store = interpreter.store
      let marks = names.indices.map { "?\($0 + 2)" }.joined(separator: ", ")
      let head = try store.statement(
        "SELECT number, channel, address, body, key, tries FROM _outbox o "
          + "WHERE state = 'waiting' AND next <= ?1 AND channel IN (\(marks)) "
          + "AND NOT EXISTS (SELECT 1 FROM _outbox b WHERE b.state = 'waiting' "
          + "AND b.channel = o.channel AND b.address = o.address AND b.number < o.number) "
          + "ORDER BY number LIMIT 1")
      defer { head.reset() }
      try head.bind(1, interpreter.now.milliseconds)
      for (place, name) in names.enumerated() { try head.bind(Int32(place + 2), name) }
      guard try head.step() else { return nil }
      let number = head.int(0)
      let delivery = Delivery(
        channel: head.text(1), address: head.text(2), body: head.text(3), key: head.text(4),
        attempt: Int(head.int(5)) + 1)
      head.reset()
      try store.begin()
      let note = try store.statement(
        "UPDATE _outbox SET tries = tries + 1, claimed = ?2 WHERE number = ?1")
      try note.bind(1, number)
      try note.bind(2, interpreter.now.milliseconds)
      try note.run()
      try store.commit()
      return (number, delivery)
    }
  }

  private func settle(_ number: Int64, state: String, error: String?, delay: Int64) throws(Refusal)
  {
    try perform { interpreter throws(Refusal) in
      let store = interpreter.store
      try store.begin()
      let note = try store.statement(
        "UPDATE _outbox SET state = ?2, error = ?3, next = ?4, claimed = NULL WHERE number = ?1")
      try note.bind(1, number)
      try note.bind(2, state)
      try note.bind(3, error)
      try note.bind(4, interpreter.now.milliseconds + delay)
      try note.run()
      try store.commit()
    }
  }
}
