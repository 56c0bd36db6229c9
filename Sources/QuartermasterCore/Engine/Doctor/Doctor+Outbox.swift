internal import QuartermasterCEL

/// What waits to be done after its commit: deliveries, and firings of later rules; and keys of `once`.
extension Doctor {
  private static let states: Set<String> = ["waiting", "trying", "delivered", "dead", "dropped"]

  func lookAtOutbox() throws(Refusal) {
    let read = try store.statement(
      "SELECT number, state, key, body, tries FROM _outbox ORDER BY number")
    while try read.step() {
      let place = "delivery \(read.int(0))"
      if !Self.states.contains(read.text(1)) {
        found(
          .outbox, "\(place) is in the state `\(read.text(1))`, which there is not", mend: nil)
      }
      if read.text(2).isEmpty { found(.outbox, "\(place) has no key", mend: nil) }
      if (try? JSONReader.read(read.text(3))) == nil {
        found(.outbox, "the content of \(place) cannot be read", mend: nil)
      }
      if read.int(4) < 0 { found(.outbox, "\(place) counts \(read.int(4)) tries", mend: nil) }
    }
    let claimed =
      try store.integer(
        "SELECT count(*) FROM _outbox WHERE claimed IS NOT NULL AND state IN ('waiting', 'trying')")
      ?? 0
    if claimed > 0 {
      note(
        .outbox,
        claimed == 1
          ? "one delivery is being made, or was when a process ended; it is made again with its key"
          : "\(claimed) deliveries are being made, or were when a process ended; they are made again "
            + "with their keys")
    }
    try lookAtLater()
    try lookAtOnce()
  }

  private func lookAtLater() throws(Refusal) {
    let read = try store.statement(
      "SELECT number, rule, class, old, new FROM _later ORDER BY number")
    while try read.step() {
      let place = "later firing \(read.int(0)) of \(read.text(1))"
      for column in [3, 4] as [Int32] {
        guard let text = read.optionalText(column) else { continue }
        if (try? JSONReader.read(text)) == nil {
          found(.outbox, "\(place) cannot be read", mend: nil)
        }
      }
      if schema[read.text(2)] == nil {
        note(.outbox, "\(place) is about \(read.text(2)), a class that is gone; it is dropped")
      }
    }
  }

  /// A key that was taken in the future would keep its action back until then.
  private func lookAtOnce() throws(Refusal) {
    let read = try store.statement("SELECT rule, count(*) FROM _once WHERE at > ?1 GROUP BY rule")
    try read.bind(1, interpreter.now.milliseconds)
    while try read.step() {
      let (rule, count) = (read.text(0), read.int(1))
      found(
        .outbox,
        "\(count) \(count == 1 ? "key" : "keys") of `once` of \(rule) "
          + "\(count == 1 ? "is" : "are") dated in the future",
        mend: "date \(count == 1 ? "it" : "them") now"
      ) { [store, interpreter] () throws(Refusal) in
        let move = try store.statement("UPDATE _once SET at = ?2 WHERE rule = ?1 AND at > ?2")
        try move.bind(1, rule)
        try move.bind(2, interpreter.now.milliseconds)
        try move.run()
      }
    }
  }
}
