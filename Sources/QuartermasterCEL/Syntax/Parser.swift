/// Builds the tree of an expression by recursive descent, with one loop over ``Precedence`` for all binary operators.
///
/// The parser goes on after a mistake, so that one text can give several messages; a text with any gives no tree.
package struct Parser {
  /// The text and where it stands.
  let source: ExprSource
  /// The macros that the libraries make available, by the names that are written.
  let macros: Set<String>
  /// The largest number of levels in the tree, and of brackets around each other.
  let maximumDepth: Int

  var lexer: Lexer
  /// The token that is looked at; not yet part of the tree.
  var token: Token
  /// Where the token before it ended.
  var previousEnd = 0
  var diagnostics: [Diagnostic] = []
  /// Messages about places before this one would only repeat the last.
  private var quietUntil = 0
  private var depth = 0
  private var isAborted = false
  /// How many levels are below each node, by id.
  private var heights: [Int32] = []

  /// The most messages that one text gives.
  private static let maximumDiagnostics = 20

  /// Creates a parser of a text.
  package init(_ source: ExprSource, macros: Set<String>, maximumDepth: Int = 250) {
    self.source = source
    self.macros = macros
    self.maximumDepth = maximumDepth
    lexer = Lexer(source.text)
    token = Token(kind: .end, range: 0..<0)
  }

  // Text = Expression end
  /// Returns the tree of the whole text.
  ///
  /// - Throws: All that is wrong with the text.
  package mutating func parse() throws(DiagnosticList) -> ParsedExpr {
    advance()
    let root: Expr
    if token.kind == .end, diagnostics.isEmpty, lexer.problems.isEmpty {
      report(.emptyExpression(at: source.span(0..<lexer.bytes.count)), at: token.range)
      root = placeholder()
    } else {
      root = expression()
      if token.kind != .end { reportExpected("an operator or the end", hint: wordHint()) }
      while token.kind != .end { advance() }
    }
    if !diagnostics.isEmpty { throw DiagnosticList(diagnostics) }
    return ParsedExpr(
      root: root, source: source, nodeCount: heights.count, levels: Int(heights[root.id]))
  }

  // Expression = Binary [ "?" Binary ":" Expression ]
  mutating func expression() -> Expr {
    depth += 1
    defer { depth -= 1 }
    guard depth <= maximumDepth else {
      abort(token.range)
      return placeholder()
    }
    let condition = binary(Precedence.or)
    guard token.kind == .question else { return condition }
    let mark = token.range
    advance()
    let first = binary(Precedence.or)
    guard expect(.colon, "`:`") else { return first }
    let second = expression()
    return node(
      condition.range.lowerBound..<second.range.upperBound,
      .call(
        Expr.Call(
          target: nil, function: "_?:_", functionRange: mark, arguments: [condition, first, second])
      ), over: [condition, first, second])
  }

  // Binary = Unary { operator Unary }         grouped by the levels of the table in Precedence
  private mutating func binary(_ minimum: Int) -> Expr {
    var left = unary()
    while let found = Precedence.of(token.kind), found.level >= minimum {
      let mark = token.range
      advance()
      let right = binary(found.level + 1)
      if found.isLogical, token.kind == found.token {
        left = logicalChain(found, [left, right], [mark])
      } else {
        left = operation(found.function, mark, [left, right])
      }
    }
    return left
  }

  /// Reads the rest of a chain `a && b && c …` and balances it, so that a long one makes no deep tree.
  private mutating func logicalChain(
    _ found: Precedence.Operator, _ first: [Expr], _ firstMarks: [Range<Int>]
  ) -> Expr {
    var (terms, marks) = (first, firstMarks)
    while token.kind == found.token {
      marks.append(token.range)
      advance()
      terms.append(binary(found.level + 1))
    }
    return balanced(found.function, terms[...], marks)
  }

  private mutating func balanced(
    _ function: String, _ terms: ArraySlice<Expr>, _ marks: [Range<Int>]
  ) -> Expr {
    if terms.count == 1 { return terms[terms.startIndex] }
    let middle = Self.middle(of: terms.indices)
    let left = balanced(function, terms[..<middle], marks)
    let right = balanced(function, terms[middle...], marks)
    return operation(function, marks[middle - 1], [left, right])
  }

  /// Where a chain of logical terms is cut in two; the left half is the longer one.
  static func middle(of indices: Range<Int>) -> Int {
    indices.lowerBound + (indices.count + 1) / 2
  }

  // Unary = Member | "!" { "!" } Member | "-" { "-" } Member
  private mutating func unary() -> Expr {
    guard token.kind == .not || token.kind == .minus else { return member() }
    let kind = token.kind
    var marks: [Range<Int>] = []
    while token.kind == kind {
      marks.append(token.range)
      advance()
    }
    // A minus before a number belongs to it: the least integer could not be written otherwise.
    let isNegative = kind == .minus && token.kind.isNumber
    var operand = member(minus: isNegative ? marks.removeLast() : nil)
    let function = kind == .not ? "!_" : "-_"
    for mark in marks.reversed() {
      operand = node(
        mark.lowerBound..<operand.range.upperBound,
        .call(
          Expr.Call(target: nil, function: function, functionRange: mark, arguments: [operand])),
        over: [operand])
    }
    return operand
  }

  // Member = Primary { "." [ "?" ] Field [ Arguments ] | "[" [ "?" ] Expression "]" }
  private mutating func member(minus: Range<Int>? = nil) -> Expr {
    var operand = primary(minus: minus)
    while true {
      switch token.kind {
      case .dot: operand = selection(operand)
      case .leftBracket: operand = index(operand)
      case .leftBrace where Self.isTypeName(operand):
        report(
          .noMessages(lexer.text(operand.range), at: source.span(operand.range)), at: token.range)
        skipBrackets()
        operand = placeholder()
      default: return operand
      }
    }
  }

  // Field = Name | QuotedName
  private mutating func selection(_ operand: Expr) -> Expr {
    advance()
    let isOptional = accept(.question)
    let fieldRange = token.range
    let field: String
    switch token.kind {
    case .name: field = lexer.text(fieldRange)
    case .quotedName:
      field = lexer.text(fieldRange.lowerBound + 1..<fieldRange.upperBound - 1)
    case .true, .false, .null, .in:
      field = lexer.text(fieldRange)
      report(.reservedWord(field, afterDot: true, at: source.span(fieldRange)), at: fieldRange)
    default:
      reportExpected("the name of a field after `.`")
      return operand
    }
    let isPlain = token.kind == .name
    advance()
    if token.kind == .leftParenthesis, isPlain {
      if isOptional { reportExpected("no call after `.?`") }
      let (arguments, end) = arguments()
      let whole = operand.range.lowerBound..<end
      return macro(operand, field, fieldRange, arguments, whole)
        ?? node(
          whole,
          .call(
            Expr.Call(
              target: operand, function: field, functionRange: fieldRange, arguments: arguments)),
          over: [operand] + arguments)
    }
    return node(
      operand.range.lowerBound..<fieldRange.upperBound,
      .select(
        Expr.Select(
          operand: operand, field: field, fieldRange: fieldRange, isOptional: isOptional)),
      over: [operand])
  }

  private mutating func index(_ operand: Expr) -> Expr {
    let open = token.range
    advance()
    let isOptional = accept(.question)
    let key = expression()
    expectCloser(.rightBracket, "`]`", open)
    return node(
      operand.range.lowerBound..<previousEnd,
      .call(
        Expr.Call(
          target: nil, function: isOptional ? "_[?_]" : "_[_]", functionRange: open,
          arguments: [operand, key])), over: [operand, key])
  }

  private static func isTypeName(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .name: true
    case .select(let select): !select.isOptional && isTypeName(select.operand)
    default: false
    }
  }
}

// MARK: - Tokens, nodes and messages

extension Parser {
  /// Moves to the next token.
  mutating func advance() {
    previousEnd = token.range.upperBound
    if isAborted { return }
    token = lexer.next()
    for (problem, range) in lexer.problems {
      report(
        .lexical(problem, lexer.text(range), at: source.span(range)), at: range, always: true)
      quietUntil = max(quietUntil, token.range.upperBound)
    }
    lexer.problems.removeAll()
  }

  /// Moves past a token of a kind; returns whether it was there.
  mutating func accept(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  /// Moves past a token of a kind, or reports that it is missing.
  mutating func expect(_ kind: Token.Kind, _ name: String) -> Bool {
    if accept(kind) { return true }
    reportExpected(name, hint: wordHint())
    return false
  }

  /// Moves past a comma between elements, and returns whether there was one.
  ///
  /// What stands between an element and the next comma or closing bracket is reported and skipped.
  mutating func separator(before closer: Token.Kind, _ name: String, _ open: Range<Int>) -> Bool {
    if accept(.comma) { return true }
    if token.kind == closer { return false }
    reportExpected("`,` or \(name)", hint: wordHint(), opened: open)
    while token.kind != .end, token.kind != .comma, !token.kind.isCloser {
      if token.kind.closer != nil { skipBrackets() } else { advance() }
    }
    return accept(.comma)
  }

  /// Moves past a closing bracket; where it is missing, reports that and skips to it.
  mutating func expectCloser(_ kind: Token.Kind, _ name: String, _ open: Range<Int>) {
    if accept(kind) { return }
    reportExpected(name, hint: wordHint(), opened: open)
    while token.kind != .end, !token.kind.isCloser {
      if token.kind.closer != nil { skipBrackets() } else { advance() }
    }
    _ = accept(kind)
  }

  /// Moves past an opening bracket and all up to the one that closes it.
  mutating func skipBrackets() {
    var open = 0
    repeat {
      if token.kind.closer != nil { open += 1 } else if token.kind.isCloser { open -= 1 }
      advance()
    } while open > 0 && token.kind != .end
  }

  /// Creates a node above others.
  mutating func node(_ range: Range<Int>, _ kind: Expr.Kind, over children: [Expr] = []) -> Expr {
    // Nothing may grow on top of what is too deep already.
    if isAborted {
      heights.append(1)
      return Expr(id: heights.count - 1, range: range, kind: .literal(.null, text: "null"))
    }
    var height: Int32 = 0
    for child in children { height = max(height, heights[child.id]) }
    heights.append(height + 1)
    if Int(height) >= maximumDepth { abort(range) }
    return Expr(id: heights.count - 1, range: range, kind: kind)
  }

  private mutating func operation(
    _ function: String, _ mark: Range<Int>, _ arguments: [Expr]
  ) -> Expr {
    node(
      arguments[0].range.lowerBound..<arguments[arguments.count - 1].range.upperBound,
      .call(
        Expr.Call(target: nil, function: function, functionRange: mark, arguments: arguments)),
      over: arguments)
  }

  /// What stands where an expression is missing; never seen outside, because there was a message.
  mutating func placeholder() -> Expr {
    node(token.range.lowerBound..<token.range.lowerBound, .literal(.null, text: "null"))
  }

  /// Adds a message, unless it would only repeat the one before it.
  mutating func report(_ diagnostic: Diagnostic, at range: Range<Int>, always: Bool = false) {
    guard !isAborted, always || range.lowerBound >= quietUntil else { return }
    diagnostics.append(diagnostic)
    quietUntil = max(quietUntil, range.upperBound, range.lowerBound + 1)
    if diagnostics.count >= Self.maximumDiagnostics { stop() }
  }

  /// Reports that something else should stand here.
  mutating func reportExpected(
    _ expected: String, hint: String? = nil, opened: Range<Int>? = nil
  ) {
    if token.kind == .invalid { return }
    let found = token.kind == .end ? "the end" : "`\(lexer.text(token.range))`"
    report(
      .expected(
        expected, found: found, hint: hint, opened: opened.map(source.span),
        at: source.span(token.range)),
      at: token.range)
  }

  /// What to write in place of a word of another language.
  func wordHint() -> String? {
    guard token.kind == .name else { return nil }
    switch lexer.text(token.range) {
    case "and", "AND": return "write `&&`"
    case "or", "OR": return "write `||`"
    case "not", "NOT": return "write `!`"
    case "is", "IS": return "write `==`"
    default: return nil
    }
  }

  /// Gives up on a text that is too deep; whatever follows is not looked at.
  private mutating func abort(_ range: Range<Int>) {
    report(.tooDeep(maximumDepth, at: source.span(range)), at: range, always: true)
    stop()
  }

  private mutating func stop() {
    isAborted = true
    token = Token(kind: .end, range: lexer.bytes.count..<lexer.bytes.count)
  }
}
