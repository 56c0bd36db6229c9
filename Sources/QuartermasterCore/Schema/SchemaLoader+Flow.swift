internal import QuartermasterCEL

extension SchemaLoader {
  /// Reads statuses and their moves, and looks for statuses that cannot be reached or left for good.
  func flow(_ node: YAMLNode, initial: String?) -> FlowDefinition? {
    guard case .mapping(let pairs) = node.kind, !pairs.isEmpty else {
      report(.schemaFlowForm(at: node.span))
      return nil
    }
    let states = pairs.compactMap { $0.key.text }
    var moves: [String: [String]] = [:]
    for pair in pairs {
      guard let state = pair.key.text else { continue }
      var next: [String] = []
      for (text, span) in texts(pair.value, "the name of a status") {
        if text == state {
          report(.schemaMoveToItself(text, at: span))
        } else if !states.contains(text) {
          report(.schemaUnknownStatus(text, states: states, at: span))
        } else if next.contains(text) {
          report(.schemaTwice(text, at: span))
        } else {
          next.append(text)
        }
      }
      moves[state] = next
    }
    findDeadStates(pairs.map(\.key), moves, initial: initial ?? states.first)
    return FlowDefinition(states: states, moves: moves)
  }

  private func findDeadStates(_ keys: [YAMLNode], _ moves: [String: [String]], initial: String?) {
    let reached = Set(moves.values.joined())
    // Backwards from the ends.
    var ending = Set(moves.filter { $0.value.isEmpty }.keys)
    var size = -1
    while size != ending.count {
      size = ending.count
      for (state, next) in moves where next.contains(where: ending.contains) {
        ending.insert(state)
      }
    }
    for key in keys {
      guard let state = key.text else { continue }
      if !reached.contains(state), state != initial {
        report(.schemaUnreachableStatus(state, at: key.span))
      }
      if !ending.contains(state) { report(.schemaEndlessStatus(state, at: key.span)) }
    }
  }
}

extension SequenceFormat {
  /// Reads a text such as `SO-%05d`; nil without exactly one number.
  ///
  /// Two percent signs are one.
  init?(_ text: String) {
    var parts: [[UInt8]] = [[]]
    var width = 0
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        parts[parts.count - 1].append(byte)
        continue
      }
      if bytes.first == UInt8(ascii: "%") {
        parts[parts.count - 1].append(byte)
        bytes = bytes.dropFirst()
        continue
      }
      let digits = bytes.prefix { $0 >= 48 && $0 <= 57 }
      bytes = bytes.dropFirst(digits.count)
      guard bytes.popFirst() == UInt8(ascii: "d"), parts.count == 1, digits.count <= 3,
        digits.isEmpty || digits.first == 48
      else { return nil }
      width = Int(String(decoding: digits, as: UTF8.self)) ?? 0
      guard width <= 18 else { return nil }
      parts.append([])
    }
    guard parts.count == 2 else { return nil }
    self.init(
      prefix: String(decoding: parts[0], as: UTF8.self),
      suffix: String(decoding: parts[1], as: UTF8.self), width: width)
  }
}
