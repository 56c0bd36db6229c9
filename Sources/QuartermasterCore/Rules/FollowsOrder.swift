import QuartermasterCEL

/// The order in which rules are considered: `follows` first, then the order of the files.
struct FollowsOrder {
  /// The rules, as places in what was given.
  private(set) var order: [Int] = []
  /// For each rule the names of all rules that it follows, directly or through others.
  private(set) var closures: [Set<String>] = []

  /// A rule that stands before all that are ordered here.
  struct Placed {
    let phase: CompiledRule.Phase
    let follows: Set<String>
  }

  /// Orders rules: repeatedly the first one whose predecessors are placed.
  ///
  /// Rules that are switched off count for nothing, but may be named.
  ///
  /// - Parameters:
  ///   - rules: The rules that are switched on, in the order of the files.
  ///   - disabledNames: The names of those that are switched off.
  ///   - earlier: Rules that stand before all of these, and may be named.
  ///   - sink: Where mistakes go.
  init(
    _ rules: [RuleSyntax], disabledNames: [String], before earlier: [String: Placed] = [:],
    sink: DiagnosticSink
  ) {
    var places: [String: Int] = [:]
    for (place, rule) in rules.enumerated() where places[rule.name.text] == nil {
      places[rule.name.text] = place
    }
    let off = Set(disabledNames)
    var before: [[Int]] = []
    var inherited: [Set<String>] = []
    for (place, rule) in rules.enumerated() {
      before.append([])
      inherited.append([])
      for name in rule.follows {
        if let other = places[name.text] {
          if other == place {
            sink.report(.followsItself(at: name.span))
          } else if rules[other].phase != rule.phase {
            sink.report(
              .followsOtherPhase(name.text, rules[other].phase, rule.phase, at: name.span))
          } else {
            before[place].append(other)
          }
        } else if let other = earlier[name.text] {
          if other.phase != rule.phase {
            sink.report(.followsOtherPhase(name.text, other.phase, rule.phase, at: name.span))
          } else {
            inherited[place].formUnion(other.follows.union([name.text]))
          }
        } else if !off.contains(name.text) {
          sink.report(
            .followsUnknown(
              name.text, known: rules.map(\.name.text) + earlier.keys.sorted() + disabledNames,
              at: name.span))
        }
      }
    }
    closures = inherited
    arrange(rules, before, sink)
  }

  private mutating func arrange(_ rules: [RuleSyntax], _ before: [[Int]], _ sink: DiagnosticSink) {
    var missing = before.map { Set($0).count }
    var after: [[Int]] = Array(repeating: [], count: rules.count)
    for (place, others) in before.enumerated() {
      for other in Set(others) { after[other].append(place) }
    }
    // The ready ones, the first of the files on top.
    var ready = MinimumHeap(missing.indices.filter { missing[$0] == 0 })
    while let next = ready.pop() {
      order.append(next)
      for place in after[next] {
        missing[place] -= 1
        if missing[place] == 0 { ready.push(place) }
      }
    }
    if order.count < rules.count { reportRing(rules, before, missing, sink) }
    for place in order {
      for other in before[place] {
        closures[place].insert(rules[other].name.text)
        closures[place].formUnion(closures[other])
      }
    }
  }

  private func reportRing(
    _ rules: [RuleSyntax], _ before: [[Int]], _ missing: [Int], _ sink: DiagnosticSink
  ) {
    // Whoever still waits, waits for somebody who waits: going on leads into a ring.
    guard var place = missing.firstIndex(where: { $0 > 0 }) else { return }
    var path: [Int] = []
    while !path.contains(place) {
      path.append(place)
      guard let next = before[place].first(where: { missing[$0] > 0 }) else { return }
      place = next
    }
    let ring = path[(path.firstIndex(of: place) ?? 0)...] + [place]
    guard let span = rules[place].follows.first?.span else { return }
    sink.report(.followsRing(ring.map { rules[$0].name.text }, at: span))
  }
}

/// The least of some numbers first.
private struct MinimumHeap {
  private var items: [Int]

  init(_ sorted: [Int]) { items = sorted }

  mutating func push(_ item: Int) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2] > items[place] {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    guard !items.isEmpty else { return first }
    items[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == place { return first }
      items.swapAt(place, least)
      place = least
    }
  }
}

extension Diagnostic {
  static func followsItself(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/follows",
      "a rule cannot follow itself; name the one that goes first, or delete the line", at: span)
  }

  static func followsOtherPhase(
    _ first: String, _ its: CompiledRule.Phase, _ own: CompiledRule.Phase, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/follows",
      "`\(first)` runs in the phase `\(its)` and this rule in `\(own)`; `follows` orders rules of one phase",
      at: span)
  }

  static func followsUnknown(_ name: String, known: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/follows", "there is no rule `\(name)`" + meant(name, in: known), at: span
    ).suggesting(name, among: known)
  }

  static func followsRing(_ names: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/follows",
      "`follows` goes round: \(names.joined(separator: " -> ")); take one of them out",
      at: span)
  }
}
