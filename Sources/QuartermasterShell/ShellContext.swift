public import QuartermasterAccess
public import QuartermasterCore
internal import QuartermasterSupply

/// What commands know of where they run.
public struct ShellContext: Sendable {
  /// The columns that a line of output may take.
  public var width = 100
  /// Whether the errors may hold colours.
  public var isColored = false
  /// Whether the output may hold colours.
  public var colorsOutput = false
  /// The verbs of the domains that are built in, by the name that a schema gives as `domain:`.
  public var domains: [String: VerbRegistry] = ["supply": .supply]
  /// The templates that a project may build on.
  public var templates = TemplateLibrary.shipped
  /// Gives the channels that a project declares, and what of them is left out and why, a sentence each.
  public var channels: @Sendable (ProjectSettings, _ folder: String) -> (ChannelRegistry, [String])
  /// Is told how far a long command came.
  public var progress: @Sendable (CommandProgress) -> Void = { _ in }
  /// Is given lines for standard error while a long command still runs.
  public var complain: @Sendable (String) -> Void = { _ in }

  /// Is given lines for standard output while a command that does not end by itself runs.
  public var say: @Sendable (String) -> Void = { _ in }
  /// What passwords must be, and what their hashes cost; with nil, commands that write records keep no password at all,
  /// so that nobody could log in with it.
  public var passwords: PasswordSettings?
  /// Gives a password, which is not shown while it is typed; nil where there is none.
  public var askPassword: @Sendable (_ prompt: String) -> String? = { _ in nil }
  /// Whether somebody types passwords, who is asked twice for a new one.
  public var typesPassword = false
  /// Is asked a question that takes yes or no; nil where nobody can answer.
  public var confirm: (@Sendable (String) -> Bool)?

  /// Creates a context that prints nothing while a command runs.
  public init() {
    channels = { settings, folder in
      var registry = ChannelRegistry()
      registry.registerFiles(of: settings, folder: folder)
      return (registry, [])
    }
  }
}

extension ShellContext {
  /// What becomes of passwords that are written by an import, a stream or at the prompt.
  var passwordHasher: PasswordHasher { passwords.map { .scrypt($0) } ?? .locking }
}

/// How far a long command came.
public struct CommandProgress: Sendable {
  /// What is being done, such as `applying movements.jsonl`.
  public let activity: String
  /// The part that is done, from 0 to 1; nil when it is not known.
  public let fraction: Double?
  /// What was done so far, in words.
  public let detail: String
}

/// How an answer is printed.
public enum OutputFormat: String, Sendable, CaseIterable {
  /// For people.
  case text
  /// For programs.
  case json
}

/// How values and rows are printed.
public enum DataFormat: String, Sendable, CaseIterable {
  /// For people.
  case text
  /// For programs.
  case json
  /// For programs, an item a line.
  case jsonl
  /// For spreadsheets; rows only.
  case csv
}
