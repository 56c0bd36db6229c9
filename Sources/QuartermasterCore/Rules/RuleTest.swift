package import QuartermasterCEL

/// A test of rules that was checked and planned: given, do, expect. Immutable.
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
  /// What a frame for it needs. One frame serves the whole test: names that a step binds stay.
  package let layout: FrameLayout
  /// Where `now` and `actor` are in that frame.
  package let names: RuleNames
  /// `frame.slots[k]` of `Message`: a list of records of ``MessageRecord/type``, one for each recipient of each
  /// `notify` that ran.
  package let messages: Int
  /// Where the title stands.
  package let span: SourceSpan

  package init(
    title: String, now: Timestamp?, fixtures: [Fixture], steps: [Step],
    expectations: [Expectation], layout: FrameLayout, names: RuleNames, messages: Int,
    span: SourceSpan
  ) {
    self.title = title
    self.now = now
    self.fixtures = fixtures
    self.steps = steps
    self.expectations = expectations
    self.layout = layout
    self.names = names
    self.messages = messages
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
    /// Its fields; slots may name any fixture. Required ones that are left out get a plausible value.
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
    /// What must hold now.
    case expect([Expectation])
  }

  /// A verb of a step.
  package struct Action: Sendable {
    /// What is done.
    package let action: CompiledAction
    /// Who does it; nil for the system.
    package let actor: Program?
  }

  /// What a test expects.
  package struct Expectation: Sendable {
    /// What is expected.
    package enum Kind: Sendable {
      /// A formula that gives true.
      case holds(CompiledCondition)
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

/// The class of the messages that tests and queries see as `Message`: records that no table holds.
package enum MessageRecord {
  /// The class. Its records are pinned rows of ``slotCount`` values.
  package static let type: RecordType = {
    let type = RecordType(name: "Message", index: -1, variable: "message")
    let fields: [RecordField] = Slot.allCases.map { slot in
      RecordField(name: slot.name, type: slot.type, access: .stored(slot: slot.rawValue))
    }
    type.define(
      fields: fields + [RecordField(name: "objectId", type: .string, access: .id)],
      slotCount: slotCount)
    return type
  }()

  /// How many values a row has.
  package static let slotCount = Slot.allCases.count

  /// The place of each value in a row.
  package enum Slot: Int, CaseIterable, Sendable {
    /// The rule that sent it.
    case rule
    /// Whom: a group's name, an address, or the id of a record.
    case recipient
    /// Its title, or null.
    case title
    /// Its words.
    case message
    /// The channel.
    case channel
    /// When it was queued.
    case at
    /// What became of it.
    case state

    var name: String { self == .recipient ? "to" : String(describing: self) }

    var type: CELType {
      switch self {
      case .title: .nullable(.string)
      case .at: .timestamp
      default: .string
      }
    }
  }
}

/// The classes of a schema, and `Message`.
struct MessageTypes: RecordTypeProvider {
  let schema: Schema

  func recordType(named name: String) -> RecordType? {
    name == MessageRecord.type.name ? MessageRecord.type : schema.recordType(named: name)
  }

  var recordTypeNames: [String] { schema.recordTypeNames + [MessageRecord.type.name] }
}
