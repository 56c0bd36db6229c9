internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster doctor [DIR]`: looks through the data file for what should not be, and mends it.
public struct DoctorCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// Whether to mend what can be mended.
  public var mends = false
  /// How the findings are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command; it fails when it found something that was not mended.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let project = folder.project
      guard FileManager.default.fileExists(atPath: project.dataPath) else {
        throw CommandFailure(.badInput, "\(project.dataPath) is not there; nothing to look at")
      }
      var options = Doctor.Options()
      options.settings = project.settings
      options.verbs = folder.verbs
      options.mends = mends
      options.passwords = context.passwordHasher
      options.now = SystemClock.now
      let found = try Doctor.examine(project.dataPath, schema: project.schema, options: options)
      let isMended = found.operation != nil || found.isMendedBefore
      let left = found.problems.filter { !isMended || $0.mend == nil }
      let output = format == .json ? json(found, isMended) : text(found, isMended, context.width)
      return Reply(output, status: left.isEmpty ? .done : .failed)
    }
  }

  private func text(_ found: Examination, _ isMended: Bool, _ width: Int) -> String {
    var text = ""
    for finding in found.findings {
      let lead = finding.isNote ? "note" : finding.check.rawValue
      let lines = DisplayText.wrapped("\(lead): \(DisplayText.oneLine(finding.text))", to: width)
      text += lines.joined(separator: "\n    ") + "\n"
      if finding.isNote { continue }
      if let mend = finding.mend {
        text += isMended ? "    mended: \(mend)\n" : "    --mend would: \(mend)\n"
      } else {
        text += "    \(Self.advice(finding.check))\n"
      }
    }
    let count = found.problems.count
    if count == 0 { return text + "nothing is wrong\n" }
    let open = found.problems.filter { $0.mend == nil }.count
    text += "\(Plain.count(count, "finding"))"
    if let operation = found.operation { text += "; mended in operation \(operation)" }
    if open > 0 {
      text += "; \(open == count ? "none" : Plain.count(count - open)) can be mended here"
    }
    return text + "\n"
  }

  private static func advice(_ check: Finding.Check) -> String {
    switch check {
    case .file:
      "restore a backup; what can be read of the file: `sqlite3 FILE .recover`"
    case .pointers: "set these pointers to a record that is there, or to nothing"
    case .tables: "`quartermaster migrate --dry-run` says what differs; else restore a backup"
    case .rules: "mend the rules and publish them: `quartermaster check`"
    case .journal, .timers, .totals, .counters, .schedules, .outbox, .accounts:
      "this is for people to decide; Docs/care.md says what it means"
    }
  }

  private func json(_ found: Examination, _ isMended: Bool) -> String {
    let items = found.findings.map { finding in
      JSONValue.object([
        ("check", .string(finding.check.rawValue)), ("text", .string(finding.text)),
        ("note", .bool(finding.isNote)), ("mend", finding.mend.map { .string($0) } ?? .null),
        ("mended", .bool(isMended && finding.mend != nil)),
      ])
    }
    return JSONWriter.text(
      .object([
        ("problems", .number(String(found.problems.count))), ("findings", .array(items)),
        ("operation", found.operation.map { .number(String($0)) } ?? .null),
      ])) + "\n"
  }
}
