extension CELEnvironment {
  /// Returns an expression of one line with the spaces that its words should have between them.
  ///
  /// Only spaces change: brackets that could be left out, the writing of numbers and the quotes of texts are the author's.
  ///
  /// - Parameter text: The expression.
  /// - Returns: The text; nil when it does not parse, goes over several lines, or holds a comment.
  package func spaced(_ text: String) -> String? {
    guard !text.utf8.contains(0x0A), !text.utf8.contains(0x0D),
      let spaced = FormulaSpacing(text).text
    else { return nil }
    guard let before = try? parse(ExprSource(text)), let after = try? parse(ExprSource(spaced)),
      before.root.text == after.root.text
    else { return nil }
    return spaced
  }
}

/// Puts the words of an expression in a row again, with spaces where they belong.
private struct FormulaSpacing {
  /// The expression; nil when it holds what is no word.
  private(set) var text: String?

  /// What a word is to its neighbours.
  private enum Role {
    /// A name, a literal, or what closes a bracket.
    case operand
    /// What opens a bracket, and what stands before its operand without a space: `!x`, `-x`, `?x`.
    case prefix
    /// What has a space on either side.
    case infix
    case comma, dot
    /// The colon of an entry of a map.
    case entryColon
    case closer
  }

  private var opened: [Int] = [0]

  init(_ source: String) {
    var lexer = Lexer(source)
    var result = ""
    var last: Role?
    var wasDot = false
    while true {
      let start = lexer.offset
      let token = lexer.next()
      if lexer.bytes[start..<token.range.lowerBound].contains(where: { $0 > 0x20 }) { return }
      if token.kind == .end { break }
      guard token.kind != .invalid else { return }
      let role = wasDot ? afterDot(token.kind, last) : role(token.kind, after: last)
      if needsSpace(last, role, token.kind) { result += " " }
      result += lexer.text(token.range)
      wasDot = token.kind == .dot
      last = role == .closer ? .operand : role
    }
    text = result
  }

  /// After a dot nothing is reserved; `.?x` is a selection that may find nothing.
  private func afterDot(_ kind: Token.Kind, _ last: Role?) -> Role {
    kind == .question ? .prefix : .operand
  }

  private mutating func role(_ kind: Token.Kind, after last: Role?) -> Role {
    let isOperandBefore = last == .operand
    switch kind {
    case .end, .invalid, .name, .quotedName, .int, .uint, .double, .string, .bytes, .true, .false,
      .null:
      return .operand
    case .in, .or, .and, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .plus,
      .star, .slash, .percent:
      return .infix
    case .minus: return isOperandBefore ? .infix : .prefix
    case .not: return .prefix
    case .question:
      guard isOperandBefore else { return .prefix }
      opened[opened.count - 1] += 1
      return .infix
    case .colon:
      guard opened[opened.count - 1] > 0 else { return .entryColon }
      opened[opened.count - 1] -= 1
      return .infix
    case .dot: return .dot
    case .comma: return .comma
    case .leftParenthesis, .leftBracket, .leftBrace:
      opened.append(0)
      return .prefix
    case .rightParenthesis, .rightBracket, .rightBrace:
      if opened.count > 1 { opened.removeLast() }
      return .closer
    }
  }

  private func needsSpace(_ last: Role?, _ role: Role, _ kind: Token.Kind) -> Bool {
    guard let last, last != .prefix, last != .dot else { return false }
    switch role {
    case .closer, .comma, .entryColon: return false
    case .dot: return last != .operand
    case .prefix where last == .operand:
      // A call, an index, the fields of a message.
      return false
    case .operand, .prefix, .infix: return true
    }
  }
}
