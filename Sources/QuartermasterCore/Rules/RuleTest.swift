package import QuartermasterCEL

/// A test of rules that was checked and planned: given, do, expect.
package final class RuleTest: Sendable {
  /// What it shows.
  package let title: String
  /// Where its clock starts; nil for wherever the runner starts it.
  package let now: Timestamp?
  /// The records that are there, loaded without rules, in the order of the file.
  package let fixtures: [Fixture]
  /// What is done.
  package let steps: [Step]
  /// What must hold in the end.
  package let expectations: [Expectation]
  /// What a frame for it needs.
  ///
  /// One frame serves the whole test: names that a step binds stay.
  package let layout: FrameLayout
  /// Where `now` and `actor` are in that frame.
  package let names: RuleNames
  /// Where the title stands.
  package let span: SourceSpan

  package init(
    title: String, now: Timestamp?, fixtures: [Fixture], steps: [Step],
    expectations: [Expectation], layout: FrameLayout, names: RuleNames, span: SourceSpan
  ) {
    self.title = title
    self.now = now
    self.fixtures = fixtures
    self.steps = steps
    self.expectations = expectations
    self.layout = layout
    self.names = names
    self.span = span
  }

  /// A record that is there when the test starts.
  package struct Fixture: Sendable {
    /// The class, by its place in the schema.
    package let classIndex: Int
    /// The id.
    package let id: String
    /// `frame.records[k]` of its name.
    package let place: Int
    /// Its fields; slots may name any fixture.
    ///
    /// Required ones that are left out get a plausible value.
    package let assignments: [CompiledAssignment]
    /// Where the id stands.
    package let span: SourceSpan
  }

  /// What a test does.
  package indirect enum Step: Sendable {
    /// A verb, as one operation.
    case act(Action)
    /// The clock goes on.
    case wait(TimeSpan, SourceSpan)
    /// Several verbs, as one operation.
    case together([Action], SourceSpan)
    /// What must hold now; formulas as far as somebody sees it, where one is named.
    case expect([Expectation], actor: Program?)
  }

  /// A verb of a step.
  package struct Action: Sendable {
    /// What is done.
    package let action: CompiledAction
    /// Who does it; nil for the system.
    package let actor: Program?
  }

  /// A formula that is expected to hold, with its tree: who sees less of the file is asked a rewritten one.
  package struct Condition: Sendable {
    /// Gives true or false.
    package let program: Program
    /// The tree.
    package let checked: CheckedExpr
  }

  /// What a test expects.
  package struct Expectation: Sendable {
    /// What is expected.
    package enum Kind: Sendable {
      /// A formula that gives true.
      case holds(Condition)
      /// The rule fired since the last `expect`.
      case fired(String)
      /// The rule did not.
      case quiet(String)
      /// Somebody was told something since the last `expect`.
      case notified(CompiledNotice.Recipient, message: TextTemplate?)
      /// A step was refused with a message that contains this.
      case rejected(TextTemplate)
      /// A call was queued.
      case called(String)
      /// A step was refused for want of a permission, with a message that contains this.
      case denied(TextTemplate)
    }

    /// What is expected.
    package let kind: Kind
    /// Where it stands.
    package let span: SourceSpan
  }
}
