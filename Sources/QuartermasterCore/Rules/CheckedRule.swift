import QuartermasterCEL

/// A rule that was checked: every formula has its type, every name its place in the frame.
struct CheckedRule: Sendable {
  /// As it was written.
  let syntax: RuleSyntax
  /// What wakes it.
  let trigger: CheckedTrigger
  /// The conditions, in order.
  let conditions: [CheckedExpr]
  /// The named values that are used.
  let lets: [CheckedExpr]
  /// The actions, in order.
  let actions: [CheckedAction]
  /// Where the names of a firing are.
  let frame: RuleFrame
  /// The names under which the record and its versions are known.
  let subject: RuleSubject?

  /// The name.
  var name: String { syntax.name.text }

  /// The same rule with a frame that it may make larger.
  var onFrameOfItsOwn: CheckedRule {
    CheckedRule(
      syntax: syntax, trigger: trigger, conditions: conditions, lets: lets, actions: actions,
      frame: RuleFrame(frame), subject: subject)
  }
}

/// The record that wakes a rule, by its names.
struct RuleSubject: Sendable {
  /// Its class.
  let definition: ClassDefinition
  /// Its live name; nil when it is deleted.
  let live: String?
  /// Whether `new` is known.
  let hasNew: Bool
  /// Whether `old` is known.
  let hasOld: Bool

  /// The names of the record as it is.
  var currentNames: Set<String> {
    var names: Set<String> = []
    if let live { names.insert(live) }
    if hasNew { names.insert("new") }
    return names
  }
}

/// What wakes a rule.
enum CheckedTrigger: Sendable {
  case record(Record)
  case schedule(CompiledTrigger.ScheduleTrigger)
  case signal(String)

  /// A change of a record.
  struct Record: Sendable {
    let kinds: CompiledTrigger.RecordTrigger.Kinds
    let subject: ClassDefinition
    let fields: [FieldDefinition]?
    let becomes: CheckedExpr?
    let hold: TimeSpan?
    let again: TimeSpan?
    let due: CheckedExpr?
    let span: SourceSpan

    /// Whether it waits: its firing is not part of the operation that woke it.
    var isTimed: Bool { hold != nil || due != nil }
  }
}

/// What a slot gives.
enum CheckedSlot: Sendable {
  case constant(Value)
  case formula(CheckedExpr)
  case text(CheckedText)
}

/// Words with checked holes.
struct CheckedText: Sendable {
  /// A run of words, or a hole.
  enum Piece: Sendable {
    case words(String)
    case hole(CheckedExpr)
  }

  let pieces: [Piece]
  let isSingleHole: Bool
}

/// An assignment to a field.
struct CheckedAssignment: Sendable {
  let field: FieldDefinition
  let slot: CheckedSlot
  let span: SourceSpan
}

/// An argument of a signal, a call or a verb of the host.
struct CheckedArgument: Sendable {
  let name: String
  let slot: CheckedSlot
}

/// An action.
struct CheckedAction: Sendable {
  /// What it does.
  enum Verb: Sendable {
    case set(target: CheckedExpr, ClassDefinition, [CheckedAssignment])
    case create(ClassDefinition, [CheckedAssignment])
    case ensure(ClassDefinition, match: [CheckedAssignment], [CheckedAssignment])
    case delete(target: CheckedExpr, ClassDefinition)
    case advance(target: CheckedExpr, ClassDefinition, FieldDefinition, to: String)
    case notify([Recipient], message: CheckedText, title: CheckedText?, channels: [String])
    case reject(CheckedText)
    case signal(String, [CheckedArgument])
    case call(String, [CheckedArgument])
    case host(VerbDefinition, target: CheckedExpr?, [CheckedArgument])
  }

  /// Who is told.
  enum Recipient: Sendable {
    case group(String)
    case formula(CheckedExpr)
  }

  /// The list of an `each`, and where its elements go.
  struct Each: Sendable {
    let list: CheckedExpr
    let place: RuleNames.PayloadPlace
  }

  let verb: Verb
  let each: Each?
  let conditions: [CheckedExpr]
  let once: CheckedSlot?
  let within: TimeSpan?
  let result: Int?
  /// Who acts, in a test.
  let actor: CheckedExpr?
  let span: SourceSpan
}

extension CheckedSlot {
  /// The formulas in it.
  var formulas: [CheckedExpr] {
    switch self {
    case .constant: []
    case .formula(let checked): [checked]
    case .text(let text): text.formulas
    }
  }
}

extension CheckedText {
  /// The formulas in its holes.
  var formulas: [CheckedExpr] {
    pieces.compactMap { if case .hole(let checked) = $0 { checked } else { nil } }
  }
}

extension CheckedAction.Verb {
  /// The formulas in it.
  var formulas: [CheckedExpr] {
    func slots(_ assignments: [CheckedAssignment]) -> [CheckedExpr] {
      assignments.flatMap(\.slot.formulas)
    }
    func slots(_ arguments: [CheckedArgument]) -> [CheckedExpr] {
      arguments.flatMap(\.slot.formulas)
    }
    switch self {
    case .set(let target, _, let assignments): return [target] + slots(assignments)
    case .create(_, let assignments): return slots(assignments)
    case .ensure(_, let match, let assignments): return slots(match) + slots(assignments)
    case .delete(let target, _), .advance(let target, _, _, _): return [target]
    case .notify(let recipients, let message, let title, _):
      let told = recipients.compactMap {
        if case .formula(let checked) = $0 { checked } else { nil }
      }
      return told + message.formulas + (title?.formulas ?? [])
    case .reject(let text): return text.formulas
    case .signal(_, let arguments), .call(_, let arguments): return slots(arguments)
    case .host(_, let target, let arguments): return (target.map { [$0] } ?? []) + slots(arguments)
    }
  }
}

extension CheckedAction {
  /// All formulas of the action.
  var formulas: [CheckedExpr] {
    (each.map { [$0.list] } ?? []) + conditions + (once?.formulas ?? []) + verb.formulas
  }
}
