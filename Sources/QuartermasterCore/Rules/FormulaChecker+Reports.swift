import QuartermasterCEL

extension FormulaChecker {
  /// Reports what parser and checker found, in the codes of rule files.
  func report(
    _ list: DiagnosticList, in source: ExprSource, _ purpose: Purpose, isSyntax: Bool
  ) {
    if isSyntax, let first = list.items.first, Self.looksLikeWords(source.text) {
      context.report(.wordsForFormula(purpose.needs, first))
      return
    }
    for item in list.items { context.report(translated(item, purpose)) }
  }

  private func translated(_ item: Diagnostic, _ purpose: Purpose) -> Diagnostic {
    let code = item.code.hasPrefix("cel/") ? "rules/" + item.code.dropFirst(4) : item.code
    var message = item.message
    var isAbsent = false
    if code == "rules/unknown-name" {
      let name = String(decoding: item.span.file.bytes[item.span.range], as: UTF8.self)
      if let reason = scope.absent[name] {
        isAbsent = true
        message = "`\(name)` is not known here: \(reason)"
      }
      if purpose.isValue { message = purpose.needs + "; " + message }
    }
    return Diagnostic(
      item.severity, code, message, at: item.span,
      notes: item.notes.map { translated($0, purpose) }
    ).fixed(by: isAbsent ? nil : item.fix)
  }

  /// Whether a text is a few words, not a formula with a slip in it.
  private static func looksLikeWords(_ text: String) -> Bool {
    var words = 0
    var isInside = false
    for character in text.unicodeScalars {
      if character.properties.isAlphabetic || character == "'" || character == "-" {
        if !isInside { words += 1 }
        isInside = true
      } else if character.properties.isWhitespace || ",.!?".unicodeScalars.contains(character)
        || character.properties.numericType != nil
      {
        isInside = false
      } else {
        return false
      }
    }
    return words > 1
  }
}

// Statuses that a formula compares with.
extension FormulaChecker {
  /// Whether each text that a status is compared with is a status; others are reported.
  func statusesAreKnown(_ checked: CheckedExpr) -> Bool {
    var isFine = true
    checked.root.visit { node in
      guard let (function, arguments) = node.operation, arguments.count == 2 else { return }
      switch function {
      case "_==_", "_!=_":
        for (side, other) in [(0, 1), (1, 0)] {
          guard let choices = choices(arguments[side], checked) else { continue }
          isFine = reportUnknown(in: arguments[other], choices, checked) && isFine
        }
      case "@in":
        guard let choices = choices(arguments[0], checked),
          case .list(let elements) = arguments[1].kind
        else { return }
        for element in elements {
          isFine = reportUnknown(in: element.value, choices, checked) && isFine
        }
      default: break
      }
    }
    return isFine
  }

  /// What a field may be, if its schema lists that.
  private func choices(_ expr: Expr, _ checked: CheckedExpr) -> FieldChoices? {
    guard let use = checked.field(expr), let definition = context.schema[use.className],
      let field = definition[use.field]
    else { return nil }
    return FieldChoices(field, of: definition)
  }

  private func reportUnknown(
    in expr: Expr, _ choices: FieldChoices, _ checked: CheckedExpr
  ) -> Bool {
    if let (function, arguments) = expr.operation, function == "_?:_", arguments.count == 3 {
      let first = reportUnknown(in: arguments[1], choices, checked)
      return reportUnknown(in: arguments[2], choices, checked) && first
    }
    guard case .literal(.string(let text), _) = expr.kind, !choices.contains(text) else {
      return true
    }
    context.report(choices.unknown(text, at: checked.parsed.source.span(expr.range)))
    return false
  }

  /// Whether the texts that a formula may give are all statuses.
  func resultsAreKnown(_ checked: CheckedExpr, _ choices: FieldChoices) -> Bool {
    reportUnknown(in: checked.root, choices, checked)
  }
}

/// The texts that a field may hold: the statuses of its flow, or what `in:` lists.
struct FieldChoices {
  /// The texts, in the order of the schema.
  let texts: [String]
  /// Whose: `Order`, or `User.role` where it is no flow.
  private let owner: String
  private let isFlow: Bool

  /// Creates the choices of a field; nil when it may hold any text.
  init?(_ field: FieldDefinition, of definition: ClassDefinition?) {
    if let flow = field.flow {
      texts = flow.states
      isFlow = true
    } else if let allowed = field.allowed {
      texts = allowed
      isFlow = false
    } else {
      return nil
    }
    let className = definition?.name ?? ""
    owner = isFlow || field.name == "status" ? className : "\(className).\(field.name)"
  }

  /// Whether a text is one of them.
  func contains(_ text: String) -> Bool { texts.contains { UTF8Text.equal($0, text) } }

  /// What is said of a text that is none of them.
  func unknown(_ text: String, at span: SourceSpan) -> Diagnostic {
    let shown = texts.count <= 4 ? texts : texts.prefix(3) + ["..."]
    let what = owner.contains(".") ? "one of the values of \(owner)" : "a status of \(owner)"
    return Diagnostic(
      .error, "rules/unknown-status",
      "\"\(text)\" is not \(what) (\(shown.joined(separator: ", ")))"
        + Diagnostic.meant(text, in: texts, quote: "\""), at: span
    ).suggesting(text, among: texts)
  }
}
