public import QuartermasterCEL

/// What quartermaster.yaml says of a project.
public struct ProjectSettings: Sendable {
  /// Whom a group's name stands for.
  public enum Group: Sendable {
    /// The records that a query gives.
    case query(CheckedExpr)
    /// Addresses, as texts.
    case addresses([String])
  }

  /// How a message becomes a record: `inbox: {class: Notification, user: user, text: message, read: read}`.
  public struct Inbox: Sendable {
    /// The class of the records.
    public let className: String
    /// The names of the fields; nil for those that are not written.
    public let user: String?, text: String, title: String?, read: String?
    /// The names of the fields for what sent the message; nil for those that are not written.
    public let rule: String?, firing: String?

    package init(
      className: String, user: String?, text: String, title: String?, read: String?,
      rule: String?, firing: String?
    ) {
      self.className = className
      self.user = user
      self.text = text
      self.title = title
      self.read = read
      self.rule = rule
      self.firing = firing
    }
  }

  /// Which records are rules: `automations: {class: Automation, trigger: trigger, action: action}`.
  public struct Automations: Sendable {
    /// What a field of such a record holds.
    public enum Part: String, Sendable, CaseIterable {
      /// What stands behind the key of the same name in a rule file, as text.
      case trigger, action, description, `let`, when, phase, follows, failure
      /// The name of the rule; one is made from the id where there is none.
      case name
      /// Whether the rule is in force; without the field it is.
      case enabled
      /// Who wrote the rule, a pointer or a text such as `User/ann`; the engine writes it.
      case author
      /// Why the rule is not in force although it is enabled; the engine writes it.
      case problem
    }

    /// The class of the records.
    public let className: String
    /// The names of the fields; trigger and action are always there.
    public let fields: [Part: String]

    package init(className: String, fields: [Part: String]) {
      self.className = className
      self.fields = fields
    }
  }

  /// When a commit is on the disk.
  public enum Durability: String, Sendable {
    /// synchronous=FULL: a commit survives a power cut.
    case full
    /// synchronous=NORMAL: a power cut may take the last commits, never part of one.
    case relaxed
  }

  /// A way to deliver messages: what it is, and what its kind asks for, such as a URL.
  public struct Channel: Sendable {
    /// The kind: `log`, `file`, `webhook`, `email`, or `host` for one that the host registers.
    public let kind: String
    /// The address that all messages of the channel go to; nil when each goes to its recipients.
    public let to: String?
    /// The other keys, as texts.
    ///
    /// A secret never stands here: a key that ends with `From` names the variable of the environment that holds it.
    public let options: [String: String]

    package init(kind: String, to: String? = nil, options: [String: String] = [:]) {
      self.kind = kind
      self.to = to
      self.options = options
    }
  }

  /// How long the file remembers what was done; nil is for ever.
  public struct Retention: Sendable, Equatable {
    /// How long operations stay in the journal.
    public var journalAge: TimeSpan?
    /// How many bytes of operations stay in the journal, about.
    public var journalSize: Int64?
    /// How long refused operations stay.
    public var refusedAge: TimeSpan?
    /// How long deliveries stay after they were handed over.
    public var deliveredAge: TimeSpan?

    /// Creates what forgets nothing.
    public init() {}
  }

  /// How deliveries are tried, and later rules that fail.
  public struct Outbox: Sendable {
    /// How often one is tried before it is a dead letter.
    public var maximumTries = 8
    /// How long one is tried before it is a dead letter.
    public var maximumAge = TimeSpan(nanoseconds: 86_400_000_000_000)
    /// How long the next try waits after the first failure, after the second, and so on; the last stands for all after it.
    public var delays = [10, 60, 300, 900, 3600, 7200, 14_400].map {
      TimeSpan(nanoseconds: $0 * 1_000_000_000)
    }
    /// By how many percent at most a delay is drawn out by chance, so that what failed together does not come back together.
    public var jitter = 10
    /// How many lanes are delivered at the same time.
    public var lanes = 8
    /// How long a process that delivers may be silent before another one takes its place.
    public var lease = TimeSpan(nanoseconds: 30_000_000_000)

    /// Creates the settings of a project that says nothing of its outbox.
    public init() {}
  }

  /// The groups that `notify` may name.
  public var groups: [String: Group] = [:]
  /// Where inbox messages go; nil for the engine's own table.
  public var inbox: Inbox?
  /// Which records are rules; nil when none are.
  public var automations: Automations?
  /// The IANA name of the zone of schedules that name none.
  public var zone = "UTC"
  /// When a commit is on the disk.
  public var durability = Durability.full
  /// The data file, relative to the project's folder.
  public var dataFile = "data.sqlite"
  /// The rounds an operation may take.
  public var maximumRounds = 16
  /// The firings an operation may have from round 2 on, if 100 per change of round 1 is not more.
  public var maximumFirings = 10_000
  /// How long the file remembers what was done.
  public var retention = Retention()
  /// How deliveries are tried.
  public var outbox = Outbox()
  /// The channels that are declared, by name.
  public var channels: [String: Channel] = [:]
  /// The channels of a `notify` without `by`.
  public var defaultChannels = ["inbox"]

  /// Whether what other programs write with plain SQL is taken in, as `outside: on` says.
  public var takesInOutside = true

  /// Creates the settings of a project without a quartermaster.yaml.
  public init() {}
}
