import QuartermasterCEL

/// Checks the formulas, slots and actions of one rule or test, in the order in which they run: each knows what those
/// before it bound and excluded.
///
/// A `let` is checked where it is first used, with what is known there, because that is where it is computed.
final class ScopeChecker {
  let context: RuleContext
  /// Where the names are.
  let frame = RuleFrame()
  /// The names at the point that was reached.
  var scope: RuleScope
  /// The record that wakes the rule, if one does.
  var subject: RuleSubject?
  /// Whether the rule runs once the record is stored, so that queries find it too.
  var isStored = false
  /// Whether these are the steps of a test.
  var isTest = false
  /// What is known of the statuses of the records that have a name here.
  var states = KnownStates()
  /// The `let`s in the order of the file.
  var letNames: [String] = []
  /// The `let`s that were not used yet, parsed.
  var waitingLets: [String: PendingLet] = [:]
  /// The `let`s that were checked, in the order of their use.
  var lets: [CheckedExpr] = []

  init(_ context: RuleContext) {
    self.context = context
    scope = RuleScope(context.environment)
  }

  /// The formulas at the point that was reached.
  var formulas: FormulaChecker {
    FormulaChecker(context: context, scope: scope, subject: subject, isStored: isStored)
  }

  /// Checks a formula; the `let`s that it uses are checked first.
  func formula(_ scalar: ScalarSyntax, _ purpose: FormulaChecker.Purpose) -> CheckedExpr? {
    useLets(in: scalar.source)
    return formulas.formula(scalar, purpose)
  }

  /// Checks what is given for a field or an argument.
  func slot(_ scalar: ScalarSyntax, for target: SlotTarget) -> CheckedSlot? {
    if target.type == .string { useLets(inHolesOf: scalar) } else { useLets(in: scalar.source) }
    return formulas.slot(scalar, for: target)
  }

  /// Checks words with holes.
  func template(_ scalar: ScalarSyntax, _ key: String) -> CheckedText? {
    useLets(inHolesOf: scalar)
    return formulas.template(scalar, key)
  }

  private func useLets(inHolesOf scalar: ScalarSyntax) {
    guard !waitingLets.isEmpty, let syntax = try? TextSyntax(scalar) else { return }
    for case .hole(let source, _) in syntax.pieces { useLets(in: source) }
  }

  /// Binds the time and who acts.
  func bindClock() {
    let now = frame.layout.takeSlot()
    frame.names.now = now
    scope.bind("now", .timestamp, .slot(now))
    guard let user = context.schema["User"] else {
      let slot = frame.layout.takeSlot()
      frame.names.actorSlot = slot
      scope.bind("actor", .null, .slot(slot))
      return
    }
    let place = frame.layout.takeRecord()
    frame.names.actorRecord = place
    scope.bind("actor", .nullable(.record(user.name)), .record(place))
  }

  /// The names of the language, in whatever scope they mean something.
  static let languageNames: Set<String> = ["old", "new", "now", "actor", "signal"]

  /// Whether a name may be given to something here: it is a name, and hides nothing.
  func isFree(_ scalar: ScalarSyntax, _ key: String) -> Bool {
    let name = scalar.text
    guard Self.isName(name) else {
      context.report(.badName(name, key, at: scalar.span))
      return false
    }
    guard !scope.bound.contains(name), !Self.languageNames.contains(name),
      waitingLets[name] == nil, context.schema[name] == nil
    else {
      context.report(.hides(name, key, at: scalar.span))
      return false
    }
    return true
  }

  /// Whether a text is a name of CEL.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == 95 || first | 0x20 >= 97 && first | 0x20 <= 122,
      text.utf8.allSatisfy({
        $0 == 95 || $0 | 0x20 >= 97 && $0 | 0x20 <= 122 || $0 >= 48 && $0 <= 57
      })
    else { return false }
    return !SchemaLoader.reservedRecordNames.subtracting(languageNames).contains(text)
  }
}
