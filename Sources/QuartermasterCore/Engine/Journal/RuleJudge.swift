internal import QuartermasterCEL

/// Judges rules on versions of records, one gate after the other, without running anything.
final class RuleJudge {
  /// Where a change stopped on its way to a firing of a rule.
  enum Gate {
    /// The trigger is about another kind of change.
    case kind
    /// None of the trigger's fields differs.
    case unchanged
    /// `becomes` was true before the change already.
    case wasTrue
    /// `becomes` is not true after the change.
    case isFalse(WhyNot.Condition)
    /// An item of `when:` is false.
    case conditionFalse(WhyNot.Condition)
    /// A condition cannot be judged.
    case fails(WhyNot.Condition, String)
    /// Nothing stopped it; the items of `when:` that were judged as of now.
    case passes(judgedNow: [WhyNot.Condition])
  }

  let rule: CompiledRule
  private let runtime: RuleRuntime
  private let session: StoreSession

  /// Creates a judge of a rule on a session; the computed fields are those of the session.
  init(_ rule: CompiledRule, _ session: StoreSession, _ computed: ComputedFields) {
    self.rule = rule
    self.session = session
    runtime = RuleRuntime(rule, schema: session.schema, host: session, computed: computed)
  }

  /// The trigger, when a change of a record wakes the rule.
  var trigger: CompiledTrigger.RecordTrigger? { runtime.recordTrigger }

  /// Returns where a change of a record stops.
  ///
  /// - Parameters:
  ///   - change: The change, its rows rebuilt.
  ///   - now: The instant of the operation.
  ///   - actor: Who made it.
  ///   - triggerOnly: Whether the items of `when:` are left out.
  /// - Returns: The first gate that it does not pass.
  func gate(_ change: Change, now: Timestamp, actor: Record?, triggerOnly: Bool = false) -> Gate {
    guard let trigger else { return .kind }
    let kind: CompiledTrigger.RecordTrigger.Kinds =
      switch change.kind {
      case .created: .created
      case .changed: .changed
      case .deleted: .deleted
      }
    if !trigger.kinds.contains(kind) { return .kind }
    do throws(EvaluationError) {
      if try !runtime.fieldsDiffer(change) { return .unchanged }
    } catch { return .unchanged }
    if let edge = trigger.becomes, let new = change.newRecord {
      do throws(EvaluationError) {
        if try !runtime.holds(new) { return .isFalse(edgeCondition(edge, new, isNow: false)) }
      } catch { return .fails(edgeCondition(edge, new, isNow: false), error.message) }
      if let old = change.oldRecord, (try? runtime.holds(old)) == true { return .wasTrue }
    }
    if triggerOnly { return .passes(judgedNow: []) }
    return conditions(change, now: now, actor: actor)
  }

  /// Returns `becomes` with its values for a record when it is not true of it; nil when it is, or there is none.
  func falseEdge(_ record: Record) -> WhyNot.Condition? {
    guard let edge = trigger?.becomes else { return nil }
    if (try? runtime.holds(record)) == true { return nil }
    return edgeCondition(edge, record, isNow: true)
  }

  /// Returns `becomes` with its values for a record.
  func edge(_ record: Record) -> WhyNot.Condition? {
    trigger?.becomes.map { edgeCondition($0, record, isNow: true) }
  }

  /// Returns the instant that `due` gives for a record.
  func due(_ record: Record) -> Timestamp? {
    guard let instant = try? runtime.dueInstant(record) else { return nil }
    return instant
  }

  /// Judges the items of `when:` as they are now, for a record of today or for none.
  func conditionsNow(_ record: Record?, now: Timestamp) -> Gate {
    runtime.bind(record, nil, now: now, actor: nil)
    return judge(isExact: { _ in false })
  }

  private func conditions(_ change: Change, now: Timestamp, actor: Record?) -> Gate {
    // The live name stands for the row as it was, not for that of today.
    runtime.bind(change.newRecord, change, now: now, actor: actor)
    return judge(isExact: \.readsOwnRow)
  }

  private func judge(isExact: (CompiledCondition) -> Bool) -> Gate {
    var judgedNow: [WhyNot.Condition] = []
    for (place, item) in rule.conditions.enumerated() {
      let label = rule.conditions.count == 1 ? "when" : "when \(place + 1)"
      let exact = isExact(item)
      let holds: Bool
      do throws(EvaluationError) {
        holds = try item.program.root.evalBool(runtime.frame)
      } catch { return .fails(condition(label, item, exact), error.message) }
      if !holds { return .conditionFalse(condition(label, item, exact)) }
      if !exact { judgedNow.append(condition(label, item, exact)) }
    }
    return .passes(judgedNow: judgedNow)
  }

  private func condition(_ label: String, _ item: CompiledCondition, _ isExact: Bool)
    -> WhyNot.Condition
  {
    let written = RuleBook.Condition(label: label, text: item.program.source.text)
    let operands = runtime.operands().filter { written.mentions($0.text) }
    return WhyNot.Condition(
      label: label, text: written.text, place: Self.place(item.program.source),
      operands: operands.map { ($0.text, $0.value.description) }, isExact: isExact)
  }

  private func edgeCondition(_ edge: CompiledCondition, _ record: Record, isNow: Bool)
    -> WhyNot.Condition
  {
    runtime.bind(record, nil, now: Timestamp(milliseconds: 0), actor: nil)
    let written = RuleBook.Condition(label: "becomes", text: edge.program.source.text)
    let operands = runtime.operands().filter { written.mentions($0.text) }
    return WhyNot.Condition(
      label: "becomes", text: written.text, place: Self.place(edge.program.source),
      operands: operands.map { ($0.text, $0.value.description) }, isExact: true)
  }

  private static func place(_ source: ExprSource) -> String {
    let span = source.span(0..<source.text.utf8.count)
    return "\(span.file.name):\(span.file.position(of: span.range.lowerBound).line)"
  }
}
