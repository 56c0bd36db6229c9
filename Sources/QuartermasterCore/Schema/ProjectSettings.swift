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

  /// When a commit is on the disk.
  public enum Durability: String, Sendable {
    /// synchronous=FULL: a commit survives a power cut.
    case full
    /// synchronous=NORMAL: a power cut may take the last commits, never part of one.
    case relaxed
  }

  /// A way to deliver messages: what it is, and what its kind asks for, such as a URL.
  public struct Channel: Sendable {
    /// The kind: `log`, `file`, `webhook`, `email`, or one that the host registers.
    public let type: String
    /// The other keys, as texts.
    ///
    /// A secret is the name of a variable of the environment.
    public let options: [String: String]

    package init(type: String, options: [String: String]) {
      self.type = type
      self.options = options
    }
  }

  /// The groups that `notify` may name.
  public var groups: [String: Group] = [:]
  /// Where inbox messages go; nil for the engine's own table.
  public var inbox: Inbox?
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
  /// How often a delivery is tried before it is a dead letter.
  public var maximumTries = 8
  /// How long a delivery is tried before it is a dead letter.
  public var maximumAge = TimeSpan(nanoseconds: 86_400_000_000_000)
  /// The channels that are declared, by name.
  public var channels: [String: Channel] = [:]
  /// The channels of a `notify` without `by`.
  public var defaultChannels = ["inbox"]

  /// Whether what other programs write with plain SQL is taken in, as `outside: on` says.
  public var takesInOutside = true

  /// Creates the settings of a project without a quartermaster.yaml.
  public init() {}
}
