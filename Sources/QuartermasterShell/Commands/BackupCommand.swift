internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster backup FILE`: a copy of the data file as it is now, while others use it.
public struct BackupCommand: Sendable {
  /// The copy.
  public var path: String
  /// The project folder.
  public var folder = "."
  /// Whether a file that is there may be replaced.
  public var overwrites = false
  /// How the result is printed.
  public var format = OutputFormat.text

  /// Creates the command for a copy.
  public init(_ path: String) { self.path = path }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let project = try ProjectFolder(folder, context).project
      let contents = try Backup.make(
        of: project.dataPath, to: path, overwrites: overwrites
      ) { done in
        context.progress(
          CommandProgress(activity: "copying", fraction: done, detail: project.dataPath))
      }
      if format == .json { return Reply(JSONWriter.text(.object(contents.members(path))) + "\n") }
      return Reply(
        "\(path): \(contents.text(project.settings)); checked\n"
          + "restore it with `quartermaster restore \(path)`\n")
    }
  }
}

extension Backup.Contents {
  /// What a copy holds, in words.
  func text(_ settings: ProjectSettings) -> String {
    var text = "\(Plain.count(Int(bytes))) bytes"
    if let lastInstant {
      let zone = Zone.named(settings.zone) ?? .utc
      text += ", up to operation \(Plain.count(Int(lastOperation))) "
      text += "(\(Plain.stamp(lastInstant, zone)))"
    } else {
      text += ", without any operation"
    }
    return text
  }

  /// The same for programs.
  func members(_ path: String) -> [(key: String, value: JSONValue)] {
    [
      ("file", .string(path)), ("bytes", .number(String(bytes))),
      ("operation", .number(String(lastOperation))),
      ("at", lastInstant.map { .string($0.description) } ?? .null),
      ("waiting", .number(String(waiting))),
    ]
  }
}
