/// The messages of the checker, one factory each. The codes are stable; rule files show them as `rules/...`.
extension Diagnostic {
  // MARK: Names

  static func unknownName(_ name: String, closest: String?, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/unknown-name", "`\(name)` is not defined" + didYouMean(closest), at: span)
  }

  static func unknownField(
    _ base: String, _ field: String, of type: String, closest: String?, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/unknown-field",
      "`\(base).\(field)` does not exist"
        + (closest == nil ? "; \(type) has no such field" : didYouMean(closest)),
      at: span)
  }

  static func unreadableField(
    _ base: String, _ field: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/unknown-field",
      "`\(base).\(field)` is not for expressions: it is never read, and never shown", at: span)
  }

  static func noField(
    _ field: String, _ base: String, _ type: CELType, hint: String?, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/unknown-field",
      "`\(base)` is \(type.phrase) and has no field `\(field)`" + also(hint), at: span)
  }

  static func unknownFunction(_ name: String, hint: String?, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/unknown-function", "`\(name)` is not a function" + also(hint), at: span)
  }

  static func shadows(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/shadow", "`\(name)` is already the name of something here; choose another one",
      at: span)
  }

  // MARK: Null

  static func nullable(
    _ text: String, canBeGuarded: Bool, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/nullable",
      canBeGuarded
        ? "`\(text)` may be null here; guard it: \(text) != null && ..."
        : "`\(text)` may be null here; give it a name and guard that: cel.bind(x, \(text), x != null && ...)",
      at: span)
  }

  static func nullInside(_ text: String, _ type: CELType, at span: SourceSpan) -> Diagnostic {
    let isList: Bool
    if case .list = type.nonNull { isList = true } else { isList = false }
    return Diagnostic(
      .error, "cel/nullable",
      isList
        ? "`\(text)` may hold null, which has no place here; leave it out first: filter(x, x != null)"
        : "`\(text)` may hold null, which has no place here", at: span)
  }

  static func nullArgument(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/nullable", "`\(name)` cannot take null", at: span)
  }

  // MARK: Numbers

  static func moneyBesideDouble(
    _ money: String, _ double: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "\(money) is money; `\(double)` is a double; write decimal(\(double)) to say you accept rounding",
      at: span)
  }

  static func decimalNeeded(_ double: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "a decimal is needed here; `\(double)` is a double; write decimal(\(double)) to say you accept rounding",
      at: span)
  }

  static func tooManyDigits(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "cel/literal", "\(text) has too many digits for a decimal", at: span)
  }

  static func noDivision(_ texts: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "decimals are not divided by `/`: say how many places to keep: div(\(texts[0]), \(texts[1]), 2)",
      at: span)
  }

  // MARK: Types

  static func expectedType(
    _ expected: CELType, _ text: String, _ found: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "\(expected.nonNull.phrase) is needed here; `\(text)` is \(found.nonNull.phrase)", at: span)
  }

  static func needsBool(
    _ what: String, _ text: String, _ found: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type", "\(what) needs true or false; `\(text)` is \(found.phrase)", at: span)
  }

  static func needsOptional(_ text: String, _ found: CELType, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/type", "an optional value is needed here; `\(text)` is \(found.phrase)", at: span
    )
  }

  static func needsEntry(_ text: String, _ found: CELType, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`transformMapEntry` needs a map of one entry, {key: value}; `\(text)` is \(found.phrase)",
      at: span)
  }

  static func notIterable(
    _ what: String, _ text: String, _ found: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type", "`\(what)` needs a list or a map; `\(text)` is \(found.phrase)", at: span)
  }

  static func badKey(
    _ macro: String, _ text: String, _ found: CELType, hint: String?, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`\(macro)` needs a key that \(macro == "sortBy" ? "has an order" : "can be one of a map"); "
        + "`\(text)` is \(found.phrase)" + also(hint), at: span)
  }

  static func mapKey(_ text: String, _ found: CELType, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "a key of a map is a text, an integer, or true or false; `\(text)` is \(found.phrase)",
      at: span)
  }

  static func differentBranches(
    _ first: String, _ a: CELType, _ second: String, _ b: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "both branches of `?:` need one type; `\(first)` is \(a.phrase), `\(second)` is \(b.phrase)",
      at: span)
  }

  static func incomparable(
    _ left: String, _ a: CELType, _ right: String, _ b: CELType, hint: String?, at span: SourceSpan
  ) -> Diagnostic {
    if a == b {
      return Diagnostic(
        .error, "cel/type", "\(a.phrase) has no order: `\(left)` and `\(right)`", at: span)
    }
    return Diagnostic(
      .error, "cel/type",
      "`\(left)` is \(a.phrase) and `\(right)` is \(b.phrase); they cannot be compared"
        + also(hint),
      at: span)
  }

  static func recordBesideText(
    _ record: String, _ type: CELType, idField: String, comparison: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`\(record)` is \(type.phrase), not a text; compare its id: \(comparison)", at: span)
  }

  static func notAMember(
    _ element: String, _ a: CELType, _ whole: String, _ b: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`\(element)` is \(a.nonNull.phrase), but what is in `\(whole)` is \(b.nonNull.phrase)",
      at: span)
  }

  static func noUnary(
    _ symbol: String, _ text: String, _ type: CELType, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type", "`\(symbol)` needs a number; `\(text)` is \(type.phrase)", at: span)
  }

  static func noOperator(
    _ symbol: String, _ operands: [(text: String, type: CELType)], hint: String?,
    at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`\(symbol)` does not go with "
        + operands.map { "`\($0.text)`, \($0.type.phrase)" }.joined(separator: ", and ")
        + also(hint), at: span)
  }

  static func noIndex(
    _ whole: String, _ type: CELType, _ key: String, _ keyType: CELType, at span: SourceSpan
  ) -> Diagnostic {
    let wanted: String
    switch type {
    case .list: wanted = "a list is indexed by an integer"
    case .map(let key, _): wanted = "its keys are \(key.phrase)"
    default: wanted = "only lists and maps have elements"
    }
    return Diagnostic(
      .error, "cel/type",
      "`\(whole)` is \(type.phrase) and has no element for `\(key)`, \(keyType.phrase): \(wanted)",
      at: span)
  }

  static func noMethod(
    _ name: String, _ target: String, _ type: CELType, receivers: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "cel/type",
      "`\(target)` is \(type.phrase) and has no method `\(name)`; it is one of "
        + receivers.joined(separator: ", "), at: span)
  }

  static func noOverload(
    _ name: String, _ signatures: [String], _ arguments: [CELType], at span: SourceSpan
  ) -> Diagnostic {
    let shown = signatures.prefix(4).joined(separator: ", ") + (signatures.count > 4 ? ", ..." : "")
    return Diagnostic(
      .error, "cel/type",
      "`\(name)` does not take (\(arguments.map(\.description).joined(separator: ", "))); it is \(shown)",
      at: span)
  }

  // MARK: Parts

  private static func didYouMean(_ name: String?) -> String {
    name.map { "; did you mean `\($0)`?" } ?? ""
  }

  private static func also(_ hint: String?) -> String { hint.map { "; " + $0 } ?? "" }
}
