import QuartermasterCEL

/// A `let` that is checked when it is first used.
struct PendingLet {
  let syntax: NamedSyntax
  let parsed: ParsedExpr
  /// The names of other `let`s in it.
  let uses: Set<String>
}

extension ScopeChecker {
  /// Parses the `let`s; each is checked where it is first used.
  func readLets(_ written: [NamedSyntax]) {
    let names = Set(written.map(\.name.text))
    for written in written {
      guard isFree(written.name, "let") else { continue }
      let source = formulas.source(of: written.value)
      let parsed: ParsedExpr
      do { parsed = try context.environment.parse(source) } catch {
        formulas.report(error, in: source, Self.letPurpose(written), isSyntax: true)
        scope.bind(written.name.text, .error, .constant(.null))
        continue
      }
      var free: Set<String> = []
      parsed.root.collectFreeNames(into: &free)
      waitingLets[written.name.text] = PendingLet(
        syntax: written, parsed: parsed, uses: free.intersection(names))
      letNames.append(written.name.text)
    }
    reportRings()
  }

  private static func letPurpose(_ written: NamedSyntax) -> FormulaChecker.Purpose {
    FormulaChecker.Purpose(
      needs: "`\(written.name.text)` needs a formula", types: [], takesNull: true)
  }

  /// Reports `let`s that need themselves, and forgets them.
  private func reportRings() {
    for start in letNames {
      guard let written = waitingLets[start]?.syntax else { continue }
      var path = [start]
      while let next = waitingLets[path[path.count - 1]]?.uses.sorted().first(where: {
        reaches($0, start)
      }) {
        path.append(next)
        if next == start { break }
      }
      guard path.count > 1 else { continue }
      context.report(.letRing(path, at: written.name.span))
      for name in path { waitingLets[name] = nil }
      for name in path { scope.bind(name, .error, .constant(.null)) }
    }
  }

  private func reaches(_ name: String, _ wanted: String) -> Bool {
    var seen: Set<String> = []
    var waiting = [name]
    while let next = waiting.popLast() {
      if next == wanted { return true }
      guard seen.insert(next).inserted else { continue }
      waiting += waitingLets[next]?.uses ?? []
    }
    return false
  }

  /// Checks the `let`s that a text uses and that were not used before.
  func useLets(in source: ExprSource) {
    if waitingLets.isEmpty { return }
    let names = Self.names(in: source.text)
    for name in letNames where waitingLets[name] != nil && names.contains(name) { use(name) }
  }

  private func use(_ name: String) {
    guard let pending = waitingLets.removeValue(forKey: name) else { return }
    for other in pending.uses.sorted() { use(other) }
    guard let checked = formulas.check(pending.parsed, Self.letPurpose(pending.syntax)) else {
      scope.bind(name, .error, .constant(.null))
      return
    }
    let program = context.plan(checked, on: frame, gate: .named(name))
    let (value, state) = (frame.layout.takeSlot(), frame.layout.takeSlot())
    frame.lazySlots += [value, state]
    scope.bind(name, checked.type, .lazy(value: value, state: state, program))
    lets.append(checked)
  }

  /// Checks the `let`s that nothing used.
  func finishLets() {
    for name in letNames where waitingLets[name] != nil { use(name) }
  }

  /// The names in a formula that no dot stands before, without parsing it; those inside texts too.
  ///
  /// A `let` that only looks used is checked a little early, with less known: nothing worse.
  private static func names(in text: String) -> Set<String> {
    var found: Set<String> = []
    var name: [UInt8] = []
    var last: UInt8 = 0
    for byte in Array(text.utf8) + [0] {
      let small = byte | 0x20
      if small >= 97 && small <= 122 || byte == 95 || byte >= 48 && byte <= 57 {
        name.append(byte)
        continue
      }
      if !name.isEmpty {
        if last != UInt8(ascii: ".") { found.insert(String(decoding: name, as: UTF8.self)) }
        name = []
        last = byte
      }
      if byte > 0x20 { last = byte }
    }
    return found
  }
}
