import QuartermasterCEL

/// Checks formulas and texts in a scope, and says what is wrong with them in the words of rule files.
struct FormulaChecker {
  let context: RuleContext
  let scope: RuleScope
  /// The record that wakes the rule, if one does.
  var subject: RuleSubject?
  /// Whether the rule runs once the record is stored, so that queries find it too.
  var isStored = false

  /// What a formula is for, in messages.
  struct Purpose {
    /// What is said of a value of another type: `quantity needs a number`.
    let needs: String
    /// As ``needs``, where a finer word is due because the value is of a kin type.
    var needsExactly: String?
    /// The types that it may have; empty for any.
    let types: [CELType]
    /// Whether null may come out.
    var takesNull = false
    /// Whether it is the value of a field or an argument, where a name is often a word that was meant as text.
    var isValue = false
    /// The name of the money that it is a value of, if it is.
    var money: String?

    static func condition(_ key: String) -> Purpose {
      Purpose(needs: "`\(key)` needs true or false", types: [.bool])
    }
  }

  /// Parses and checks a formula; nil when something is wrong with it, which is reported.
  func formula(_ scalar: ScalarSyntax, _ purpose: Purpose) -> CheckedExpr? {
    formula(source(of: scalar), purpose)
  }

  /// Returns the text of a formula; the braces of a hole are taken off, with a note.
  func source(of scalar: ScalarSyntax) -> ExprSource {
    let inner = TextSyntax.formula(scalar)
    guard inner.text.utf8.count != scalar.text.utf8.count else { return inner }
    context.report(.needlessBraces(inner, in: scalar.source))
    return inner
  }

  /// Parses and checks a formula; nil when something is wrong with it, which is reported.
  func formula(_ source: ExprSource, _ purpose: Purpose) -> CheckedExpr? {
    let parsed: ParsedExpr
    do { parsed = try context.environment.parse(source) } catch {
      report(error, in: source, purpose, isSyntax: true)
      return nil
    }
    return check(parsed, purpose)
  }

  /// Checks a parsed formula; nil when something is wrong with it, which is reported.
  func check(_ parsed: ParsedExpr, _ purpose: Purpose) -> CheckedExpr? {
    var checked: CheckedExpr
    do {
      checked = try scope.environment.check(parsed, narrowed: scope.facts)
      // A number takes the type of its slot, if it is made of literals: `price: 10` is a decimal.
      if let wanted = purpose.types.first, wanted == .decimal || wanted == .double,
        checked.type.nonNull != wanted,
        checked.type.nonNull == .int || checked.type.nonNull == .double,
        let adapted = try? scope.environment.check(
          parsed, expecting: wanted.orNull, narrowed: scope.facts)
      {
        checked = adapted
      }
    } catch {
      report(error, in: parsed.source, purpose, isSyntax: false)
      return nil
    }
    guard fits(checked, purpose), statusesAreKnown(checked) else { return nil }
    warn(checked)
    return checked
  }

  private func fits(_ checked: CheckedExpr, _ purpose: Purpose) -> Bool {
    let type = checked.type
    switch type {
    case .dyn, .error: return true
    default: break
    }
    let span = checked.parsed.source.span(checked.root.range)
    if case .null = type {
      if purpose.takesNull || !scope.environment.checksNull { return true }
      context.report(.nullGiven(purpose.needs, at: span))
      return false
    }
    guard purpose.types.isEmpty || purpose.types.contains(where: { $0.takes(type.nonNull) }) else {
      if let money = purpose.money, type.nonNull == .double {
        context.report(.moneyNeeded(money, checked, at: span))
      } else {
        context.report(.wrongType(purpose.needsExactly ?? purpose.needs, type, checked, at: span))
      }
      return false
    }
    return purpose.takesNull || isNotNull(checked)
  }

  /// Whether null cannot come out of a formula; reported when it can.
  func isNotNull(_ checked: CheckedExpr) -> Bool {
    guard checked.type.acceptsNull, scope.environment.checksNull else { return true }
    if checked.type == .dyn || checked.type == .error { return true }
    context.report(
      .mayBeNull(checked, at: checked.parsed.source.span(checked.root.range)))
    return false
  }
}

extension CELType {
  /// Whether a value of another type may stand where this one is wanted.
  func takes(_ other: CELType) -> Bool {
    switch (self, other) {
    case (_, .dyn), (.dyn, _), (_, .error): true
    case (.decimal, .int), (.double, .int): true
    case (.list(let a), .list(let b)): a.takes(b.nonNull)
    case (.map(let k, let v), .map(let l, let w)): k.takes(l.nonNull) && v.takes(w.nonNull)
    case (.nullable(let a), _): a.takes(other.nonNull)
    default: self == other
    }
  }
}
