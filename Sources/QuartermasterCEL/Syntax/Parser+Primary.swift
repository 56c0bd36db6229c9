extension Parser {
  /// The words that name no variable and no function, though they may follow a dot.
  static let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "namespace", "package", "return", "var", "void", "while",
  ]

  // Primary = Literal | [ "." ] Name [ Arguments ] | "(" Expression ")" | List | Map
  mutating func primary(minus: Range<Int>?) -> Expr {
    let start = token.range.lowerBound
    switch token.kind {
    case .int, .uint, .double: return number(minus: minus)
    case .string, .bytes:
      let (range, value) = (token.range, token.value ?? .null)
      advance()
      return node(range, .literal(value, text: lexer.text(range)))
    case .true, .false, .null:
      let (range, kind) = (token.range, token.kind)
      advance()
      return node(
        range, .literal(kind == .null ? .null : .bool(kind == .true), text: lexer.text(range)))
    case .name: return name(start, isRooted: false)
    case .dot:
      advance()
      if token.kind == .name { return name(start, isRooted: true) }
      reportExpected("a name after `.`")
      return placeholder()
    case .leftParenthesis:
      let open = token.range
      advance()
      let inner = expression()
      expectCloser(.rightParenthesis, "`)`", open)
      return Expr(id: inner.id, range: start..<max(previousEnd, start), kind: inner.kind)
    case .leftBracket: return list()
    case .leftBrace: return map()
    case .quotedName:
      report(
        .quotedNameAlone(lexer.text(token.range), at: source.span(token.range)), at: token.range)
      advance()
      return placeholder()
    case .invalid:
      advance()
      return placeholder()
    default:
      reportExpected("a value")
      // An operator or a closing bracket is left to the caller, who knows how to go on after it.
      return placeholder()
    }
  }

  // Literal = Int | UInt | Double | String | Bytes | "true" | "false" | "null"
  private mutating func number(minus: Range<Int>?) -> Expr {
    let written = lexer.text(token.range)
    let text = minus == nil ? written : "-" + written
    let range = (minus?.lowerBound ?? token.range.lowerBound)..<token.range.upperBound
    let kind = token.kind
    advance()
    if let value = Self.number(text, kind) { return node(range, .literal(value, text: text)) }
    let type = kind == .double ? "double" : kind == .uint ? "uint" : "int"
    report(.numberOutOfRange(text, type: type, at: source.span(range)), at: range)
    return placeholder()
  }

  /// Returns the value of a number with its sign, or nil when its type cannot hold it.
  private static func number(_ text: String, _ kind: Token.Kind) -> Value? {
    switch kind {
    case .double:
      return Double(text).flatMap { $0.isFinite ? .double($0) : nil }
    case .uint:
      let digits = text.dropLast()
      if digits.hasPrefix("-") { return nil }
      return
        (isHex(digits) ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)).map(Value.uint)
    default:
      if text.hasPrefix("-"), isHex(text.dropFirst()) {
        return Int64("-" + text.dropFirst(3), radix: 16).map(Value.int)
      }
      return (isHex(text[...]) ? Int64(text.dropFirst(2), radix: 16) : Int64(text)).map(Value.int)
    }
  }

  private static func isHex(_ digits: Substring) -> Bool {
    digits.hasPrefix("0x")
  }

  // [ "." ] Name [ Arguments ]
  private mutating func name(_ start: Int, isRooted: Bool) -> Expr {
    let nameRange = token.range
    let name = lexer.text(nameRange)
    if Self.reservedWords.contains(name) {
      report(.reservedWord(name, afterDot: false, at: source.span(nameRange)), at: nameRange)
    }
    let hint = wordHint()
    advance()
    if token.kind == .leftParenthesis {
      let (arguments, end) = arguments()
      if !isRooted, let macro = globalMacro(name, arguments, start..<end) { return macro }
      return node(
        start..<end,
        .call(
          Expr.Call(
            target: nil, function: isRooted ? "." + name : name, functionRange: nameRange,
            arguments: arguments)),
        over: arguments)
    }
    if name == "not", startsValue { reportExpected("an operator or the end", hint: hint) }
    return node(start..<nameRange.upperBound, .name(name, isRooted: isRooted))
  }

  private var startsValue: Bool {
    switch token.kind {
    case .name, .int, .uint, .double, .string, .bytes, .true, .false, .null: true
    default: false
    }
  }

  // Arguments = "(" [ Expression { "," Expression } ] ")"
  /// Reads arguments from the opening parenthesis on; returns also where the closing one ends.
  mutating func arguments() -> (arguments: [Expr], end: Int) {
    let open = token.range
    advance()
    var arguments: [Expr] = []
    if token.kind != .rightParenthesis {
      repeat {
        arguments.append(expression())
      } while separator(before: .rightParenthesis, "`)`", open)
    }
    expectCloser(.rightParenthesis, "`)`", open)
    return (arguments, max(previousEnd, open.upperBound))
  }

  // List = "[" [ Element { "," Element } [ "," ] ] "]"        Element = [ "?" ] Expression
  private mutating func list() -> Expr {
    let open = token.range
    advance()
    var elements: [Expr.Element] = []
    while token.kind != .rightBracket {
      let isOptional = accept(.question)
      elements.append(Expr.Element(value: expression(), isOptional: isOptional))
      guard separator(before: .rightBracket, "`]`", open) else { break }
    }
    expectCloser(.rightBracket, "`]`", open)
    return node(
      open.lowerBound..<max(previousEnd, open.upperBound), .list(elements),
      over: elements.map(\.value))
  }

  // Map = "{" [ Entry { "," Entry } [ "," ] ] "}"        Entry = [ "?" ] Expression ":" Expression
  private mutating func map() -> Expr {
    let open = token.range
    advance()
    var entries: [Expr.Entry] = []
    while token.kind != .rightBrace {
      let isOptional = accept(.question)
      let key = expression()
      if expect(.colon, "`:` after the key") {
        entries.append(Expr.Entry(key: key, value: expression(), isOptional: isOptional))
      }
      guard separator(before: .rightBrace, "`}`", open) else { break }
    }
    expectCloser(.rightBrace, "`}`", open)
    return node(
      open.lowerBound..<max(previousEnd, open.upperBound), .map(entries),
      over: entries.flatMap { [$0.key, $0.value] })
  }
}
