import QuartermasterCEL

/// What a rule reads and writes, as far as its text tells: the ground of the checks over all rules.
struct RuleFootprint {
  /// What one action does.
  struct Deed {
    /// The action.
    let action: CheckedAction
    /// What it does to records, those of roll-ups included.
    let effects: [Effect]
    /// The signal that it raises, if any.
    let signal: String?
  }

  /// An assignment that does not read the field, so that another one may undo it.
  struct BlindWrite {
    let field: CheckedExpr.FieldUse
    /// The value, where it is a literal.
    let constant: Value?
    let span: SourceSpan
  }

  let rule: CheckedRule
  let deeds: [Deed]
  let blindWrites: [BlindWrite]
  /// The fields that are read when the firing's turn comes.
  let reads: Set<CheckedExpr.FieldUse>
  /// The fields that it may change, those of roll-ups and computed ones included.
  let writes: Set<CheckedExpr.FieldUse>

  init(_ rule: CheckedRule, in context: RuleContext) {
    self.rule = rule
    deeds = rule.actions.map { Self.deed($0, rule, context) }
    reads = Self.reads(rule)
    blindWrites = Self.blindWrites(rule)
    var writes: Set<CheckedExpr.FieldUse> = []
    for effect in deeds.lazy.flatMap(\.effects) where effect.kind == .changed {
      for field in effect.subject.fields where effect.motion(of: field) != .same {
        writes.insert(CheckedExpr.FieldUse(className: effect.subject.name, field: field.name))
      }
    }
    self.writes = writes
  }

  // MARK: Effects

  private static func deed(
    _ action: CheckedAction, _ rule: CheckedRule, _ context: RuleContext
  ) -> Deed {
    var direct: [Effect] = []
    var signal: String?
    switch action.verb {
    case .set(let target, let definition, let given):
      let kind: Effect.Kind = rule.isCreationOnly ? .created : .changed
      direct = [Effect(subject: definition, kind: kind, fields: written(given, target))]
    case .create(let definition, let given):
      direct = [Effect(subject: definition, kind: .created, fields: written(given, nil))]
    case .ensure(let definition, let match, let given):
      direct = [Effect(subject: definition, kind: .created, fields: written(match + given, nil))]
    case .delete(_, let definition): direct = deletions(definition, context.schema)
    case .advance(_, let definition, let field, let to):
      direct = [
        Effect(
          subject: definition, kind: .changed, fields: [field.name: .constant(.string(to))])
      ]
    case .notify(_, _, _, let channels): direct = inbox(channels, context)
    case .signal(let name, _): signal = name
    case .host(let host, _, _): direct = directions(host, context.schema)
    case .reject, .call: break
    }
    return Deed(
      action: action, effects: direct + direct.flatMap { $0.consequences(in: context.schema) },
      signal: signal)
  }

  private static func written(
    _ given: [CheckedAssignment], _ target: CheckedExpr?
  ) -> [String: Effect.Written] {
    var fields: [String: Effect.Written] = [:]
    for assignment in given {
      switch assignment.slot {
      case .constant(let value): fields[assignment.field.name] = .constant(value)
      case .formula(let checked):
        fields[assignment.field.name] = .moved(step(checked, assignment.field, target))
      case .text: fields[assignment.field.name] = .moved(.any)
      }
    }
    return fields
  }

  /// `n: item.n + 1` only raises: the field itself, and a number added to it.
  private static func step(
    _ checked: CheckedExpr, _ field: FieldDefinition, _ target: CheckedExpr?
  ) -> Motion {
    guard let name = target?.root.plainName, let (function, arguments) = checked.root.operation,
      function == "_+_" || function == "_-_", arguments.count == 2,
      checked.ownField(arguments[0], of: name) == field.name,
      case .literal(let value, _) = arguments[1].kind, let order = NumberOrder(value, .int(0))
    else { return .any }
    switch order {
    case .greater: return function == "_+_" ? .up : .down
    case .less: return function == "_+_" ? .down : .up
    case .equal: return .same
    case .unordered: return .any
    }
  }

  /// A deletion, and what goes or is cleared with it.
  private static func deletions(_ definition: ClassDefinition, _ schema: Schema) -> [Effect] {
    var effects: [Effect] = []
    var seen: Set<Int> = []
    var waiting = [definition]
    while let next = waiting.popLast() {
      guard seen.insert(next.index).inserted else { continue }
      effects.append(Effect(subject: next, kind: .deleted, fields: [:]))
      for other in schema.classes {
        for field in other.fields where field.target == next.name {
          switch field.onDelete {
          case .restrict: break
          case .cascade: waiting.append(other)
          case .clear:
            effects.append(
              Effect(subject: other, kind: .changed, fields: [field.name: .constant(.null)]))
          }
        }
      }
    }
    return effects
  }

  private static func inbox(_ channels: [String], _ context: RuleContext) -> [Effect] {
    let used = channels.isEmpty ? context.settings.defaultChannels : channels
    guard used.contains("inbox"), let inbox = context.settings.inbox,
      let definition = context.schema[inbox.className]
    else { return [] }
    let names = [inbox.user, inbox.text, inbox.title, inbox.rule, inbox.firing].compactMap { $0 }
    var fields: [String: Effect.Written] = [:]
    for name in names { fields[name] = .moved(.any) }
    if let read = inbox.read { fields[read] = .constant(.bool(false)) }
    return [Effect(subject: definition, kind: .created, fields: fields)]
  }

  /// What the schema says that a verb of the host changes in one direction.
  private static func directions(_ host: VerbDefinition, _ schema: Schema) -> [Effect] {
    var fields: [String: [String: Effect.Written]] = [:]
    for (path, direction) in host.directions {
      let parts = path.split(separator: ".").map(String.init)
      guard parts.count == 2 else { continue }
      fields[parts[0], default: [:]][parts[1]] = .moved(
        direction > 0 ? .up : direction < 0 ? .down : .same)
    }
    return fields.sorted { $0.key < $1.key }.compactMap { className, fields in
      schema[className].map { Effect(subject: $0, kind: .changed, fields: fields) }
    }
  }

  // MARK: Reads and blind writes

  private static func reads(_ rule: CheckedRule) -> Set<CheckedExpr.FieldUse> {
    var uses: Set<CheckedExpr.FieldUse> = []
    for checked in rule.conditions + rule.lets + rule.actions.flatMap(\.formulas) {
      checked.collectFieldUses(except: ["old", "new"], into: &uses)
    }
    return uses
  }

  private static func blindWrites(_ rule: CheckedRule) -> [BlindWrite] {
    var readByRule: Set<String> = []
    for checked in rule.conditions + rule.lets {
      checked.root.collectSelectedFields(into: &readByRule)
    }
    var found: [BlindWrite] = []
    for action in rule.actions {
      var read = readByRule
      for checked in action.conditions { checked.root.collectSelectedFields(into: &read) }
      switch action.verb {
      case .set(_, let definition, let given):
        for assignment in given {
          var own = read
          for checked in assignment.slot.formulas { checked.root.collectSelectedFields(into: &own) }
          guard !own.contains(assignment.field.name) else { continue }
          var constant: Value?
          if case .constant(let value) = assignment.slot { constant = value }
          let use = CheckedExpr.FieldUse(
            className: definition.name, field: assignment.field.name)
          found.append(BlindWrite(field: use, constant: constant, span: assignment.span))
        }
      case .advance(_, let definition, let field, let to):
        guard !read.contains(field.name) else { continue }
        let use = CheckedExpr.FieldUse(className: definition.name, field: field.name)
        found.append(BlindWrite(field: use, constant: .string(to), span: action.span))
      default: break
      }
    }
    return found
  }
}

extension CheckedRule {
  /// Whether the record that it changes before it is stored is always a new one.
  fileprivate var isCreationOnly: Bool {
    guard syntax.phase == .before, case .record(let record) = trigger else { return false }
    return record.kinds == .created
  }

  /// What a change of a record wakes it by, if one does.
  var recordTrigger: CheckedTrigger.Record? {
    if case .record(let record) = trigger { record } else { nil }
  }
}
