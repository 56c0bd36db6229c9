internal import QuartermasterCEL

/// Rounds over net changes, to the fixpoint. LANGUAGE.md, section 6.3.
extension Interpreter {
  /// A firing that starts an operation: of a timer, a schedule or the phase later.
  struct FirstFiring {
    /// The place of the rule.
    let rule: Int
    /// The change it is about; nil for a schedule.
    let change: Change?
    /// The record of a timer, which has no change.
    let record: Record?
    /// The journal row of the operation that woke a later rule.
    var cause: Int64?
  }

  /// A rule and the net change that woke it.
  struct Wake {
    let rule: Int
    let change: Change
  }

  /// Runs rounds until nothing is left to do.
  ///
  /// - Returns: The net changes of the whole operation, where the first round tells them all; else nil.
  func runRounds(_ first: FirstFiring?) throws(Refusal) -> [Change]? {
    var first = first
    var only: [Change]? = []
    var woken: [Wake] = []
    swap(&woken, &wokenRules)
    defer {
      woken.removeFew()
      swap(&woken, &wokenRules)
    }
    while true {
      if op.roundChanges.isEmpty, op.signals.isEmpty, first == nil { return only }
      let changes = op.roundChanges.net()
      let signals = op.signals
      if changes.isEmpty, signals.isEmpty, first == nil { return only }
      only = op.round == 0 ? changes : nil
      beginRound(changes: changes.count)
      woken.removeFew()
      try collect(changes, into: &woken)
      if let started = first {
        first = nil
        try attempt(started.rule, about: started.change, record: started.record, signal: nil)
      }
      try run(woken, signals)
    }
  }

  private func beginRound(changes: Int) {
    op.round += 1
    op.roundChanges.clear()
    if !op.signals.isEmpty { op.signals.removeAll() }
    op.ledger.clear()
    if !op.writers.isEmpty || !op.causes.isEmpty {
      op.causes = op.writers
      op.writers = [:]
    }
    if op.firstChanges == 0 { op.firstChanges = changes }
  }

  /// Judges trigger, fields and `becomes` of all rules, once, as the round begins.
  private func collect(_ changes: [Change], into woken: inout [Wake]) throws(Refusal) {
    var candidates: [Int] = []
    swap(&candidates, &self.candidates)
    defer { swap(&candidates, &self.candidates) }
    for number in changes.indices {
      if !candidates.isEmpty { candidates.removeAll(keepingCapacity: true) }
      index.candidates(
        for: changes[number], phase: .after, ignoresBounds: notesNearMisses, into: &candidates)
      for found in candidates.indices {
        let place = candidates[found]
        op.hasBegun = false
        do {
          if try runtimes[place].wakes(on: changes[number]) {
            woken.append(Wake(rule: place, change: changes[number]))
          }
        } catch { throw refusal(error, in: place, about: changes[number].record) }
      }
    }
    // By rule; the changes are in key order already, and the sort of so few must be stable.
    if woken.count > 1 {
      woken = woken.enumerated().sorted { a, b in
        a.element.rule != b.element.rule
          ? a.element.rule < b.element.rule : a.offset < b.offset
      }.map(\.element)
    }
  }

  /// Runs what was woken and what hears a signal, in the order of the rules.
  private func run(_ woken: [Wake], _ signals: [OperationState.RaisedSignal]) throws(Refusal) {
    if signals.isEmpty {
      for place in woken.indices { try run(woken[place]) }
      return
    }
    var listening: [Int] = []
    for signal in signals {
      for place in signalRules[signal.name] ?? []
      where ruleSet.rules[place].phase == .after && !listening.contains(place) {
        listening.append(place)
      }
    }
    listening.sort()
    var next = 0
    for place in listening {
      while next < woken.count, woken[next].rule < place {
        try run(woken[next])
        next += 1
      }
      for signal in signals {
        if case .signal(let name) = ruleSet.rules[place].trigger, name == signal.name {
          try attempt(place, about: nil, record: nil, signal: signal)
        }
      }
    }
    while next < woken.count {
      try run(woken[next])
      next += 1
    }
  }

  private func run(_ wake: Wake) throws(Refusal) {
    // Deleted by an earlier firing of this round; or, for a deletion, there again.
    if isGone(wake.change) { return }
    try attempt(wake.rule, about: wake.change, record: nil, signal: nil)
  }

  /// Returns whether the record of a change is not what the change says: there, or not there.
  func isGone(_ change: Change) -> Bool {
    (change.record.isLive) == (change.kind == .deleted)
  }
}
