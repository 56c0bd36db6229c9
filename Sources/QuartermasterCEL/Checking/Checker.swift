/// Finds the type of each node of a tree, what its names mean, and what is wrong with it.
///
/// The checker goes on after a mistake: what is wrong has the type ``CELType/error``, which fits everywhere, so that
/// one mistake gives one message.
struct Checker {
  let environment: CELEnvironment
  let source: ExprSource
  /// The type of each node, by id; may hold type variables until the whole is checked.
  var types: [CELType]
  /// What each node refers to, by id.
  var references: [CheckedExpr.Reference?]
  var diagnostics: [Diagnostic] = []
  var unifier: Unifier
  /// The variables of macros, innermost last.
  var locals: [(name: String, type: CELType)] = []
  /// What is not null at the place that is looked at.
  var facts: NarrowedPaths
  /// The names for which a missing guard was reported.
  private var reported: Set<NarrowedPaths.Path> = []
  /// What may be null and needs a name before it can be guarded, as far as that was reported.
  private var unnamed: Set<Int> = []

  /// The most messages that one text gives.
  private static let maximumDiagnostics = 100
  /// The first parts of names with dots: a chain that begins with none of them cannot be one name.
  private(set) var qualifiedRoots: Set<String>

  init(_ parsed: ParsedExpr, in environment: CELEnvironment, narrowed: NarrowedPaths) {
    self.environment = environment
    source = parsed.source
    types = Array(repeating: .dyn, count: parsed.nodeCount)
    references = Array(repeating: nil, count: parsed.nodeCount)
    unifier = Unifier(checksNull: environment.checksNull)
    facts = narrowed
    qualifiedRoots = environment.functions.qualifiedRoots
    for name in environment.variables.keys where name.utf8.contains(UInt8(ascii: ".")) {
      qualifiedRoots.insert(String(name.prefix { $0 != "." }))
    }
  }

  /// Checks a whole tree.
  mutating func check(
    _ parsed: ParsedExpr, expecting expected: CELType?
  ) throws(DiagnosticList) -> CheckedExpr {
    check(parsed.root)
    if let expected { expect(parsed.root, expected) }
    if !diagnostics.isEmpty { throw DiagnosticList(diagnostics) }
    if unifier.isUsed {
      for id in types.indices { types[id] = unifier.substitute(types[id], final: true) }
    }
    return CheckedExpr(parsed: parsed, types: types, references: references)
  }

  /// Finds the type of a node and of all below it.
  @discardableResult
  mutating func check(_ expr: Expr) -> CELType {
    let type: CELType
    switch expr.kind {
    case .literal(let value, _): type = Self.type(of: value)
    case .name(let name, let isRooted): type = checkName(expr, name, isRooted: isRooted)
    case .select(let select): type = checkSelect(expr, select)
    case .call(let call): type = checkCall(expr, call)
    case .list(let elements): type = checkList(elements)
    case .map(let entries): type = checkMap(entries)
    case .has(let select): type = checkHas(expr, select)
    case .comprehension(let loop): type = checkComprehension(loop)
    case .bind(let name, let value, let body): type = checkBind(expr, name, value, body)
    }
    types[expr.id] = type
    return type
  }

  private static func type(of value: Value) -> CELType {
    switch value {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .decimal: .decimal
    case .string: .string
    case .bytes: .bytes
    case .timestamp: .timestamp
    case .duration: .duration
    case .list: .list(.dyn)
    case .map: .map(key: .dyn, value: .dyn)
    case .record(let record): .record(record.type.name)
    case .type: .type(nil)
    case .optional: .optional(.dyn)
    case .opaque(let box): .abstract(box.typeName, [])
    }
  }

  // MARK: Lists and maps

  private mutating func checkList(_ elements: [Expr.Element]) -> CELType {
    for element in elements { check(element.value) }
    // Numbers beside a decimal are decimals: `[order.total, 10]`.
    if elements.contains(where: { type($0.value) == .decimal }) {
      for element in elements where type(element.value).isPlainNumber {
        if canAdapt(element.value, to: .decimal) { adapt(element.value, to: .decimal) }
      }
    }
    return .list(joined(elements.map { ($0.value, $0.isOptional) }))
  }

  private mutating func checkMap(_ entries: [Expr.Entry]) -> CELType {
    for entry in entries {
      check(entry.key)
      check(entry.value)
      switch type(entry.key) {
      case .int, .uint, .bool, .string, .dyn, .error, .parameter: break
      case let other: report(.mapKey(text(entry.key), other, at: span(entry.key)))
      }
    }
    return .map(
      key: joined(entries.map { ($0.key, false) }),
      value: joined(entries.map { ($0.value, $0.isOptional) }))
  }

  /// Returns the type that all parts of a literal have in common, or `dyn`.
  private mutating func joined(_ parts: [(expr: Expr, isOptional: Bool)]) -> CELType {
    var result: CELType?
    for part in parts {
      var next = type(part.expr)
      if part.isOptional {
        switch next {
        case .optional(let inner): next = inner
        case .dyn, .error: next = .dyn
        case .parameter:
          let inner = unifier.fresh()
          _ = unifier.assign(next, to: .optional(inner))
          next = inner
        default:
          report(.needsOptional(text(part.expr), next, at: span(part.expr)))
          next = .error
        }
      }
      if let known = result {
        result = unifier.join(known, next) ?? .dyn
      } else {
        result = next
      }
    }
    return result ?? unifier.fresh()
  }

  // MARK: Types, texts, messages

  /// Returns the type found for a node, with a variable at its top replaced by what it stands for.
  func type(_ expr: Expr) -> CELType { unifier.head(types[expr.id]) }

  /// Returns where a node stands in its file.
  func span(_ expr: Expr) -> SourceSpan { source.span(expr.range) }

  /// Returns what was written for a node, on one line; a long text is cut.
  func text(_ expr: Expr) -> String { text(expr.range) }

  /// Returns a part of the text, on one line; a long one is cut.
  func text(_ range: Range<Int>) -> String {
    let utf8 = source.text.utf8
    guard
      let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound, limitedBy: utf8.endIndex),
      let end = utf8.index(start, offsetBy: range.count, limitedBy: utf8.endIndex)
    else { return "" }
    var words: [Substring] = []
    for word in source.text[start..<end].split(whereSeparator: \.isWhitespace) {
      words.append(word)
    }
    let line = words.joined(separator: " ")
    return line.unicodeScalars.count <= 60
      ? line : String(String.UnicodeScalarView(line.unicodeScalars.prefix(57))) + "..."
  }

  /// Adds a message.
  mutating func report(_ diagnostic: Diagnostic) {
    if !isFull { diagnostics.append(diagnostic) }
  }

  /// Whether there are so many messages that no more are wanted.
  var isFull: Bool { diagnostics.count >= Self.maximumDiagnostics }

  /// Reports a value that may be null where none may be; says how to guard it.
  mutating func reportNullable(_ expr: Expr) {
    guard environment.checksNull else { return }
    let path = FactFinder(types: types, references: references).path(expr)
    // One guard mends all places of one name.
    if let path, !reported.insert(path).inserted { return }
    // A part that needs a name first is told alone: what is said of its fields would not be true of the name.
    if path == nil {
      unnamed.insert(expr.id)
      if isPartOfUnnamed(expr) { return }
    }
    report(.nullable(text(expr), canBeGuarded: path != nil, at: span(expr)))
  }

  /// Whether a selection is from something that was told to need a name.
  private func isPartOfUnnamed(_ expr: Expr) -> Bool {
    var part = expr
    while case .select(let select) = part.kind {
      part = select.operand
      if unnamed.contains(part.id) { return true }
    }
    return false
  }

  /// Demands a type of a node: literals take it, null has to be excluded.
  mutating func expect(_ expr: Expr, _ expected: CELType) {
    let found = type(expr)
    if found == .error || expected == .dyn { return }
    if found == .null {
      if !expected.acceptsNull {
        report(.expectedType(expected, text(expr), found, at: span(expr)))
      }
      return
    }
    let wanted = expected.nonNull
    if found.isPlainNumber, found != wanted, canAdapt(expr, to: wanted) {
      adapt(expr, to: wanted)
      return
    }
    unifier.metNull = false
    if unifier.assign(found.nonNull, to: wanted) || (wanted == .decimal && found.nonNull == .int) {
      if case .nullable = found, !expected.acceptsNull {
        reportNullable(expr)
      } else if unifier.metNull, environment.checksNull {
        report(.nullInside(text(expr), found, at: span(expr)))
      }
      return
    }
    if wanted == .decimal, found.nonNull == .double {
      report(.decimalNeeded(text(expr), at: span(expr)))
    } else {
      report(.expectedType(expected, text(expr), found, at: span(expr)))
    }
  }
}

extension CELType {
  /// Whether a literal of the type may become a double or a decimal, alone or in a list.
  var isPlainNumber: Bool {
    switch self {
    case .int, .double: true
    case .list(let element): element.isPlainNumber || element == .dyn
    default: false
    }
  }
}
