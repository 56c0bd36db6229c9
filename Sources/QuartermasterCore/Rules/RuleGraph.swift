import QuartermasterCEL

/// Which rules may wake which, for people to look at: what `check` looks for loops in, and what it left out.
package struct RuleGraph: Sendable {
  /// That one rule may wake another, or why it does not although it writes what the other looks at.
  package struct Edge: Sendable, Equatable {
    /// The place in ``RuleGraph/names`` of the rule that writes.
    package let from: Int
    /// The place of the rule that is woken.
    package let to: Int
    /// What is written: `Order.status`, `Order created`, `signal goods-arrived`.
    package let what: String
    /// Why it does not wake it; nil when it may.
    package let dropped: String?
  }

  /// The names of the rules, in the order in which they are considered.
  package let names: [String]
  /// The edges, by their rules.
  package let edges: [Edge]

  init(_ footprints: [RuleFootprint]) {
    names = footprints.map(\.rule.name)
    let listeners = Listeners(footprints)
    var edges: [Edge] = []
    for (from, footprint) in footprints.enumerated() {
      var own: [Edge] = []
      for deed in footprint.deeds {
        if let signal = deed.signal {
          for to in listeners.bySignal[signal] ?? [] {
            own.append(Edge(from: from, to: to, what: "signal \(signal)", dropped: nil))
          }
        }
        for effect in deed.effects {
          for to in listeners.candidates(effect) {
            let rule = footprints[to].rule
            let isBefore = footprint.rule.syntax.phase == .before
            // What a before rule sets belongs to the write that woke it.
            if isBefore, rule.syntax.phase == .before { continue }
            if let edge = Self.edge(from, to, effect, rule) { own.append(edge) }
          }
        }
      }
      edges += Self.merged(own)
    }
    self.edges = edges
  }

  /// The rules by what they look at, so that an effect is not held against all rules of its class.
  private struct Listeners {
    private struct Watched: Hashable {
      let subject: Int
      /// Nil for any change.
      let field: String?
    }

    private var byField: [Watched: [Int]] = [:]
    private var byClass: [Int: [Int]] = [:]
    private(set) var bySignal: [String: [Int]] = [:]

    init(_ footprints: [RuleFootprint]) {
      for (place, footprint) in footprints.enumerated() {
        switch footprint.rule.trigger {
        case .signal(let name): bySignal[name, default: []].append(place)
        case .schedule: break
        case .record(let record):
          byClass[record.subject.index, default: []].append(place)
          for field in RuleGraph.watched(record) {
            byField[Watched(subject: record.subject.index, field: field), default: []].append(place)
          }
        }
      }
    }

    /// Returns the rules that an effect may concern, each once.
    func candidates(_ effect: Effect) -> [Int] {
      let subject = effect.subject.index
      guard effect.kind == .changed else { return byClass[subject] ?? [] }
      var found = Set(byField[Watched(subject: subject, field: nil)] ?? [])
      for field in effect.subject.fields where effect.motion(of: field) != .same {
        found.formUnion(byField[Watched(subject: subject, field: field.name)] ?? [])
      }
      return found.sorted()
    }
  }

  /// The fields that a trigger looks at; nil for any.
  private static func watched(_ record: CheckedTrigger.Record) -> [String?] {
    var fields: Set<String> = []
    if let becomes = record.becomes {
      becomes.root.visit { node in
        if let field = becomes.ownField(node, of: record.subject.variable) { fields.insert(field) }
      }
    } else if let named = record.fields {
      fields = Set(named.map(\.name))
    }
    return fields.isEmpty ? [nil] : fields.sorted().map(Optional.some)
  }

  private static func edge(_ from: Int, _ to: Int, _ effect: Effect, _ rule: CheckedRule) -> Edge? {
    let what = words(effect, rule)
    switch TriggerGraph.verdict(effect, rule) {
    case .unrelated: return nil
    case .dropped(let reason): return Edge(from: from, to: to, what: what, dropped: reason)
    case .wakes:
      let waits = rule.recordTrigger?.isTimed ?? false
      // The firing of a timer is an operation of its own: nothing goes round in one.
      return Edge(from: from, to: to, what: what, dropped: waits ? "waits for its time" : nil)
    }
  }

  private static func words(_ effect: Effect, _ rule: CheckedRule) -> String {
    let name = effect.subject.name
    switch effect.kind {
    case .created: return "\(name) created"
    case .deleted: return "\(name) deleted"
    case .changed:
      let moved = effect.subject.fields.filter { effect.motion(of: $0) != .same }
      let watched = rule.recordTrigger.map { Self.watched($0).compactMap { $0 } } ?? []
      let shown = watched.isEmpty ? moved : moved.filter { watched.contains($0.name) }
      let names = (shown.isEmpty ? moved : shown).map { "\(name).\($0.name)" }
      return names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    }
  }

  /// One edge to each rule that may be woken, and one for each reason why another is not.
  private static func merged(_ edges: [Edge]) -> [Edge] {
    var found: [Edge] = []
    for edge in edges.enumerated().sorted(by: {
      ($0.element.to, $0.offset) < ($1.element.to, $1.offset)
    }) {
      let edge = edge.element
      guard
        let place = found.firstIndex(where: { $0.to == edge.to && $0.dropped == edge.dropped })
      else {
        found.append(edge)
        continue
      }
      if found[place].what.contains(edge.what) { continue }
      found[place] = Edge(
        from: edge.from, to: edge.to, what: found[place].what + ", " + edge.what,
        dropped: edge.dropped)
    }
    // What may wake a rule after all is not shown as dropped as well.
    return found.filter { edge in
      edge.dropped == nil || !found.contains { $0.to == edge.to && $0.dropped == nil }
    }
  }
}
