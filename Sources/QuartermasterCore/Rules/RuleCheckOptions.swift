/// Which of the checks that go beyond names and types are made, and what a check cannot know from the files alone.
///
/// Null, groups, loops, rivals and conditions can be switched off, for comparisons with an interpreter that has no such checks.
public struct RuleCheckOptions: Sendable {
  /// Whether a value that may be null must be guarded.
  public var checksNull = true
  /// Whether `notify` may name declared groups and records with a contact only.
  public var checksGroups = true
  /// Whether rules that may wake each other for ever are warned of.
  public var checksLoops = true
  /// Whether rules are warned of whose order matters and is not said.
  public var checksOrder = true
  /// Whether conditions are warned of that are never true, or always.
  public var checksConditions = true
  /// Whether rules are noted whose queries read a whole table at each change; SQLite is asked about each query.
  public var checksQueries = false
  /// Groups that are there besides those of the settings.
  public var groups: Set<String> = []
  /// The channels that `by:` may name; nil when any may be registered.
  public var channels: Set<String>?
  /// The verbs of which a rule that starts with an edge should have a sweep by schedule beside it.
  public var sweptVerbs: Set<String> = ["purchase"]
  /// The rules that count as switched on whatever their files say.
  package var enabled: Set<String> = []
  /// Whether the parts of conditions that are true or false are numbered, so that a ``RuleWatch`` can say which were
  /// seen; the rules run slower then.
  package var numbersBranches = false

  /// What is left to check of rules that a data file has in force already: each by itself, as planning it needs.
  ///
  /// What they do to each other was said when they were published.
  package static var published: RuleCheckOptions {
    var options = RuleCheckOptions(checksLoops: false, checksOrder: false)
    options.checksConditions = false
    options.sweptVerbs = []
    return options
  }

  /// Creates options with which everything is checked.
  public init(
    checksNull: Bool = true, checksGroups: Bool = true, checksLoops: Bool = true,
    checksOrder: Bool = true, groups: Set<String> = []
  ) {
    self.checksNull = checksNull
    self.checksGroups = checksGroups
    self.checksLoops = checksLoops
    self.checksOrder = checksOrder
    self.groups = groups
  }
}
