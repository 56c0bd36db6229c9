import QuartermasterCEL

/// What a slot is for: a field, an argument, or a text that is no field.
struct SlotTarget {
  /// The name, for messages.
  let name: String
  /// The type.
  let type: FieldType
  /// Whether null may be given.
  let takesNull: Bool
  /// The field's own limits, where it is a field.
  var field: FieldDefinition?
  /// The class of the field.
  var owner: ClassDefinition?

  init(_ field: FieldDefinition, of owner: ClassDefinition, isNew: Bool) {
    name = field.name
    type = field.type
    // A status does not go back to null.
    takesNull = field.isNullable && (isNew || field.flow == nil)
    self.field = field
    self.owner = owner
  }

  init(_ parameter: ParameterDefinition) {
    name = parameter.name
    type = parameter.type
    takesNull = !parameter.isRequired
  }

  /// `quantity needs a number`.
  var needs: String { "\(name) needs \(type.wanted)" }

  /// As ``needs``, for a value that is a number but of another kind.
  private var needsExactly: String {
    switch type {
    case .integer: "\(name) needs a whole number"
    default: needs
    }
  }

  /// What a formula for it must give.
  var purpose: FormulaChecker.Purpose {
    FormulaChecker.Purpose(
      needs: needs, needsExactly: needsExactly, types: [type.celType()], takesNull: takesNull,
      isValue: true, money: type.celType() == .decimal ? name : nil)
  }
}

extension FieldType {
  /// The type in a sentence: `a number`, `a Customer`.
  var wanted: String {
    switch self {
    case .string: "a text"
    case .integer, .number, .decimal: "a number"
    case .boolean: "true or false"
    case .date: "an instant"
    case .duration: "a duration"
    case .geoPoint: "a place"
    case .array: "a list"
    case .object: "a map"
    case .pointer(let name): CELType.record(name).phrase
    }
  }
}

// The three kinds of slot: the key and the type of the field say which one it is.
extension FormulaChecker {
  /// Checks what is given for a field or an argument; nil when it is wrong, which is reported.
  func slot(_ scalar: ScalarSyntax, for target: SlotTarget) -> CheckedSlot? {
    switch target.type {
    case .string: return words(scalar, for: target)
    case .date:
      if let instant = Timestamp(scalar.text) { return .constant(.timestamp(instant)) }
      if Self.looksLikeDate(scalar.text) {
        context.report(.notAnInstant(target.name, scalar.text, at: scalar.span))
        return nil
      }
    case .duration:
      if let span = TimeSpan(scalar.text, allowsDays: true),
        scalar.text.utf8.contains(where: { $0 > 57 })
      {
        guard span.nanoseconds % 1_000_000 == 0 else {
          context.report(.durationTooFine(target.name, at: scalar.span))
          return nil
        }
        return .constant(.duration(span))
      }
    default: break
    }
    return formulaSlot(scalar, for: target)
  }

  private func formulaSlot(_ scalar: ScalarSyntax, for target: SlotTarget) -> CheckedSlot? {
    guard let checked = formula(scalar, target.purpose) else { return nil }
    let span = checked.parsed.source.span(checked.root.range)
    guard let value = Self.constant(checked) else { return .formula(checked) }
    return fitted(value, target, checked, span)
  }

  /// The value of a formula that is a literal.
  static func constant(_ checked: CheckedExpr) -> Value? {
    if case .constant(let value)? = checked.references[checked.root.id] {
      if case .type = value { return nil }
      return value
    }
    if case .literal(let value, _) = checked.root.kind { return value }
    return nil
  }

  /// Brings a literal into the form in which it is stored.
  private func fitted(
    _ value: Value, _ target: SlotTarget, _ checked: CheckedExpr, _ span: SourceSpan
  ) -> CheckedSlot? {
    var stored = value
    switch (target.type, value) {
    case (.decimal(let scale), .int(let number)):
      stored = .decimal(ExactDecimal(coefficient: Int128(number), scale: 0))
      return decimal(ExactDecimal(number), scale, target, checked, span)
    case (.decimal(let scale), .decimal(let number)):
      return decimal(number, scale, target, checked, span)
    case (.number, .int(let number)): stored = .double(Double(number))
    default: break
    }
    return isInRange(stored, target, span) ? .constant(stored) : nil
  }

  private func decimal(
    _ number: ExactDecimal, _ scale: Int, _ target: SlotTarget, _ checked: CheckedExpr,
    _ span: SourceSpan
  ) -> CheckedSlot? {
    guard let exact = number.exactly(scale: scale) else {
      context.report(.tooManyPlaces(Diagnostic.excerpt(checked), target.name, scale, at: span))
      return nil
    }
    guard exact.stored(scale: scale) != nil else {
      context.report(.numberTooLarge(Diagnostic.excerpt(checked), target.name, at: span))
      return nil
    }
    return isInRange(.decimal(exact), target, span) ? .constant(.decimal(exact)) : nil
  }

  private func isInRange(_ value: Value, _ target: SlotTarget, _ span: SourceSpan) -> Bool {
    guard let field = target.field else { return true }
    if let minimum = field.minimum, (try? Value.less(value, minimum)) == true {
      context.report(.outOfRange(target.name, "less", minimum, at: span))
      return false
    }
    if let maximum = field.maximum, (try? Value.less(maximum, value)) == true {
      context.report(.outOfRange(target.name, "more", maximum, at: span))
      return false
    }
    return true
  }

  /// `2026-03-02`, which CEL would take for a subtraction.
  private static func looksLikeDate(_ text: String) -> Bool {
    let parts = text.utf8.prefix(10).split(separator: UInt8(ascii: "-"))
    return parts.count == 3 && parts[0].count == 4
      && parts.allSatisfy { $0.allSatisfy { $0 >= 48 && $0 <= 57 } }
  }
}

// Text slots.
extension FormulaChecker {
  private func words(_ scalar: ScalarSyntax, for target: SlotTarget) -> CheckedSlot? {
    guard let syntax = text(scalar) else { return nil }
    let choices = target.field.flatMap { FieldChoices($0, of: target.owner) }
    if let constant = syntax.constant {
      guard isNoFormula(scalar, target.name) else { return nil }
      if constant == "null", scalar.style == .plain, choices == nil {
        context.report(.wordNull(target.name, at: scalar.span))
      }
      return fits(constant, target, choices, scalar.span) ? .constant(.string(constant)) : nil
    }
    if syntax.isSingleHole, case .hole(let source, _) = syntax.pieces[0] {
      let purpose = Purpose(
        needs: target.needs, types: [], takesNull: target.takesNull, isValue: true)
      guard let checked = formula(source, purpose), isPrintable(checked),
        choices.map({ resultsAreKnown(checked, $0) }) ?? true
      else { return nil }
      if case .constant? = Self.constant(checked).map(CheckedSlot.constant),
        case .null? = Self.constant(checked)
      {
        return .constant(.null)
      }
      if checked.type.nonNull == .string { return .formula(checked) }
      return .text(CheckedText(pieces: [.hole(checked)], isSingleHole: true))
    }
    return template(syntax).map { .text($0) }
  }

  /// Checks words with holes that are not a field: a message, a title, a reason.
  func template(_ scalar: ScalarSyntax, _ key: String) -> CheckedText? {
    guard let syntax = text(scalar) else { return nil }
    if syntax.isConstant, !isNoFormula(scalar, key) { return nil }
    if let constant = syntax.constant, constant.isEmpty {
      context.report(.nothingWritten(key, at: scalar.span))
      return nil
    }
    return template(syntax)
  }

  private func text(_ scalar: ScalarSyntax) -> TextSyntax? {
    do { return try TextSyntax(scalar) } catch {
      context.report(error)
      return nil
    }
  }

  private func template(_ syntax: TextSyntax) -> CheckedText? {
    var pieces: [CheckedText.Piece] = []
    var isWhole = true
    for piece in syntax.pieces {
      switch piece {
      case .words(let words): pieces.append(.words(words))
      case .hole(let source, let span):
        let purpose = Purpose(needs: "", types: [], takesNull: true)
        guard let checked = formula(source, purpose), isPrintable(checked) else {
          isWhole = false
          continue
        }
        if case .nullable = checked.type, scope.environment.checksNull {
          context.report(.nullHole(checked, at: span))
        }
        pieces.append(.hole(checked))
      }
    }
    return isWhole ? CheckedText(pieces: pieces, isSingleHole: syntax.isSingleHole) : nil
  }

  /// Whether a value has a text; a list has none.
  private func isPrintable(_ checked: CheckedExpr) -> Bool {
    switch checked.type.nonNull {
    case .list, .map, .type, .optional, .abstract, .bytes:
      context.report(
        .doesNotPrint(checked, at: checked.parsed.source.span(checked.root.range)))
      return false
    default: return true
    }
  }

  /// Whether words without holes are meant as words: `reference: order.reference` is not.
  private func isNoFormula(_ scalar: ScalarSyntax, _ key: String) -> Bool {
    let bytes = scalar.text.utf8
    guard scalar.style != .block,
      bytes.contains(where: { !Self.isWordByte($0) && $0 > 0x20 && $0 < 0x80 }),
      let parsed = try? context.environment.parse(scalar.source)
    else { return true }
    // `out-for-delivery` is a word, not a subtraction.
    if bytes.allSatisfy({ Self.isWordByte($0) || $0 == UInt8(ascii: "-") }) { return true }
    if parsed.root.plainName != nil { return true }
    if case .literal = parsed.root.kind { return true }
    var names: Set<String> = []
    parsed.root.collectFreeNames(into: &names)
    // Classes are words too: `Order - late`. A call or a field of one is none.
    let isBound = names.contains { scope.bound.contains($0) }
    let isAboutClass =
      names.contains { context.schema[$0] != nil } && Self.beginsWithMember(parsed.root)
    guard isBound || isAboutClass else { return true }
    context.report(.formulaInText(scalar.text, key, at: scalar.span))
    return false
  }

  private static func beginsWithMember(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .select, .comprehension: true
    case .call(let call): call.target != nil
    default: false
    }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    let small = byte | 0x20
    return small >= 97 && small <= 122 || byte >= 48 && byte <= 57 || byte == UInt8(ascii: "_")
  }

  /// Whether a text obeys the field's limits.
  private func fits(
    _ text: String, _ target: SlotTarget, _ choices: FieldChoices?, _ span: SourceSpan
  ) -> Bool {
    if let choices, !choices.contains(text) {
      context.report(choices.unknown(text, at: span))
      return false
    }
    guard let field = target.field else { return true }
    if let limit = field.maximumLength, text.unicodeScalars.count > limit {
      context.report(.textTooLong(target.name, text.unicodeScalars.count, limit, at: span))
      return false
    }
    if let pattern = field.pattern, let expression = try? RegularExpression(pattern),
      !expression.matches(text)
    {
      context.report(.patternMissed(target.name, pattern, at: span))
      return false
    }
    return true
  }
}
