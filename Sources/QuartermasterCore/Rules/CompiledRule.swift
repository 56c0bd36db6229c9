package import QuartermasterCEL

/// A rule that was checked and planned: all the engine needs to run it.
package final class CompiledRule: Sendable {
  /// When a rule runs.
  package enum Phase: Sendable { case before, after, later }
  /// What an error of its actions undoes.
  package enum Failure: Sendable {
    /// The whole operation.
    case stop
    /// This firing alone.
    case skip
  }

  /// In whose name a rule acts, where permissions are known.
  package enum Authority: Sendable {
    /// Nobody's: it may do everything.
    case system
    /// That of who made the change.
    case actor
    /// That of who wrote the rule, a record.
    case author
  }

  /// The name, unique in the rule set.
  package let name: String
  /// What it is for.
  package let description: String?
  /// The place in the order in which rules are considered; `RuleSet.rules[k].index == k`.
  package let index: Int
  /// What wakes it.
  package let trigger: CompiledTrigger
  /// When it runs.
  package let phase: Phase
  /// What an error undoes.
  package let failure: Failure
  /// In whose name it acts.
  package let authority: Authority
  /// What it was made of, where it acts in somebody's name: what he may not see it does not see.
  let checked: CheckedRule?
  /// The conditions, in order; all must hold.
  package let conditions: [CompiledCondition]
  /// The actions, in order.
  package let actions: [CompiledAction]
  /// The names of all rules that it follows, directly or through others.
  package let follows: Set<String>
  /// The names of fields that its conditions and lets select: assignments to these are not blind.
  package let readFields: Set<String>
  /// What a frame for it needs.
  package let layout: FrameLayout
  /// Where the names of a firing are in that frame.
  package let names: RuleNames
  /// The paths that the conditions look at, such as `inventory.quantity`, planned on the rule's frame: what an
  /// explanation shows.
  package let operands: [(text: String, program: Program)]
  /// The slots to be set to null before each firing, so that lets are computed anew.
  package let lazySlots: [Int]
  /// Where the name stands.
  package let span: SourceSpan
  /// The record that it is; nil for a rule of a file.
  package let stored: StoredRule?

  init(
    name: String, description: String?, index: Int, trigger: CompiledTrigger, phase: Phase,
    failure: Failure, authority: Authority = .system, checked: CheckedRule? = nil,
    conditions: [CompiledCondition], actions: [CompiledAction],
    follows: Set<String>, readFields: Set<String>, layout: FrameLayout, names: RuleNames,
    lazySlots: [Int], operands: [(text: String, program: Program)] = [], span: SourceSpan,
    stored: StoredRule? = nil
  ) {
    self.name = name
    self.description = description
    self.index = index
    self.trigger = trigger
    self.phase = phase
    self.failure = failure
    self.authority = authority
    self.checked = checked
    self.conditions = conditions
    self.actions = actions
    self.follows = follows
    self.readFields = readFields
    self.layout = layout
    self.names = names
    self.lazySlots = lazySlots
    self.operands = operands
    self.span = span
    self.stored = stored
  }
}

extension CompiledRule {
  /// Creates the same rule for another place in the order.
  ///
  /// - Parameters:
  ///   - rule: The rule.
  ///   - index: The place.
  ///   - follows: What it follows there; nil for what it followed.
  ///   - stored: The record that it is; nil for what it was.
  convenience init(
    _ rule: CompiledRule, index: Int, follows: Set<String>? = nil, stored: StoredRule? = nil
  ) {
    self.init(
      name: rule.name, description: rule.description, index: index, trigger: rule.trigger,
      phase: rule.phase, failure: rule.failure, authority: rule.authority, checked: rule.checked,
      conditions: rule.conditions, actions: rule.actions,
      follows: follows ?? rule.follows, readFields: rule.readFields, layout: rule.layout,
      names: rule.names, lazySlots: rule.lazySlots, operands: rule.operands, span: rule.span,
      stored: stored ?? rule.stored)
  }
}

/// Where a firing puts its names; a nil place says that the rule has no such name.
package struct RuleNames: Sendable {
  /// `frame.records[k]` of the live record, `old` and `new`.
  package var record: Int?, old: Int?, new: Int?
  /// `frame.slots[k]` of `now` (a timestamp).
  package var now: Int?
  /// `frame.records[k]` of `actor` where the schema has a class User; else `frame.slots[k]`, always null.
  package var actorRecord: Int?, actorSlot: Int?
  /// `frame.slots[k]` of each member of a signal's payload, pointers as records in `frame.records`.
  package var payload: [String: PayloadPlace] = [:]

  /// Where a member of a payload is.
  package enum PayloadPlace: Sendable { case slot(Int), record(Int) }

  package init() {}
}

/// What wakes a rule.
package enum CompiledTrigger: Sendable {
  case record(RecordTrigger)
  case schedule(ScheduleTrigger)
  case signal(String)

  /// A change of a record.
  package struct RecordTrigger: Sendable {
    /// Which kinds of change.
    package let kinds: Kinds
    /// The class, by its place in the schema.
    package let classIndex: Int
    /// The fields of which one must differ, by their place in the class; nil for any.
    package let fields: [Int]?
    /// The edge: false before, true now.
    ///
    /// Planned on one record, at `frame.records[0]` of a frame of its own layout.
    package let becomes: CompiledCondition?
    /// How long `becomes` must stay true.
    package let hold: TimeSpan?
    /// How often it fires again while it stays true.
    package let again: TimeSpan?
    /// The instant at which it fires, from the record's row; planned like `becomes`.
    package let due: Program?

    /// Kinds of change, as a set.
    package struct Kinds: OptionSet, Sendable {
      package let rawValue: UInt8
      package init(rawValue: UInt8) { self.rawValue = rawValue }
      package static let created = Kinds(rawValue: 1)
      package static let changed = Kinds(rawValue: 2)
      package static let deleted = Kinds(rawValue: 4)
    }

    package init(
      kinds: Kinds, classIndex: Int, fields: [Int]?, becomes: CompiledCondition?,
      hold: TimeSpan?, again: TimeSpan?, due: Program?
    ) {
      self.kinds = kinds
      self.classIndex = classIndex
      self.fields = fields
      self.becomes = becomes
      self.hold = hold
      self.again = again
      self.due = due
    }
  }

  /// A moment by the clock.
  package struct ScheduleTrigger: Sendable, Equatable {
    /// How often.
    package enum Period: Sendable, Equatable {
      case minute, hour, day, weekday, month
      /// 0 is Sunday.
      case dayOfWeek(Int)
      /// Multiples since 1970 UTC.
      case every(TimeSpan)
      /// Five fields, as cron has them.
      case cron(String)
    }

    /// How often.
    package let period: Period
    /// The local time, in minutes after midnight.
    package let minuteOfDay: Int
    /// The IANA name of the zone.
    package let zone: String

    package init(period: Period, minuteOfDay: Int, zone: String) {
      self.period = period
      self.minuteOfDay = minuteOfDay
      self.zone = zone
    }
  }
}

/// A condition: a program, and what is known of the tree that it was made of.
package struct CompiledCondition: Sendable {
  /// Gives true or false.
  package let program: Program
  /// What it asks of fields of the rule's record with constants; none for a condition of an action.
  let guards: [RuleGuard]
  /// Whether its evaluation can give nothing but a value.
  let cannotFail: Bool
  /// Whether it looks at the record as it was.
  let looksAtOld: Bool
  /// Whether it reads nothing but the row of the rule's record.
  let readsOwnRow: Bool

  /// Creates a condition of a rule.
  ///
  /// - Parameters:
  ///   - program: What runs.
  ///   - checked: The tree.
  ///   - subject: The class whose changes wake the rule; nil where the index need not know of the condition.
  ///   - names: The names under which a field of the record counts for the index.
  init(program: Program, _ checked: CheckedExpr, of subject: ClassDefinition?, names: Set<String>) {
    self.program = program
    looksAtOld = checked.references.contains {
      if case .variable(let variable)? = $0 { variable.name == "old" } else { false }
    }
    guards = subject.map { RuleGuard.read(checked, $0, names: names) } ?? []
    cannotFail = subject.map { Safety.cannotFail(checked, $0) } ?? false
    readsOwnRow = subject.map { OwnRowCheck.reads(checked, $0) } ?? false
  }
}

/// What a slot of an action gives.
package enum CompiledSlot: Sendable {
  /// A literal of the slot's type.
  case constant(Value)
  /// A formula.
  case formula(Program)
  /// Words with holes.
  case text(TextTemplate)
}

/// Words with holes: `Order ${order.number} left us`.
package struct TextTemplate: Sendable {
  /// A run of words, or a hole.
  package enum Piece: Sendable {
    case words(String)
    case hole(Program)
  }

  /// The parts, in order.
  package let pieces: [Piece]
  /// Whether it is one hole and nothing else, so that its value is taken as it is, null too.
  package let isSingleHole: Bool

  package init(pieces: [Piece], isSingleHole: Bool) {
    self.pieces = pieces
    self.isSingleHole = isSingleHole
  }
}

/// An assignment of an action.
package struct CompiledAssignment: Sendable {
  /// The field.
  package let field: FieldDefinition
  /// What it is set to.
  package let slot: CompiledSlot
  /// Whether the slot or a `when` of the action selects a field of this name: then the assignment is not blind.
  package let readsField: Bool

  package init(field: FieldDefinition, slot: CompiledSlot, readsField: Bool) {
    self.field = field
    self.slot = slot
    self.readsField = readsField
  }
}

/// An action of a rule.
///
/// A class, so that to run it copies none of it.
package final class CompiledAction: Sendable {
  /// What it does.
  package enum Verb: Sendable {
    case set(target: Program, [CompiledAssignment])
    case create(classIndex: Int, [CompiledAssignment])
    case ensure(classIndex: Int, match: [CompiledAssignment], [CompiledAssignment])
    case delete(target: Program)
    case advance(target: Program, field: FieldDefinition, to: String, readsField: Bool)
    case notify(CompiledNotice)
    case reject(TextTemplate)
    case signal(String, [(name: String, slot: CompiledSlot)])
    case call(String, [(name: String, slot: CompiledSlot)])
    /// A verb of the host or of a domain.
    case host(VerbDefinition, target: Program?, [(name: String, slot: CompiledSlot)])
  }

  /// Binds each element of a list in turn.
  package struct Each: Sendable {
    /// The list, taken once.
    package let list: Program
    /// Where the element goes.
    package let place: RuleNames.PayloadPlace

    package init(list: Program, place: RuleNames.PayloadPlace) {
      self.list = list
      self.place = place
    }
  }

  /// What it does.
  package let verb: Verb
  /// The elements it is done for.
  package let each: Each?
  /// The conditions; all must hold.
  package let conditions: [CompiledCondition]
  /// The key under which it is done once.
  package let once: CompiledSlot?
  /// How long a key counts; nil for ever.
  package let within: TimeSpan?
  /// `frame.records[k]` that `as` binds, null where the action did not run.
  package let result: Int?
  /// Where the verb stands.
  package let span: SourceSpan

  package init(
    verb: Verb, each: Each?, conditions: [CompiledCondition], once: CompiledSlot?,
    within: TimeSpan?, result: Int?, span: SourceSpan
  ) {
    self.verb = verb
    self.each = each
    self.conditions = conditions
    self.once = once
    self.within = within
    self.result = result
    self.span = span
  }
}

/// A message of `notify`.
package struct CompiledNotice: Sendable {
  /// Who is told.
  package enum Recipient: Sendable {
    /// A declared group, by name.
    case group(String)
    /// A record of a class with a contact, or an address as text.
    case formula(Program)
  }

  /// Who is told.
  package let recipients: [Recipient]
  /// The words.
  package let message: TextTemplate
  /// The title, if any.
  package let title: TextTemplate?
  /// The channels; empty for the default ones.
  package let channels: [String]

  package init(
    recipients: [Recipient], message: TextTemplate, title: TextTemplate?, channels: [String]
  ) {
    self.recipients = recipients
    self.message = message
    self.title = title
    self.channels = channels
  }
}

/// The rules in force: checked, planned and in the order in which they are considered.
package final class RuleSet: Sendable {
  /// The enabled rules; `rules[k].index == k`.
  package let rules: [CompiledRule]
  /// The names of the rules that are switched off in their files.
  package let disabled: [String]
  /// The files, as they were read, by path below the rules folder.
  package let files: [SourceFile]
  /// The parts of conditions that are true or false, by number; none where they were not numbered.
  package let branches: [RuleBranch]

  package init(
    rules: [CompiledRule], disabled: [String] = [], files: [SourceFile] = [],
    branches: [RuleBranch] = []
  ) {
    self.rules = rules
    self.disabled = disabled
    self.files = files
    self.branches = branches
  }
}
