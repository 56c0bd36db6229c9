import QuartermasterCEL

/// Which rules may wake which: from what actions write to what triggers look at.
///
/// An effect that many rules share stands in the graph once, and so does a field that many rules watch, so that the
/// number of edges does not grow with the square of the number of rules.
struct TriggerGraph {
  private enum Node {
    case rule(Int)
    case effect(Int)
    /// All rules that watch something; used once too many pairs were looked at.
    case watchers(Watched)
    case signal(String)
  }

  /// What wakes rules: any change of a class (nil), or the change of one of its fields.
  private struct Watched: Hashable {
    let subject: Int
    let field: String?

    /// Stands for the creation and the deletion of records.
    static let comingAndGoing = "+"
  }

  private let footprints: [RuleFootprint]
  private var nodes: [Node] = []
  /// The effects that occur, each once; those of before rules apart, because they wake no before rule.
  private var effects: [(effect: Effect, isBefore: Bool)] = []
  /// For each rule the nodes of what it does, and the deed that first does it.
  private var doings: [[(node: Int, deed: Int)]] = []
  private var watchers: [Watched: [Int]] = [:]
  private var watcherNodes: [Watched: Int] = [:]
  private var hearers: [String: [Int]] = [:]
  private var known: [[Int]?] = []
  /// How many pairs of an effect and a rule are looked at one by one.
  private var budget = 300_000

  init(_ footprints: [RuleFootprint]) {
    self.footprints = footprints
    nodes = footprints.indices.map { .rule($0) }
    var places: [String: Int] = [:]
    for footprint in footprints {
      let isBefore = footprint.rule.syntax.phase == .before
      var own: [(node: Int, deed: Int)] = []
      func add(_ node: Int, _ deed: Int) {
        if !own.contains(where: { $0.node == node }) { own.append((node, deed)) }
      }
      for (number, deed) in footprint.deeds.enumerated() {
        for effect in deed.effects {
          let key = (isBefore ? "before " : "") + effect.key
          if places[key] == nil {
            places[key] = nodes.count
            nodes.append(.effect(effects.count))
            effects.append((effect, isBefore))
          }
          if let node = places[key] { add(node, number) }
        }
        guard let signal = deed.signal else { continue }
        let key = "signal " + signal
        if places[key] == nil {
          places[key] = nodes.count
          nodes.append(.signal(signal))
        }
        if let node = places[key] { add(node, number) }
      }
      doings.append(own)
    }
    for (place, footprint) in footprints.enumerated() { listen(place, footprint.rule) }
    for watched in watchers.keys.sorted(by: { Self.precedes($0, $1) }) {
      watcherNodes[watched] = nodes.count
      nodes.append(.watchers(watched))
    }
    known = Array(repeating: nil, count: nodes.count)
  }

  private static func precedes(_ a: Watched, _ b: Watched) -> Bool {
    a.subject != b.subject ? a.subject < b.subject : (a.field ?? "") < (b.field ?? "")
  }

  private mutating func listen(_ place: Int, _ rule: CheckedRule) {
    switch rule.trigger {
    case .signal(let name): hearers[name, default: []].append(place)
    case .schedule: break
    case .record(let record):
      // A timer's firing is an operation of its own, and later: nothing goes round within an operation.
      if record.isTimed { return }
      let subject = record.subject.index
      var fields: Set<String?> = []
      if let becomes = record.becomes {
        becomes.root.visit { node in
          if let field = becomes.ownField(node, of: record.subject.variable) {
            fields.insert(field)
          }
        }
      } else if let named = record.fields {
        fields = Set(named.map(\.name))
      }
      // A new or a deleted record changes no field; such rules are found under a name of their own as well.
      if fields.isEmpty {
        fields.insert(nil)
      } else if record.kinds != .changed {
        fields.insert(Watched.comingAndGoing)
      }
      for field in fields {
        watchers[Watched(subject: subject, field: field), default: []].append(place)
      }
    }
  }

  // MARK: Edges

  /// Returns the nodes that a node leads to.
  private mutating func successors(of node: Int) -> [Int] {
    if let found = known[node] { return found }
    let found: [Int]
    switch nodes[node] {
    case .rule(let rule): return doings[rule].map(\.node)
    case .signal(let name): found = hearers[name] ?? []
    case .watchers(let watched): found = watchers[watched] ?? []
    case .effect(let place): found = woken(by: effects[place])
    }
    known[node] = found
    return found
  }

  private mutating func woken(by entry: (effect: Effect, isBefore: Bool)) -> [Int] {
    let effect = entry.effect
    var asked: [Watched] = [Watched(subject: effect.subject.index, field: nil)]
    if effect.kind == .changed {
      for field in effect.subject.fields where effect.motion(of: field) != .same {
        asked.append(Watched(subject: effect.subject.index, field: field.name))
      }
    } else {
      asked.append(Watched(subject: effect.subject.index, field: Watched.comingAndGoing))
    }
    let candidates = Set(asked.flatMap { watchers[$0] ?? [] })
    budget -= candidates.count
    if budget < 0 { return asked.compactMap { watcherNodes[$0] } }
    return candidates.filter { place in
      let rule = footprints[place].rule
      // What a before rule sets belongs to the write that woke it.
      if entry.isBefore, rule.syntax.phase == .before { return false }
      return Self.wakes(effect, rule)
    }.sorted()
  }

  /// Whether an effect may wake a rule.
  static func wakes(_ effect: Effect, _ rule: CheckedRule) -> Bool {
    if case .wakes = verdict(effect, rule) { true } else { false }
  }

  /// What an effect is to a rule.
  enum Verdict {
    /// It may wake it.
    case wakes
    /// It writes nothing that the rule looks at.
    case unrelated
    /// It writes what the rule looks at, and still does not wake it: why not.
    case dropped(String)
  }

  /// Judges whether an effect may wake a rule: not when the trigger names another kind of change, when no field that
  /// it names moves, when the edge is false afterwards or cannot become true, or when a condition must be false.
  static func verdict(_ effect: Effect, _ rule: CheckedRule) -> Verdict {
    guard let trigger = rule.recordTrigger, trigger.subject === effect.subject else {
      return .unrelated
    }
    switch effect.kind {
    case .created: if !trigger.kinds.contains(.created) { return .unrelated }
    case .changed: if !trigger.kinds.contains(.changed) { return .unrelated }
    case .deleted: return trigger.kinds.contains(.deleted) ? .wakes : .unrelated
    }
    if let fields = trigger.fields, !fields.contains(where: { effect.motion(of: $0) != .same }) {
      return .unrelated
    }
    if let becomes = trigger.becomes {
      let known = effect.reader(names: [trigger.subject.variable]).read(becomes.root)
      if effect.kind == .changed, known.motion == .same { return .unrelated }
      if known.flag == false { return .dropped("becomes is false then") }
      if effect.kind == .changed, known.motion == .down {
        return .dropped("moves away from becomes")
      }
    }
    guard let subject = rule.subject else { return .wakes }
    let reader = effect.reader(
      names: subject.currentNames, oldName: subject.hasOld ? "old" : nil)
    for condition in rule.conditions {
      for part in condition.root.operands(of: "_&&_") where reader.read(part).flag == false {
        return .dropped("when is false then")
      }
    }
    return .wakes
  }

  /// Returns the action of a rule by which it may wake another, and what that changes.
  mutating func cause(_ rule: Int, wakes other: Int) -> (deed: Int, what: String)? {
    for (node, deed) in doings[rule] {
      switch nodes[node] {
      case .effect(let place):
        let effect = effects[place].effect
        guard Self.wakes(effect, footprints[other].rule) else { continue }
        return (deed, describe(effect, for: footprints[other].rule))
      case .signal(let name):
        if hearers[name]?.contains(other) == true { return (deed, "raises the signal \(name)") }
      case .rule, .watchers: continue
      }
    }
    return nil
  }

  private func describe(_ effect: Effect, for rule: CheckedRule) -> String {
    let name = effect.subject.name
    switch effect.kind {
    case .created: return "creates \(CELType.record(name).phrase)"
    case .deleted: return "deletes \(CELType.record(name).phrase)"
    case .changed:
      let watched = rule.recordTrigger?.fields ?? effect.subject.fields
      let field = watched.first { effect.motion(of: $0) != .same }
      return "changes \(name)" + (field.map { ".\($0.name)" } ?? "")
    }
  }

  // MARK: Rings

  /// Returns a shortest ring through each knot of rules that may wake each other for ever, as places.
  mutating func rings() -> [[Int]] {
    knots().filter { !settles($0) }.compactMap { ring(in: $0) }.sorted {
      ($0.first ?? 0) < ($1.first ?? 0)
    }
  }

  /// Whether a knot comes to rest by itself.
  ///
  /// So it does when all that goes round in it sets fields to constants, each field to one, or deletes. What was set once is no change the second time.
  private func settles(_ knot: [Int]) -> Bool {
    var constants: [CheckedExpr.FieldUse: Value] = [:]
    for node in knot {
      switch nodes[node] {
      case .rule: continue
      case .signal, .watchers: return false
      case .effect(let place):
        let effect = effects[place].effect
        if effect.kind == .created { return false }
        for (field, written) in effect.fields {
          guard case .constant(let value) = written else { return false }
          let use = CheckedExpr.FieldUse(className: effect.subject.name, field: field)
          if let other = constants[use], !Value.equal(other, value) { return false }
          constants[use] = value
        }
      }
    }
    return true
  }

  /// Tarjan's strongly connected components of more than one node, without recursion.
  private mutating func knots() -> [[Int]] {
    let count = nodes.count
    var number: [Int?] = Array(repeating: nil, count: count)
    var low = Array(repeating: 0, count: count)
    var isOpen = Array(repeating: false, count: count)
    var open: [Int] = []
    var result: [[Int]] = []
    var next = 0
    for start in footprints.indices where number[start] == nil {
      var path: [(node: Int, targets: [Int], at: Int)] = []
      var entering: Int? = start
      while true {
        if let node = entering {
          number[node] = next
          low[node] = next
          next += 1
          open.append(node)
          isOpen[node] = true
          path.append((node, successors(of: node), 0))
          entering = nil
        }
        guard let top = path.last else { break }
        if top.at < top.targets.count {
          path[path.count - 1].at += 1
          let target = top.targets[top.at]
          if let seen = number[target] {
            if isOpen[target] { low[top.node] = min(low[top.node], seen) }
          } else {
            entering = target
          }
          continue
        }
        path.removeLast()
        if let parent = path.last { low[parent.node] = min(low[parent.node], low[top.node]) }
        guard low[top.node] == number[top.node] else { continue }
        var knot: [Int] = []
        while let node = open.popLast() {
          isOpen[node] = false
          knot.append(node)
          if node == top.node { break }
        }
        if knot.count > 1 { result.append(knot) }
      }
    }
    return result
  }

  /// Returns a short way round in a knot, rules only: from its first rule, where that leads round without coming to
  /// rest, else from another one.
  private mutating func ring(in knot: [Int]) -> [Int]? {
    let members = Set(knot)
    for start in knot.filter({ $0 < footprints.count }).sorted().prefix(50) {
      if let ring = ring(from: start, within: members) {
        return ring.filter { $0 < footprints.count }
      }
    }
    return nil
  }

  private mutating func ring(from start: Int, within members: Set<Int>) -> [Int]? {
    var cameFrom: [Int: Int] = [:]
    var waiting = [start]
    var at = 0
    while at < waiting.count {
      let node = waiting[at]
      at += 1
      for target in successors(of: node) where members.contains(target) {
        if target == start {
          var ring = [node]
          while let last = ring.last, last != start, let before = cameFrom[last] {
            ring.append(before)
          }
          if !settles(ring) { return ring.reversed() }
        } else if cameFrom[target] == nil {
          cameFrom[target] = node
          waiting.append(target)
        }
      }
    }
    return nil
  }
}
