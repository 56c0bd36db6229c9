internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster restore FILE`: a backup takes the place of the data file.
public struct RestoreCommand: Sendable {
  /// The backup.
  public var path: String
  /// The project folder.
  public var folder = "."
  /// How the result is printed.
  public var format = OutputFormat.text

  /// Creates the command for a backup.
  public init(_ path: String) { self.path = path }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let project = try ProjectFolder(folder, context).project
      let report = try Restoration.restore(
        path, to: project.dataPath, schema: project.schema, now: SystemClock.now
      ) { done in
        context.progress(CommandProgress(activity: "restoring", fraction: done, detail: path))
      }
      if format == .json {
        var members = report.contents.members(project.dataPath)
        members.append(("kept", report.kept.map { .string($0) } ?? .null))
        members.append(("fitsSchema", .bool(report.fitsSchema)))
        return Reply(JSONWriter.text(.object(members)) + "\n")
      }
      return Reply(text(report, project))
    }
  }

  private func text(_ report: Restoration.Report, _ project: Project) -> String {
    var lines = ["\(project.dataPath): \(report.contents.text(project.settings))"]
    if let kept = report.kept { lines.append("the file that was there is \(kept)") }
    let waiting = Int(report.contents.waiting)
    if waiting > 0 {
      lines.append(
        "\(Plain.count(waiting, "delivery", "deliveries")) had not ended when the backup was made; "
          + "what was delivered since goes out again, with the same key")
    }
    lines.append(
      "what happened after the backup is not in the file: apply it again, or look into the other one"
    )
    if !report.fitsSchema {
      lines.append("its tables are those of another schema; `quartermaster migrate` brings them up")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
