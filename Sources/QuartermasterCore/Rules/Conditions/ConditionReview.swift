import QuartermasterCEL

/// Goes through the conditions of a rule and finds those that are never true, or always.
///
/// A condition is judged with what those before it say, as it runs. What stands inside `exists`, `filter` and the
/// like is judged too, and so is each side of an `||`.
struct ConditionReview {
  /// A condition that decides nothing.
  struct Finding {
    /// Whether it is always true; else it never is.
    let isAlways: Bool
    /// Whether all depends on it; else it is a part of a condition: a side of an `||`, a filter.
    fileprivate(set) var isWhole: Bool
    /// What was judged.
    let expr: Expr
    let checked: CheckedExpr
    let reason: Reason
  }

  /// Why a condition decides nothing.
  enum Reason {
    /// It says so itself.
    case itself
    /// The schema, in words: "`product.packSize` is at least 1".
    case schema(String)
    /// Another one that stands before it.
    case other(Expr, CheckedExpr)
    /// The trigger: what it says of the record.
    case trigger(String)
    /// Several that stand before it.
    case others
  }

  /// A condition that holds where others are judged.
  private struct Given {
    let reader: ConditionReader
    let expr: Expr
    let value: Bool
  }

  let schema: Schema
  /// The records that are only being written, by their names.
  var openRecords: Set<String> = []
  /// Whether they are new.
  var isNew = false
  /// What is known where the next condition stands.
  private(set) var facts = ConditionFacts()
  /// What the trigger alone says.
  private var triggerFacts = ConditionFacts()
  private var triggerText = ""
  private var given: [Given] = []
  private(set) var findings: [Finding] = []

  init(schema: Schema) { self.schema = schema }

  // MARK: What holds

  /// Notes what the trigger says of the record: a named field differs in the two versions.
  mutating func suppose(_ text: String, _ a: String, differsFrom b: String) {
    _ = triggerFacts.relate(a, b, .different)
    _ = facts.relate(a, b, .different)
    triggerText = text
  }

  /// Notes an edge, which holds of the version that woke the rule: a record by other names.
  mutating func suppose(_ checked: CheckedExpr, _ variable: String, means names: [String]) {
    for name in names {
      var reader = reader(checked)
      reader.aliases = [variable: name]
      if let more = reader.assume(checked.root, true, facts) {
        facts = more
        given.append(Given(reader: reader, expr: checked.root, value: true))
      }
    }
  }

  /// Forgets what may have changed since: all but the terms whose keys pass.
  mutating func forget(except isFixed: (String) -> Bool) {
    facts = facts.filtered(isFixed)
    given = []
  }

  private func reader(_ checked: CheckedExpr) -> ConditionReader {
    var reader = ConditionReader(schema: schema, checked: checked)
    reader.openRecords = openRecords
    reader.isNew = isNew
    return reader
  }

  // MARK: Judging

  /// Judges a condition; after it, it holds.
  ///
  /// - Parameter checked: The condition.
  /// - Returns: False when it can never be true, so that nothing after it is reached.
  mutating func judge(_ checked: CheckedExpr) -> Bool {
    let before = findings.count
    if walk(checked.root, reader(checked), isWhole: true) { return true }
    // What a part makes impossible is impossible as a whole.
    if let last = findings.indices.last, last >= before, !findings[last].isAlways {
      findings[last].isWhole = true
    } else {
      report(checked.root, reader(checked), isAlways: false, isWhole: true)
    }
    return false
  }

  /// Judges what stands inside a formula that is no condition: the filters of its lists.
  mutating func look(into checked: CheckedExpr) {
    inside(checked.root, reader(checked))
  }

  /// Returns whether the condition can be passed.
  private mutating func walk(_ expr: Expr, _ reader: ConditionReader, isWhole: Bool) -> Bool {
    if let (function, parts) = expr.operation {
      switch (function, parts.count) {
      case ("_&&_", 2):
        return parts.allSatisfy { walk($0, reader, isWhole: isWhole) }
      case ("_||_", 2): return disjunction(expr, reader, isWhole: isWhole)
      case ("_?:_", 3):
        branch(parts[0], true, parts[1], reader)
        branch(parts[0], false, parts[2], reader)
        return settle(expr, reader)
      default: break
      }
    }
    let before = findings.count
    inside(expr, reader)
    // What is wrong inside says enough.
    if findings.count > before { return settle(expr, reader) }
    if case .literal = expr.kind, !isWhole { return settle(expr, reader) }
    return judge(expr, reader, isWhole: isWhole)
  }

  /// Reports an expression that can have one value only, and assumes it.
  private mutating func judge(
    _ expr: Expr, _ reader: ConditionReader, isWhole: Bool
  ) -> Bool {
    guard let holds = reader.assume(expr, true, facts) else {
      report(expr, reader, isAlways: false, isWhole: isWhole)
      return false
    }
    if reader.assume(expr, false, facts) == nil {
      report(expr, reader, isAlways: true, isWhole: isWhole)
    }
    given.append(Given(reader: reader, expr: expr, value: true))
    facts = holds
    return true
  }

  private mutating func settle(_ expr: Expr, _ reader: ConditionReader) -> Bool {
    guard let holds = reader.assume(expr, true, facts) else { return false }
    given.append(Given(reader: reader, expr: expr, value: true))
    facts = holds
    return true
  }

  /// Each side by itself, then both together.
  private mutating func disjunction(
    _ expr: Expr, _ reader: ConditionReader, isWhole: Bool
  ) -> Bool {
    let before = findings.count
    for side in expr.operands(of: "_||_") { apart { _ = $0.walk(side, reader, isWhole: false) } }
    if findings.count > before { return settle(expr, reader) }
    return judge(expr, reader, isWhole: isWhole)
  }

  private mutating func branch(
    _ condition: Expr, _ value: Bool, _ result: Expr, _ reader: ConditionReader
  ) {
    if value { apart { $0.inside(condition, reader) } }
    guard let holds = reader.assume(condition, value, facts) else { return }
    apart {
      $0.facts = holds
      $0.given.append(Given(reader: reader, expr: condition, value: value))
      _ = $0.walk(result, reader, isWhole: false)
    }
  }

  /// Judges the conditions of macros in an expression.
  private mutating func inside(_ expr: Expr, _ reader: ConditionReader) {
    guard case .comprehension(let macro) = expr.kind else {
      for part in expr.children { inside(part, reader) }
      return
    }
    inside(macro.target, reader)
    if let filter = macro.filter { apart { _ = $0.walk(filter, reader, isWhole: false) } }
    switch macro.macro {
    case .exists, .existsOne, .all, .filter:
      apart { _ = $0.walk(macro.body, reader, isWhole: false) }
    case .map, .sortBy, .groupBy, .transformList, .transformMap, .transformMapEntry, .optMap,
      .optFlatMap:
      inside(macro.body, reader)
    }
  }

  /// Does something and forgets what it assumed.
  private mutating func apart(_ body: (inout ConditionReview) -> Void) {
    let (known, held) = (facts, given)
    body(&self)
    (facts, given) = (known, held)
  }

  // MARK: Reasons

  private mutating func report(
    _ expr: Expr, _ reader: ConditionReader, isAlways: Bool, isWhole: Bool
  ) {
    findings.append(
      Finding(
        isAlways: isAlways, isWhole: isWhole, expr: expr, checked: reader.checked,
        reason: reason(expr, reader, isAlways: isAlways)))
  }

  private func reason(_ expr: Expr, _ reader: ConditionReader, isAlways: Bool) -> Reason {
    func isImpossible(_ facts: ConditionFacts) -> Bool {
      reader.assume(expr, !isAlways, facts) == nil
    }
    if isImpossible(ConditionFacts()) {
      let words = saidBySchema(of: expr, reader)
      return words.isEmpty ? .itself : .schema(words.joined(separator: " and "))
    }
    if isImpossible(triggerFacts) { return .trigger(triggerText) }
    for other in given {
      if let held = other.reader.assume(other.expr, other.value, ConditionFacts()),
        isImpossible(held)
      {
        return .other(other.expr, other.reader.checked)
      }
    }
    return .others
  }

  /// What the schema says of the terms of an expression, in words.
  private func saidBySchema(of expr: Expr, _ reader: ConditionReader) -> [String] {
    var terms: [Expr] = []
    expr.visit { node in
      switch node.kind {
      case .select, .has: terms.append(node)
      case .call(let call) where call.function == "size" || call.function == "math.abs":
        terms.append(node)
      default: break
      }
    }
    var found: [String] = []
    for term in terms {
      var domain = reader.domain(of: term, ConditionFacts())
      var text = reader.checked.text(of: term)
      if case .has(let select) = term.kind {
        domain = reader.field(select, term, ConditionFacts())
        text = reader.checked.text(of: select.operand) + "." + select.field
      }
      guard let words = domain.words, !found.contains("`\(text)` \(words)") else { continue }
      // A record on the way to a field says nothing of the field.
      let isCompared = expr.comparesNull || !words.hasPrefix("is never null")
      if isCompared { found.append("`\(text)` \(words)") }
    }
    return Array(found.prefix(2))
  }
}

extension Expr {
  /// Whether null is among what is compared.
  fileprivate var comparesNull: Bool {
    var found = false
    visit { node in
      switch node.kind {
      case .literal(.null, _), .has: found = true
      default: break
      }
    }
    return found
  }
}

extension CheckedExpr {
  /// Returns what was written for a node, on one line, without parentheses around it, cut when it is long.
  func text(of node: Expr) -> String {
    var text = Diagnostic.excerpt(
      CheckedExpr(
        parsed: ParsedExpr(root: node, source: parsed.source, nodeCount: parsed.nodeCount),
        types: types, references: references))
    while Self.isEnclosed(text) { text = String(text.dropFirst().dropLast()) }
    return text
  }

  /// Whether the parenthesis with which a text begins is closed by its last character.
  private static func isEnclosed(_ text: String) -> Bool {
    guard text.hasPrefix("("), text.hasSuffix(")") else { return false }
    var depth = 0
    var quote: UInt8?
    for (place, byte) in text.utf8.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return place == text.utf8.count - 1 }
      default: break
      }
    }
    return false
  }
}

extension ValueDomain {
  /// What it is, in words after a name; nil when it may be anything.
  fileprivate var words: String? {
    if let only {
      if only.isEmpty { return takesNull ? "is always null" : nil }
      if case .bool = only[0], only.count > 1 { return takesNull ? nil : "is never null" }
      let texts = only.prefix(6).map { (try? $0.printed()) ?? "?" }
      if only.count == 1 { return "is always \(texts[0])" }
      return "is one of \(texts.joined(separator: ", "))" + (only.count > 6 ? ", ..." : "")
    }
    let (least, most) = (
      lower.flatMap { try? $0.value.printed() }, upper.flatMap { try? $0.value.printed() }
    )
    switch (least, most) {
    case (let least?, let most?): return "is from \(least) to \(most)"
    case ("0", nil): return "is never negative"
    case (let least?, nil): return "is at least \(least)"
    case (nil, let most?): return "is at most \(most)"
    case (nil, nil): return takesNull ? nil : "is never null"
    }
  }
}
