import QuartermasterCEL

/// A scalar as it was written: its text, and where the text and the whole node stand.
struct ScalarSyntax: Sendable {
  /// The text, and where each part of it stands.
  let source: ExprSource
  /// How it was written.
  let style: YAMLNode.Style
  /// Where the node stands, quotes included.
  let span: SourceSpan

  /// The text.
  var text: String { source.text }
}

/// A rule as it was written.
///
/// Nothing is resolved: every scalar still knows its place.
struct RuleSyntax: Sendable {
  /// The name.
  let name: ScalarSyntax
  /// Where the key `rule` stands: the place of messages about the rule as a whole.
  let span: SourceSpan
  /// What it is for.
  let description: String?
  /// What wakes it; nil where that was wrong.
  let trigger: TriggerSyntax?
  /// The named values, in the order of the file.
  let lets: [NamedSyntax]
  /// The conditions, in order.
  let conditions: [ScalarSyntax]
  /// The actions, in order.
  let actions: [ActionSyntax]
  /// When it runs.
  let phase: CompiledRule.Phase
  /// Where `phase:` says so, if it does.
  let phaseSpan: SourceSpan?
  /// The names of the rules that come first.
  let follows: [ScalarSyntax]
  /// What an error undoes.
  let failure: CompiledRule.Failure
  /// In whose name it acts.
  let authority: CompiledRule.Authority
  /// Where `authority:` says so, if it does.
  let authoritySpan: SourceSpan?
  /// Whether it is switched on.
  let isEnabled: Bool
  /// Whether something in it was wrong already.
  let isBroken: Bool
}

/// A key and its scalar, such as a `let`.
struct NamedSyntax: Sendable {
  /// The key.
  let name: ScalarSyntax
  /// What was written for it.
  let value: ScalarSyntax
}

/// What wakes a rule, as it was written.
enum TriggerSyntax: Sendable {
  case record(Record)
  case schedule(Schedule)
  case signal(ScalarSyntax)

  /// `saved: Order` and its companions.
  struct Record: Sendable {
    /// Which of the four words.
    enum Event: String, Sendable, CaseIterable { case created, changed, saved, deleted }

    /// Which of the four words.
    let event: Event
    /// Where the word stands.
    let span: SourceSpan
    /// Classes or fields of one class.
    let subjects: [ScalarSyntax]
    /// The edge.
    let becomes: ScalarSyntax?
    /// How long it must hold.
    let hold: Timed?
    /// How often it fires again.
    let again: Timed?
    /// The instant at which it fires.
    let due: ScalarSyntax?
  }

  /// `every: day` and its companions.
  struct Schedule: Sendable {
    /// How often.
    let period: CompiledTrigger.ScheduleTrigger.Period
    /// The local time, in minutes after midnight.
    let minuteOfDay: Int
    /// The zone; nil for the project's.
    let zone: ScalarSyntax?
  }

  /// A duration and where it stands.
  struct Timed: Sendable {
    let span: TimeSpan
    let place: SourceSpan
  }
}

/// What is assigned to a field, or given for an argument.
struct SlotSyntax: Sendable {
  /// The field or the argument.
  let name: ScalarSyntax
  /// What was written.
  let value: ScalarSyntax
}

/// An action of a rule or a step of a test, as it was written.
struct ActionSyntax: Sendable {
  /// The verb.
  let verb: Verb
  /// Where the verb stands.
  let span: SourceSpan
  /// `each: NAME in LIST`.
  let each: ScalarSyntax?
  /// The conditions.
  let conditions: [ScalarSyntax]
  /// The name that `as` gives the result.
  let result: ScalarSyntax?
  /// The key under which it is done once.
  let once: ScalarSyntax?
  /// How long a key counts.
  let within: TriggerSyntax.Timed?
  /// Who acts, in a test.
  let actor: ScalarSyntax?

  /// What is done.
  enum Verb: Sendable {
    case set(target: ScalarSyntax, [SlotSyntax])
    case create(ScalarSyntax, [SlotSyntax])
    case ensure(ScalarSyntax, match: [SlotSyntax], [SlotSyntax])
    case delete(ScalarSyntax)
    case advance(ScalarSyntax, to: ScalarSyntax)
    case notify(Notice)
    case reject(ScalarSyntax)
    case signal(ScalarSyntax, [SlotSyntax])
    case call(ScalarSyntax, [SlotSyntax])
    /// A verb of the schema.
    case host(VerbDefinition, target: ScalarSyntax?, [SlotSyntax])
  }

  /// A message.
  struct Notice: Sendable {
    let recipients: [ScalarSyntax]
    let message: ScalarSyntax
    let title: ScalarSyntax?
    let channels: [ScalarSyntax]
  }
}

/// A test as it was written.
struct TestSyntax: Sendable {
  /// What it shows.
  let title: ScalarSyntax
  /// Where its clock starts.
  let now: Timestamp?
  /// The records that are there, class by class.
  let fixtures: [FixtureSyntax]
  /// What is done.
  let steps: [StepSyntax]
  /// What must then hold.
  let expectations: [ExpectationSyntax]
}

/// A record that is there when a test starts.
struct FixtureSyntax: Sendable {
  /// The class.
  let className: ScalarSyntax
  /// Its id.
  let id: ScalarSyntax
  /// Its fields.
  let slots: [SlotSyntax]
}

/// A step of a test, as it was written.
indirect enum StepSyntax: Sendable {
  case act(ActionSyntax)
  case wait(TriggerSyntax.Timed)
  case together([StepSyntax], SourceSpan)
  /// What must hold; with an actor, as far as he sees it.
  case expect([ExpectationSyntax], actor: ScalarSyntax?)
}

/// What a test expects, as it was written.
enum ExpectationSyntax: Sendable {
  case expression(ScalarSyntax)
  case fired(ScalarSyntax)
  case quiet(ScalarSyntax)
  case notified(ScalarSyntax, message: ScalarSyntax?)
  case rejected(ScalarSyntax)
  case called(ScalarSyntax)
  case denied(ScalarSyntax)
}

/// All that the rule files of a project hold, in the order of the files.
struct RuleFileSyntax: Sendable {
  /// The rules, switched off ones included.
  var rules: [RuleSyntax] = []
  /// The tests.
  var tests: [TestSyntax] = []
}
